"""Visits go where the hours of their worker go: when a room comes onto the list, gets another name, or a template names another room."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.errors import Conflict
from medcab.schedule.models import Appointment
from medcab.schedule.queries import hours_at
from medcab.schedule.resources import queries
from medcab.schedule.resources.models import AppointmentResource, Resource, ResourceKind
from medcab.schedule.resources.taking import service as taking
from medcab.schedule.rules.resources import key_of
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import LIVING
from medcab.ui import formats

Wanted = list[tuple[Appointment, Resource]]


async def follow(session: AsyncSession, organisation_id: UUID, workers: Collection[UUID]) -> None:
    """Let the visits ahead have the rooms that the hours name now; `Conflict` when a room cannot be had. The workers' turns are taken before."""
    await taking.turn(session, organisation_id)
    rooms = {key_of(row.name): row for row in await queries.in_use(session, organisation_id, ResourceKind.ROOM)}
    changed: set[UUID] = set()
    wanted: Wanted = []
    for practitioner_id in sorted(workers):
        gone, more = await _changes(session, organisation_id, practitioner_id, rooms)
        changed |= gone
        wanted += more
    if not changed:
        return
    await queries.forget(session, changed, ResourceKind.ROOM)
    await _demand(session, wanted, changed)
    made = [
        AppointmentResource(appointment_id=visit.id, resource_id=room.id, starts_at=visit.starts_at, ends_at=visit.ends_at)
        for visit, room in wanted
    ]  # fmt: skip
    await queries.insert(session, made)


async def _changes(
    session: AsyncSession, organisation_id: UUID, practitioner_id: UUID, rooms: dict[str, Resource]
) -> tuple[set[UUID], Wanted]:
    """Visits of one worker that leave their room, and the rooms that they want instead; those outside of all hours stay."""
    visits = await _ahead(session, organisation_id, practitioner_id)
    if not visits:
        return set(), []
    rows = await queries.rows_of(session, [visit.id for visit in visits])
    before = {row.appointment_id: room.id for row, room in rows if room.kind is ResourceKind.ROOM}
    span = Span(visits[0].starts_at, max(visit.ends_at for visit in visits))
    hours = await hours_at(session, practitioner_id, organisation_id, span)
    changed: set[UUID] = set()
    wanted: Wanted = []
    for visit in visits:
        within = next((each for each in hours if each.starts_at <= visit.starts_at < each.ends_at), None)
        if within is None:
            continue
        room = rooms.get(key_of(within.room))
        if before.get(visit.id) != (room.id if room else None):
            changed.add(visit.id)
            wanted += [(visit, room)] if room else []
    return changed, wanted


async def _ahead(session: AsyncSession, organisation_id: UUID, practitioner_id: UUID) -> Sequence[Appointment]:
    """Visits that will need a room, in order."""
    query = select(Appointment).where(
        Appointment.practitioner_id == practitioner_id, Appointment.organisation_id == organisation_id,
        col(Appointment.starts_at) > clock.now(), col(Appointment.status).in_(LIVING), ~col(Appointment.is_over),
    )  # fmt: skip
    ordered = query.order_by(col(Appointment.starts_at)).execution_options(populate_existing=True)
    return (await session.exec(ordered)).all()


async def _demand(session: AsyncSession, wanted: Wanted, changed: Collection[UUID]) -> None:
    """Every room can be had at every time, also by these visits among themselves."""
    by_room: dict[UUID, Wanted] = {}
    for visit, room in wanted:
        by_room.setdefault(room.id, []).append((visit, room))
    for room_id, visits in by_room.items():
        room, spans = visits[0][1], sorted(Span(visit.starts_at, visit.ends_at) for visit, _ in visits)
        around = Span(spans[0].starts_at, max(span.ends_at for span in spans))
        found = await queries.troubles(session, [room_id], around, but=changed)
        barred = [span for span in spans if not queries.available(room).holds(span, clock.MOSCOW)]
        taken = [span for span in spans for each in found if each.span.overlaps(span)]
        doubled = [later for earlier, later in pairwise(spans) if earlier.overlaps(later)]
        if trouble := sorted([*barred, *taken, *doubled]):
            at = formats.moment(trouble[0].starts_at, clock.MOSCOW)
            raise Conflict(
                f"{taking.title(room)} нужен приёму {at}, но в это время занят или не работает. Сначала перенесите этот приём."
            )
