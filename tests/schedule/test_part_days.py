"""A worker is away for hours: what is closed, what comes back, and several absences at once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from medcab import clock, db
from medcab.errors import Conflict
from medcab.schedule import service as schedule
from medcab.schedule.absences import queries
from medcab.schedule.absences.models import Absence, Outcome
from medcab.schedule.absences.service import Decision
from medcab.schedule.hours import queries as hours
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.hours.days import service as days
from medcab.schedule.rules.proposals import Aim, Policy
from medcab.schedule.rules.slots import bounds
from medcab.schedule.rules.templates import Closed, said_of
from medcab.schedule.rules.visits import AppointmentStatus
from tests.cast import CLINIC, Cast
from tests.schedule.moving import (
    AFTERNOON,
    DEVICE,
    TODAY,
    TOMORROW,
    applied,
    as_proposed,
    everything,
    free,
    planned,
    taken_back,
    weekly,
)
from tests.schedule.reception import assert_figures_true, at, book, monday, offer, stored


@pytest.fixture
def now(cast: Cast) -> Iterator[clock.Clock]:
    """Twenty to eight on the Monday."""
    with clock.frozen(at(-80)) as stopped:
        yield stopped


async def test_the_doctor_leaves_at_one(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    morning, noon = await book(cast, cast.doctor, 0), await book(cast, cast.doctor, 240)
    before = await everything()
    found = await planned(cast.head, cast, AFTERNOON, Aim(Policy.OWN))
    assert [line.visit.id for line in found.lines] == [noon]
    assert found.lines[0].offers[0].span.starts_at == at(0, days=1), "later, with their own doctor"
    [line] = (await planned(cast.head, cast, AFTERNOON, Aim(worker=cast.doctor.person_id))).lines
    assert line.offers[0].span.starts_at == at(165), "or the last before she leaves"
    key = await applied(cast.head, cast, AFTERNOON, as_proposed(found))
    assert await free(cast) == list(range(15, 180, 15))
    assert (await stored(morning)).starts_at == at(0)
    await assert_figures_true()
    assert await taken_back(cast.head, key) == []
    assert await everything() == before


async def test_the_doctor_is_two_hours_late(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    ids = [await book(cast, cast.doctor, minutes) for minutes in (0, 105, 120)]
    late = Closed(TODAY, TODAY, 0, 11 * 60)
    found = await planned(cast.doctor, cast, late, Aim(Policy.OWN))
    assert [(line.visit.id, line.offers[0].span.starts_at) for line in found.lines] == [
        (ids[0], at(135)),
        (ids[1], at(150)),
    ]
    await applied(cast.doctor, cast, late, as_proposed(found))
    assert await free(cast) == [165, *range(240, 360, 15)]


async def test_two_hours_in_the_middle(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    ids = [await book(cast, cast.doctor, minutes) for minutes in (45, 60, 105, 120)]
    before = await everything()
    found = await planned(cast.head, cast, DEVICE, Aim(worker=cast.doctor.person_id))
    assert [line.visit.id for line in found.lines] == ids[1:3]
    assert [line.offers[0].span.starts_at for line in found.lines] == [at(30), at(135)], "the nearest of the same day"
    key = await applied(cast.head, cast, DEVICE, as_proposed(found))
    assert set(await free(cast)).isdisjoint(range(60, 120))
    assert 240 in await free(cast)
    await assert_figures_true()
    now.tick(timedelta(minutes=9))
    assert await taken_back(cast.head, key) == []
    assert await everything() == before


async def test_hours_of_a_template(cast: Cast, now: clock.Clock) -> None:
    await weekly(cast)
    async with db.transaction() as session:
        await days.write_days(session)
    time = Closed(TOMORROW, TOMORROW, 10 * 60 + 10, 13 * 60 + 30)
    left = [*range(0, 60, 20), *range(280, 360, 20)]
    visit = await book(cast, cast.doctor, 60, days=1)
    before = await everything()
    found = await planned(cast.head, cast, time)
    key = await applied(cast.head, cast, time, as_proposed(found))
    assert [minutes - 24 * 60 for minutes in await free(cast, day=TOMORROW)] == left, "the cuts stay where they were"
    assert (await stored(visit)).practitioner_id == cast.colleague.person_id
    assert await taken_back(cast.head, key) == []
    assert await everything() == before
    await applied(cast.head, cast, time, as_proposed(await planned(cast.head, cast, time)))
    now.tick(timedelta(days=1))
    async with db.transaction() as session:
        await days.write_days(session)
    async with db.reading() as session:
        own = await hours.own_hours(session, cast.doctor.person_id, CLINIC, bounds(TOMORROW, 1, schedule.zone()))
    assert [(row.starts_at, row.ends_at) for row in own] == [
        (at(0, days=1), at(60, days=1)),
        (at(280, days=1), at(360, days=1)),
    ]
    await assert_figures_true()


async def test_a_day_that_has_come_but_is_not_written_down_comes_back(cast: Cast) -> None:
    """Between midnight and the clock's hour, or after an outage."""
    with clock.frozen(at(-9 * 60 + 20)):
        await weekly(cast)
        visit = await book(cast, cast.doctor, 0)
        before = await free(cast)
        key = await applied(cast.head, cast, Closed(TODAY, TODAY), {visit: Decision(1, Outcome.CANCELLED)})
        async with db.transaction() as session:
            await days.write_days(session)
        assert await free(cast) == []
        assert await taken_back(cast.head, key) == []
        assert await free(cast) == before
        await assert_figures_true()


