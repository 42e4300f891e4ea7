"""What people do with receptions and visits. Each change is one transaction: the visit, what it takes, the daily figures, the journal, the news.

Two who want the same time are told apart by the database (`ex_appointment_overlap`, `ex_resource_overlap`), two who edit the same visit by its
version. Turns are taken in one order by everybody: workers, patients, then the rooms and devices of a clinic (`turns`).
"""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, db, live
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.queries import take_turns
from medcab.errors import Conflict, Invalid, NotFound
from medcab.patients import service as patients
from medcab.schedule import queries
from medcab.schedule.booking.service import demand_hours, demand_known, demand_room_above
from medcab.schedule.diagnoses import queries as diagnoses
from medcab.schedule.figures import queries as figures
from medcab.schedule.models import Appointment, AppointmentStatus, VisitKind
from medcab.schedule.queries import Newest
from medcab.schedule.resources.taking import service as taking
from medcab.schedule.resources.taking.service import CannotBeHad
from medcab.schedule.rules import over
from medcab.schedule.rules import visits as rules
from medcab.schedule.rules.slots import Span, nearest
from medcab.schedule.rules.visits import MARKS, Act, Visit
from medcab.schedule.times import service as times
from medcab.schedule.times.service import Timetable
from medcab.schedule.waiting.heard import service as heard
from medcab.ui import formats

OVERLAP = "ex_appointment_overlap"
BILLED = "ck_billed_visit"
"""What the database says of a done visit in a register that somebody would take back, or have another pay for."""
LOOK_BACK, LOOK_AHEAD = timedelta(days=7), timedelta(days=21)
OFFERED = 6


class SlotTaken(Conflict):
    """Somebody was faster; `nearest` are free ones, the closest to the wished time first."""

    message = "Это время только что заняли. Выберите другое."

    def __init__(self, found: list[Span], sentence: str | None = None) -> None:
        super().__init__(sentence)
        self.nearest = found


class ResourceTaken(SlotTaken):
    """The worker is free then, but the room or a device is not; the sentence says which."""


class VisitBilled(Conflict):
    """A register has the visit: a payer is not asked for money for what the schedule no longer has."""

    message = (
        "Приём уже выставлен плательщику в реестре, поэтому изменить это нельзя. Если это ошибка, скажите администратору клиники: пока"
        " ответа нет, он может отозвать строку."
    )


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


async def turns(session: AsyncSession, *, workers: Iterable[UUID] = (), patients: Iterable[UUID] = ()) -> None:
    """Wait for everybody who works on these. Whoever changes several visits in one transaction takes all turns first."""
    for practitioner_id in sorted(set(workers)):
        await take_turns(session, topic(practitioner_id))
    for patient_id in sorted(set(patients)):
        await take_turns(session, f"patient:{patient_id}")


