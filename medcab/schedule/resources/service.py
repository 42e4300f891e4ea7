"""The clinic's list of rooms and devices: what there is, when it can be used, when it is serviced, how full it is.

Nothing is closed over a visit that nobody was told of: who asks names the visits that they have been shown (`seen`), and gets back the others.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor, Permission, require
from medcab.errors import Conflict, Invalid, NotFound
from medcab.schedule.resources import queries
from medcab.schedule.resources.listing import queries as listing
from medcab.schedule.resources.listing.queries import Affected, Listed
from medcab.schedule.resources.models import Resource, ResourceClosed, ResourceKind
from medcab.schedule.resources.taking import service as taking
from medcab.schedule.resources.taking.follow.service import follow
from medcab.schedule.rules.resources import LONGEST_NOTE, Availability, fault, key_of, name_of
from medcab.schedule.rules.slots import Span
from medcab.schedule.service import topic, turns, zone
from medcab.ui import formats

LONGEST_SERVICE = timedelta(days=366)
PAGE = 50
_NOT_YOURS = "Такого кабинета или оборудования нет, или оно не вашего отделения."
_VISITS = ("приём", "приёма", "приёмов")


@dataclass(frozen=True, kw_only=True)
class NewResource:
    """What is asked for; `department_id` None: for the whole clinic."""

    kind: ResourceKind
    name: str
    note: str = ""
    department_id: UUID | None = None
    available: Availability


@dataclass(frozen=True, kw_only=True)
class Overview:
    """One page of the list as the actor may see it; `places` are the departments for which they may add something."""

    rows: list[Listed]
    total: int
    may_change: bool
    may_share: bool
    """Whether something may be of the whole clinic."""
    places: dict[UUID, str]


async def overview(session: AsyncSession, actor: Actor, *, kind: ResourceKind | None = None, page: int = 1) -> Overview:
    """Rooms, then devices, by name, with their services and the load of seven days from today."""
    here = _clinic(actor)
    rows, total = await listing.listed(session, actor, here, clock.now(), zone(), kind=kind, limit=PAGE, page=page)
    may_change, may_share = actor.may(Permission.SCHEDULE_RESOURCES), actor.may(Permission.SCHEDULE_ORGANISATION)
    places = await listing.places(session, actor, here) if may_change else {}
    return Overview(rows=rows, total=total, may_change=may_change, may_share=may_share, places=places)


async def devices_for(session: AsyncSession, actor: Actor, *, practitioner_id: UUID, at: datetime) -> dict[UUID, str]:
    """What can be taken along with a visit to this worker then, by name: whatever is for the department of those hours, or for all."""
    require(actor, Permission.SCHEDULE_EDIT)
    return await listing.devices(session, actor, practitioner_id, at)


async def keep(
    session: AsyncSession, actor: Actor, *, new: NewResource, resource_id: UUID | None = None, seen: frozenset[UUID] = frozenset()
) -> list[Affected]:  # fmt: skip
    """Add something to the list, or change it; empty: done. Visits that would be outside of its new hours, and were not `seen`: nothing is done."""
    here = await _demand(session, actor, new)
    name = name_of(new.name)
    row = await _own(session, actor, resource_id) if resource_id else None
    if row and row.kind is not new.kind:
        raise Invalid("Кабинет не становится оборудованием: добавьте его отдельно.")
    names = [name, *([row.name] if row else [])]
    uses = await queries.uses_of(session, here, names, clock.now()) if new.kind is ResourceKind.ROOM else set()
    _demand_ours(actor, {ward for _, ward in uses})
    workers = {worker for worker, _ in uses}
    await turns(session, workers=workers)
    await taking.turn(session, here)
    row = await _own(session, actor, resource_id) if resource_id else await _removed(session, here, new.kind, name)
    await _demand_own_name(session, here, name, row)
    if row and resource_id and (left := await _outside(session, actor, row, new.available, seen)):
        return left
    made = row or Resource(organisation_id=here, kind=new.kind, name=name)
    made.name, made.note, made.department_id = name, " ".join(new.note.split())[:LONGEST_NOTE], new.department_id
    made.weekdays, made.starts, made.ends = new.available.weekdays, new.available.starts, new.available.ends
    made.removed_at = None
    session.add(made)
    await session.flush()
    action = Action.RESOURCE_CHANGE if resource_id else Action.RESOURCE_ADD
    audit.record(session, actor, action, made.id, name=name, kind=made.kind.value)
    if made.kind is ResourceKind.ROOM:
        if not await queries.workers_in(session, here, names, clock.now()) <= workers:
            raise Conflict  # hours were changed while we waited for the turn
        await follow(session, here, workers)
    _tell(session, here, workers)
    return []


async def remove(session: AsyncSession, actor: Actor, *, resource_id: UUID) -> None:
    """Out of use, when no visit ahead needs it; what was stays known."""
    require(actor, Permission.SCHEDULE_RESOURCES)
    row = await _own(session, actor, resource_id)
    await taking.turn(session, row.organisation_id)
    if held := await listing.affected(session, actor, row.id, Span(clock.now(), _far())):
        count, first = formats.plural(len(held), *_VISITS), formats.moment(held[0].starts_at, zone())
        needed, them = "нужен" if row.kind is ResourceKind.ROOM else "нужно", "его" if len(held) == 1 else "их"
        raise Conflict(f"{taking.title(row)} ещё {needed}: {count} впереди, первый {first}. Сначала перенесите {them}.")
    row.removed_at = clock.now()
    audit.record(session, actor, Action.RESOURCE_REMOVE, row.id, name=row.name)
    _tell(session, row.organisation_id, await _workers(session, row))


async def close(
    session: AsyncSession, actor: Actor, *, resource_id: UUID, span: Span, reason: str = "", seen: frozenset[UUID] = frozenset()
) -> list[Affected]:  # fmt: skip
    """Nobody can be booked into it then; empty: done. Visits that stand there and were not `seen`: nothing is done."""
    require(actor, Permission.SCHEDULE_RESOURCES)
    row = await _own(session, actor, resource_id)
    if span.ends_at <= clock.now():
        raise Invalid("Это время уже прошло.")
    if not timedelta() < span.ends_at - span.starts_at <= LONGEST_SERVICE:
        raise Invalid("Обслуживание заканчивается позже, чем начинается, и длится не больше года.")
    await taking.turn(session, row.organisation_id)
    ahead = Span(max(span.starts_at, clock.now()), span.ends_at)
    if left := _unseen(await listing.affected(session, actor, row.id, ahead), seen):
        return left
    why = " ".join(reason.split())[:LONGEST_NOTE]
    made = ResourceClosed(resource_id=row.id, starts_at=span.starts_at, ends_at=span.ends_at, reason=why)
    session.add(made)
    audit.record(session, actor, Action.RESOURCE_CLOSE, row.id, since=span.starts_at, until=span.ends_at, reason=why)
    _tell(session, row.organisation_id, await _workers(session, row))
    return []


async def reopen(session: AsyncSession, actor: Actor, *, closed_id: UUID) -> None:
    """The service is called off, or is over now."""
    require(actor, Permission.SCHEDULE_RESOURCES)
    closed = await session.get(ResourceClosed, closed_id, populate_existing=True)
    if closed is None:
        raise NotFound(_NOT_YOURS)
    row = await _own(session, actor, closed.resource_id)
    await taking.turn(session, row.organisation_id)
    now = clock.now()
    if closed.ends_at <= now:
        raise Conflict("Обслуживание уже закончилось.")
    if closed.starts_at < now:
        closed.ends_at = now
    else:
        await session.delete(closed)
    audit.record(session, actor, Action.RESOURCE_REOPEN, row.id, since=closed.starts_at)
    _tell(session, row.organisation_id, await _workers(session, row))


async def _demand(session: AsyncSession, actor: Actor, new: NewResource) -> UUID:
    """The clinic, when the actor may keep such a thing there and the hours make sense."""
    require(actor, Permission.SCHEDULE_RESOURCES)
    here = _clinic(actor)
    if sentence := fault(new.available):
        raise Invalid(sentence)
    if new.department_id is None:
        if not actor.may(Permission.SCHEDULE_ORGANISATION):
            raise Invalid("Выберите отделение.")
    elif new.department_id not in await listing.places(session, actor, here):
        raise NotFound("Отделение не найдено.")
    return here


def _demand_ours(actor: Actor, wards: set[UUID]) -> None:
    """Hours name their room by what it is called, in the whole clinic: whoever keeps one department's rooms leaves those of the others alone."""
    own = actor.departments_with(Permission.SCHEDULE_RESOURCES)
    if not actor.may(Permission.SCHEDULE_ORGANISATION) and not wards <= own:
        raise Conflict("В этом кабинете принимает и другое отделение: в список его вносит администратор клиники.")


