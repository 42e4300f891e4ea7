"""Booking, moving, cancelling and marking, by everybody of the cast."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from medcab import clock, db, live
from medcab.access import Action, Actor, Role
from medcab.accounts.models import Membership
from medcab.audit import AuditEntry
from medcab.clock import Clock
from medcab.errors import Conflict, Forbidden, Invalid, MedcabError, NotFound
from medcab.schedule import queries, service
from medcab.schedule.hours import service as hours
from medcab.schedule.models import AppointmentStatus, VisitKind
from medcab.schedule.rules.visits import Act, NotAllowed, former
from medcab.schedule.service import SlotTaken, StaleVisit
from medcab.schedule.visit.state import Undo, _taken_back  # pyright: ignore[reportPrivateUsage]
from tests.cast import FOREIGN_WARD, OTHER_CLINIC, OTHER_WARD, WARD, Cast
from tests.schedule.reception import NINE, assert_figures_true, at, book, monday, offer, stored

ALLOWED, HIDDEN, REFUSED = None, NotFound, Forbidden
OUTCOMES: dict[str, type[MedcabError] | None] = {
    "doctor": ALLOWED, "head": ALLOWED, "nurse": ALLOWED, "admin": ALLOWED,
    "colleague": HIDDEN, "neighbour": HIDDEN, "foreigner": HIDDEN,
    "pharmacist": REFUSED, "unverified": REFUSED, "support": REFUSED, "security": REFUSED,
}  # fmt: skip
"""What each of the cast meets when acting on the doctor's schedule."""


@pytest.fixture(autouse=True)
async def the_morning(cast: Cast) -> AsyncIterator[Clock]:
    await monday(cast)
    with clock.frozen(NINE - timedelta(minutes=30)) as stopped:
        yield stopped


async def _journal(action: Action, subject: UUID) -> list[AuditEntry]:
    async with db.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == action.value, AuditEntry.subject == str(subject))
        return list((await session.exec(query.order_by(col(AuditEntry.seq)))).all())


async def _act(actor: Actor, what: str, appointment_id: UUID, version: int = 1) -> None:
    async with db.transaction() as session:
        match what:
            case "move":
                await service.move(session, actor, appointment_id=appointment_id, version=version, starts_at=at(45))
            case "cancel":
                await service.cancel(
                    session, actor, appointment_id=appointment_id, version=version, reason="Заболел врач"
                )
            case _:
                await service.mark(session, actor, appointment_id=appointment_id, version=version, act=Act.ARRIVED)


def test_nobody_of_the_cast_is_forgotten(cast: Cast) -> None:
    assert set(OUTCOMES) == set(cast.everyone())


@pytest.mark.parametrize("who", OUTCOMES)
async def test_who_may_book_with_the_doctor(cast: Cast, who: str) -> None:
    actor, refusal = cast.everyone()[who], OUTCOMES[who]
    if refusal:
        with pytest.raises(refusal):
            await book(cast, actor)
        await assert_figures_true()
        return
    made = await stored(await book(cast, actor))
    assert (made.starts_at, made.ends_at, made.status, made.version) == (at(0), at(15), AppointmentStatus.BOOKED, 1)
    [entry] = await _journal(Action.APPOINTMENT_BOOK, made.id)
    assert entry.person_id == actor.person_id
    assert json.loads(entry.details) == {"practitioner": str(cast.doctor.person_id), "status": "booked"}
    await assert_figures_true()


@pytest.mark.parametrize("what", ["move", "cancel", "mark"])
@pytest.mark.parametrize("who", OUTCOMES)
async def test_who_may_change_a_visit_of_the_doctor(cast: Cast, who: str, what: str) -> None:
    actor, refusal = cast.everyone()[who], OUTCOMES[who]
    made = await book(cast, cast.doctor)
    action = Action(f"schedule:appointment:{what}")
    if refusal:
        with pytest.raises(refusal):
            await _act(actor, what, made)
        assert (await stored(made)).version == 1
        assert await _journal(action, made) == []
    else:
        await _act(actor, what, made)
        changed = await stored(made)
        assert (changed.version, changed.changed_by_id) == (2, actor.person_id)
        assert [entry.person_id for entry in await _journal(action, made)] == [actor.person_id]
    await assert_figures_true()


@pytest.mark.parametrize("what", ["move", "cancel", "mark"])
async def test_who_saw_an_older_version_is_told_the_newer_state(cast: Cast, what: str) -> None:
    made = await book(cast, cast.doctor)
    await _act(cast.nurse, "move", made)
    with pytest.raises(StaleVisit) as refused:
        await _act(cast.doctor, what, made, version=1)
    assert refused.value.visit.starts_at == at(45)
    assert "23.11.2026, 09:45, «Записан»" in refused.value.message
    assert (await stored(made)).version == 2


async def test_a_taken_slot_is_refused_with_the_nearest_free_ones(cast: Cast) -> None:
    for minutes in (0, 15, 30):
        await book(cast, cast.doctor, minutes)
    with pytest.raises(SlotTaken) as refused:
        await book(cast, cast.nurse, 15)
    assert [slot.starts_at for slot in refused.value.nearest[:3]] == [at(45), at(60), at(75)]
    assert refused.value.message == "Это время только что заняли. Выберите другое."
    await assert_figures_true()


