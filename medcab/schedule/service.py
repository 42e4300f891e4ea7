"""What people do with receptions and visits. Each change is one transaction: the visit, the daily figures, the journal, the news.

Two who want the same time are told apart by the database (`ex_appointment_overlap`), two who edit the same visit by its version.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.queries import right_of, take_turns
from medcab.errors import Conflict, Invalid, NotFound
from medcab.patients import service as patients
from medcab.schedule import queries
from medcab.schedule.hours.queries import Hours
from medcab.schedule.models import Appointment, AppointmentStatus, VisitKind
from medcab.schedule.rules import visits as rules
from medcab.schedule.rules.figures import Figures, change
from medcab.schedule.rules.slots import Span, day_of, is_open, nearest, slots
from medcab.schedule.rules.visits import MARKS, Act, Visit
from medcab.ui import formats

OVERLAP = "ex_appointment_overlap"
LOOK_BACK, LOOK_AHEAD = timedelta(days=7), timedelta(days=21)
OFFERED = 6


class SlotTaken(Conflict):
    """Somebody was faster; `nearest` are free ones, the closest to the wished time first."""

    message = "Это время только что заняли. Выберите другое."

    def __init__(self, found: list[Span]) -> None:
        super().__init__()
        self.nearest = found


class NoRight(Conflict):
    """The worker may not practise this on that day, as far as the register knows; `why` goes on the sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Запись закрыта: {why}. Выберите другого врача или более раннюю дату.")


class StaleVisit(Conflict):
    """The visit was changed after the person saw it; `visit` is how it stands now."""

    def __init__(self, visit: Visit) -> None:
        at = formats.moment(visit.starts_at, zone())
        super().__init__(
            f"Пока вы смотрели, этот приём изменили: {at}, «{rules.title_of(visit)}». Проверьте и повторите."
        )
        self.visit = visit


class Seen(TypedDict):
    """Which visit, and the version that the person was looking at: `move(…, **seen)`."""

    appointment_id: UUID
    version: int


def zone() -> ZoneInfo:
    """The clinics' time zone: everything here counts days by the same one."""
    return clock.MOSCOW


def topic(practitioner_id: UUID | str) -> str:
    """What a tab watches to learn of changes in one worker's schedule."""
    return f"schedule:{practitioner_id}"


async def book(
    session: AsyncSession,
    actor: Actor,
    *,
    practitioner_id: UUID,
    patient_id: UUID,
    kind: VisitKind,
    starts_at: datetime,
) -> UUID:
    """Book a patient into the slot that starts then; the visit's id. `SlotTaken` when somebody has it."""
    require(actor, Permission.SCHEDULE_EDIT)
    reception, slot = await _slot(session, actor, practitioner_id, starts_at)
    await patients.require_own(session, actor, patient_id=patient_id)
    made = Appointment(
        id=uuid4(), organisation_id=reception.organisation_id, department_id=reception.department_id,
        practitioner_id=practitioner_id, patient_id=patient_id, kind=kind, status=AppointmentStatus.BOOKED,
        booked_at=clock.now(), changed_by_id=actor.person_id, **asdict(slot),
    )  # fmt: skip
    async with _holding(session, actor, practitioner_id, starts_at):
        session.add(made)
        await session.flush()
    await _tell(session, actor, Action.APPOINTMENT_BOOK, made.id, None, queries.visit_of(made))
    return made.id


async def move(
    session: AsyncSession, actor: Actor, *, appointment_id: UUID, version: int, starts_at: datetime, practitioner_id: UUID | None = None,
) -> None:  # fmt: skip
    """Put the same visit into another slot, of the same worker or another one. `SlotTaken` when somebody has it."""
    require(actor, Permission.SCHEDULE_EDIT)
    visit = await _seen(session, actor, appointment_id, version)
    reception, slot = await _slot(session, actor, practitioner_id or visit.practitioner_id, starts_at)
    after = rules.moved(
        visit,
        slot,
        clock.now(),
        zone(),
        department_id=reception.department_id,
        practitioner_id=reception.practitioner_id,
    )
    await _write(session, actor, Action.APPOINTMENT_MOVE, appointment_id, version, visit, after)


async def cancel(session: AsyncSession, actor: Actor, *, appointment_id: UUID, version: int, reason: str) -> None:
    """Call the visit off; its time is free at once. Taken back by `mark(…, Act.UNDO)` while nobody has it."""
    require(actor, Permission.SCHEDULE_EDIT)
    visit = await _seen(session, actor, appointment_id, version)
    after = rules.cancelled(visit, reason, clock.now(), zone())
    await _write(session, actor, Action.APPOINTMENT_CANCEL, appointment_id, version, visit, after)


