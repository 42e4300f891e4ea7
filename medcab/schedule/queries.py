"""Reads of the schedule, each one query of one table. What an actor may see is decided here, in SQL."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import Actor, Permission, Role
from medcab.accounts.models import Department, Membership, Person
from medcab.accounts.queries import holds_on, right_of
from medcab.patients.models import Patient
from medcab.schedule.hours.queries import Hours, computed, days_about, in_force, said_by, written
from medcab.schedule.models import Appointment, Reception, ReceptionTemplate
from medcab.schedule.resources.models import AppointmentResource, Resource, ResourceKind
from medcab.schedule.resources.queries import occupancy
from medcab.schedule.rules.slots import MINUTE, Span, day_of, free, is_open, slots
from medcab.schedule.rules.visits import LIVING, AppointmentStatus, Visit
from medcab.schedule.vacant.queries import at_work

RECEIVING = (Role.SPECIALIST, Role.THERAPIST)
"""Roles whose holders have receptions."""
_VISIT = tuple(field.name for field in fields(Visit))


@dataclass(frozen=True)
class Seen:
    """A visit as its row shows it; `family_name` is empty when it is outside the actor's scope: then only its time is known."""

    appointment: Appointment
    family_name: str = ""
    given_name: str = ""
    patronymic: str = ""
    birth_date: date | None = None
    changed_by: str = ""


@dataclass(frozen=True)
class Colleague:
    """Someone whose schedule can be opened."""

    id: UUID
    family_name: str
    given_name: str
    patronymic: str


def visit_of(appointment: Appointment) -> Visit:
    """What the rules need of the row."""
    return Visit(**{name: getattr(appointment, name) for name in _VISIT})


def within(
    actor: Actor, table: type[Reception] | type[Appointment] | type[ReceptionTemplate]
) -> sa.ColumnElement[bool]:
    """Which rows are in the actor's scope: own, those of the departments, or all of the organisation; never another organisation's."""
    here = col(table.organisation_id) == actor.organisation_id
    if actor.may(Permission.SCHEDULE_ORGANISATION):
        return here
    mine = col(table.practitioner_id) == actor.person_id
    if wards := actor.departments_with(Permission.SCHEDULE_DEPARTMENT):
        mine = sa.or_(mine, col(table.department_id).in_(wards))
    return sa.and_(here, mine)


def in_reach(table: type[Reception] | type[Appointment] | type[ReceptionTemplate]) -> sa.ColumnElement[bool]:
    """`within` for a constant statement: its parameters are what `reach` gives of the actor."""
    return sa.and_(
        col(table.organisation_id) == sa.bindparam("reach_clinic"),
        sa.or_(
            sa.bindparam("reach_all", type_=sa.Boolean), col(table.practitioner_id) == sa.bindparam("reach_own"),
            col(table.department_id).in_(sa.bindparam("reach_wards", expanding=True)),
        ),
    )  # fmt: skip


def reach(actor: Actor) -> dict[str, Any]:
    """How far the actor sees, for `in_reach`."""
    return {
        "reach_clinic": actor.organisation_id, "reach_all": actor.may(Permission.SCHEDULE_ORGANISATION), "reach_own": actor.person_id,
        "reach_wards": list(actor.departments_with(Permission.SCHEDULE_DEPARTMENT)),
    }  # fmt: skip


def _during(table: type[Reception] | type[Appointment], span: Span) -> sa.ColumnElement[bool]:
    """The lower bound of the start lets the index skip all that is long past; nothing lasts longer than a day."""
    starts = col(table.starts_at)
    return sa.and_(
        starts < span.ends_at, starts > span.starts_at - timedelta(days=1), col(table.ends_at) > span.starts_at
    )


_HOURS = sa.select(*(col(getattr(Reception, field.name)) for field in fields(Hours))).where(
    col(Reception.practitioner_id) == sa.bindparam("whose"), col(Reception.starts_at) < sa.bindparam("ends"),
    col(Reception.starts_at) > sa.bindparam("day_before"), col(Reception.ends_at) > sa.bindparam("starts"), in_reach(Reception),
)  # fmt: skip
_TEMPLATES = sa.select(ReceptionTemplate).where(
    col(ReceptionTemplate.practitioner_id) == sa.bindparam("whose"), in_reach(ReceptionTemplate),
    in_force(sa.bindparam("first"), sa.bindparam("last")),
)  # fmt: skip