async def book(
    session: AsyncSession, actor: Actor, *, practitioner_id: UUID, patient_id: UUID, kind: VisitKind, starts_at: datetime,
    devices: Collection[UUID] = (), over_reason: str = "", knows_of: frozenset[UUID] = frozenset(), wish_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """Book a patient into the slot that starts then; the visit's id. `SlotTaken` when somebody has it, or what it takes.

    With `over_reason` it stands on top of the plan, at any time within the hours: it holds no time, no room, no device. `PatientTwice` unless
    the actor `knows_of` what else the patient has. `wish_id`: what of the waiting list this is for, when somebody chose it there.
    """
    require(actor, Permission.SCHEDULE_EDIT)
    await turns(
        session, workers=[practitioner_id], patients=[patient_id]
    )  # before the hours are read: they may be changing
    if over_reason:
        reception, slot = await times.over_plan(session, actor, practitioner_id, starts_at)
    else:
        reception, slot = (await times.timetable(session, actor, [(practitioner_id, starts_at)])).slot(
            practitioner_id, starts_at
        )
    await patients.require_own(session, actor, patient_id=patient_id)
    made = Appointment(
        id=uuid4(), organisation_id=reception.organisation_id, department_id=reception.department_id,
        practitioner_id=practitioner_id, patient_id=patient_id, kind=kind, status=AppointmentStatus.BOOKED,
        booked_at=clock.now(), changed_by_id=actor.person_id, is_over=bool(over_reason),
        over_reason=over.reason_of(over_reason) if over_reason else "", **asdict(slot),
    )  # fmt: skip
    await add(session, actor, made, room=reception.room, devices=devices, knows_of=knows_of, wish_id=wish_id)
    return made.id


async def add(
    session: AsyncSession, actor: Actor, made: Appointment, *, room: str, devices: Collection[UUID] = (), knows_of: frozenset[UUID] = frozenset(),
    wish_id: UUID | None = None,
) -> None:  # fmt: skip
    """Write a new visit with all that it takes; its time, its place and the right to practise have been seen to."""
    visit = queries.visit_of(made)
    await turns(session, workers=[made.practitioner_id], patients=[made.patient_id])
    await taking.turn(session, made.organisation_id)
    await taking.require_devices(session, made.organisation_id, made.department_id, devices)
    async with _holding(session, actor, made.id, visit, devices):
        await demand_room_above(session, made.id, visit)
        session.add(made)
        await session.flush()
        await taking.take(session, made.id, visit, room=room, devices=devices)
        await demand_known(session, actor, made.id, made.patient_id, visit, knows_of)
    action = Action.APPOINTMENT_OVERBOOK if made.is_over else Action.APPOINTMENT_BOOK
    why = {"reason": made.over_reason} if made.is_over else {}
    await tell(session, actor, action, made.id, None, visit, wish_id=wish_id, **why)


async def move(
    session: AsyncSession, actor: Actor, *, appointment_id: UUID, version: int, starts_at: datetime, practitioner_id: UUID | None = None,
    knows_of: frozenset[UUID] = frozenset(), table: Timetable | None = None,
) -> Visit:  # fmt: skip
    """Put the same visit into another slot, of the same worker or another one; the visit as it was before. `SlotTaken` when somebody has it, `PatientTwice` as in `book`.

    Whoever moves many has read the `table` of all of them at once, under the workers' turns.
    """
    require(actor, Permission.SCHEDULE_EDIT)
    seen = await _seen(session, actor, appointment_id, version)
    whose = practitioner_id or seen.visit.practitioner_id
    await turns(session, workers=[whose])
    reception, slot = (table or await times.timetable(session, actor, [(whose, starts_at)])).slot(whose, starts_at)
    after = rules.moved(
        seen.visit,
        slot,
        clock.now(),
        zone(),
        department_id=reception.department_id,
        practitioner_id=reception.practitioner_id,
    )
    await _write(session, actor, Action.APPOINTMENT_MOVE, seen, after, room=reception.room, knows_of=knows_of)
    return seen.visit


async def put_back(
    session: AsyncSession,
    actor: Actor,
    *,
    appointment_id: UUID,
    version: int,
    within_hours: bool = False,
    **former: Any,
) -> None:
    """A move that should not have been: the visit as it was before, whatever the hours say (unless it is to be `within_hours`), and wherever else
    the patient is to be. `SlotTaken` when somebody has its time.
    """
    require(actor, Permission.SCHEDULE_EDIT)
    seen = await _seen(session, actor, appointment_id, version)
    after = rules.put_back(seen.visit, replace(seen.visit, **former), clock.now(), zone())
    if within_hours:
        await turns(session, workers=[after.practitioner_id])
        await demand_hours(session, after)
    await _write(session, actor, Action.APPOINTMENT_MOVE, seen, after, knows_of=None)


async def cancel(session: AsyncSession, actor: Actor, *, appointment_id: UUID, version: int, reason: str) -> None:
    """Call the visit off; its time is free at once. Taken back by `mark(…, Act.UNDO)` while nobody has it."""
    require(actor, Permission.SCHEDULE_EDIT)
    seen = await _seen(session, actor, appointment_id, version)
    after = rules.cancelled(seen.visit, reason, clock.now(), zone())
    await _write(session, actor, Action.APPOINTMENT_CANCEL, seen, after)


async def mark(session: AsyncSession, actor: Actor, *, appointment_id: UUID, version: int, act: Act) -> None:
    """One of `MARKS`: arrived, started, done, no-show, or the last mark (or cancellation) taken back.

    A mark that stands already (a double click, a faster colleague) is no refusal.
    """
    require(actor, Permission.SCHEDULE_EDIT)
    if act not in MARKS:
        raise Invalid
    try:
        seen = await _seen(session, actor, appointment_id, version)
        after = rules.marked(seen.visit, act, clock.now(), zone())
        await _write(session, actor, Action.APPOINTMENT_MARK, seen, after, mark=act.value)
    except StaleVisit as late:
        if not rules.is_already(late.visit, act):
            raise


async def nearest_free(
    session: AsyncSession, actor: Actor, *, practitioner_id: UUID, wished: datetime, count: int = OFFERED, devices: Collection[UUID] = ()
) -> list[Span]:  # fmt: skip
    """Free slots in the actor's scope from a week before the wished time to three weeks after, while the right holds; the closest first.

    Their rooms are free as well, and so are these devices.
    """
    around = Span(wished - LOOK_BACK, wished + LOOK_AHEAD)
    found = await queries.free_slots(session, actor, practitioner_id, around, clock.now(), zone(), devices=devices)
    return nearest(found, wished, count)


async def _seen(session: AsyncSession, actor: Actor, appointment_id: UUID, version: int) -> Newest:
    """The visit as it stands, when it is in scope and nobody has changed it since."""
    found = await queries.newest(session, actor, appointment_id)
    if found is None:
        raise NotFound("Приём не найден.")
    if found.version != version:
        raise StaleVisit(found.visit)
    return found


async def _write(
    session: AsyncSession, actor: Actor, action: Action, seen: Newest, after: Visit, *, room: str | None = None,
    knows_of: frozenset[UUID] | None = frozenset(), **details: Any,
) -> None:  # fmt: skip
    """Every change of a visit that stands. `room` is that of its hours, looked up when it is not given; `knows_of` None: it is as it was."""
    before, is_placed = seen.visit, _place(seen.visit) != _place(after)
    await turns(session, workers=[after.practitioner_id], patients=[seen.patient_id] if is_placed else [])
    if is_placed or before.holds_time != after.holds_time:
        await taking.turn(session, after.organisation_id)
    async with _holding(session, actor, seen.id, after):
        if not await queries.write(session, seen.id, version=seen.version, after=after, changed_by_id=actor.person_id):
            await _seen(session, actor, seen.id, seen.version)
            raise NotFound("Приём не найден.")
        if is_placed:
            await taking.move(session, seen.id, after, room=await _room_of(session, after) if room is None else room)
            if knows_of is not None:
                await demand_known(session, actor, seen.id, seen.patient_id, after, knows_of)
        elif before.holds_time != after.holds_time:
            await taking.hold(session, seen.id, after)
        if before.status is AppointmentStatus.CANCELLED:
            await demand_hours(session, after)
            await demand_room_above(session, seen.id, after)
    await tell(session, actor, action, seen.id, before, after, **details)


def _place(visit: Visit) -> tuple[Span, UUID, bool]:
    """What a room depends on: a visit on top of the plan has none, also where a place in the plan is free at its very time."""
    return visit.span, visit.practitioner_id, visit.is_over


async def _room_of(session: AsyncSession, visit: Visit) -> str:
    """Which room the worker's hours name at the time of the visit; empty: none, or no hours."""
    found = await queries.hours_at(session, visit.practitioner_id, visit.organisation_id, visit.span)
    return next((each.room for each in found), "")


@asynccontextmanager
async def _holding(
    session: AsyncSession, actor: Actor, appointment_id: UUID, visit: Visit, devices: Collection[UUID] = ()
) -> AsyncIterator[None]:
    """A write that may need a worker's time, a room, devices: the constraints decide, and the refusal says when all of it is free.

    A refusal ends the transaction: what is free is read beside it.
    """
    sentence: str | None = None
    try:
        yield
    except CannotBeHad as refused:
        refusal, sentence = ResourceTaken, refused.message
    except IntegrityError as problem:
        if taking.OVERLAP in str(problem.orig):
            refusal, sentence = ResourceTaken, CannotBeHad.message
        elif OVERLAP in str(problem.orig):
            refusal = SlotTaken
        elif BILLED in str(problem.orig):
            raise VisitBilled from None
        else:
            raise
    else:
        return
    async with db.reading() as beside:
        wanted = devices or await queries.devices_of(beside, appointment_id)
        found = await nearest_free(
            beside, actor, practitioner_id=visit.practitioner_id, wished=visit.starts_at, devices=wanted
        )
    raise refusal(found, sentence)


async def tell(
    session: AsyncSession, actor: Actor | None, action: Action, appointment_id: UUID, before: Visit | None, after: Visit, *,
    wish_id: UUID | None = None, **details: Any,
) -> None:  # fmt: skip
    """Figures, journal and news of one change, and what the waiting list hears of it; no actor: the patient, or the clock."""
    await figures.add(session, await figures.changed(session, appointment_id, before, after, zone()))
    await diagnoses.move(session, appointment_id, before, after, zone())
    audit.record(
        session, actor, action, appointment_id, practitioner=after.practitioner_id, status=after.status.value, **details
    )
    touched = [visit for visit in (before, after) if visit]
    for name in {topic(visit.practitioner_id) for visit in touched} | {
        f"figures:{visit.department_id}" for visit in touched
    }:
        live.publish(session, name)
    await heard.change(session, actor, appointment_id, before, after, wish_id=wish_id)
