"""Freed time is offered to whoever waits for it, held for an answer, and passed on to the next.

An offer is a visit with the status OFFERED: the constraint that keeps workers from being booked twice holds its time meanwhile. Everything here is
done under the worker's turn, so that accepting, refusing, running out and booking at once have one outcome. An offer that came to nothing was
never a visit: its row goes, the wish counts it, the journal remembers it. Each offer is one transaction.
"""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, db, jobs, live, outbox
from medcab.access import Action, Actor
from medcab.accounts.models import Organisation
from medcab.accounts.queries import right_of
from medcab.audit import AuditEntry
from medcab.errors import Invalid
from medcab.identifiers import phone
from medcab.patients.models import Patient
from medcab.schedule import queries as schedule
from medcab.schedule import service
from medcab.schedule.absences.models import Absence, AbsenceVisit
from medcab.schedule.models import Appointment, AppointmentStatus
from medcab.schedule.reminders.links import service as links
from medcab.schedule.reminders.models import LinkPurpose, VisitLink
from medcab.schedule.resources.taking import service as taking
from medcab.schedule.resources.taking.service import CannotBeHad
from medcab.schedule.rules.slots import Span, bounds, day_of
from medcab.schedule.rules.visits import Visit
from medcab.schedule.rules.waiting import NOTICE, Free, Hold, WishState, by_day, fits, hold
from medcab.schedule.service import topic, turns, zone
from medcab.schedule.vacant.queries import vacant
from medcab.schedule.waiting import queries
from medcab.schedule.waiting.heard import service as heard
from medcab.schedule.waiting.heard.service import FREED, OfferGone
from medcab.schedule.waiting.models import Wish
from medcab.settings import get_settings
from medcab.ui import formats

OFFER = "waiting.offer"
AHEAD = timedelta(days=28)
"""How far ahead time that nobody has is looked for, hour by hour; what is freed is offered however far."""
_MOST = 200
"""Offers that one freed time (a day, an absence taken back) can cause."""
_TRIES = 10
"""Times that somebody else may be faster before this is left to the next hour."""


class _Lost(Exception):
    """Somebody was faster in the middle of an offer: look again."""


@jobs.performer(FREED)
async def offer_freed(_key: UUID, payload: dict[str, Any]) -> jobs.Later | None:
    """Offer what is free of this time, slot by slot; a change that may still be taken back is waited for."""
    if (wait := (datetime.fromisoformat(payload["after"]) - clock.now()).total_seconds()) > 0:
        return jobs.Later(wait)
    if (wait := await _wait_for_grace(payload)) > 0:
        return jobs.Later(wait)
    span = Span(datetime.fromisoformat(payload["starts_at"]), datetime.fromisoformat(payload["ends_at"]))
    lost = 0
    for _ in range(_MOST):
        try:
            async with db.transaction() as session:
                made = await offer_next(
                    session, UUID(payload["organisation_id"]), UUID(payload["practitioner_id"]), span
                )
        except _Lost:
            lost, made = lost + 1, True
        if not made or lost > _TRIES:
            return None
    return jobs.Later(1)


async def _wait_for_grace(payload: dict[str, Any]) -> float:
    """Seconds until visits that were moved away from this time can not be taken back to it any more."""
    query = (
        sa.select(sa.func.max(col(Absence.tell_at)))
        .join(AbsenceVisit, col(AbsenceVisit.absence_id) == col(Absence.id))
        .where(
            col(AbsenceVisit.from_practitioner_id) == UUID(payload["practitioner_id"]), col(Absence.taken_back_at).is_(None),
            col(AbsenceVisit.from_starts_at) < datetime.fromisoformat(payload["ends_at"]), col(Absence.tell_at) > clock.now(),
            col(AbsenceVisit.from_ends_at) > datetime.fromisoformat(payload["starts_at"]),
        )
    )  # fmt: skip
    async with db.reading() as session:
        until = (await session.execute(query)).scalar()
    return (until - clock.now()).total_seconds() if until else 0