async def receptions(session: AsyncSession, actor: Actor, practitioner_id: UUID, span: Span) -> list[Hours]:
    """Of one worker, in scope, in order: written down, and computed from templates."""
    known = {"whose": practitioner_id, **reach(actor)}
    at = {"starts": span.starts_at, "ends": span.ends_at, "day_before": span.starts_at - timedelta(days=1)}
    found = [Hours(*row) for row in await db.ask(session, _HOURS, **known, **at)]
    first, last = days_about(span)
    found += await said_by(session, await db.ask(session, _TEMPLATES, **known, first=first, last=last), span)
    return sorted(found, key=lambda each: each.starts_at)


async def hours_at(session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, span: Span) -> list[Hours]:
    """Of one worker in one clinic, whoever asks, in order."""
    query = select(Reception).where(
        Reception.practitioner_id == practitioner_id,
        _during(Reception, span),
        Reception.organisation_id == organisation_id,
    )
    found = [written(row) for row in (await session.exec(query)).all()]
    here = col(ReceptionTemplate.organisation_id) == organisation_id
    return sorted(
        [*found, *await computed(session, practitioner_id, span, here)],
        key=lambda each: each.starts_at,
    )


async def has_reception(session: AsyncSession, practitioner_id: UUID, span: Span) -> bool:
    """Whether the worker sees patients then, wherever it is."""
    query = sa.select(sa.literal(1)).where(col(Reception.practitioner_id) == practitioner_id, _during(Reception, span))
    is_written = (await session.execute(query)).first() is not None
    return is_written or bool(await computed(session, practitioner_id, span))


async def reception_of_slot(
    session: AsyncSession, actor: Actor, practitioner_id: UUID, starts_at: datetime
) -> list[Hours]:
    """Those in scope that go on at this moment."""
    found = await receptions(session, actor, practitioner_id, Span(starts_at, starts_at + MINUTE))
    return [each for each in found if each.starts_at <= starts_at < each.ends_at]


async def visits(session: AsyncSession, actor: Actor, practitioner_id: UUID, span: Span) -> list[Seen]:
    """All of one worker's, in order; of those out of scope only the time, so that it is not offered."""
    editor = orm.aliased(Person)
    query = (
        sa.select(
            Appointment, col(Patient.family_name), col(Patient.given_name), col(Patient.patronymic),
            col(Patient.birth_date), col(editor.family_name),
        )
        .outerjoin(Patient, sa.and_(col(Patient.id) == col(Appointment.patient_id), within(actor, Appointment)))
        .outerjoin(editor, sa.and_(col(editor.id) == col(Appointment.changed_by_id), within(actor, Appointment)))
        .where(col(Appointment.practitioner_id) == practitioner_id, _during(Appointment, span))
        .order_by(col(Appointment.starts_at), col(Appointment.booked_at), col(Appointment.id))
        .execution_options(populate_existing=True)
    )  # fmt: skip
    rows = (await session.execute(query)).all()
    return [
        Seen(visit, family or "", given or "", patronymic or "", born, editor_name or "")
        for visit, family, given, patronymic, born, editor_name in rows
    ]


async def busy(session: AsyncSession, practitioner_id: UUID, span: Span) -> list[Span]:
    """When the worker's time is held, wherever it is."""
    query = sa.select(col(Appointment.starts_at), col(Appointment.ends_at)).where(
        col(Appointment.practitioner_id) == practitioner_id,
        _during(Appointment, span),
        col(Appointment.status).in_(LIVING),
        ~col(Appointment.is_over),
    )
    return [Span(starts, ends) for starts, ends in (await session.execute(query))]


async def appointment(session: AsyncSession, actor: Actor, appointment_id: UUID) -> Appointment | None:
    """As the database has it now, when in scope."""
    query = select(Appointment).where(Appointment.id == appointment_id, within(actor, Appointment))
    return (await session.exec(query.execution_options(populate_existing=True))).first()


@dataclass(frozen=True)
class Newest:
    """A visit as it stands, in which version, and whose it is."""

    id: UUID
    visit: Visit
    version: int
    patient_id: UUID


_NEWEST = sa.select(
    *(col(getattr(Appointment, name)) for name in _VISIT), col(Appointment.version), col(Appointment.patient_id)
).where(col(Appointment.id) == sa.bindparam("which"), in_reach(Appointment))


async def newest(session: AsyncSession, actor: Actor, appointment_id: UUID) -> Newest | None:
    """As the database has it now, when in scope."""
    found = await db.ask(session, _NEWEST, which=appointment_id, **reach(actor))
    return next((Newest(appointment_id, Visit(*row[:-2]), row.version, row.patient_id) for row in found), None)


async def devices_of(session: AsyncSession, appointment_id: UUID) -> list[UUID]:
    """Devices that the visit takes."""
    query = (
        sa.select(col(Resource.id))
        .join(AppointmentResource, col(AppointmentResource.resource_id) == col(Resource.id))
        .where(col(AppointmentResource.appointment_id) == appointment_id, col(Resource.kind) == ResourceKind.DEVICE)
    )
    return list((await session.execute(query)).scalars())


