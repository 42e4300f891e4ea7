"""A hundred people apply one file, two files want the same days or the same room, somebody books meanwhile: each thing happens once."""

import asyncio
from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest

from medcab import clock, db
from medcab.access import Actor
from medcab.errors import MedcabError
from medcab.schedule.resources.models import Resource, ResourceKind
from medcab.schedule.rota.applying import service as applying
from tests.cast import CLINIC, Cast
from tests.schedule.reception import NINE, assert_figures_true, book, offer
from tests.schedule.rotas import COLLEAGUE, DECEMBER, count, hours, keep, long, look, matrix, row

FIRST = DECEMBER


@pytest.fixture(autouse=True)
def now(cast: Cast) -> Iterator[clock.Clock]:
    with clock.frozen(NINE) as stopped:
        yield stopped


async def attempt(actor: Actor, sheet_id: UUID, seen: str) -> bool:
    try:
        async with db.transaction() as session:
            await applying.apply(session, actor, sheet_id=sheet_id, seen=seen)
    except MedcabError:
        return False
    return True


async def test_one_file_is_applied_once(cast: Cast) -> None:
    sheet = await keep(cast.head, matrix({"Иванова А.П.": {1: "9-15", 2: "О"}, COLLEAGUE: {1: "9-12"}}))
    seen = (await look(cast.head, sheet)).seen
    actors = [cast.head, cast.admin] * 50
    assert sum(await asyncio.gather(*(attempt(each, sheet, seen) for each in actors))) == 1
    assert await count() == 2
    await assert_figures_true()


async def test_two_files_for_the_same_days_leave_one_of_them(cast: Cast) -> None:
    """The second is told that what it saw is no longer so."""
    sheets = [await keep(cast.head, long(row(starts=f"{hour}:00"))) for hour in (8, 9, 10, 11)]
    previews = [await look(cast.head, each) for each in sheets]
    done = await asyncio.gather(*(attempt(cast.head, each.id, each.seen) for each in previews))
    assert sum(done) == 1
    assert len(await hours(cast.doctor, FIRST)) == 1
    await assert_figures_true()


async def test_two_files_for_one_room_leave_one_of_them(cast: Cast) -> None:
    async with db.transaction() as session:
        session.add(Resource(organisation_id=CLINIC, kind=ResourceKind.ROOM, name="214"))
    previews = [await look(cast.head, await keep(cast.head, long(row(who)))) for who in ("Иванова", COLLEAGUE)]
    assert sum(await asyncio.gather(*(attempt(cast.head, each.id, each.seen) for each in previews))) == 1
    assert await count() == 1


async def test_a_visit_that_is_booked_meanwhile_is_never_left_outside_unseen(cast: Cast) -> None:
    await offer(cast.doctor.person_id, days=8)
    sheet = await keep(cast.head, long(row(starts="10:00")))
    seen = (await look(cast.head, sheet)).seen

    async def booking() -> bool:
        try:
            await book(cast, cast.head, 0, days=8)
        except MedcabError:
            return False
        return True

    applied, booked = await asyncio.gather(attempt(cast.head, sheet, seen), booking())
    assert (applied, booked) in {(True, False), (False, True)}
    await assert_figures_true()


async def test_a_large_month_stays_quick(cast: Cast) -> None:
    """Thirty workers, every day, two shifts: what it costs is counted in statements, which no busy machine changes."""
    import sqlalchemy as sa
    from sqlalchemy import event

    from medcab.accounts.models import Membership, Role
    from tests.cast import WARD, person

    async with db.transaction() as session:
        for number in range(100, 130):
            session.add(person(number, f"Врач{'абвгдежзиклмнопрстуфхцчшщэюяъй'[number - 100]}"))
            session.add(Membership(person_id=UUID(int=number), organisation_id=CLINIC, department_id=WARD, role=Role.THERAPIST, since=date(2020, 1, 1)))  # fmt: skip
    names = [f"Врач{letter}" for letter in "абвгдежзиклмнопрстуфхцчшщэюяъй"]
    sheet = await keep(cast.head, matrix({name: dict.fromkeys(range(1, 32), "8-14, 15-20") for name in names}))
    asked: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(sa.engine.Engine, "before_cursor_execute", heard)
    try:
        found = await look(cast.head, sheet)
        looked = len(asked)
        told = await applied(cast.head, sheet, found.seen)
    finally:
        event.remove(sa.engine.Engine, "before_cursor_execute", heard)
    assert (len(found.changes), told.opened, await count()) == (930, 930, 1860)
    assert looked <= 40
    assert len(asked) - looked <= 250
    again = await look(cast.head, await keep(cast.head, matrix({name: dict.fromkeys(range(1, 32), "8-14, 15-20") for name in names})))  # fmt: skip
    assert again.done == []
    await assert_figures_true()


async def applied(actor: Actor, sheet_id: UUID, seen: str) -> applying.Applied:
    async with db.transaction() as session:
        return await applying.apply(session, actor, sheet_id=sheet_id, seen=seen)
