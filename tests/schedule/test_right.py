"""Nobody is booked with somebody who may not see them on that day; whoever is booked already is not lost."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from medcab import clock, db
from medcab.accounts import queries as accounts
from medcab.accounts.models import Person, Standing
from medcab.errors import Invalid
from medcab.schedule import service
from medcab.schedule.calendar import service as calendar
from medcab.schedule.hours import service as hours
from medcab.schedule.models import AppointmentStatus, Reception
from medcab.schedule.rules.rows import DayRow
from medcab.schedule.rules.visits import Act
from medcab.schedule.times.service import NoRight
from tests.cast import CLINIC, WARD, Cast
from tests.schedule.reception import NINE, at, book, monday, offer, stored

MONDAY = NINE.date()


@pytest.fixture(autouse=True)
async def the_morning(cast: Cast) -> AsyncIterator[None]:
    await monday(cast)
    with clock.frozen(NINE - timedelta(minutes=30)):
        yield


async def doctors_right(cast: Cast, standing: Standing, until: date | None = None) -> None:
    async with db.transaction() as session:
        person = await session.get(Person, cast.doctor.person_id)
        assert person
        person.standing, person.standing_until = standing, until


async def shown(cast: Cast, day: date) -> DayRow:
    async with db.reading() as session:
        return await calendar.day(session, cast.head, practitioner_id=cast.doctor.person_id, day=day)


async def test_the_last_day_is_booked_and_not_the_day_after(cast: Cast) -> None:
    await doctors_right(cast, Standing.ACTIVE, until=MONDAY)
    await book(cast, cast.nurse, 0)
    with pytest.raises(NoRight, match="только по 23"):
        await book(cast, cast.nurse, 0, days=1)


async def test_a_suspended_doctor_gets_no_new_visits_by_any_way(cast: Cast) -> None:
    mine = await book(cast, cast.nurse, 0)
    theirs = await book(cast, cast.head, 15, practitioner=cast.colleague)
    await doctors_right(cast, Standing.SUSPENDED)
    with pytest.raises(NoRight):
        await book(cast, cast.admin, 30)
    for visit in (mine, theirs):
        with pytest.raises(NoRight):
            async with db.transaction() as session:
                await service.move(
                    session, cast.head, appointment_id=visit, version=1, starts_at=at(60), practitioner_id=cast.doctor.person_id
                )  # fmt: skip
    with pytest.raises(NoRight):
        async with db.transaction() as session:
            await hours.open_reception(
                session, cast.admin, practitioner_id=cast.doctor.person_id, department_id=WARD, starts_at=at(0, days=2),
                ends_at=at(60, days=2), slot_minutes=15,
            )  # fmt: skip
    async with db.reading() as session:
        found = await service.nearest_free(session, cast.head, practitioner_id=cast.doctor.person_id, wished=at(60))
    assert found == []


async def test_whoever_is_booked_already_can_be_moved_away_marked_and_cancelled(cast: Cast) -> None:
    moved, marked, cancelled = [await book(cast, cast.nurse, minutes) for minutes in (0, 15, 30)]
    await doctors_right(cast, Standing.SUSPENDED)
    async with db.transaction() as session:
        await service.move(
            session, cast.head, appointment_id=moved, version=1, starts_at=at(60), practitioner_id=cast.colleague.person_id
        )  # fmt: skip
        await service.mark(session, cast.head, appointment_id=marked, version=1, act=Act.ARRIVED)
        await service.cancel(session, cast.head, appointment_id=cancelled, version=1, reason="Нет допуска")
    assert (await stored(moved)).practitioner_id == cast.colleague.person_id
    assert (await stored(marked)).status is AppointmentStatus.ARRIVED
    assert (await stored(cancelled)).status is AppointmentStatus.CANCELLED


async def test_the_day_says_why_nothing_is_free(cast: Cast) -> None:
    await book(cast, cast.nurse, 0)
    open_day = await shown(cast, MONDAY)
    assert not open_day["closed"]
    await doctors_right(cast, Standing.SUSPENDED)
    closed_day = await shown(cast, MONDAY)
    assert closed_day["closed"].startswith("Право на работу приостановлено. ")
    assert closed_day["summary"] == "1\N{NO-BREAK SPACE}приём, запись закрыта"
    assert {line["what"] for line in closed_day["lines"]} == {"visit", "break"}


async def test_a_day_without_reception_has_nothing_to_close(cast: Cast) -> None:
    await doctors_right(cast, Standing.SUSPENDED)
    assert (await shown(cast, MONDAY + timedelta(days=2)))["closed"] == ""


async def test_the_past_is_not_called_closed(cast: Cast) -> None:
    await offer(cast.doctor.person_id, days=-3)
    await doctors_right(cast, Standing.SUSPENDED)
    assert (await shown(cast, MONDAY - timedelta(days=3)))["closed"] == ""


@pytest.fixture
async def two_specialties(cast: Cast) -> None:
    """Cardiology until the Monday, general medicine without an end; the colleague's hours are for everything."""
    async with db.transaction() as session:
        await accounts.keep_specialties(session, cast.doctor.person_id, {"Кардиология": MONDAY, "Терапия": None})


async def hours_of(specialty: str, cast: Cast, *, days: int) -> UUID:
    async with db.transaction() as session:
        return await hours.open_reception(
            session, cast.admin, practitioner_id=cast.doctor.person_id, department_id=WARD, starts_at=at(0, days=days),
            ends_at=at(60, days=days), slot_minutes=15, specialty=specialty,
        )  # fmt: skip


@pytest.mark.usefixtures("two_specialties")
async def test_a_lost_specialty_closes_its_own_hours_only(cast: Cast) -> None:
    await hours_of("Терапия", cast, days=2)
    async with db.transaction() as session:
        hours = Reception(
            organisation_id=CLINIC, department_id=WARD, practitioner_id=cast.doctor.person_id, slot_minutes=15, specialty="кардиология",
            starts_at=at(60, days=2), ends_at=at(120, days=2),
        )  # fmt: skip
        session.add(hours)
    await book(cast, cast.nurse, 15, days=2)
    with pytest.raises(NoRight, match="«кардиология» подтверждено только по 23"):
        await book(cast, cast.nurse, 75, days=2)
    day = await shown(cast, MONDAY + timedelta(days=2))
    assert [line["time"] for line in day["lines"] if line["what"] == "free"] == ["09:00", "09:30", "09:45"]
    assert "кардиология" in day["closed"]
    assert "свободно 3" in day["summary"]


@pytest.mark.usefixtures("two_specialties")
async def test_hours_are_opened_for_a_specialty_that_holds_then(cast: Cast) -> None:
    with pytest.raises(NoRight, match="только по 23"):
        await hours_of("Кардиология", cast, days=2)
    with pytest.raises(NoRight, match="«Хирургия» не подтверждена"):
        await hours_of("Хирургия", cast, days=2)
    opened = await hours_of("", cast, days=2)
    async with db.reading() as session:
        found = await session.get(Reception, opened)
    assert found
    assert found.specialty == "Терапия", "the only one that is left on that day"
    with pytest.raises(Invalid, match="Кардиология, Терапия"):
        await hours_of("", cast, days=-7)
