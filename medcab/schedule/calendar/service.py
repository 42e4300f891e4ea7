"""A worker's day or week as it is read: four queries (who may be looked at, their right, receptions, visits with names), however long."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypedDict
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, db, live
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.queries import right_of
from medcab.accounts.rules.right import Right
from medcab.errors import NotFound
from medcab.identifiers import person_name
from medcab.schedule import queries
from medcab.schedule.hours.queries import Hours
from medcab.schedule.queries import RECEIVING, Seen
from medcab.schedule.rules.rows import WEEKDAYS, Change, DayRow, Facts, Moment, day_row
from medcab.schedule.rules.slots import Span, bounds, free, is_open, slots, week_of
from medcab.schedule.rules.visits import LIVING, STATUS_TITLES
from medcab.schedule.service import nearest_free, topic, zone
from medcab.ui import formats


class Choice(TypedDict):
    """A colleague to choose."""

    id: str
    name: str


class Offer(TypedDict):
    """A free slot to choose: ISO 8601 start, and in words «вт, 24.11, 09:30»."""

    at: str
    label: str


@dataclass(frozen=True)
class Calendar:
    """`days` of one worker; `versions` by the visit's id."""

    practitioner_id: UUID
    name: str
    people: list[Choice]
    days: list[DayRow]
    versions: dict[str, Change]


async def day(session: AsyncSession, actor: Actor, *, practitioner_id: UUID, day: date) -> DayRow:
    """One day of one worker in the actor's scope; `NotFound` for others."""
    return (await _calendar(session, actor, practitioner_id, day, 1)).days[0]


async def week(session: AsyncSession, actor: Actor, *, practitioner_id: UUID | None, day: date) -> Calendar:
    """The week of the day, from Monday. None: the actor's own, or of the first colleague when the actor has no receptions."""
    return await _calendar(session, actor, practitioner_id, week_of(day), 7)


async def week_again(actor: Actor, *, practitioner_id: UUID, day: date) -> Calendar:
    """The same for a tab that was told of a change: one read for all who see the same of it, without the people to choose from."""
    require(actor, Permission.SCHEDULE_READ)
    is_own = actor.person_id == practitioner_id
    alike = actor.organisation_id, actor.department_ids, actor.roles, actor.permissions, is_own, week_of(day)

    async def read() -> Calendar:
        async with db.reading() as session:
            return replace(await week(session, actor, practitioner_id=practitioner_id, day=day), people=[])

    return await live.shared(topic(practitioner_id), alike, read)


def opened(session: AsyncSession, actor: Actor, *, practitioner_id: UUID, day: date) -> None:
    """Journal that a person looked at this schedule (a refresh by a push is no look)."""
    audit.record(session, actor, Action.SCHEDULE_VIEW, practitioner_id, day=day)


async def offers(session: AsyncSession, actor: Actor, *, practitioner_id: UUID, wished: datetime) -> list[Offer]:
    """Free slots near the wished time, the nearest first."""
    require(actor, Permission.SCHEDULE_READ)
    return [
        offer(slot)
        for slot in await nearest_free(session, actor, practitioner_id=practitioner_id, wished=wished, count=12)
    ]


def offer(slot: Span) -> Offer:
    """A slot in words."""
    return {"at": slot.starts_at.isoformat(), "label": words(slot.starts_at)}


def words(at: datetime) -> str:
    """«вт, 24.11, 09:30»."""
    local = at.astimezone(zone())
    return f"{WEEKDAYS[local.weekday()].lower()}, {formats.day_short(local)}, {formats.time(at, zone())}"


async def _calendar(session: AsyncSession, actor: Actor, who: UUID | None, first: date, count: int) -> Calendar:
    require(actor, Permission.SCHEDULE_READ)
    at = Moment(clock.now(), zone())
    known = await people(session, actor)
    chosen = str(who) if who else next(iter(known), "")
    if chosen not in known:
        raise NotFound("Такого расписания нет, или оно вам не открыто.")
    practitioner_id = UUID(chosen)
    span = bounds(first, count, at.zone)
    hours = await queries.receptions(session, actor, practitioner_id, span)
    seen = await queries.visits(session, actor, practitioner_id, span)
    right = await right_of(session, practitioner_id)
    days = _days([first + timedelta(number) for number in range(count)], hours, seen, right, at)
    choices: list[Choice] = [{"id": key, "name": name} for key, name in known.items()]
    return Calendar(
        practitioner_id,
        known[chosen],
        choices,
        days,
        {str(s.appointment.id): _change(s) for s in seen if s.family_name},
    )


async def people(session: AsyncSession, actor: Actor) -> dict[str, str]:
    """Whose schedule the actor may open: id to name; first whom they look at unasked."""
    own = {str(actor.person_id): actor.name}
    found = await queries.colleagues(session, actor, clock.today(zone()))
    others = {str(each.id): person_name.short(each.family_name, each.given_name, each.patronymic) for each in found}
    has_receptions = actor.roles.intersection(RECEIVING) or not others
    return {**own, **others} if has_receptions else {**others, **own}


def _days(days: list[date], hours: list[Hours], seen: list[Seen], right: Right, at: Moment) -> list[DayRow]:
    spans = [Span(each.starts_at, each.ends_at) for each in hours]
    why_not = [right.why_not(at.day_of(each.starts_at), each.specialty) for each in hours]
    offered = [
        slot
        for each, span, why in zip(hours, spans, why_not, strict=True)
        if not why
        for slot in slots(span, each.slot_minutes)
    ]
    reasons = {at.day_of(each.starts_at): why for each, why in zip(hours, why_not, strict=True) if why}
    held = [Span(s.appointment.starts_at, s.appointment.ends_at) for s in seen if s.appointment.status in LIVING]
    vacant = free([slot for slot in offered if is_open(slot, at.now)], held)
    visits = [_facts(each) for each in seen]
    rooms = {at.day_of(each.starts_at): each.room for each in reversed(hours)}
    return [
        day_row(
            day,
            hours=spans,
            free=vacant,
            visits=visits,
            room=rooms.get(day, ""),
            why_not=reasons.get(day, ""),
            at=at,
        )
        for day in days
    ]


def _facts(seen: Seen) -> Facts:
    row = seen.appointment
    return Facts(
        row.id,
        row.version,
        row.kind,
        queries.visit_of(row),
        seen.family_name,
        seen.given_name,
        seen.patronymic,
        seen.birth_date,
    )


def _change(seen: Seen) -> Change:
    row = seen.appointment
    name = person_name.short(seen.family_name, seen.given_name, seen.patronymic)
    words = f"{formats.time(row.starts_at, zone())} {name}, {STATUS_TITLES[row.status].lower()}"
    return Change(row.version, row.changed_by_id, f"{words} ({seen.changed_by})" if seen.changed_by else words)
