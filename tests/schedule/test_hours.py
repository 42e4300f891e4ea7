"""Templates and days without reception: computed until they come, facts afterwards, never over a visit that nobody was told of."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.access import Actor
from medcab.demo.clinic import SPECIALTIES
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.schedule import queries, service
from medcab.schedule.hours import queries as hours_read
from medcab.schedule.hours import service as hours
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.hours.days import service as facts
from medcab.schedule.hours.service import NewTemplate
from medcab.schedule.models import Reception, ReceptionClosed, ReceptionTemplate
from medcab.schedule.rules.norms import minutes_of
from medcab.schedule.rules.slots import Span, bounds
from medcab.schedule.rules.templates import Closed, Template, Weeks
from medcab.schedule.rules.visits import VisitKind
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.schedule.reception import NINE, assert_figures_true, at, book, offer

TODAY = NINE.date()
TUESDAY = TODAY + timedelta(days=1)


@pytest.fixture
def now(cast: Cast) -> Iterator[clock.Clock]:
    """Monday, nine in the morning."""
    with clock.frozen(NINE) as stopped:
        yield stopped


def weekly(since: date = TUESDAY, **changed: Any) -> NewTemplate:
    """Every weekday nine to one, by fifteen minutes."""
    given = {
        "weekdays": frozenset(range(5)),
        "starts": 9 * 60,
        "ends": 13 * 60,
        "slot_minutes": 15,
        "since": since,
    } | changed
    return NewTemplate(department_id=WARD, template=Template(**given), room="214")


async def keep(actor: Actor, doctor: Actor, new: NewTemplate, **more: Any) -> list[hours.Affected]:
    async with db.transaction() as session:
        return await hours.keep_template(session, actor, practitioner_id=doctor.person_id, new=new, **more)


async def close(actor: Actor, doctor: Actor, since: date, until: date, **more: Any) -> list[hours.Affected]:
    async with db.transaction() as session:
        return await closing.close_days(
            session, actor, practitioner_id=doctor.person_id, closed=Closed(since, until), **more
        )


async def free(cast: Cast, day: date, who: Actor | None = None) -> list[datetime]:
    async with db.reading() as session:
        found = await queries.free_slots(
            session,
            cast.head,
            (who or cast.doctor).person_id,
            bounds(day, 1, service.zone()),
            clock.now(),
            service.zone(),
        )
    return [slot.starts_at for slot in found]


async def stored_days() -> list[date]:
    async with db.reading() as session:
        rows = (await session.exec(select(Reception))).all()
    return sorted({row.starts_at.astimezone(clock.MOSCOW).date() for row in rows})


async def only() -> ReceptionTemplate:
    async with db.reading() as session:
        return (await session.exec(select(ReceptionTemplate))).one()


async def test_months_ahead_are_free_and_stored_nowhere(cast: Cast, now: clock.Clock) -> None:
    assert await keep(cast.head, cast.doctor, weekly()) == []
    assert await free(cast, TODAY) == []
    assert len(await free(cast, TUESDAY)) == 16
    assert len(await free(cast, TODAY + timedelta(weeks=43))) == 16
    assert await free(cast, TODAY + timedelta(days=5)) == [], "a Saturday"
    assert await stored_days() == []
    await book(cast, cast.doctor, 15, days=1)
    assert at(15, days=1) not in await free(cast, TUESDAY)
    with pytest.raises(NotFound):
        await book(cast, cast.doctor, 7, days=1)
    with pytest.raises(service.SlotTaken):
        await book(cast, cast.doctor, 15, days=1)


async def test_a_day_that_has_come_is_a_fact(cast: Cast, now: clock.Clock) -> None:
    await keep(cast.head, cast.doctor, weekly(break_starts=11 * 60, break_ends=12 * 60))
    now.tick(timedelta(days=3))  # Thursday; nothing ran since Monday
    before = await free(cast, TODAY + timedelta(days=3))
    async with db.transaction() as session:
        await facts.write_days(session)
        await facts.write_days(session)
    assert await stored_days() == [TODAY + timedelta(days=number) for number in (1, 2, 3)]
    assert await free(cast, TODAY + timedelta(days=3)) == before
    await assert_figures_true()
    one = await only()
    async with db.transaction() as session:
        await hours.end_template(session, cast.head, template_id=one.id, last_day=TODAY + timedelta(days=3))
    assert await free(cast, TODAY + timedelta(days=3)) == before, "today stays open"
    assert await free(cast, TODAY + timedelta(days=4)) == []


async def test_two_departments_of_one_day_are_both_written(cast: Cast, now: clock.Clock) -> None:
    await keep(cast.admin, cast.doctor, weekly())
    await keep(cast.admin, cast.doctor, weekly(starts=14 * 60, ends=16 * 60))
    now.tick(timedelta(days=1))
    async with db.transaction() as session:
        await facts.write_days(session)
    assert len(await free(cast, TUESDAY)) == 16 + 8
    await assert_figures_true()


async def test_a_change_says_first_whom_it_leaves_outside(cast: Cast, now: clock.Clock) -> None:
    await keep(cast.head, cast.doctor, weekly())
    early, late = await book(cast, cast.doctor, 0, days=2), await book(cast, cast.doctor, 225, days=2)
    shorter = replace(weekly(TODAY + timedelta(days=2), ends=12 * 60), replaces=(await only()).id)
    left = await keep(cast.head, cast.doctor, shorter)
    assert [(one.id, one.name) for one in left] == [(late, "Сидоров И. С.")]
    assert (await only()).until is None, "nothing has been done"
    another = await book(cast, cast.doctor, 210, days=2)
    left = await keep(cast.head, cast.doctor, shorter, seen=frozenset({late}))
    assert {one.id for one in left} == {late, another}, "one more was booked meanwhile"
    assert await keep(cast.head, cast.doctor, shorter, seen=frozenset({late, another})) == []
    assert len(await free(cast, TUESDAY)) == 16, "the day before the change is as it was"
    assert len(await free(cast, TODAY + timedelta(days=2))) == 11
    async with db.reading() as session:
        assert (await session.get(queries.Appointment, early)) is not None


async def test_nobody_is_at_two_places_at_once(cast: Cast, now: clock.Clock) -> None:
    await keep(cast.head, cast.doctor, weekly(weeks=Weeks.ODD))
    assert await keep(cast.head, cast.doctor, weekly(weeks=Weeks.EVEN)) == []
    with pytest.raises(Conflict, match="уже есть приём в эти часы"):
        await keep(cast.head, cast.doctor, weekly(weekdays=frozenset({2}), starts=12 * 60, ends=15 * 60))
    assert await keep(cast.head, cast.doctor, weekly(starts=13 * 60, ends=15 * 60)) == []


async def test_hours_of_one_day_take_the_templates_along(cast: Cast, now: clock.Clock) -> None:
    await keep(cast.head, cast.doctor, weekly())

    async def more(starts: int, ends: int) -> None:
        async with db.transaction() as session:
            await hours.open_reception(
                session, cast.head, practitioner_id=cast.doctor.person_id, department_id=WARD, starts_at=at(starts, days=1),
                ends_at=at(ends, days=1), slot_minutes=15,
            )  # fmt: skip

    with pytest.raises(Conflict, match="уже есть приём"):
        await more(180, 300)
    await more(300, 360)
    assert len(await free(cast, TUESDAY)) == 16 + 4
    assert len(await free(cast, TODAY + timedelta(days=2))) == 16
    await assert_figures_true()


async def test_days_without_reception(cast: Cast, now: clock.Clock) -> None:
    await keep(cast.head, cast.doctor, weekly())
    await offer(cast.doctor.person_id, starts=240, ends=360)
    await offer(cast.doctor.person_id, days=5)
    booked = [await book(cast, cast.doctor, 240), await book(cast, cast.doctor, 0, days=2)]
    left = await close(cast.head, cast.doctor, TODAY, TODAY + timedelta(days=7))
    assert [one.id for one in left] == booked
    assert await close(cast.head, cast.doctor, TODAY, TODAY + timedelta(days=7), seen=frozenset(booked)) == []
    assert [len(await free(cast, TODAY + timedelta(days=number))) for number in range(9)] == [0] * 8 + [16]
    await assert_figures_true()
    async with db.reading() as session:
        [closed] = await hours.hours.closed_days(session, cast.doctor.person_id, cast.doctor.organisation_id, TODAY)  # type: ignore[arg-type]
    now.tick(timedelta(days=2))
    async with db.transaction() as session:
        await facts.write_days(session)
        await closing.open_days(session, cast.head, closed_id=closed.id)
    assert [len(await free(cast, TODAY + timedelta(days=number))) for number in (2, 3, 4, 5)] == [15, 16, 16, 12]
    await assert_figures_true()


async def test_hours_that_go_on_end_now_and_go_on_when_the_day_is_opened_again(cast: Cast, now: clock.Clock) -> None:
    await offer(cast.doctor.person_id)
    now.tick(timedelta(minutes=30))
    before = await free(cast, TODAY)
    assert await close(cast.head, cast.doctor, TODAY, TODAY) == []
    assert await free(cast, TODAY) == []
    await assert_figures_true()
    async with db.transaction() as session:
        [closed] = await hours_read.closed_days(session, cast.doctor.person_id, CLINIC, TODAY)
        await closing.open_days(session, cast.head, closed_id=closed.id)
    assert await free(cast, TODAY) == before
    await assert_figures_true()


@pytest.mark.parametrize("who", ["neighbour", "foreigner", "pharmacist", "unverified", "colleague"])
async def test_only_those_of_the_place_plan_it(cast: Cast, now: clock.Clock, who: str) -> None:
    actor: Actor = getattr(cast, who)
    await keep(cast.head, cast.doctor, weekly())
    one = await only()
    for attempt in (
        keep(actor, cast.doctor, weekly(starts=15 * 60, ends=16 * 60)), close(actor, cast.doctor, TUESDAY, TUESDAY),
        keep(actor, cast.doctor, replace(weekly(), replaces=one.id)), _end(actor, one.id),
    ):  # fmt: skip
        with pytest.raises((NotFound, Forbidden)):
            await attempt
    assert await only() == one


async def _end(actor: Actor, template_id: UUID) -> None:
    async with db.transaction() as session:
        await hours.end_template(session, actor, template_id=template_id, last_day=TUESDAY)


async def test_what_makes_no_sense_is_said(cast: Cast, now: clock.Clock) -> None:
    with pytest.raises(Invalid, match="не раньше завтрашнего"):
        await keep(cast.head, cast.doctor, weekly(TODAY))
    with pytest.raises(Invalid, match="день недели"):
        await keep(cast.head, cast.doctor, weekly(weekdays=frozenset()))
    with pytest.raises(NotFound):
        await keep(cast.admin, cast.doctor, replace(weekly(), department_id=OTHER_WARD))
    with pytest.raises(NotFound):
        await keep(cast.head, cast.doctor, replace(weekly(), replaces=uuid4()))
    for since, until in ((TODAY - timedelta(1), TODAY), (TUESDAY, TODAY), (TODAY, TODAY + timedelta(400))):
        with pytest.raises(Invalid):
            await close(cast.head, cast.doctor, since, until)


async def test_another_clinic_is_not_closed_along(cast: Cast, now: clock.Clock) -> None:
    """Leave in one clinic takes nothing from the other."""
    await keep(cast.head, cast.doctor, weekly())
    async with db.transaction() as session:
        held = (await session.exec(select(ReceptionTemplate))).one()
        session.add(ReceptionTemplate(**{
            **held.model_dump(exclude={"id"}), "organisation_id": cast.foreigner.organisation_id, "department_id": next(iter(cast.foreigner.department_ids)),
            "starts": 15 * 60, "ends": 16 * 60,
        }))  # fmt: skip
    await close(cast.head, cast.doctor, TUESDAY, TUESDAY)
    async with db.reading() as session:
        found = await hours.hours.computed(session, cast.doctor.person_id, Span(at(0, days=1), at(600, days=1)))
    assert [one.organisation_id for one in found] == [cast.foreigner.organisation_id]


async def test_a_patient_has_as_long_as_the_norm_says(cast: Cast, now: clock.Clock) -> None:
    new = replace(weekly(slot_minutes=0), specialty="Кардиология", norm_of=VisitKind.REPEAT)
    assert await keep(cast.head, cast.doctor, new) == []
    async with db.reading() as session:
        [row] = await hours_read.templates(session, cast.doctor.person_id, TUESDAY)
    assert row.slot_minutes == 18, "three quarters of the cardiologist's 24"


def test_the_demo_keeps_to_the_norms() -> None:
    assert {one.title: minutes_of(one.title) for one in SPECIALTIES.values() if one.minutes} == {
        one.title: one.minutes for one in SPECIALTIES.values() if one.minutes
    }


async def test_a_day_that_is_opened_again_is_not_held_by_another_that_is_closed(cast: Cast, now: clock.Clock) -> None:
    await offer(cast.doctor.person_id, days=8)
    first, later = NINE.date() + timedelta(1), NINE.date() + timedelta(8)
    for day in (first, later):
        async with db.transaction() as session:
            await closing.close_days(session, cast.head, practitioner_id=cast.doctor.person_id, closed=Closed(day, day))
    async with db.transaction() as session:
        row = (await session.exec(select(ReceptionClosed).where(ReceptionClosed.since == later))).one()
        await closing.open_days(session, cast.head, closed_id=row.id)
    async with db.reading() as session:
        found = await queries.hours_at(session, cast.doctor.person_id, CLINIC, bounds(later, 1, service.zone()))
    assert [each.span for each in found] == [Span(at(0, days=8), at(180, days=8))]


async def test_of_two_who_open_the_same_days_the_later_is_told(cast: Cast, now: clock.Clock) -> None:
    async with db.transaction() as session:
        day = NINE.date() + timedelta(1)
        await closing.close_days(session, cast.head, practitioner_id=cast.doctor.person_id, closed=Closed(day, day))
        closed_id = (await session.exec(select(ReceptionClosed.id))).one()

    async def reopen() -> None:
        async with db.transaction() as session:
            await closing.open_days(session, cast.head, closed_id=closed_id)

    results = await asyncio.gather(reopen(), reopen(), return_exceptions=True)
    assert sorted(type(each) for each in results if each) == [NotFound]
