"""Somebody was called back from leave: the days are theirs again, visits of those days can be handed over to them, load and letters follow."""

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Actor
from medcab.audit import AuditEntry
from medcab.dashboards.rules.period import Period
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.workforce import queries as workforce
from medcab.errors import Conflict, Forbidden, Invalid, MedcabError, NotFound
from medcab.identifiers.day_time import DAY_MINUTES
from medcab.outbox import OutboxMessage
from medcab.schedule.absences import service as absences
from medcab.schedule.absences.models import Absence
from medcab.schedule.absences.planning.service import Task
from medcab.schedule.absences.rows import service as drawn
from medcab.schedule.absences.shortening import rules, service
from medcab.schedule.absences.shortening.rules import Worked
from medcab.schedule.handover import service as handover
from medcab.schedule.handover.rules import Task as Handover
from medcab.schedule.hours import queries as hours
from medcab.schedule.models import Reception, ReceptionClosed
from medcab.schedule.rules.slots import bounds
from medcab.schedule.rules.templates import Closed
from medcab.schedule.rules.visits import Act
from medcab.schedule.service import zone
from tests.cast import WARD, Cast
from tests.schedule.reception import NINE, assert_figures_true, at, book, offer
from tests.schedule.test_diagnoses import mark

TODAY = NINE.date()
WHY = "Отозвана из отпуска"


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


LEAVE = Closed(TODAY, day(9))


@pytest.fixture
def now(cast: Cast) -> Iterator[clock.Clock]:
    with clock.frozen(at(-80)) as stopped:
        yield stopped


async def leave(cast: Cast, actor: Actor, closed: Closed = LEAVE) -> UUID:
    """The colleague's."""
    async with db.transaction() as session:
        task = Task(cast.colleague.person_id, closed)
        return await absences.apply(session, actor, key=uuid4(), task=task, reason="Отпуск", decisions={})


async def shortened(actor: Actor, absence_id: UUID, first: int, last: int, reason: str = WHY) -> list[Closed]:
    async with db.transaction() as session:
        return await service.shorten(
            session, actor, absence_id=absence_id, worked=Worked(day(first), day(last)), reason=reason
        )


async def entries() -> list[Absence]:
    async with db.reading() as session:
        return list(
            (await session.exec(select(Absence).order_by(col(Absence.since), col(Absence.taken_back_at)))).all()
        )


async def closed_time() -> list[tuple[date, date]]:
    async with db.reading() as session:
        rows = (await session.exec(select(ReceptionClosed).order_by(col(ReceptionClosed.since)))).all()
    return [(row.since, row.until) for row in rows]


async def test_whoever_was_called_back_can_be_given_the_visits_of_that_day(cast: Cast, now: clock.Clock) -> None:
    absence_id = await leave(cast, cast.head)
    await offer(cast.doctor.person_id, days=2)
    visit = await book(cast, cast.doctor, 0, days=2)
    now.tick(at(30, days=2) - clock.now())
    for act in (Act.ARRIVED, Act.STARTED, Act.DONE):
        await mark(cast.doctor, visit, act)
    now.tick(at(0, days=12) - clock.now())
    task = Handover(cast.doctor.person_id, cast.colleague.person_id, day(2), day(2))

    async def problems() -> list[str]:
        async with db.reading() as session:
            return [each.problem for each in (await handover.preview(session, cast.head, task=task)).lines]

    assert "по записям отсутствует" in (await problems())[0]
    left = await shortened(cast.head, absence_id, 2, 2)
    assert left == [Closed(TODAY, day(1)), Closed(day(3), day(9))]
    assert await closed_time() == [(TODAY, day(1)), (day(3), day(9))]
    assert await problems() == [""]
    found = [(each.since, each.until, each.reason, each.closed_id is not None) for each in await entries()]
    assert found == [
        (TODAY, day(1), "Отпуск", True), (day(2), day(2), WHY, False), (day(3), day(9), "Отпуск", True),
    ]  # fmt: skip
    rows = {row.since: drawn.opened(row, "", []) for row in await entries()}
    assert "отсутствие сократили" in rows[day(2)]["standing"]
    await assert_figures_true()


async def test_the_whole_of_it_and_each_end(cast: Cast, now: clock.Clock) -> None:
    absence_id = await leave(cast, cast.head)
    now.tick(timedelta(days=12))
    assert await shortened(cast.head, absence_id, 8, 9) == [Closed(TODAY, day(7))]
    assert await shortened(cast.head, absence_id, 0, 1) == [Closed(day(2), day(7))]
    assert await shortened(cast.head, absence_id, 2, 7) == []
    assert await closed_time() == []
    with pytest.raises(Conflict, match="уже нет"):
        await shortened(cast.head, absence_id, 2, 7)


async def test_a_running_one_opens_what_is_ahead_and_leaves_what_has_been(cast: Cast, now: clock.Clock) -> None:
    """Hours of days that are over come with their visits, not by themselves."""
    for number in (1, 4, 6):
        await offer(cast.colleague.person_id, days=number)
    absence_id = await leave(cast, cast.head)
    now.tick(timedelta(days=3))
    assert await shortened(cast.head, absence_id, 1, 4) == [Closed(TODAY, TODAY), Closed(day(5), day(9))]
    async with db.reading() as session:
        kept = (
            await session.exec(select(Reception).where(Reception.practitioner_id == cast.colleague.person_id))
        ).all()
        shut = (await session.exec(select(ReceptionClosed).order_by(col(ReceptionClosed.since)))).all()
    assert [row.starts_at for row in kept] == [at(0, days=4)]
    assert [len(hours.kept_of(row)) for row in shut] == [0, 1]
    await assert_figures_true()