async def offer_next(session: AsyncSession, organisation_id: UUID, practitioner_id: UUID, span: Span) -> bool:
    """Offer the first slot of this time that somebody waits for to the first who does; whether there was any."""
    await turns(session, workers=[practitioner_id])
    found = await vacant(session, organisation_id, [practitioner_id], span, clock.now(), zone())
    wishes = await queries.waiting(session, organisation_id, practitioner_id, {slot.department_id for slot in found})
    gone_by = await _gone_by(session, [row.id for row in wishes])
    reached = await _reached(session, wishes)
    busy = await queries.busy(session, {row.patient_id for row in reached}, _around(found, span))
    for slot in found:
        held = hold(clock.now(), slot.span.starts_at, get_settings().waiting_hold_minutes, zone())
        for row in reached if held else ():
            is_for = fits(queries.wanted_of(row), slot, zone()) and (row.id, slot.span.starts_at) not in gone_by
            if held and is_for and not any(slot.span.overlaps(other) for other in busy[row.patient_id]):
                await _offer(session, row, slot, held)
                return True
    near = [slot for slot in found if slot.span.starts_at < clock.now() + NOTICE]
    if any(fits(queries.wanted_of(row), slot, zone()) for slot in near for row in wishes):
        live.publish(session, heard.topic(organisation_id))  # too near to be offered: the list says whom to call
    return False


async def accept(session: AsyncSession, actor: Actor | None, *, appointment_id: UUID) -> None:
    """The patient (no actor), or somebody who called them, takes the offered time; `OfferGone` when it is not offered any more."""
    row, wish = await offered(session, appointment_id)
    before = schedule.visit_of(row)
    if not await _stands(session, before):
        raise OfferGone("В это время приёма уже не будет. Вы остались в листе ожидания: предложим другое.")
    after = replace(before, status=AppointmentStatus.BOOKED, held_until=None, confirmed_at=clock.now())
    by = actor.person_id if actor else None
    if not await schedule.write(session, row.id, version=row.version, after=after, changed_by_id=by):
        raise OfferGone
    await _set(session, wish, WishState.BOOKED, row.id, wish.offers)
    await service.tell(session, actor, Action.WISH_ACCEPT, row.id, before, after, wish=wish.id)
    live.publish(session, heard.topic(row.organisation_id))


async def _stands(session: AsyncSession, visit: Visit) -> bool:
    """Whether the worker still sees patients then, and may. Why not is no business of whoever holds a link."""
    hours = await schedule.hours_at(session, visit.practitioner_id, visit.organisation_id, visit.span)
    inside = next((h for h in hours if h.starts_at <= visit.starts_at and visit.ends_at <= h.ends_at), None)
    day = day_of(visit.starts_at, zone())
    right = await right_of(session, visit.practitioner_id)
    works = await schedule.places(session, visit.practitioner_id, visit.organisation_id, day)
    return inside is not None and right.holds_on(day, inside.specialty) and bool(works)


async def decline(session: AsyncSession, actor: Actor | None, *, appointment_id: UUID) -> None:
    """The time does not suit the patient: they wait on, it goes to the next."""
    row, wish = await offered(session, appointment_id)
    await release(session, actor, row, wish, state=WishState.WAITING, offers=wish.offers + 1)


async def expire(session: AsyncSession, appointment_id: UUID) -> None:
    """Nobody has answered in time."""
    row = await _locked(session, appointment_id)
    wish = await queries.wish_of(session, appointment_id)
    if row and wish and row.status is AppointmentStatus.OFFERED and row.held_until and row.held_until <= clock.now():
        await release(session, None, row, wish, state=WishState.WAITING, offers=wish.offers + 1)


async def release(
    session: AsyncSession, actor: Actor | None, row: Appointment, wish: Wish, *, state: WishState, offers: int
) -> None:
    """Take the offer away, and let its time go to the next. Under the worker's turn."""
    await taking.turn(session, row.organisation_id)
    await _set(session, wish, state, None, offers)
    await heard.let_go(session, actor, row.id, wish.id, state=state)
    live.publish(session, topic(row.practitioner_id))