async def _own(session: AsyncSession, actor: Actor, resource_id: UUID) -> Resource:
    """One that the actor may change, as it is now."""
    row = await session.get(Resource, resource_id, populate_existing=True)
    if (
        row is None
        or not listing.may_change(actor, row)
        or row.organisation_id != actor.organisation_id
        or row.removed_at
    ):
        raise NotFound(_NOT_YOURS)
    return row


async def _removed(session: AsyncSession, here: UUID, kind: ResourceKind, name: str) -> Resource | None:
    """What was once taken out of use under this name comes back as itself."""
    found = [row for row in await listing.removed(session, here) if key_of(row.name) == key_of(name)]
    same = next((row for row in found if row.kind is kind), None)
    if found and same is None:
        raise Invalid("Так называлось то, что выведено из работы: выберите другое название.")
    return same


async def _demand_own_name(session: AsyncSession, here: UUID, name: str, row: Resource | None) -> None:
    for other in await queries.in_use(session, here):
        if key_of(other.name) == key_of(name) and (row is None or other.id != row.id):
            raise Invalid(f"«{other.name}» в клинике уже есть: выберите другое название.")


async def _outside(
    session: AsyncSession, actor: Actor, row: Resource, after: Availability, seen: frozenset[UUID]
) -> list[Affected]:
    """Visits within its hours as they are, and outside as they would be; none when all of them were `seen`."""
    before = queries.available(row)
    if before == after:
        return []
    held = await listing.affected(session, actor, row.id, Span(clock.now(), _far()))
    return _unseen([one for one in held if before.holds(one.span, zone()) and not after.holds(one.span, zone())], seen)


def _unseen(found: list[Affected], seen: frozenset[UUID]) -> list[Affected]:
    return [] if {one.id for one in found} <= seen else found


async def _workers(session: AsyncSession, row: Resource) -> set[UUID]:
    """Whose free time depends on it."""
    if row.kind is ResourceKind.DEVICE:
        return set()
    return await queries.workers_in(session, row.organisation_id, [row.name], clock.now())


def _tell(session: AsyncSession, here: UUID, workers: Collection[UUID]) -> None:
    live.publish(session, taking.topic(here))
    for practitioner_id in workers:
        live.publish(session, topic(practitioner_id))


def _far() -> datetime:
    return clock.now() + timedelta(days=10 * 366)


def _clinic(actor: Actor) -> UUID:
    """Of those who see more than their own schedule."""
    require(actor, Permission.SCHEDULE_DEPARTMENT)
    if actor.organisation_id is None:
        raise NotFound
    return actor.organisation_id
