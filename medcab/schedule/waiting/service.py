"""The waiting list as people of the clinic keep it: who waits for what, in which place, and what is done when they are called.

A wish that is offered a time holds it (see `offers`); whoever is booked is not asked any more. Who has no phone, or whose time is too near for an
SMS, is called: the list says so.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor, Permission, require
from medcab.errors import Conflict, Invalid, NotFound
from medcab.identifiers import person_name, phone
from medcab.patients import service as patients
from medcab.patients.models import Patient
from medcab.schedule import queries as schedule
from medcab.schedule import service as visits
from medcab.schedule.hours.service import clinic_of
from medcab.schedule.queries import RECEIVING
from medcab.schedule.rules.slots import Span, bounds, day_of
from medcab.schedule.rules.visits import VisitKind
from medcab.schedule.rules.waiting import NOTICE, STATE_TITLES, Free, Urgency, Wanted, WishState, fault, fits, note_of
from medcab.schedule.service import turns, zone
from medcab.schedule.vacant.queries import vacant
from medcab.schedule.waiting import queries
from medcab.schedule.waiting.heard.service import topic
from medcab.schedule.waiting.models import Wish
from medcab.schedule.waiting.offers import service as offers
from medcab.schedule.waiting.queries import Filter, Line
from medcab.ui import formats

__all__ = ["Filter", "Line"]
_NEAREST = 12
_SHOWN_AHEAD = timedelta(days=28)
_MOST_WORKERS = 12
"""Of a specialty whose free time is looked through at once."""


class NoWish(NotFound):
    """No such wish, or it is not the actor's to see."""

    message = "В листе ожидания такой записи нет."


class StaleWish(Conflict):
    """Somebody, or an offer, has changed it meanwhile."""

    def __init__(self, state: WishState) -> None:
        super().__init__(f"Пока вы смотрели, запись изменилась: «{STATE_TITLES[state]}». Проверьте и повторите.")


@dataclass(frozen=True, kw_only=True)
class NewWish:
    """What somebody wants to wait for."""

    wanted: Wanted
    kind: VisitKind
    urgency: Urgency
    note: str = ""


@dataclass(frozen=True)
class Listed:
    """One page; `to_call` are those for whom there is time that is too near for an SMS."""

    lines: list[Line]
    total: int
    page: int
    pages: int
    to_call: frozenset[UUID]


@dataclass(frozen=True)
class Opened:
    """One wish, with the patient's phone and what is free for it."""

    line: Line
    phone: str
    slots: list[Free]
    names: dict[UUID, str]


@dataclass(frozen=True)
class Offered:
    """What can be waited for: departments by id, workers by id with their departments, specialties with their department."""

    departments: dict[UUID, str]
    workers: list[tuple[UUID, str, frozenset[UUID]]]
    specialties: list[tuple[UUID, str]]


async def add(session: AsyncSession, actor: Actor, *, patient_id: UUID, new: NewWish) -> UUID:
    """Let a patient wait; the wish's id. Who waits for the same already is refused kindly."""
    require(actor, Permission.SCHEDULE_EDIT)
    here = clinic_of(actor)
    await patients.require_own(session, actor, patient_id=patient_id)
    await turns(session, patients=[patient_id])
    wanted = await _demand(session, actor, new.wanted, patient_id)
    made = Wish(
        id=uuid4(), organisation_id=here, patient_id=patient_id, kind=new.kind, urgency=new.urgency, note=note_of(new.note),
        state=WishState.WAITING, created_at=clock.now(), created_by_id=actor.person_id,
        **{field.name: getattr(wanted, field.name) for field in fields(Wanted)},
    )  # fmt: skip
    session.add(made)
    audit.record(session, actor, Action.WISH_ADD, made.id, patient=patient_id, urgency=new.urgency.value)
    live.publish(session, topic(here))
    return made.id


