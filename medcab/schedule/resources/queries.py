"""Rooms and devices: which there are, when they cannot be had, and what the visits take."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import db
from medcab.schedule.hours.queries import Hours
from medcab.schedule.models import Reception, ReceptionTemplate
from medcab.schedule.resources.models import AppointmentResource, Resource, ResourceClosed, ResourceKind
from medcab.schedule.rules.resources import Availability, key_of, merged, same_name
from medcab.schedule.rules.slots import Span

_ALWAYS = Availability()
_LONGEST = timedelta(days=1)
"""No visit lasts longer, so that the index skips what is long past."""


class Trouble(NamedTuple):
    """What keeps a resource from being had: another visit (`is_closed` False), or a service."""

    resource_id: UUID
    span: Span
    is_closed: bool


def available(row: Resource) -> Availability:
    """When it can be used at all."""
    return Availability(row.weekdays, row.starts, row.ends)


async def in_use(session: AsyncSession, organisation_id: UUID, kind: ResourceKind | None = None) -> list[Resource]:
    """Everything of the clinic that has not been taken out of use, by name."""
    query = select(Resource).where(Resource.organisation_id == organisation_id, col(Resource.removed_at).is_(None))
    if kind:
        query = query.where(Resource.kind == kind)
    ordered = query.order_by(col(Resource.name), col(Resource.id))
    return list((await session.exec(ordered.execution_options(populate_existing=True))).all())


async def wanted(
    session: AsyncSession, organisation_id: UUID, room: str, devices: Collection[UUID] = ()
) -> tuple[Resource | None, list[Resource]]:
    """The room of this name, when the clinic has one on its list, and those of the devices that are of this clinic and in use."""
    if not room.strip() and not devices:
        return None, []
    found = await in_use(session, organisation_id)
    rooms = (row for row in found if row.kind is ResourceKind.ROOM and same_name(row.name, room))
    return next(rooms, None), [row for row in found if row.kind is ResourceKind.DEVICE and row.id in devices]


async def rows_of(session: AsyncSession, appointments: Collection[UUID]) -> list[tuple[AppointmentResource, Resource]]:
    """What these visits take, as the database has it now."""
    query = (
        sa.select(AppointmentResource, Resource)
        .join(Resource, col(Resource.id) == col(AppointmentResource.resource_id))
        .where(col(AppointmentResource.appointment_id).in_(appointments))
        .order_by(col(Resource.kind).desc(), col(Resource.name))
        .execution_options(populate_existing=True)
    )
    return [(row, resource) for row, resource in (await session.execute(query)).all()]


_THINGS = (
    sa.select(Resource, col(AppointmentResource.appointment_id).is_not(None).label("is_had"))
    .outerjoin(
        AppointmentResource,
        sa.and_(
            col(AppointmentResource.resource_id) == col(Resource.id),
            col(AppointmentResource.appointment_id) == sa.bindparam("whose"),
        ),
    )
    .where(
        col(Resource.organisation_id) == sa.bindparam("clinic"),
        sa.or_(
            col(AppointmentResource.appointment_id).is_not(None),
            sa.and_(col(Resource.removed_at).is_(None), col(Resource.kind) == ResourceKind.ROOM),
        ),
    )
    .order_by(col(Resource.kind).desc(), col(Resource.name), col(Resource.id))
)


async def had_and_wanted(
    session: AsyncSession, appointment_id: UUID, organisation_id: UUID, room: str
) -> tuple[list[Resource], Resource | None]:
    """What the visit takes, and the room of this name, when the clinic has one on its list."""
    found = await db.ask(session, _THINGS, whose=appointment_id, clinic=organisation_id)
    rooms = (row for row in found if row.kind is ResourceKind.ROOM and not row.removed_at and same_name(row.name, room))
    return [row for row in found if row.is_had], next(rooms, None) if room.strip() else None


async def troubles(
    session: AsyncSession, ids: Collection[UUID], span: Span, *, but: Collection[UUID] = ()
) -> list[Trouble]:
    """Who or what has these then, in order; visits of `but` do not count. One query."""
    if not ids:
        return []
    starts, ends = col(AppointmentResource.starts_at), col(AppointmentResource.ends_at)
    held = sa.select(col(AppointmentResource.resource_id), starts, ends, sa.false().label("is_closed")).where(
        col(AppointmentResource.resource_id).in_(ids), col(AppointmentResource.is_held),
        starts < span.ends_at, starts > span.starts_at - _LONGEST, ends > span.starts_at,
    )  # fmt: skip
    if but:
        held = held.where(col(AppointmentResource.appointment_id).not_in(but))
    closed = sa.select(
        col(ResourceClosed.resource_id), col(ResourceClosed.starts_at), col(ResourceClosed.ends_at), sa.true()
    ).where(
        col(ResourceClosed.resource_id).in_(ids), col(ResourceClosed.starts_at) < span.ends_at, col(ResourceClosed.ends_at) > span.starts_at
    )  # fmt: skip
    found = (await session.execute(held.union_all(closed))).all()
    return sorted(Trouble(key, Span(begin, end), bool(shut)) for key, begin, end, shut in found)


@dataclass(frozen=True)
class Occupancy:
    """Which slots fail for want of a room or a device."""

    zone: ZoneInfo
    rooms: dict[tuple[UUID, str], UUID] = field(default_factory=dict)
    devices: tuple[UUID, ...] = ()
    available: dict[UUID, Availability] = field(default_factory=dict)
    taken: dict[UUID, list[Span]] = field(default_factory=dict)

    def lets(self, hours: Hours, slot: Span) -> bool:
        """Whether everything that a visit of these hours takes can be had then."""
        if not self.available:
            return True
        room = self.rooms.get((hours.organisation_id, key_of(hours.room)))
        return all(self._is_free(each, slot) for each in (*([room] if room else ()), *self.devices))

    def _is_free(self, resource_id: UUID, slot: Span) -> bool:
        when = self.available[resource_id]
        if when != _ALWAYS and not when.holds(slot, self.zone):
            return False
        spans = self.taken.get(resource_id, [])
        before = bisect_left(spans, slot.ends_at, key=lambda span: span.starts_at)
        return not before or spans[before - 1].ends_at <= slot.starts_at


async def occupancy(
    session: AsyncSession, hours: Sequence[Hours], span: Span, zone: ZoneInfo, devices: Collection[UUID] = ()
) -> Occupancy:
    """Of all rooms that these hours name, and of the devices: two queries, however many slots. Hours may be of many workers."""
    names = {(each.organisation_id, key_of(each.room)) for each in hours if each.room.strip()}
    if not names and not devices:
        return Occupancy(zone)
    query = select(Resource).where(
        col(Resource.organisation_id).in_({each.organisation_id for each in hours}), col(Resource.removed_at).is_(None)
    )
    found = (await session.exec(query)).all()
    rooms = {
        (row.organisation_id, key_of(row.name)): row.id
        for row in found
        if row.kind is ResourceKind.ROOM and (row.organisation_id, key_of(row.name)) in names
    }
    tools = tuple(row.id for row in found if row.kind is ResourceKind.DEVICE and row.id in devices)
    ids = {*rooms.values(), *tools}
    taken: dict[UUID, list[Span]] = {}
    for each in await troubles(session, ids, span):
        taken.setdefault(each.resource_id, []).append(each.span)
    return Occupancy(
        zone, rooms, tools, {row.id: available(row) for row in found if row.id in ids},
        {key: merged(spans) for key, spans in taken.items()},
    )  # fmt: skip


async def workers_in(session: AsyncSession, organisation_id: UUID, names: Iterable[str], since: datetime) -> set[UUID]:
    """Whose hours from then on are in rooms of these names."""
    return {worker for worker, _ in await uses_of(session, organisation_id, names, since)}


async def uses_of(
    session: AsyncSession, organisation_id: UUID, names: Iterable[str], since: datetime
) -> set[tuple[UUID, UUID]]:
    """Worker and department of the hours from then on that are in rooms of these names."""
    keys = {key_of(name) for name in names}
    written = sa.select(col(Reception.practitioner_id), col(Reception.department_id), col(Reception.room)).where(
        col(Reception.organisation_id) == organisation_id, col(Reception.starts_at) > since - _LONGEST
    )
    said = sa.select(
        col(ReceptionTemplate.practitioner_id), col(ReceptionTemplate.department_id), col(ReceptionTemplate.room)
    ).where(
        col(ReceptionTemplate.organisation_id) == organisation_id,
        sa.or_(col(ReceptionTemplate.until).is_(None), col(ReceptionTemplate.until) >= since.date()),
    )
    rows = (await session.execute(written.union(said))).all()
    return {(worker, ward) for worker, ward, room in rows if key_of(room) in keys}


async def insert(session: AsyncSession, rows: Sequence[AppointmentResource]) -> None:
    """In the order of their resources, which is the same for everybody."""
    values = [row.model_dump() for row in sorted(rows, key=lambda row: (row.resource_id, row.starts_at))]
    if values:
        await session.execute(sa.insert(AppointmentResource), values)


async def change(
    session: AsyncSession, appointment_id: UUID, *, span: Span | None = None, is_held: bool | None = None
) -> None:
    """All rows of a visit alike."""
    values = ({"starts_at": span.starts_at, "ends_at": span.ends_at} if span else {}) | (
        {"is_held": is_held} if is_held is not None else {}
    )
    put = sa.update(AppointmentResource).where(col(AppointmentResource.appointment_id) == appointment_id)
    await session.execute(put.values(**values).execution_options(synchronize_session=False))


async def forget(session: AsyncSession, appointments: Collection[UUID], kind: ResourceKind) -> None:
    """These visits take no rooms (or no devices) any more."""
    of_kind = sa.select(col(Resource.id)).where(col(Resource.kind) == kind)
    gone = sa.delete(AppointmentResource).where(
        col(AppointmentResource.appointment_id).in_(appointments), col(AppointmentResource.resource_id).in_(of_kind)
    )
    await session.execute(gone.execution_options(synchronize_session=False))
