"""What the dialog of a visit tells, and where the view of people begins."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.access import Action
from medcab.audit import AuditEntry
from medcab.errors import Forbidden, NotFound
from medcab.patients.models import Patient
from medcab.schedule.calendar import service as calendar
from medcab.schedule.rules.address import Address
from medcab.schedule.visit import service
from tests.cast import OTHER_WARD, WARD, Cast
from tests.schedule.reception import NINE, at, book, monday, offer


@pytest.fixture(autouse=True)
def now(cast: Cast) -> Iterator[clock.Clock]:
    """Monday, twenty to eight."""
    with clock.frozen(at(-80)) as stopped:
        yield stopped


async def test_the_dialog_tells_when_with_whom_and_where(cast: Cast) -> None:
    await monday(cast)
    visit = await book(cast, cast.doctor, 15)
    async with db.reading() as session:
        told = await service.place(session, cast.nurse, visit)
        assert (told.starts_at, told.doctor, told.rooms, told.devices) == (at(15), "Иванова А. П.", ("214",), ())
        for who in (cast.neighbour, cast.foreigner):
            with pytest.raises((NotFound, Forbidden)):
                await service.place(session, who, visit)


async def test_a_phone_is_shown_to_whoever_plans_and_the_look_is_journalled(cast: Cast) -> None:
    await monday(cast)
    visit = await book(cast, cast.doctor, 15, patient_id=cast.patient_id)
    async with db.transaction() as session:
        patient = await session.get(Patient, cast.patient_id)
        assert patient
        assert await service.phone(session, cast.nurse, visit) == patient.phone
    async with db.transaction() as session:
        for who in (cast.neighbour, cast.foreigner, cast.pharmacist):
            with pytest.raises((NotFound, Forbidden)):
                await service.phone(session, who, visit)
    async with db.reading() as session:
        lines = (await session.exec(select(AuditEntry).where(AuditEntry.action == Action.PATIENT_PHONE.value))).all()
    assert [(line.person_id, line.subject) for line in lines] == [(cast.nurse.person_id, str(cast.patient_id))]


async def test_people_of_the_busiest_ward_come_first_for_whoever_has_none(cast: Cast) -> None:
    """And their own for whoever has one."""
    await monday(cast)
    await offer(cast.neighbour.person_id, department_id=OTHER_WARD)
    for wards, busy in ((WARD, cast.doctor), (OTHER_WARD, cast.neighbour)):
        for number in range(2):
            minutes = 15 * number + (30 if wards == OTHER_WARD else 0)
            await book(cast, cast.admin, minutes, practitioner=busy)
        if wards == OTHER_WARD:
            await book(cast, cast.admin, 90, practitioner=busy)
        async with db.reading() as session:
            assert (await calendar.board(session, cast.admin, at=Address(NINE.date()))).department == str(wards)
            assert (await calendar.board(session, cast.head, at=Address(NINE.date()))).department == str(WARD)