@jobs.performer(OFFER)
async def carry_offer(_key: UUID, payload: dict[str, Any]) -> jobs.Later | None:
    """Send the SMS when it is day (the link is the mark that it was sent), and come again when the time is over."""
    appointment_id = UUID(payload["appointment_id"])
    async with db.reading() as session:
        row = await session.get(Appointment, appointment_id)
    if row is None or row.status is not AppointmentStatus.OFFERED or row.held_until is None:
        return None
    now = clock.now()
    if now < row.held_until:
        begins = by_day(max(now, datetime.fromisoformat(payload["begins"])), zone())  # after an outage it may be night
        if (wait := (begins - now).total_seconds()) > 0:
            return jobs.Later(wait)
        async with db.transaction() as session:
            await _send(session, appointment_id)
        return jobs.Later((row.held_until - now).total_seconds())
    async with db.transaction() as session:
        await expire(session, appointment_id)
    return None


@jobs.hourly
async def look_for_time(session: AsyncSession) -> None:
    """Wishes whose last day is over end; for the others, hours that were opened meanwhile are looked through."""
    over = (
        sa.update(Wish)
        .where(col(Wish.state) == WishState.WAITING, col(Wish.until) < clock.today(zone()))
        .values(state=WishState.EXPIRED, version=col(Wish.version) + 1)
        .returning(col(Wish.id), col(Wish.organisation_id))
        .execution_options(synchronize_session=False)
    )
    for wish_id, organisation_id in (await session.execute(over)).all():
        audit.record(session, None, Action.WISH_EXPIRE, wish_id)
        live.publish(session, heard.topic(organisation_id))
    now, farthest = clock.now(), day_of(clock.now() + AHEAD, zone())
    wanted: dict[tuple[UUID, UUID], date] = {}
    for organisation_id, department_id, worker, specialty, until in await queries.waited_for(session):
        found = (
            [worker] if worker else await queries.workers(session, department_id, specialty, now, day_of(now, zone()))
        )
        for practitioner_id in found:
            key = organisation_id, practitioner_id
            wanted[key] = max(wanted.get(key, until), min(until, farthest))
    for (organisation_id, practitioner_id), until in sorted(wanted.items()):
        ends = bounds(min(until, farthest), 1, zone()).ends_at
        heard.free(session, organisation_id, practitioner_id, Span(now + NOTICE, max(ends, now + NOTICE * 2)))


async def _offer(session: AsyncSession, wish: Wish, slot: Free, held: Hold) -> None:
    await turns(session, patients=[wish.patient_id])
    if (await queries.busy(session, [wish.patient_id], slot.span))[wish.patient_id]:
        raise _Lost
    await taking.turn(session, wish.organisation_id)
    made = Appointment(
        id=uuid4(), organisation_id=wish.organisation_id, department_id=wish.department_id, practitioner_id=slot.practitioner_id,
        patient_id=wish.patient_id, kind=wish.kind, status=AppointmentStatus.OFFERED, starts_at=slot.span.starts_at, ends_at=slot.span.ends_at,
        booked_at=clock.now(), held_until=held.ends,
    )  # fmt: skip
    visit = schedule.visit_of(made)
    try:
        async with session.begin_nested():
            session.add(made)
            await session.flush()
            await taking.take(session, made.id, visit, room=slot.room)
    except (CannotBeHad, IntegrityError):
        raise _Lost from None
    if not await queries.set_state(
        session, wish.id, before=WishState.WAITING, version=wish.version, state=WishState.OFFERED, appointment_id=made.id, offers=wish.offers
    ):  # fmt: skip
        raise _Lost
    await service.tell(session, None, Action.WISH_OFFER, made.id, None, visit, wish=wish.id)
    outbox.add(session, OFFER, {"appointment_id": str(made.id), "begins": held.begins.isoformat()})
    live.publish(session, heard.topic(wish.organisation_id))