async def test_load_counts_the_days_again(cast: Cast, now: clock.Clock) -> None:
    absence_id = await leave(cast, cast.head)
    now.tick(timedelta(days=12))

    async def away() -> list[tuple[date, date]]:
        async with db.reading() as session:
            found = await workforce.known(session, WARD, Period(TODAY, day(11)), Selection())
        [mine] = [known for doctor, known in found.items() if doctor.id == cast.colleague.person_id]
        return [(each.start, each.end) for each in mine.away]

    assert await away() == [(TODAY, day(9))]
    await shortened(cast.head, absence_id, 5, 9)
    assert await away() == [(TODAY, day(4))]


async def test_who_may(cast: Cast, now: clock.Clock) -> None:
    absence_id = await leave(cast, cast.head)
    now.tick(timedelta(days=2))
    allowed = set()
    for name, actor in cast.everyone().items():
        async with db.reading() as session:
            row = await session.get_one(Absence, absence_id)
        try:
            await shortened(actor, absence_id, len(allowed), len(allowed))
            allowed.add(name)
            assert service.is_open(actor, row)
        except (Forbidden, NotFound):
            pass
    assert allowed == {"head", "admin", "nurse"}, "those who plan the department; nobody for themselves"
    with pytest.raises(Forbidden, match="Своё отсутствие"):
        await shortened(cast.colleague, absence_id, 5, 5)


async def test_one_entry_in_the_journal_and_a_letter_to_the_worker(cast: Cast, now: clock.Clock) -> None:
    absence_id = await leave(cast, cast.head)
    now.tick(timedelta(days=2))
    await shortened(cast.head, absence_id, 1, 9)
    async with db.reading() as session:
        [entry] = (await session.exec(select(AuditEntry).where(AuditEntry.action == Action.ABSENCE_SHORTEN))).all()
        [letter] = (await session.exec(select(OutboxMessage).where(OutboxMessage.kind == "mail"))).all()
    assert (entry.subject, WHY in entry.details) == (str(absence_id), True)
    assert (WHY in str(letter.payload), "отсутствие сокращено" in str(letter.payload)) == (True, True)


@pytest.mark.parametrize(
    ("first", "last", "reason", "sentence"),
    [
        (3, 2, WHY, "раньше первого"),
        (-1, 2, WHY, "в отсутствии нет"),
        (3, 10, WHY, "в отсутствии нет"),
        (3, 3, " ", "Укажите, почему"),
        (3, 3, "х" * 201, "200"),
    ],
)
async def test_what_makes_no_sense(
    cast: Cast, now: clock.Clock, first: int, last: int, reason: str, sentence: str
) -> None:
    absence_id = await leave(cast, cast.head)
    now.tick(timedelta(days=2))
    with pytest.raises(Invalid, match=sentence):
        await shortened(cast.head, absence_id, first, last, reason)
    assert await closed_time() == [(TODAY, day(9))]


async def test_not_before_it_begins_nor_while_it_can_be_taken_back(cast: Cast, now: clock.Clock) -> None:
    absence_id = await leave(cast, cast.head)
    with pytest.raises(Conflict, match="Вернуть как было"):
        await shortened(cast.head, absence_id, 1, 1)
    later = await leave(cast, cast.head, Closed(day(20), day(21)))
    now.tick(timedelta(hours=1))
    with pytest.raises(Conflict, match="ещё не началось"):
        await shortened(cast.head, later, 20, 20)
    now.tick(timedelta(days=400))
    with pytest.raises(Conflict, match="больше года"):
        await shortened(cast.head, absence_id, 1, 1)


async def test_two_shorten_at_once(cast: Cast, now: clock.Clock) -> None:
    absence_id = await leave(cast, cast.head)
    now.tick(timedelta(days=12))
    done = await asyncio.gather(
        shortened(cast.head, absence_id, 5, 9), shortened(cast.admin, absence_id, 5, 9), return_exceptions=True
    )
    assert sorted(isinstance(each, MedcabError) for each in done) == [False, True], done
    assert await closed_time() == [(TODAY, day(4))]


@given(
    days=st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted), out=st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted),
    starts=st.integers(0, 700), ends=st.integers(701, DAY_MINUTES),
)  # fmt: skip
def test_what_is_left_and_what_is_taken_out_make_the_whole(days: Any, out: Any, starts: int, ends: int) -> None:
    time, worked = Closed(day(days[0]), day(days[1]), starts, ends), Worked(day(out[0]), day(out[1]))
    try:
        rules.demand(time, worked, day(9))
    except MedcabError:
        return
    parts = sorted([*rules.rest(time, worked), rules.taken_out(time, worked)], key=lambda each: each.since)
    spans = [each.span(zone()) for each in parts]
    assert (spans[0].starts_at, spans[-1].ends_at) == (time.span(zone()).starts_at, time.span(zone()).ends_at)
    assert all(one.ends_at == two.starts_at for one, two in pairwise(spans))
    assert (
        bounds(worked.since, len(worked.days), zone()).starts_at <= rules.taken_out(time, worked).span(zone()).starts_at
    )
