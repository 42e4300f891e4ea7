"""Free time of several workers of a clinic, whoever asks: as many queries as of one, however many they are and however long the time."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import db
from medcab.accounts.models import Membership
from medcab.accounts.queries import holds_on, rights_of
from medcab.schedule.hours.queries import Hours, computed_of, written
from medcab.schedule.models import Appointment, Reception, ReceptionTemplate
from medcab.schedule.resources.queries import Occupancy, occupancy
from medcab.schedule.rules.slots import MINUTE, Span, day_of, free, slots
from medcab.schedule.rules.visits import LIVING
from medcab.schedule.rules.waiting import Free

_LONGEST = timedelta(days=1)
Held = dict[UUID, list[Span]]
Days = set[tuple[UUID, date]]


async def vacant(
    session: AsyncSession, organisation_id: UUID, people: Collection[UUID], span: Span, now: datetime, zone: ZoneInfo
) -> list[Free]:
    """Slots that nobody has, with their rooms, where the worker works on that day and may practise; from now on, in order."""
    span = Span(max(span.starts_at, now), max(span.ends_at, now + MINUTE))
    hours = await _hours(session, organisation_id, people, span)
    if not hours:
        return []
    rights = await rights_of(session, people)
    works = await at_work(session, organisation_id, people, sorted({day_of(each.starts_at, zone) for each in hours}))
    days = [(each, day_of(each.starts_at, zone)) for each in hours]
    kept = [
        each for each, day in days
        if (each.practitioner_id, day) in works and rights[each.practitioner_id].holds_on(day, each.specialty)
    ]  # fmt: skip
    held, things = await _held(session, people, span), await occupancy(session, kept, span, zone)
    found = [slot for each in kept for slot in _of(each, held[each.practitioner_id], things, span, now)]
    return sorted(found, key=lambda slot: slot.span.starts_at)


def _of(hours: Hours, held: Sequence[Span], things: Occupancy, span: Span, now: datetime) -> list[Free]:
    """Of one reception; a slot that has begun is left out."""
    first = max(now, span.starts_at - hours.slot_minutes * MINUTE)
    ahead = [slot for slot in slots(hours.span, hours.slot_minutes) if first < slot.starts_at < span.ends_at]
    return [
        Free(slot, hours.department_id, hours.practitioner_id, hours.specialty, hours.room)
        for slot in free(ahead, held)
        if things.lets(hours, slot)
    ]


async def _hours(session: AsyncSession, organisation_id: UUID, people: Collection[UUID], span: Span) -> list[Hours]:
    """Written down, and computed from templates."""
    starts, here = col(Reception.starts_at), col(ReceptionTemplate.organisation_id) == organisation_id
    query = select(Reception).where(
        col(Reception.practitioner_id).in_(people), Reception.organisation_id == organisation_id,
        starts < span.ends_at, starts > span.starts_at - _LONGEST, col(Reception.ends_at) > span.starts_at,
    )  # fmt: skip
    facts = [written(row) for row in (await session.exec(query)).all()]
    return [*facts, *await computed_of(people, session, span, here)]


async def _held(session: AsyncSession, people: Collection[UUID], span: Span) -> Held:
    """When the time of each is held, in whichever clinic, in order."""
    who, starts, ends = col(Appointment.practitioner_id), col(Appointment.starts_at), col(Appointment.ends_at)
    query = sa.select(who, starts, ends).where(
        who.in_(people), starts < span.ends_at, starts > span.starts_at - _LONGEST, ends > span.starts_at,
        col(Appointment.status).in_(LIVING), ~col(Appointment.is_over),
    )  # fmt: skip
    found: Held = defaultdict(list)
    for person_id, begin, end in await session.execute(query.order_by(starts)):
        found[person_id].append(Span(begin, end))
    return found


async def at_work(session: AsyncSession, organisation_id: UUID, people: Collection[UUID], days: Sequence[date]) -> Days:
    """On which of these days (there is at least one) each of them works in a department of the clinic."""
    asked = {f"day_{number}": day for number, day in enumerate(days)}
    rows = await db.ask(session, _at_work(len(asked)), here=organisation_id, people=list(people), **asked)
    return {(person_id, day) for person_id, day in rows}


@lru_cache
def _at_work(count: int) -> sa.Executable:
    """For so many days."""
    given = (sa.bindparam(f"day_{number}", type_=sa.Date) for number in range(count))
    calendar = sa.union_all(*(sa.select(day.label("day")) for day in given)).subquery()
    return sa.select(col(Membership.person_id), calendar.c.day).where(
        col(Membership.person_id).in_(sa.bindparam("people", expanding=True)), col(Membership.organisation_id) == sa.bindparam("here"),
        col(Membership.department_id).is_not(None), holds_on(calendar.c.day),
    )  # fmt: skip