async def change(session: AsyncSession, actor: Actor, *, wish_id: UUID, version: int, new: NewWish) -> None:
    """Wait for something else from now on; the day of the wish stays."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await _seen(session, actor, wish_id, version, WishState.WAITING)
    await turns(session, patients=[row.patient_id])
    wanted = await _demand(session, actor, new.wanted, row.patient_id, but=wish_id)
    values = {field.name: getattr(wanted, field.name) for field in fields(Wanted)}
    values |= {"kind": new.kind, "urgency": new.urgency, "note": note_of(new.note)}
    if not await queries.put(session, wish_id, version=version, values=values):
        raise StaleWish(row.state)
    audit.record(session, actor, Action.WISH_CHANGE, wish_id, urgency=new.urgency.value)
    live.publish(session, topic(row.organisation_id))


async def withdraw(session: AsyncSession, actor: Actor, *, wish_id: UUID, version: int) -> None:
    """The patient waits no longer; what is offered to them goes to the next."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await _seen(session, actor, wish_id, version, WishState.WAITING, WishState.OFFERED)
    if row.appointment_id:
        visit, wish = await offers.offered(session, row.appointment_id)
        await offers.release(session, actor, visit, wish, state=WishState.WITHDRAWN, offers=wish.offers)
    elif not await queries.set_state(
        session, row.id, before=WishState.WAITING, version=version, state=WishState.WITHDRAWN, appointment_id=None, offers=row.offers
    ):  # fmt: skip
        raise StaleWish(row.state)
    audit.record(session, actor, Action.WISH_WITHDRAW, wish_id)
    live.publish(session, topic(row.organisation_id))


async def accept(session: AsyncSession, actor: Actor, *, wish_id: UUID, version: int) -> None:
    """The patient was called and takes the offered time."""
    await offers.accept(session, actor, appointment_id=await _offer_of(session, actor, wish_id, version))


async def decline(session: AsyncSession, actor: Actor, *, wish_id: UUID, version: int) -> None:
    """The patient was called and does not want the offered time: they wait on."""
    await offers.decline(session, actor, appointment_id=await _offer_of(session, actor, wish_id, version))


async def book(
    session: AsyncSession, actor: Actor, *, wish_id: UUID, version: int, practitioner_id: UUID, starts_at: datetime,
    knows_of: frozenset[UUID] = frozenset(),
) -> UUID:  # fmt: skip
    """Book somebody who waits into a free slot; the visit's id. `SlotTaken` and `PatientTwice` as in any booking."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await _seen(session, actor, wish_id, version, WishState.WAITING)
    made = await visits.book(
        session, actor, practitioner_id=practitioner_id, patient_id=row.patient_id, kind=row.kind, starts_at=starts_at,
        knows_of=knows_of, wish_id=wish_id,
    )  # fmt: skip
    now = await queries.wish(session, actor, wish_id)
    if now is None or now.appointment_id != made:  # somebody was faster
        raise StaleWish(now.state if now else row.state)
    return made


async def listed(session: AsyncSession, actor: Actor, *, asked: Filter, page: int) -> Listed:
    """One page of the list in the order in which times are offered."""
    require(actor, Permission.SCHEDULE_EDIT)
    total = await queries.count(session, actor, asked)
    pages = max(1, -(-total // queries.PAGE))
    page = min(max(page, 1), pages)
    lines = await queries.page(session, actor, asked, page)
    return Listed(lines, total, page, pages, await _to_call(session, lines))


def looked(session: AsyncSession, actor: Actor, found: Listed) -> None:
    """Journal that a person looked at the list (a refresh by a push is no look)."""
    audit.record(session, actor, Action.WISH_VIEW, shown=[each.wish.patient_id for each in found.lines])


async def opened(session: AsyncSession, actor: Actor, *, wish_id: UUID, again: bool = False) -> Opened:
    """One wish with the patient's phone and the nearest times that fit; journalled, unless it is only shown `again`."""
    require(actor, Permission.SCHEDULE_EDIT)
    line = await queries.line(session, actor, wish_id)
    if line is None:
        raise NoWish
    patient = await session.get(Patient, line.wish.patient_id)
    if not again:
        audit.record(session, actor, Action.WISH_VIEW, wish_id, shown=[line.wish.patient_id])
    found = await _fitting(session, line.wish, _SHOWN_AHEAD) if line.wish.state is WishState.WAITING else []
    names = await _names(session, actor)
    number = phone.formatted(patient.phone) if patient and offers.is_mobile(patient.phone) else ""
    return Opened(line, number, found[:_NEAREST], names | {actor.person_id: actor.name})