async def test_a_day_of_own_hours_stays_one_when_all_of_them_are_closed(cast: Cast, now: clock.Clock) -> None:
    """Otherwise the template would open what the day did not have."""
    await weekly(cast)
    await offer(cast.doctor.person_id, days=1, starts=300, ends=420)
    before = await everything()
    key = await applied(cast.head, cast, Closed(TOMORROW, TOMORROW, 13 * 60), {})
    assert await free(cast, day=TOMORROW) == []
    assert await taken_back(cast.head, key) == []
    assert await everything() == before


async def test_several_days_from_an_hour_to_an_hour(cast: Cast, now: clock.Clock) -> None:
    await weekly(cast)
    time = Closed(TOMORROW, TOMORROW + timedelta(days=2), 13 * 60, 10 * 60)
    ids = [
        await book(cast, cast.doctor, minutes, days=day)
        for day, minutes in ((1, 0), (1, 240), (2, 0), (3, 40), (3, 60))
    ]
    found = await planned(cast.head, cast, time)
    assert [line.visit.id for line in found.lines] == ids[1:4]
    key = await applied(cast.head, cast, time, as_proposed(found))
    assert [len(await free(cast, day=TODAY + timedelta(days=day))) for day in range(1, 5)] == [8, 0, 11, 15]
    async with db.reading() as session:
        row = await session.get(Absence, key)
    assert row
    assert said_of(queries.time_of(row)) == "24.11.2026 с 13:00 – 26.11.2026 до 10:00"


