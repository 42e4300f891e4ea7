"""The list of rooms and devices as it is read: a page of it, its services, its load, whom a change would affect."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.accounts.models import Department, Person
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule.models import Appointment
from medcab.schedule.queries import reception_of_slot, within
from medcab.schedule.resources.models import AppointmentResource, Resource, ResourceClosed, ResourceKind
from medcab.schedule.resources.queries import available, in_use
from medcab.schedule.rules.resources import open_minutes
from medcab.schedule.rules.slots import Span, bounds, day_of

DAYS = 7
_SECONDS = 60


@dataclass(frozen=True)
class Listed:
    """A room or a device; `booked` and `open` are minutes of seven days from today."""

    row: Resource
    department: str
    closed: list[ResourceClosed]
    booked: int
    open: int
    may_change: bool


@dataclass(frozen=True)
class Affected:
    """A visit that a change concerns; `name` and `doctor` are empty when it is not the actor's to see."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    name: str
    doctor: str

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


async def listed(
    session: AsyncSession, actor: Actor, organisation_id: UUID, now: datetime, zone: ZoneInfo, *, kind: ResourceKind | None, limit: int, page: int
) -> tuple[list[Listed], int]:  # fmt: skip
    """A page, and how many there are: four queries."""
    chosen = [col(Resource.organisation_id) == organisation_id, col(Resource.removed_at).is_(None), _scope(actor)]
    if kind:
        chosen.append(col(Resource.kind) == kind)
    query = (
        sa.select(Resource, col(Department.name), sa.func.count().over())
        .outerjoin(Department, col(Department.id) == col(Resource.department_id))
        .where(*chosen)
        .order_by(col(Resource.kind).desc(), col(Resource.name), col(Resource.id))
        .execution_options(populate_existing=True)
    )
    rows = (await session.execute(query.limit(limit).offset((max(1, page) - 1) * limit))).all()
    span, ids = bounds(day_of(now, zone), DAYS, zone), [row.id for row, _, _ in rows]
    services, booked = await _closed(session, ids, now), await _booked(session, ids, span)
    found = [
        Listed(
            row, name or "", services.get(row.id, []), booked.get(row.id, 0), _open(row, services.get(row.id, []), span, zone),
            may_change(actor, row),
        )
        for row, name, _ in rows
    ]  # fmt: skip
    return found, rows[0][2] if rows else 0


def _scope(actor: Actor) -> sa.ColumnElement[bool]:
    """The whole clinic for who plans it; else of the own departments, and what is for all."""
    if actor.may(Permission.SCHEDULE_ORGANISATION):
        return sa.true()
    wards = actor.departments_with(Permission.SCHEDULE_DEPARTMENT)
    return sa.or_(col(Resource.department_id).is_(None), col(Resource.department_id).in_(wards))


def may_change(actor: Actor, row: Resource) -> bool:
    """Whoever keeps the list of the clinic, or of the department whose it is."""
    if not actor.may(Permission.SCHEDULE_RESOURCES):
        return False
    wards = actor.departments_with(Permission.SCHEDULE_RESOURCES)
    return actor.may(Permission.SCHEDULE_ORGANISATION) or row.department_id in wards


async def _closed(session: AsyncSession, ids: list[UUID], now: datetime) -> dict[UUID, list[ResourceClosed]]:
    """Services of today and to come, in order."""
    query = select(ResourceClosed).where(
        col(ResourceClosed.resource_id).in_(ids), col(ResourceClosed.ends_at) > now - timedelta(days=1)
    )
    found: dict[UUID, list[ResourceClosed]] = {}
    for row in await session.exec(
        query.order_by(col(ResourceClosed.starts_at)).execution_options(populate_existing=True)
    ):
        found.setdefault(row.resource_id, []).append(row)
    return found


async def _booked(session: AsyncSession, ids: list[UUID], span: Span) -> dict[UUID, int]:
    """Minutes held in the span."""
    starts, ends = col(AppointmentResource.starts_at), col(AppointmentResource.ends_at)
    seconds = sa.func.sum(
        sa.cast(sa.extract("epoch", ends), sa.BigInteger) - sa.cast(sa.extract("epoch", starts), sa.BigInteger)
    )
    query = (
        sa.select(col(AppointmentResource.resource_id), seconds)
        .where(col(AppointmentResource.resource_id).in_(ids), col(AppointmentResource.is_held))
        .where(starts >= span.starts_at, starts < span.ends_at)
        .group_by(col(AppointmentResource.resource_id))
    )
    return {key: int(total) // _SECONDS for key, total in await session.execute(query)}


def _open(row: Resource, closed: list[ResourceClosed], span: Span, zone: ZoneInfo) -> int:
    shut = [Span(each.starts_at, each.ends_at) for each in closed]
    return open_minutes(available(row), shut, day_of(span.starts_at, zone), DAYS, zone)


async def affected(session: AsyncSession, actor: Actor, resource_id: UUID, span: Span) -> list[Affected]:
    """Visits that hold it then, in order."""
    doctor, starts = orm.aliased(Person), col(AppointmentResource.starts_at)
    query = (
        sa.select(
            col(Appointment.id), col(Appointment.starts_at), col(Appointment.ends_at), col(Patient.family_name), col(Patient.given_name),
            col(Patient.patronymic), col(doctor.family_name), col(doctor.given_name), col(doctor.patronymic),
        )
        .select_from(AppointmentResource)
        .join(Appointment, col(Appointment.id) == col(AppointmentResource.appointment_id))
        .outerjoin(Patient, sa.and_(col(Patient.id) == col(Appointment.patient_id), within(actor, Appointment)))
        .outerjoin(doctor, sa.and_(col(doctor.id) == col(Appointment.practitioner_id), within(actor, Appointment)))
        .where(
            col(AppointmentResource.resource_id) == resource_id, col(AppointmentResource.is_held),
            starts < span.ends_at, col(AppointmentResource.ends_at) > span.starts_at,
        )
        .order_by(starts)
    )  # fmt: skip
    return [
        Affected(key, begin, end, _short(*names[:3]), _short(*names[3:]))
        for key, begin, end, *names in await session.execute(query)
    ]


def _short(family: str | None, given: str | None, patronymic: str | None) -> str:
    return person_name.short(family, given or "", patronymic or "") if family else ""


async def places(session: AsyncSession, actor: Actor, organisation_id: UUID) -> dict[UUID, str]:
    """Open departments for which the actor keeps the list, by name."""
    query = sa.select(col(Department.id), col(Department.name)).where(
        col(Department.organisation_id) == organisation_id, col(Department.closed_at).is_(None)
    )
    if not actor.may(Permission.SCHEDULE_ORGANISATION):
        query = query.where(col(Department.id).in_(actor.departments_with(Permission.SCHEDULE_RESOURCES)))
    return {row.id: row.name for row in await session.execute(query.order_by(col(Department.name)))}


async def removed(session: AsyncSession, organisation_id: UUID) -> list[Resource]:
    """What was taken out of use."""
    query = select(Resource).where(Resource.organisation_id == organisation_id, col(Resource.removed_at).is_not(None))
    return list((await session.exec(query)).all())


async def devices(session: AsyncSession, actor: Actor, practitioner_id: UUID, at: datetime) -> dict[UUID, str]:
    """Those for the departments of the worker's hours at that time, in the actor's scope, and for all; by name."""
    hours = await reception_of_slot(session, actor, practitioner_id, at)
    if not hours:
        return {}
    wards = {None, *(each.department_id for each in hours)}
    found = await in_use(session, hours[0].organisation_id, ResourceKind.DEVICE)
    return {row.id: row.name for row in found if row.department_id in wards}
