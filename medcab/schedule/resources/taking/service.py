"""What a visit takes beside the worker's time: the room of its hours, and the devices that were chosen. Written here and nowhere else.

A row is written in the transaction that writes the visit. `ex_resource_overlap` lets nobody have the same thing twice at once; the clinic's turn
makes the refusal say what it is, and keeps PostgreSQL from deadlocks.
"""

from collections.abc import Collection
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, live
from medcab.accounts.queries import take_turns
from medcab.errors import Conflict, NotFound
from medcab.schedule.resources import queries
from medcab.schedule.resources.models import AppointmentResource, Resource, ResourceKind
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import Visit

OVERLAP = "ex_resource_overlap"


class CannotBeHad(Conflict):
    """A room or a device that the visit needs is taken, closed or out of its hours then; the sentence says which."""

    message = "Кабинет или оборудование в это время заняты: выберите другое время."


def topic(organisation_id: UUID | str) -> str:
    """What a tab watches to learn of changes of rooms and devices; also the turn on them, the last one that a booking takes."""
    return f"resources:{organisation_id}"


def title(row: Resource) -> str:
    """As a sentence begins: «Кабинет 214», «Оборудование «Холтер»»."""
    return f"Кабинет {row.name}" if row.kind is ResourceKind.ROOM else f"Оборудование «{row.name}»"


async def turn(session: AsyncSession, organisation_id: UUID) -> None:
    """Wait until nobody else takes or closes anything in this clinic."""
    await take_turns(session, topic(organisation_id))


async def require_devices(
    session: AsyncSession, organisation_id: UUID, department_id: UUID, devices: Collection[UUID]
) -> None:
    """`NotFound` unless all of them are in use, in this clinic, and for this department or for all."""
    if not devices:
        return
    _, found = await queries.wanted(session, organisation_id, "", devices)
    if {row.id for row in found if row.department_id in (None, department_id)} != set(devices):
        raise NotFound("Такого оборудования нет, или оно для другого отделения.")


async def take(
    session: AsyncSession, appointment_id: UUID, visit: Visit, *, room: str, devices: Collection[UUID] = ()
) -> None:
    """Let a new visit have the room of its hours, and the devices; `CannotBeHad` says what cannot be had."""
    if not visit.holds_time:
        return
    found = await _wanted(session, visit, room, devices)
    await _demand(session, found, visit.span, but=appointment_id)
    await _give(session, appointment_id, visit, found)


async def move(session: AsyncSession, appointment_id: UUID, visit: Visit, *, room: str) -> None:
    """Another time or worker: the room of the new hours instead of the old one, the same devices."""
    before, chosen = await queries.had_and_wanted(
        session, appointment_id, visit.organisation_id, "" if visit.is_over else room
    )
    kept = [row for row in before if row.kind is ResourceKind.DEVICE]
    await _demand(session, [*([chosen] if chosen else []), *kept], visit.span, but=appointment_id)
    if any(row.kind is ResourceKind.ROOM for row in before):
        await queries.forget(session, [appointment_id], ResourceKind.ROOM)
    if kept:
        await queries.change(session, appointment_id, span=visit.span, is_held=visit.holds_time)
    await _give(session, appointment_id, visit, [chosen] if chosen else [])
    if before:
        live.publish(session, topic(visit.organisation_id))


async def hold(session: AsyncSession, appointment_id: UUID, visit: Visit) -> None:
    """The same time, given up or wanted back: everything goes or comes with it."""
    before = [resource for _, resource in await queries.rows_of(session, [appointment_id])]
    if not before:
        return
    if visit.holds_time:
        await _demand(session, before, visit.span, but=appointment_id)
    await queries.change(session, appointment_id, is_held=visit.holds_time)
    live.publish(session, topic(visit.organisation_id))


async def _wanted(session: AsyncSession, visit: Visit, room: str, devices: Collection[UUID]) -> list[Resource]:
    chosen, tools = await queries.wanted(session, visit.organisation_id, room, devices)
    if len(tools) != len(set(devices)):
        raise NotFound("Такого оборудования больше нет: выберите другое.")
    return [*([chosen] if chosen else []), *tools]


async def _give(session: AsyncSession, appointment_id: UUID, visit: Visit, found: Collection[Resource]) -> None:
    made = [
        AppointmentResource(
            appointment_id=appointment_id, resource_id=row.id, starts_at=visit.starts_at, ends_at=visit.ends_at, is_held=visit.holds_time
        )
        for row in found
    ]  # fmt: skip
    await queries.insert(session, made)
    if made:
        live.publish(session, topic(visit.organisation_id))


async def _demand(session: AsyncSession, found: Collection[Resource], span: Span, *, but: UUID) -> None:
    """All of it can be had then, or `CannotBeHad` about the first that cannot."""
    for row in found:
        if row.removed_at:
            raise CannotBeHad(f"{title(row)}: больше не в работе. Запишите пациента заново.")
        if not queries.available(row).holds(span, clock.MOSCOW):
            raise CannotBeHad(f"{title(row)} в это время не работает: выберите другое время.")
    by_id = {row.id: row for row in found}
    for each in await queries.troubles(session, by_id.keys(), span, but=[but]):
        row = by_id[each.resource_id]
        word = "закрыт" if row.kind is ResourceKind.ROOM else "закрыто"
        if each.is_closed:
            raise CannotBeHad(f"{title(row)} в это время {word} на обслуживание: выберите другое время.")
        raise CannotBeHad(f"{title(row)} в это время {word.replace('закры', 'заня')}: выберите другое время.")
