"""Whose visits are to go, and where they could: nothing is changed here. As many queries for a hundred visits as for one."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, require
from medcab.accounts.queries import right_of
from medcab.errors import Conflict
from medcab.patients.models import Patient
from medcab.schedule import queries as schedule
from medcab.schedule.absences import queries
from medcab.schedule.absences.models import Absence
from medcab.schedule.calendar import service as calendar
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.hours.service import clinic_of, require_worker
from medcab.schedule.models import Appointment
from medcab.schedule.resources import queries as things
from medcab.schedule.resources.models import ResourceKind
from medcab.schedule.rules.proposals import Aim, Need, propose
from medcab.schedule.rules.slots import MINUTE, Span, bounds, day_of
from medcab.schedule.rules.templates import Closed
from medcab.schedule.rules.visits import AppointmentStatus
from medcab.schedule.rules.waiting import Free
from medcab.schedule.service import zone
from medcab.schedule.vacant.queries import vacant
from medcab.schedule.waiting import queries as subjects

_NOTICE = 60 * MINUTE
"""A patient who is moved must be able to come."""
_AHEAD = 21 * 24 * 60 * MINUTE
_MOST_SUBSTITUTES = 12
Booked = list[tuple[Appointment, Patient]]


@dataclass(frozen=True)
class Task:
    """Whose visits of which time are dealt with; `closes`: they will not be there then. Otherwise hours stay, and visits are moved."""

    practitioner_id: UUID
    time: Closed
    closes: bool = True


@dataclass(frozen=True)
class Line:
    """A visit that is to go, and where it could go, the best first."""

    visit: Appointment
    patient: Patient
    offers: list[Free]


@dataclass(frozen=True)
class Plan:
    """What a task touches; `names` of everybody whose time is proposed. `present`: patients who are there, or should be; `same`: entered already."""

    lines: list[Line]
    names: dict[UUID, str]
    present: Booked
    same: Absence | None = None


async def plan(session: AsyncSession, actor: Actor, *, task: Task, aim: Aim, staying: Collection[UUID] = ()) -> Plan:
    """Every booked visit of the time from now on, each with times that nobody else is proposed; none for those that stay."""
    require(actor, Permission.SCHEDULE_EDIT)
    await require_worker(session, actor, task.practitioner_id)
    closing.demand_days(task.time)
    people = {UUID(key): name for key, name in (await calendar.people(session, actor)).items()}
    if task.closes:
        await closing.demand_wards(session, actor, task.practitioner_id, task.time)
    if same := await already(session, actor, task):
        return Plan([], people, [], same)
    found, present = await affected(session, actor, task)
    going = [(visit, patient) for visit, patient in found if visit.id not in staying]
    needs = await _needs(session, task, going)
    asked = {(visit.department_id, needs[visit.id].specialty) for visit, _ in going}
    offered = await _offered(session, actor, task, asked, aim, set(people)) if going else []
    proposed = await asyncio.to_thread(propose, needs.values(), offered, task.practitioner_id, aim, zone())
    return Plan([Line(visit, patient, proposed.get(visit.id, [])) for visit, patient in found], people, present)


async def already(session: AsyncSession, actor: Actor, task: Task) -> Absence | None:
    """The same worker is away in a part of this time, and everybody has been dealt with."""
    if not task.closes:
        return None
    found = await queries.overlapping(session, clinic_of(actor), task.practitioner_id, task.time)
    span = task.time.span(zone())
    return next((row for row in found if queries.time_of(row).span(zone()).overlaps(span)), None)


async def affected(session: AsyncSession, actor: Actor, task: Task) -> tuple[Booked, Booked]:
    """Booked visits of the time that are still ahead; and those of patients who are there already, or late.

    All of an absence's are the actor's to move: somebody whose wards end earlier leaves it to those of the clinic.
    """
    now, practitioner_id = clock.now(), task.practitioner_id
    span = task.time.span(zone())
    span = Span(max(span.starts_at, now), span.ends_at)
    found = await queries.living(session, clinic_of(actor), practitioner_id, span)
    is_all = practitioner_id == actor.person_id or actor.may(Permission.SCHEDULE_ORGANISATION)
    wards = actor.departments_with(Permission.SCHEDULE_DEPARTMENT)
    own = [pair for pair in found if is_all or pair[0].department_id in wards]
    if task.closes and len(own) < len(found):
        raise Conflict("У врача в это время есть приёмы и в другом отделении: отсутствие внесёт администратор клиники.")
    ahead = [pair for pair in own if pair[0].status is AppointmentStatus.BOOKED and pair[0].starts_at >= now]
    return ahead, [pair for pair in own if pair not in ahead]


async def _needs(session: AsyncSession, task: Task, found: Booked) -> dict[UUID, Need]:
    """What each visit is of, by the hours it stands in; outside of all of them, what the worker practises."""
    if not found:
        return {}
    span = bounds(task.time.since, (task.time.until - task.time.since).days + 1, zone())
    hours = await schedule.hours_at(session, task.practitioner_id, found[0][0].organisation_id, span)
    practised = (await right_of(session, task.practitioner_id)).open_on(task.time.since)
    usual = hours[0].specialty if hours else next(iter(practised), "")
    elsewhere = await queries.elsewhere(session, {patient.id for _, patient in found}, clock.now())
    devices, taken = await _devices(session, [visit.id for visit, _ in found])
    needs = {}
    for visit, patient in found:
        own = Span(visit.starts_at, visit.ends_at)
        subject = next((each.specialty for each in hours if each.span.overlaps(own)), usual)
        busy = [time for key, time in elsewhere.get(patient.id, {}).items() if key != visit.id]
        busy += [time for device in devices[visit.id] for time in taken[device] if time != own]
        needs[visit.id] = Need(visit.id, own, subject, tuple(busy), frozenset({patient.id, *devices[visit.id]}))
    return needs


async def _devices(session: AsyncSession, visits: list[UUID]) -> tuple[dict[UUID, set[UUID]], dict[UUID, list[Span]]]:
    """The devices of each visit, and when these are taken or serviced."""
    of: dict[UUID, set[UUID]] = defaultdict(set)
    for row, resource in await things.rows_of(session, visits):
        if resource.kind is ResourceKind.DEVICE:
            of[row.appointment_id].add(resource.id)
    taken: dict[UUID, list[Span]] = defaultdict(list)
    ahead = Span(clock.now(), clock.now() + 366 * 24 * 60 * MINUTE)
    for each in await things.troubles(session, {device for own in of.values() for device in own}, ahead):
        taken[each.resource_id].append(each.span)
    return of, taken


async def _offered(
    session: AsyncSession, actor: Actor, task: Task, asked: set[tuple[UUID, str]], aim: Aim, people: set[UUID]
) -> list[Free]:
    """Free time of those in scope who see the same in the same departments, and the worker's own outside of the time that is dealt with."""
    here, now, own, closed = clinic_of(actor), clock.now(), task.practitioner_id, task.time.span(zone())
    first, last = aim.day or task.time.since, aim.day or day_of(closed.ends_at + _AHEAD, zone())
    earliest = max(now + _NOTICE, bounds(first, 1, zone()).starts_at)
    span = Span(earliest, max(earliest, bounds(last, 1, zone()).ends_at))
    others = [aim.worker] if aim.worker else await _substitutes(session, asked, now)
    chosen = [key for key in dict.fromkeys(others) if key != own and key in people][:_MOST_SUBSTITUTES]
    everybody = [*chosen, *([own] if aim.worker in (None, own) else [])]
    times = await vacant(session, here, everybody, span, now, zone())
    return [
        slot
        for slot in times
        if slot.span.starts_at >= earliest and not (slot.practitioner_id == own and slot.span.overlaps(closed))
    ]


async def _substitutes(session: AsyncSession, asked: set[tuple[UUID, str]], now: datetime) -> list[UUID]:
    found = [
        await subjects.workers(session, ward, subject, now, day_of(now, zone())) for ward, subject in sorted(asked)
    ]
    return [key for keys in found for key in keys]
