"""On top of the plan: by those who may, with a reason, few a day. And the same patient twice: never silently, never forbidden for good."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.access import Actor
from medcab.audit import AuditEntry
from medcab.clock import MOSCOW, Clock
from medcab.errors import Conflict, Forbidden, Invalid, MedcabError, NotFound
from medcab.schedule import queries, service
from medcab.schedule.booking.service import PatientTwice, left_above
from medcab.schedule.models import Appointment
from medcab.schedule.resources.models import AppointmentResource, Resource, ResourceKind
from medcab.schedule.rules.slots import bounds
from medcab.schedule.rules.visits import Act
from medcab.schedule.service import SlotTaken
from medcab.settings import Settings
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.schedule.reception import NINE, admit, assert_figures_true, at, book, monday, offer, stored

WHY = "Острая ситуация, согласовано с заведующей"


@pytest.fixture(autouse=True)
async def the_morning(cast: Cast) -> AsyncIterator[Clock]:
    await monday(cast)
    with clock.frozen(NINE - timedelta(minutes=30)) as stopped:
        yield stopped


async def squeeze(cast: Cast, actor: Actor, minutes: int = 0, **more: Any) -> UUID:
    return await book(cast, actor, minutes, **{"over_reason": WHY, **more})


async def free(cast: Cast) -> list[datetime]:
    async with db.reading() as session:
        found = await queries.free_slots(
            session, cast.head, cast.doctor.person_id, bounds(NINE.date(), 1, MOSCOW), clock.now(), MOSCOW
        )
    return [slot.starts_at for slot in found]


async def left(cast: Cast, actor: Actor) -> int:
    async with db.reading() as session:
        return await left_above(session, actor, practitioner_id=cast.doctor.person_id, day=NINE.date())


async def cancel(cast: Cast, visit: UUID, version: int = 1) -> None:
    async with db.transaction() as session:
        await service.cancel(session, cast.head, appointment_id=visit, version=version, reason="Не понадобилось")


async def undo(cast: Cast, visit: UUID, version: int) -> None:
    async with db.transaction() as session:
        await service.mark(session, cast.head, appointment_id=visit, version=version, act=Act.UNDO)


OVERBOOKERS: dict[str, type[MedcabError] | None] = {
    "doctor": None, "head": None, "admin": None, "nurse": Forbidden, "colleague": NotFound, "neighbour": NotFound, "foreigner": NotFound,
    "pharmacist": Forbidden, "unverified": Forbidden, "support": Forbidden, "security": Forbidden,
}  # fmt: skip


@pytest.mark.parametrize("who", OVERBOOKERS)
async def test_who_may_book_on_top_of_the_doctors_plan(cast: Cast, who: str) -> None:
    await book(cast, cast.doctor, 0)
    actor, refusal = cast.everyone()[who], OVERBOOKERS[who]
    assert bool(await left(cast, actor)) == (refusal is None)
    if refusal:
        with pytest.raises(refusal):
            await squeeze(cast, actor)
        return
    made = await stored(await squeeze(cast, actor))
    assert (made.is_over, made.over_reason, made.starts_at, made.ends_at) == (True, WHY, at(0), at(15))
    async with db.reading() as session:
        query = select(AuditEntry).where(AuditEntry.subject == str(made.id))
        entry = (await session.exec(query)).one()
    assert (entry.action, json.loads(entry.details)["reason"]) == ("schedule:appointment:overbook", WHY)
    await assert_figures_true()


async def test_on_top_of_the_plan_nothing_is_taken(cast: Cast) -> None:
    async with db.transaction() as session:
        session.add(Resource(organisation_id=CLINIC, department_id=WARD, kind=ResourceKind.ROOM, name="214"))
    await book(cast, cast.doctor, 15)
    before = await free(cast)
    made = await squeeze(cast, cast.doctor, 10)
    assert await free(cast) == before
    await book(cast, cast.colleague, 0, practitioner=cast.colleague)
    async with db.reading() as session:
        taken = (await session.exec(select(AppointmentResource.appointment_id))).all()
    assert made not in taken
    await book(cast, cast.doctor, 30)


async def test_a_free_time_is_booked_as_any(cast: Cast) -> None:
    with pytest.raises(Conflict, match="свободно"):
        await squeeze(cast, cast.doctor, 30)
    await squeeze(cast, cast.doctor, 35)  # between two free ones


@pytest.mark.parametrize("minutes", [-10, 170, 180, 200, 350, 400])
async def test_only_within_the_hours(cast: Cast, minutes: int) -> None:
    with pytest.raises(NotFound):
        await squeeze(cast, cast.doctor, minutes)


@pytest.mark.parametrize("reason", [" ", "х" * 201])
async def test_a_reason_is_demanded(cast: Cast, reason: str) -> None:
    with pytest.raises(Invalid):
        await squeeze(cast, cast.doctor, 5, over_reason=reason)


async def test_no_more_than_the_limit_a_day_even_at_once(cast: Cast, settings: Settings) -> None:
    tries = [
        squeeze(cast, (cast.doctor, cast.head, cast.admin)[number % 3], 5 * number + 1, practitioner=cast.doctor)
        for number in range(20)
    ]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(result) for result in results].count(UUID) == settings.overbook_a_day == 2
    refused = [result for result in results if isinstance(result, Conflict)]
    assert len(refused) == 18
    assert "уже 2\xa0записи" in refused[0].message
    assert await left(cast, cast.doctor) == 0
    await squeeze(cast, cast.doctor, 5, days=1)
    await assert_figures_true()


async def test_called_off_it_does_not_count_and_comes_back_only_within_the_limit(cast: Cast) -> None:
    first, _second = await squeeze(cast, cast.doctor, 5), await squeeze(cast, cast.doctor, 20)
    await cancel(cast, first)
    third = await squeeze(cast, cast.doctor, 35)
    with pytest.raises(Conflict, match="больше нельзя"):
        await undo(cast, first, 2)
    await cancel(cast, third)
    await undo(cast, first, 2)
    assert (await stored(first)).is_over
    await assert_figures_true()


async def test_moved_into_a_free_slot_it_is_as_any(cast: Cast) -> None:
    made = await squeeze(cast, cast.doctor, 5)
    async with db.transaction() as session:
        await service.move(session, cast.doctor, appointment_id=made, version=1, starts_at=at(30))
    assert ((await stored(made)).is_over, (await stored(made)).over_reason) == (False, "")
    with pytest.raises(SlotTaken):
        await book(cast, cast.doctor, 30)
    assert await left(cast, cast.doctor) == 2
    await assert_figures_true()


async def test_moved_into_the_plan_at_its_own_time_it_takes_the_room(cast: Cast) -> None:
    """Found by a random history: the place had become free since, so that nothing but `is_over` changed."""
    async with db.transaction() as session:
        session.add(Resource(organisation_id=CLINIC, department_id=WARD, kind=ResourceKind.ROOM, name="214"))
    booked = await book(cast, cast.doctor, 15)
    made = await squeeze(cast, cast.doctor, 15)
    await cancel(cast, booked)
    async with db.transaction() as session:
        await service.move(session, cast.doctor, appointment_id=made, version=1, starts_at=at(15))
        taken = (
            await session.exec(select(AppointmentResource).where(AppointmentResource.appointment_id == made))
        ).all()
    assert [row.is_held for row in taken] == [True]
    with pytest.raises(SlotTaken):
        await book(cast, cast.colleague, 15, practitioner=cast.colleague)


async def test_none_where_the_clinic_wants_none(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "overbook_a_day", 0)
    with pytest.raises(Conflict, match="закрыта"):
        await squeeze(cast, cast.doctor, 5)


async def test_a_patient_who_is_elsewhere_then_is_told_of_and_may_be_booked(cast: Cast) -> None:
    who = await admit()
    first = await book(cast, cast.head, 0, patient_id=who, practitioner=cast.colleague)
    with pytest.raises(PatientTwice, match=r"09:00, Петрова А. П.") as told:
        await book(cast, cast.head, 0, patient_id=who)
    assert told.value.visits == {first}
    assert at(0) in await free(cast), "nothing has been done"
    with pytest.raises(PatientTwice):
        await book(cast, cast.head, 0, patient_id=who, knows_of=frozenset({uuid4()}))
    await book(cast, cast.head, 0, patient_id=who, knows_of=told.value.visits)
    await assert_figures_true()


async def test_whose_the_other_visit_is_stays_with_those_who_see_it(cast: Cast) -> None:
    await offer(cast.neighbour.person_id, department_id=OTHER_WARD)
    who = await admit()
    await book(cast, cast.neighbour, 0, patient_id=who, practitioner=cast.neighbour)
    for actor, words in ((cast.doctor, "в другом отделении"), (cast.admin, "Соседова")):
        with pytest.raises(PatientTwice, match=words):
            await book(cast, actor, 0, patient_id=who)
    who = await admit()
    await book(cast, cast.head, 60, patient_id=who, practitioner=cast.colleague)
    with pytest.raises(PatientTwice, match="у другого врача отделения"):
        await book(cast, cast.doctor, 60, patient_id=who)


async def test_twice_a_day_with_one_doctor_is_told_of_and_beside_another_is_not(cast: Cast) -> None:
    who = await admit()
    first = await book(cast, cast.doctor, 0, patient_id=who)
    await book(cast, cast.head, 15, patient_id=who, practitioner=cast.colleague)
    await book(cast, cast.head, 0, days=1, patient_id=who)
    with pytest.raises(PatientTwice) as told:
        await book(cast, cast.doctor, 240, patient_id=who)
    assert told.value.visits == {first}
    await cancel(cast, first)
    await book(cast, cast.doctor, 240, patient_id=who)


async def test_a_move_is_asked_about_as_well(cast: Cast) -> None:
    who = await admit()
    first = await book(cast, cast.head, 0, patient_id=who, practitioner=cast.colleague)
    moved = await book(cast, cast.head, 60, patient_id=who)

    async def move(minutes: int, **more: Any) -> None:
        version = (await stored(moved)).version
        async with db.transaction() as session:
            await service.move(session, cast.head, appointment_id=moved, version=version, starts_at=at(minutes), **more)

    await move(75)
    with pytest.raises(PatientTwice):
        await move(0)
    assert (await stored(moved)).starts_at == at(75)
    await move(0, knows_of=frozenset({first}))
    await assert_figures_true()


async def test_of_two_who_book_a_patient_at_once_the_later_is_told(cast: Cast) -> None:
    who = await admit()
    results = await asyncio.gather(
        book(cast, cast.head, 0, patient_id=who),
        book(cast, cast.admin, 0, patient_id=who, practitioner=cast.colleague),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["PatientTwice", "UUID"]
    async with db.reading() as session:
        assert len((await session.exec(select(Appointment).where(Appointment.patient_id == who))).all()) == 1