async def mark(session: AsyncSession, actor: Actor, *, appointment_id: UUID, version: int, act: Act) -> None:
    """One of `MARKS`: arrived, started, done, no-show, or the last mark (or cancellation) taken back.

    A mark that stands already (a double click, a faster colleague) is no refusal.
    """
    require(actor, Permission.SCHEDULE_EDIT)
    if act not in MARKS:
        raise Invalid
    try:
        visit = await _seen(session, actor, appointment_id, version)
        after = rules.marked(visit, act, clock.now(), zone())
        await _write(session, actor, Action.APPOINTMENT_MARK, appointment_id, version, visit, after, mark=act.value)
    except StaleVisit as late:
        if not rules.is_already(late.visit, act):
            raise


async def nearest_free(
    session: AsyncSession, actor: Actor, *, practitioner_id: UUID, wished: datetime, count: int = OFFERED
) -> list[Span]:
    """Free slots in the actor's scope from a week before the wished time to three weeks after, while the right holds; the closest first."""
    around = Span(wished - LOOK_BACK, wished + LOOK_AHEAD)
    found = await queries.free_slots(session, actor, practitioner_id, around, clock.now(), zone())
    return nearest(found, wished, count)


async def recount(session: AsyncSession, department_id: UUID, day_from: date, day_to: date) -> dict[str, Figures]:
    """The daily figures of both days and between: as `kept`, and as `counted` anew from receptions and visits. They must be equal."""
    return {
        "kept": await queries.kept_figures(session, department_id, day_from, day_to),
        "counted": await queries.counted_figures(session, department_id, day_from, day_to, zone()),
    }


async def _slot(session: AsyncSession, actor: Actor, practitioner_id: UUID, starts_at: datetime) -> tuple[Hours, Span]:
    """The slot that starts exactly then in a reception of the actor's scope; whose it is and when are never told apart."""
    for reception in await queries.reception_of_slot(session, actor, practitioner_id, starts_at):
        for slot in slots(Span(reception.starts_at, reception.ends_at), reception.slot_minutes):
            if slot.starts_at == starts_at and is_open(slot, clock.now()):
                await demand_right(session, practitioner_id, slot, reception.specialty)
                if not await queries.places(
                    session, practitioner_id, reception.organisation_id, day_of(slot.starts_at, zone())
                ):
                    raise NoRight("в этот день врач в клинике не работает")
                return reception, slot
    raise NotFound("На это время записать нельзя: выберите другое.")


async def demand_right(session: AsyncSession, practitioner_id: UUID, hours: Span, specialty: str) -> None:
    """Nobody is booked with somebody who may not see them then."""
    right = await right_of(session, practitioner_id)
    if why := right.why_not(day_of(hours.starts_at, zone()), specialty):
        raise NoRight(why)


async def _seen(session: AsyncSession, actor: Actor, appointment_id: UUID, version: int) -> Visit:
    """The visit as it stands, when it is in scope and nobody has changed it since."""
    found = await queries.appointment(session, actor, appointment_id)
    if found is None:
        raise NotFound("Приём не найден.")
    visit = queries.visit_of(found)
    if found.version != version:
        raise StaleVisit(visit)
    return visit


async def _write(
    session: AsyncSession, actor: Actor, action: Action, appointment_id: UUID, version: int, before: Visit, after: Visit, **details: Any
) -> None:  # fmt: skip
    async with _holding(session, actor, after.practitioner_id, after.starts_at):
        is_newest = await queries.write(
            session, appointment_id, version=version, after=after, changed_by_id=actor.person_id
        )
    if not is_newest:
        await _seen(session, actor, appointment_id, version)
        raise NotFound("Приём не найден.")
    await _tell(session, actor, action, appointment_id, before, after, **details)


@asynccontextmanager
async def _holding(session: AsyncSession, actor: Actor, practitioner_id: UUID, wished: datetime) -> AsyncIterator[None]:
    """A write that may need a worker's time. The constraint decides; taking turns only keeps PostgreSQL from deadlocks."""
    await take_turns(session, topic(practitioner_id))
    try:
        async with session.begin_nested():
            yield
    except IntegrityError as problem:
        if OVERLAP not in str(problem.orig):
            raise
        found = await nearest_free(session, actor, practitioner_id=practitioner_id, wished=wished)
        raise SlotTaken(found) from None


async def _tell(
    session: AsyncSession, actor: Actor, action: Action, appointment_id: UUID, before: Visit | None, after: Visit, **details: Any
) -> None:  # fmt: skip
    """Figures, journal and news of one change."""
    await queries.add_figures(session, change(before, after, zone()))
    audit.record(
        session, actor, action, appointment_id, practitioner=after.practitioner_id, status=after.status.value, **details
    )
    touched = [visit for visit in (before, after) if visit]
    for name in {topic(visit.practitioner_id) for visit in touched} | {
        f"figures:{visit.department_id}" for visit in touched
    }:
        live.publish(session, name)