async def test_a_refusal_leaves_the_transaction_usable_and_changes_nothing(cast: Cast) -> None:
    await book(cast, cast.doctor, 0)
    second = await book(cast, cast.doctor, 15)
    with pytest.raises(SlotTaken):
        async with db.transaction() as session:
            await service.move(session, cast.doctor, appointment_id=second, version=1, starts_at=at(0))
    assert (await stored(second)).starts_at == at(15)
    await assert_figures_true()


async def test_cancelled_and_missed_time_is_free_at_once(cast: Cast, the_morning: Clock) -> None:
    first = await book(cast, cast.doctor, 0)
    await _act(cast.doctor, "cancel", first)
    second = await book(cast, cast.doctor, 0)
    the_morning.tick(timedelta(minutes=31))
    async with db.transaction() as session:
        await service.mark(session, cast.doctor, appointment_id=second, version=1, act=Act.NO_SHOW)
    await book(cast, cast.doctor, 0)
    await assert_figures_true()


async def test_a_cancellation_can_be_taken_back_unless_somebody_has_the_time(cast: Cast, the_morning: Clock) -> None:
    made = await book(cast, cast.doctor, 0)
    await _act(cast.doctor, "cancel", made)
    async with db.transaction() as session:
        await service.mark(session, cast.doctor, appointment_id=made, version=2, act=Act.UNDO)
    assert (await stored(made)).status is AppointmentStatus.BOOKED
    await _act(cast.doctor, "cancel", made, version=3)
    await book(cast, cast.nurse, 0)
    with pytest.raises(SlotTaken):
        async with db.transaction() as session:
            await service.mark(session, cast.doctor, appointment_id=made, version=4, act=Act.UNDO)
    the_morning.tick(timedelta(minutes=11))
    with pytest.raises(NotAllowed):
        async with db.transaction() as session:
            await service.mark(session, cast.doctor, appointment_id=made, version=4, act=Act.UNDO)
    await assert_figures_true()


async def test_a_move_to_a_colleague_and_another_day_moves_the_figures(cast: Cast) -> None:
    made = await book(cast, cast.head, 0)
    async with db.transaction() as session:
        await service.move(
            session,
            cast.head,
            appointment_id=made,
            version=1,
            starts_at=at(240),
            practitioner_id=cast.colleague.person_id,
        )
    changed = await stored(made)
    assert (changed.practitioner_id, changed.starts_at) == (cast.colleague.person_id, at(240))
    async with db.transaction() as session:
        await service.move(
            session,
            cast.head,
            appointment_id=made,
            version=2,
            starts_at=at(0, days=1),
            practitioner_id=cast.doctor.person_id,
        )
    await assert_figures_true()


async def test_a_doctor_cannot_hand_a_visit_to_a_colleague_whose_schedule_is_closed(cast: Cast) -> None:
    made = await book(cast, cast.doctor, 0)
    with pytest.raises(NotFound):
        async with db.transaction() as session:
            await service.move(
                session,
                cast.doctor,
                appointment_id=made,
                version=1,
                starts_at=at(15),
                practitioner_id=cast.colleague.person_id,
            )


@pytest.mark.parametrize("minutes", [7, 180, 210, 360, -60])
async def test_only_slots_of_a_reception_can_be_booked(cast: Cast, minutes: int) -> None:
    with pytest.raises(NotFound):
        await book(cast, cast.doctor, minutes)


async def test_what_has_passed_cannot_be_booked(cast: Cast, the_morning: Clock) -> None:
    the_morning.tick(timedelta(minutes=44))
    await book(cast, cast.doctor, 0)
    the_morning.tick(timedelta(minutes=1))
    with pytest.raises(NotFound):
        await book(cast, cast.colleague, 0, practitioner=cast.colleague)


async def test_a_patient_of_another_clinic_does_not_exist_here(cast: Cast) -> None:
    for patient_id in (cast.foreign_patient_id, uuid4()):
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await service.book(
                    session, cast.doctor, practitioner_id=cast.doctor.person_id, patient_id=patient_id, kind=VisitKind.FIRST, starts_at=at(0)
                )  # fmt: skip


async def test_an_act_that_is_no_mark_is_refused(cast: Cast) -> None:
    made = await book(cast, cast.doctor)
    with pytest.raises(Invalid):
        async with db.transaction() as session:
            await service.mark(session, cast.doctor, appointment_id=made, version=1, act=Act.MOVE)