async def colleagues(session: AsyncSession, actor: Actor, today: date) -> list[Colleague]:
    """Whose schedule the actor may open beside their own: those who see patients, by name."""
    if not actor.may(Permission.SCHEDULE_DEPARTMENT):
        return []
    works = sa.select(col(Membership.person_id)).where(
        col(Membership.organisation_id) == actor.organisation_id,
        col(Membership.role).in_(RECEIVING),
        holds_on(today),
    )
    if not actor.may(Permission.SCHEDULE_ORGANISATION):
        works = works.where(col(Membership.department_id).in_(actor.departments_with(Permission.SCHEDULE_DEPARTMENT)))
    family, given, patronymic = col(Person.family_name), col(Person.given_name), col(Person.patronymic)
    query = sa.select(col(Person.id), family, given, patronymic).where(col(Person.id).in_(works))
    return [Colleague(*row) for row in (await session.execute(query.order_by(family, given, col(Person.id))))]


_WRITTEN = (*_VISIT, "version", "changed_by_id", "changed_at")
_WRITE = (
    sa.update(Appointment)
    .where(col(Appointment.id) == sa.bindparam("which"), col(Appointment.version) == sa.bindparam("seen"))
    .values({name: sa.bindparam(f"new_{name}", type_=Appointment.__table__.c[name].type) for name in _WRITTEN})  # pyright: ignore[reportAttributeAccessIssue]
)


async def write(
    session: AsyncSession, appointment_id: UUID, *, version: int, after: Visit, changed_by_id: UUID | None
) -> bool:
    """Put the changed visit in place of the version that was seen; False when that is no longer the newest."""
    values = {name: getattr(after, name) for name in _VISIT}
    values |= {"version": version + 1, "changed_by_id": changed_by_id, "changed_at": clock.now()}
    new = {f"new_{name}": value for name, value in values.items()}
    return await db.change(session, _WRITE, which=appointment_id, seen=version, **new) == 1


async def free_slots(
    session: AsyncSession, actor: Actor, practitioner_id: UUID, span: Span, now: datetime, zone: ZoneInfo, *, devices: Collection[UUID] = ()
) -> list[Span]:  # fmt: skip
    """Slots of the receptions in scope that can still be booked and that nothing holds, while the worker works here and may practise; in order.

    Rooms on the clinic's list, and the devices asked for, are to be had as well.
    """
    found = [(each, day_of(each.starts_at, zone)) for each in await receptions(session, actor, practitioner_id, span)]
    if not found or actor.organisation_id is None:
        return []
    right = await right_of(session, practitioner_id)
    works = await at_work(session, actor.organisation_id, [practitioner_id], sorted({day for _, day in found}))
    hours = [each for each, day in found if (practitioner_id, day) in works and right.holds_on(day, each.specialty)]
    offered_slots = [
        (each, slot)
        for each in hours
        for slot in slots(each.span, each.slot_minutes)
        if is_open(slot, now) and slot.overlaps(span)
    ]
    held = await busy(session, practitioner_id, span)
    things = await occupancy(session, hours, span, zone, devices)
    return free((slot for each, slot in offered_slots if things.lets(each, slot)), held)


async def places(session: AsyncSession, person_id: UUID, organisation_id: UUID, day: date) -> set[UUID]:
    """Departments of this organisation in which the person works on the day."""
    query = sa.select(col(Membership.department_id)).where(
        col(Membership.person_id) == person_id, col(Membership.organisation_id) == organisation_id,
        col(Membership.department_id).is_not(None), holds_on(day),
    )  # fmt: skip
    return set((await session.execute(query)).scalars())


async def names_of_departments(session: AsyncSession, ids: set[UUID]) -> dict[UUID, str]:
    """By name."""
    query = sa.select(col(Department.id), col(Department.name)).where(col(Department.id).in_(ids))
    return {row.id: row.name for row in await session.execute(query.order_by(col(Department.name)))}


async def booked_ahead(
    session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, since: datetime, until: datetime | None
) -> tuple[int, datetime | None]:
    """How many living visits the worker has in the clinic in that time, and when the first begins; `until` None: for ever."""
    chosen = [
        col(Appointment.practitioner_id) == practitioner_id, col(Appointment.organisation_id) == organisation_id,
        col(Appointment.starts_at) >= since, col(Appointment.status) == AppointmentStatus.BOOKED,
    ]  # fmt: skip
    if until:
        chosen.append(col(Appointment.starts_at) < until)
    query = sa.select(sa.func.count(), sa.func.min(col(Appointment.starts_at))).where(*chosen)
    count, first = (await session.execute(query)).one()
    return count, first
