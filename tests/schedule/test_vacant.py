"""Free time of many workers at once is what each of them has, and costs as many queries as of one."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from medcab import clock, db
from medcab.accounts.models import DecisionKind, StaffDecision
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.waiting import Free
from medcab.schedule.vacant.queries import vacant
from tests.cast import CLINIC, OTHER_CLINIC, OTHER_WARD, Cast
from tests.schedule.reception import NINE, at, book, monday, offer

WEEK = Span(at(-60), at(0, days=7))


async def _vacant(people: Collection[UUID], span: Span = WEEK) -> list[Free]:
    async with db.reading() as session:
        return await vacant(session, CLINIC, people, span, clock.now(), clock.MOSCOW)


async def test_many_have_what_each_has(cast: Cast) -> None:
    await monday(cast)
    await offer(cast.neighbour.person_id, starts=30, ends=90, department_id=OTHER_WARD)
    await offer(cast.foreigner.person_id, organisation_id=OTHER_CLINIC)
    everybody = [one.person_id for one in cast.everyone().values()]
    with clock.frozen(NINE + timedelta(minutes=20)):
        await book(cast, cast.doctor, 30)
        found = await _vacant(everybody)
        each = [slot for one in everybody for slot in await _vacant([one])]
        assert sorted(found, key=lambda slot: (slot.span, slot.practitioner_id)) == sorted(
            each, key=lambda slot: (slot.span, slot.practitioner_id)
        )
        times = [slot.span.starts_at for slot in found if slot.practitioner_id == cast.doctor.person_id]
        assert times[0] == at(45)  # 30 is booked, and what has begun is nobody's any more
        assert cast.foreigner.person_id not in {slot.practitioner_id for slot in found}
        assert [slot.span.starts_at for slot in found] == sorted(slot.span.starts_at for slot in found)


async def test_who_does_not_work_on_the_day_has_no_time(cast: Cast) -> None:
    await monday(cast)
    away = StaffDecision(
        person_id=cast.doctor.person_id, organisation_id=CLINIC, kind=DecisionKind.SUSPENSION, since=NINE.date(), until=NINE.date(), reason="", decided_at=NINE,
    )  # fmt: skip
    async with db.transaction() as session:
        session.add(away)
    with clock.frozen(NINE - timedelta(hours=1)):
        days = {slot.span.starts_at.date() for slot in await _vacant([cast.doctor.person_id])}
    assert days == {at(0, days=1).date()}


async def test_many_take_as_many_queries_as_one(cast: Cast) -> None:
    await monday(cast)
    asked: list[str] = []
    engine = db.engine("read").sync_engine
    with clock.frozen(NINE):
        sa.event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        await _vacant([cast.doctor.person_id])
        of_one = len(asked)
        await _vacant([one.person_id for one in cast.everyone().values()])
    assert len(asked) == 2 * of_one