async def choices(session: AsyncSession, actor: Actor) -> Offered:
    """Where and for whom the actor may let patients wait."""
    require(actor, Permission.SCHEDULE_EDIT)
    here, today = clinic_of(actor), clock.today(zone())
    sees_all, wards = (
        actor.may(Permission.SCHEDULE_ORGANISATION),
        actor.departments_with(Permission.SCHEDULE_DEPARTMENT),
    )
    workers = await _names(session, actor)
    if actor.roles & set(RECEIVING):
        workers.setdefault(actor.person_id, actor.name)
    reach = {key: wards | actor.department_ids if key == actor.person_id else wards for key in workers}
    places = await queries.places(session, workers, here, today)
    found = [
        (key, name, frozenset(places[key] if sees_all else places[key] & reach[key])) for key, name in workers.items()
    ]
    mine = frozenset[UUID]().union(*(each for _, _, each in found))
    asked = mine if sees_all else mine & wards
    subjects = await queries.specialties(session, asked, clock.now() - timedelta(days=30), today) if asked else []
    return Offered(await schedule.names_of_departments(session, set(mine)), found, subjects)


async def _names(session: AsyncSession, actor: Actor) -> dict[UUID, str]:
    """Whose time the actor may see, in short."""
    found = await schedule.colleagues(session, actor, clock.today(zone()))
    return {each.id: person_name.short(each.family_name, each.given_name, each.patronymic) for each in found}


async def _to_call(session: AsyncSession, lines: list[Line]) -> frozenset[UUID]:
    """Who waits on this page while there is time for them that is too near for an SMS."""
    waiting = [each.wish for each in lines if each.wish.state is WishState.WAITING]
    soon = Span(clock.now(), clock.now() + NOTICE)
    now = await queries.receiving(session, {row.department_id for row in waiting}, soon) if waiting else []
    asked = {(row.department_id, row.practitioner_id or row.specialty) for row in waiting}
    wanted = {worker for worker, ward, subject in now if asked & {(ward, worker), (ward, subject)}}
    found = await vacant(session, waiting[0].organisation_id, wanted, soon, clock.now(), zone()) if waiting else []
    return frozenset(row.id for row in waiting if any(fits(queries.wanted_of(row), slot, zone()) for slot in found))


async def _fitting(session: AsyncSession, row: Wish, ahead: timedelta) -> list[Free]:
    """Free time that fits the wish, the nearest first."""
    now = clock.now()
    last = min(row.until, day_of(now + ahead, zone()))
    begins = max(now, bounds(row.since, 1, zone()).starts_at)
    if bounds(last, 1, zone()).ends_at <= begins:
        return []
    span = Span(begins, bounds(last, 1, zone()).ends_at)
    who = (
        [row.practitioner_id]
        if row.practitioner_id
        else await queries.workers(session, row.department_id, row.specialty, now, day_of(now, zone()))
    )
    found = await vacant(session, row.organisation_id, who[:_MOST_WORKERS], span, now, zone())
    return [slot for slot in found if fits(queries.wanted_of(row), slot, zone())]


async def _demand(
    session: AsyncSession, actor: Actor, wanted: Wanted, patient_id: UUID, *, but: UUID | None = None
) -> Wanted:
    """The wish makes sense, is in the actor's scope, and nobody waits for it twice."""
    if sentence := fault(wanted, clock.today(zone())):
        raise Invalid(sentence)
    await _require_place(session, actor, wanted)
    wanted = replace(wanted, since=max(wanted.since, clock.today(zone())))
    if same := await queries.same_wish(session, wanted, patient_id, but=but):
        raise Conflict(
            f"Пациент уже ждёт этого с {formats.day(day_of(same.created_at, zone()))}: измените прежнюю запись, место сохранится."
        )
    return wanted


async def _require_place(session: AsyncSession, actor: Actor, wanted: Wanted) -> None:
    found = await choices(session, actor)
    if wanted.department_id not in found.departments:
        raise NotFound("Выберите отделение, где вы ведёте расписание.")
    if wanted.practitioner_id:
        if not any(key == wanted.practitioner_id and wanted.department_id in wards for key, _, wards in found.workers):
            raise NotFound("Такого врача в отделении нет.")
    elif (wanted.department_id, wanted.specialty) not in found.specialties:
        raise NotFound("По этой специальности в отделении не принимают.")


async def _offer_of(session: AsyncSession, actor: Actor, wish_id: UUID, version: int) -> UUID:
    require(actor, Permission.SCHEDULE_EDIT)
    row = await _seen(session, actor, wish_id, version, WishState.OFFERED)
    if row.appointment_id is None:
        raise offers.OfferGone
    return row.appointment_id


async def _seen(session: AsyncSession, actor: Actor, wish_id: UUID, version: int, *states: WishState) -> Wish:
    """The wish in the version that the actor saw, in one of these states."""
    row = await queries.wish(session, actor, wish_id)
    if row is None:
        raise NoWish
    if row.version != version or row.state not in states:
        raise StaleWish(row.state)
    return row