async def test_two_absences_of_one_worker_are_told_apart(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    await applied(cast.head, cast, AFTERNOON, {})
    found = await planned(cast.admin, cast, Closed(TODAY, TODAY))
    assert found.same
    assert found.lines == []
    for time in (
        Closed(TODAY, TODAY),
        Closed(TODAY, TOMORROW, 12 * 60, 9 * 60),
        Closed(TODAY, TODAY, 14 * 60, 15 * 60),
    ):
        with pytest.raises(Conflict, match=r"23\.11\.2026 с 13:00 уже внесено"):
            await applied(cast.admin, cast, time, {})
    await applied(cast.admin, cast, DEVICE, {})
    assert set(await free(cast)) == {*range(0, 60, 15), *range(120, 180, 15)}
    await assert_figures_true()


async def test_what_is_closed_twice_opens_when_both_are_over(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    before = await free(cast)
    key = await applied(cast.head, cast, DEVICE, {})
    async with db.transaction() as session:  # leave, written down where hours are
        closed = Closed(TODAY, TODAY)
        await closing.close_days(
            session, cast.head, practitioner_id=cast.doctor.person_id, closed=closed, reason="Отпуск"
        )
    assert await taken_back(cast.head, key) == []
    assert await free(cast) == []
    await assert_figures_true()
    async with db.transaction() as session:
        [row] = await hours.closed_days(session, cast.doctor.person_id, CLINIC, TODAY)
        await closing.open_days(session, cast.head, closed_id=row.id)
    assert await free(cast) == before
    await assert_figures_true()


async def test_a_conference_that_is_off_does_not_end_a_leave(cast: Cast, now: clock.Clock) -> None:
    """What the first had closed opens with the second."""
    await monday(cast)
    before = await free(cast, day=TOMORROW)
    async with db.transaction() as session:
        closed = Closed(TOMORROW, TOMORROW)
        await closing.close_days(session, cast.head, practitioner_id=cast.doctor.person_id, closed=closed)
        [first] = await hours.closed_days(session, cast.doctor.person_id, CLINIC, TODAY)
    key = await applied(cast.head, cast, Closed(TODAY, TOMORROW + timedelta(days=2)), {})
    async with db.transaction() as session:
        await closing.open_days(session, cast.head, closed_id=first.id)
    assert await free(cast, day=TOMORROW) == []
    await assert_figures_true()
    assert await taken_back(cast.head, key) == []
    assert await free(cast, day=TOMORROW) == before
    async with db.reading() as session:
        assert await hours.closed_days(session, cast.doctor.person_id, CLINIC, TODAY) == [], (
            "no day is said to be closed"
        )


async def test_hours_that_were_opened_by_hand_are_no_absence_any_more(cast: Cast, now: clock.Clock) -> None:
    await monday(cast)
    before = await free(cast)
    key = await applied(cast.head, cast, AFTERNOON, {})
    async with db.transaction() as session:
        [row] = await hours.closed_days(session, cast.doctor.person_id, CLINIC, TODAY)
        await closing.open_days(session, cast.head, closed_id=row.id)
    assert await free(cast) == before
    await applied(cast.head, cast, AFTERNOON, {})
    assert await taken_back(cast.head, key) == []
    assert max(await free(cast)) < 240, "what is closed anew stays closed"


async def test_what_was_cut_before_the_day_came_comes_back_on_it(cast: Cast, now: clock.Clock) -> None:
    """The template speaks no more of a day that has been written down."""
    await weekly(cast)
    async with db.transaction() as session:
        await days.write_days(session)
    before = await free(cast, day=TOMORROW)
    now.tick(timedelta(hours=16, minutes=15))
    for time in (Closed(TOMORROW, TOMORROW, 10 * 60, 11 * 60), Closed(TOMORROW, TOMORROW)):
        key = await applied(cast.head, cast, time, {})
        if time.ends == 11 * 60:
            now.tick(timedelta(minutes=6))
        assert clock.today(schedule.zone()) == TOMORROW
        for _ in range(2):
            async with db.transaction() as session:
                await days.write_days(session)
        assert set(await free(cast, day=TOMORROW)) < set(before)
        assert await taken_back(cast.head, key) == []
        assert await free(cast, day=TOMORROW) == before
        await assert_figures_true()


async def test_a_patient_who_was_booked_elsewhere_meanwhile_is_not_sent_to_two_places(
    cast: Cast, now: clock.Clock
) -> None:
    await weekly(cast)
    who = cast.patient_id
    visit = await book(cast, cast.head, 0, days=1, patient_id=who)
    key = await applied(
        cast.head, cast, Closed(TOMORROW, TOMORROW, 0, 12 * 60), {visit: Decision(1, Outcome.CANCELLED)}
    )
    await book(cast, cast.head, 0, days=1, patient_id=who, practitioner=cast.colleague)
    [said] = await taken_back(cast.head, key)
    assert "в это время пациента уже записали в другое место" in said
    assert (await stored(visit)).status is AppointmentStatus.CANCELLED