async def test_what_changed_is_announced_after_the_commit_to_both_schedules(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(live, "announce", told.append)
    made = await book(cast, cast.head, 0)
    assert sorted(told) == [f"figures:{WARD}", f"schedule:{cast.doctor.person_id}"]
    told.clear()
    async with db.transaction() as session:
        await service.move(
            session,
            cast.head,
            appointment_id=made,
            version=1,
            starts_at=at(0),
            practitioner_id=cast.colleague.person_id,
        )
        assert told == []
    assert sorted(told) == sorted(
        [f"figures:{WARD}", f"schedule:{cast.doctor.person_id}", f"schedule:{cast.colleague.person_id}"]
    )


async def test_a_worker_of_two_clinics_is_never_booked_twice_at_once(cast: Cast) -> None:
    await book(cast, cast.doctor, 0)
    await offer(cast.doctor.person_id, starts=5, ends=65, department_id=FOREIGN_WARD, organisation_id=OTHER_CLINIC)
    async with db.transaction() as session:
        session.add(Membership(
            person_id=cast.doctor.person_id, organisation_id=OTHER_CLINIC, department_id=FOREIGN_WARD, role=Role.SPECIALIST, since=date(2020, 1, 1)
        ))  # fmt: skip
    visiting = Actor(
        person_id=cast.doctor.person_id, session_id=uuid4(), name="", organisation_id=OTHER_CLINIC, roles=cast.doctor.roles, is_active=True
    )  # fmt: skip
    with pytest.raises(SlotTaken):
        async with db.transaction() as session:
            await service.book(
                session, visiting, practitioner_id=cast.doctor.person_id, patient_id=cast.foreign_patient_id, kind=VisitKind.FIRST,
                starts_at=at(5),
            )  # fmt: skip


OPENERS: dict[str, type[MedcabError] | None] = {**OUTCOMES, "neighbour": HIDDEN}


@pytest.mark.parametrize("who", OPENERS)
async def test_who_may_open_a_reception_of_the_doctor(cast: Cast, who: str) -> None:
    refusal = OPENERS[who]

    async def open_it() -> None:
        async with db.transaction() as session:
            await hours.open_reception(
                session, cast.everyone()[who], practitioner_id=cast.doctor.person_id, department_id=WARD, starts_at=at(0, days=2),
                ends_at=at(50, days=2), slot_minutes=15,
            )  # fmt: skip

    if refusal:
        with pytest.raises(refusal):
            await open_it()
    else:
        await open_it()
        await book(cast, cast.doctor, 30, days=2)
        with pytest.raises(Conflict):
            await open_it()
    await assert_figures_true()


async def test_hours_are_offered_only_where_the_worker_works(cast: Cast) -> None:
    for department_id in (OTHER_WARD, FOREIGN_WARD, uuid4()):
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await hours.open_reception(
                    session, cast.admin, practitioner_id=cast.doctor.person_id, department_id=department_id, starts_at=at(0, days=2),
                    ends_at=at(60, days=2), slot_minutes=15,
                )  # fmt: skip


async def test_no_time_is_free_after_the_last_day_of_the_worker_here(cast: Cast) -> None:
    async with db.transaction() as session:
        query = select(Membership).where(Membership.person_id == cast.doctor.person_id)
        (await session.exec(query)).one().until = NINE.date()
    async with db.reading() as session:
        near = await service.nearest_free(
            session, cast.nurse, practitioner_id=cast.doctor.person_id, wished=at(0, days=1), count=100
        )
    assert {slot.starts_at.date() for slot in near} == {NINE.date()}, "Tuesday's could not be booked"


async def test_no_hours_are_offered_of_somebody_who_has_left(cast: Cast) -> None:
    async with db.transaction() as session:
        theirs = sa.update(Membership).where(col(Membership.person_id) == cast.doctor.person_id)
        await session.execute(theirs.values(until=clock.today() - timedelta(days=1)))
    with pytest.raises(NotFound):
        async with db.transaction() as session:
            await hours.open_reception(
                session, cast.admin, practitioner_id=cast.doctor.person_id, department_id=WARD, starts_at=at(0, days=2),
                ends_at=at(60, days=2), slot_minutes=15,
            )  # fmt: skip


@pytest.mark.parametrize(("minutes", "slot"), [(10, 15), (60, 4), (60, 241), (-60, 15), (25 * 60, 15)])
async def test_hours_without_a_slot_are_refused(cast: Cast, minutes: int, slot: int) -> None:
    with pytest.raises(Invalid):
        async with db.transaction() as session:
            await hours.open_reception(
                session, cast.doctor, practitioner_id=cast.doctor.person_id, department_id=WARD, starts_at=at(0, days=2),
                ends_at=at(minutes, days=2), slot_minutes=slot,
            )  # fmt: skip


async def test_a_move_is_taken_back_although_the_patient_has_another_visit_on_that_day(cast: Cast) -> None:
    other = await book(cast, cast.nurse, 0, patient_id=cast.patient_id)
    moved = await book(cast, cast.nurse, 60, patient_id=cast.patient_id, knows_of=frozenset({other}))
    before = former(queries.visit_of(await stored(moved)))
    async with db.transaction() as session:
        await service.move(session, cast.nurse, appointment_id=moved, version=1, starts_at=at(0, days=1))
    last: Undo = {"key": "", "id": str(moved), "version": 2, "words": "", "moved": True, "made": False}
    async with db.transaction() as session:
        await _taken_back(session, cast.nurse, last, before)
    assert (await stored(moved)).starts_at == at(60)
    await assert_figures_true()