async def _send(session: AsyncSession, appointment_id: UUID) -> None:
    """Once, while it is still offered: whoever has a link has been told."""
    row = await _locked(session, appointment_id)
    if row is None or row.status is not AppointmentStatus.OFFERED or row.held_until is None:
        return
    sent = select(VisitLink.id).where(VisitLink.appointment_id == row.id, VisitLink.purpose == LinkPurpose.OFFER)
    patient = await session.get(Patient, row.patient_id)
    if (await session.exec(sent)).first() or patient is None:
        return
    address = links.make(session, row.id, LinkPurpose.OFFER, row.starts_at)
    clinic = (await session.get_one(Organisation, row.organisation_id)).short_name
    text = f"Освободилось время: {_at(row.starts_at)}, {clinic}. Записаться или отказаться до {_at(row.held_until)}: {address}"
    outbox.add(session, "sms", {"to": patient.phone, "text": text})


def _at(at: datetime) -> str:
    """«24.11 в 09:30»."""
    return f"{formats.day_short(at.astimezone(zone()))} в {formats.time(at, zone())}"


def _around(found: list[Free], span: Span) -> Span:
    """All of these slots: the first may begin before the time that was freed, the last end after it."""
    return Span(
        min((slot.span.starts_at for slot in found), default=span.starts_at),
        max((slot.span.ends_at for slot in found), default=span.ends_at),
    )


async def _reached(session: AsyncSession, wishes: list[Wish]) -> list[Wish]:
    """Those whose patient has a mobile phone."""
    people = {row.patient_id for row in wishes}
    query = sa.select(col(Patient.id), col(Patient.phone)).where(col(Patient.id).in_(people))
    phones = {row[0]: row[1] for row in await session.execute(query)}
    return [row for row in wishes if is_mobile(phones.get(row.patient_id, ""))]


def is_mobile(number: str) -> bool:
    """Whether an SMS can be sent there."""
    try:
        return bool(phone.parse_mobile(number))
    except Invalid:
        return False


async def _gone_by(session: AsyncSession, wish_ids: list[UUID]) -> set[tuple[UUID, datetime]]:
    """What these waited on without already, as the journal remembers it: the same time is not offered twice."""
    if not wish_ids:
        return set()
    query = select(AuditEntry.subject, AuditEntry.details).where(
        AuditEntry.action == Action.WISH_PASS.value, col(AuditEntry.subject).in_([str(key) for key in wish_ids])
    )
    rows = (await session.exec(query)).all()
    passed = [(UUID(subject), json.loads(details)) for subject, details in rows]
    return {(key, datetime.fromisoformat(one["starts_at"])) for key, one in passed if one["state"] == WishState.WAITING}


async def _locked(session: AsyncSession, appointment_id: UUID) -> Appointment | None:
    """As it stands under the worker's turn."""
    query = select(Appointment).where(Appointment.id == appointment_id).execution_options(populate_existing=True)
    seen = (await session.exec(query)).first()
    if seen is None:
        return None
    await turns(session, workers=[seen.practitioner_id])
    return (await session.exec(query)).first()


async def offered(session: AsyncSession, appointment_id: UUID) -> tuple[Appointment, Wish]:
    """The offer while it can be answered, or `OfferGone`."""
    row = await _locked(session, appointment_id)
    wish = await queries.wish_of(session, appointment_id)
    if row is None or wish is None or row.status is not AppointmentStatus.OFFERED:
        raise OfferGone
    if row.held_until is None or row.held_until <= clock.now():
        raise OfferGone
    return row, wish


async def _set(session: AsyncSession, wish: Wish, state: WishState, appointment_id: UUID | None, offers: int) -> None:
    if not await queries.set_state(
        session, wish.id, before=WishState.OFFERED, version=wish.version, state=state, appointment_id=appointment_id, offers=offers
    ):  # fmt: skip
        raise OfferGone
