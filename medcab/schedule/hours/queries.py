"""Hours of reception: those written down day by day, and those that templates say of days to come."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.clock import MOSCOW
from medcab.schedule.models import Reception, ReceptionClosed, ReceptionTemplate
from medcab.schedule.rules.slots import Span, bounds, day_of
from medcab.schedule.rules.templates import Block, Closed, Plan, Template

_WEEK = 7
Scope = sa.ColumnElement[bool]
Day = date | sa.BindParameter[date]
Place = tuple[UUID, UUID]
"""A worker in a clinic."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours without a break in which a worker sees patients, wherever they are known from."""

    organisation_id: UUID
    department_id: UUID
    practitioner_id: UUID
    starts_at: datetime
    ends_at: datetime
    slot_minutes: int
    room: str
    specialty: str

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


def written(row: Reception) -> Hours:
    """Hours of one day that are a fact."""
    return Hours(
        row.organisation_id, row.department_id, row.practitioner_id, row.starts_at, row.ends_at, row.slot_minutes, row.room, row.specialty
    )  # fmt: skip


def said(row: ReceptionTemplate, block: Block, day: date) -> Hours:
    """Hours that the template has on the day."""
    span = block.on(day, MOSCOW)
    return Hours(
        row.organisation_id, row.department_id, row.practitioner_id, span.starts_at, span.ends_at, row.slot_minutes, row.room, row.specialty
    )  # fmt: skip


def template_of(row: ReceptionTemplate) -> Template:
    """What the rules need of the row."""
    return Template(
        weekdays=frozenset(day for day in range(_WEEK) if row.weekdays >> day & 1), weeks=row.weeks, starts=row.starts, ends=row.ends,
        break_starts=row.break_starts, break_ends=row.break_ends, slot_minutes=row.slot_minutes, since=row.since, until=row.until,
        on_holidays=row.on_holidays,
    )  # fmt: skip


def closed_of(row: ReceptionClosed) -> Closed:
    """What the rules need of the row."""
    return Closed(row.since, row.until, row.starts, row.ends)


def kept_of(row: ReceptionClosed) -> list[Hours]:
    """What was open day by day and was closed."""
    kinds: dict[str, Any] = {"UUID": UUID, "datetime": datetime.fromisoformat, "int": int, "str": str}
    return [
        Hours(
            **{
                field.name: kinds[getattr(field.type, "__name__", str(field.type))](each[field.name])
                for field in fields(Hours)
            }
        )
        for each in json.loads(row.hours)
    ]


def kept_words(found: Iterable[Hours]) -> str:
    """How `ReceptionClosed.hours` keeps them; each once."""
    return json.dumps([asdict(each) for each in dict.fromkeys(found)], default=str)


def hours_of(plan: Plan, rows: Mapping[UUID, ReceptionTemplate], first: date, last: date) -> list[Hours]:
    """What these templates say of the days, both included; hours that the clocks skip are none."""
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    found = [said(rows[key], block, day) for day in days for key, block in plan.on(day)]
    return [each for each in found if each.starts_at < each.ends_at]


async def computed(session: AsyncSession, practitioner_id: UUID, span: Span, scope: Scope | None = None) -> list[Hours]:
    """What the templates (of the scope: `ReceptionTemplate`'s columns) say of the span, in order."""
    return await computed_of([practitioner_id], session, span, scope)


async def computed_of(
    practitioner_ids: Collection[UUID], session: AsyncSession, span: Span, scope: Scope | None = None
) -> list[Hours]:
    """The same of several workers: as many queries as of one."""
    theirs = col(ReceptionTemplate.practitioner_id).in_(practitioner_ids)
    query = select(ReceptionTemplate).where(theirs, in_force(*days_about(span)))
    rows = (await session.exec(query if scope is None else query.where(scope))).all()
    return await said_by(session, rows, span)


def days_about(span: Span) -> tuple[date, date]:
    """The first and the last day whose hours may reach into the span."""
    return day_of(span.starts_at, MOSCOW) - timedelta(days=1), day_of(span.ends_at, MOSCOW)


async def said_by(session: AsyncSession, rows: Sequence[ReceptionTemplate], span: Span) -> list[Hours]:
    """What these templates say of the span, in order."""
    first, last = days_about(span)
    plans = await plans_of(session, {(row.practitioner_id, row.organisation_id) for row in rows}, rows, first, last)
    of = {row.id: row for row in rows}
    found = [each for plan in plans.values() for each in hours_of(plan, of, first, last)]
    return sorted((each for each in found if each.span.overlaps(span)), key=lambda each: each.starts_at)


async def plan_of(
    session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, rows: Sequence[ReceptionTemplate], first: date, last: date
) -> Plan:  # fmt: skip
    """These templates with the closed days and the days of own hours between `first` and `last`."""
    place = (practitioner_id, organisation_id)
    return (await plans_of(session, {place}, rows, first, last))[place]


async def plans_of(
    session: AsyncSession, places: set[Place], rows: Sequence[ReceptionTemplate], first: date, last: date
) -> dict[Place, Plan]:
    """The same for several workers in several clinics."""
    if not places:
        return {}
    people, clinics = {who for who, _ in places}, {where for _, where in places}
    closed = select(ReceptionClosed).where(
        col(ReceptionClosed.practitioner_id).in_(people), col(ReceptionClosed.organisation_id).in_(clinics),
        col(ReceptionClosed.since) <= last, col(ReceptionClosed.until) >= first,
    )  # fmt: skip
    around = bounds(first, (last - first).days + 1, MOSCOW)
    own = select(Reception.practitioner_id, Reception.organisation_id, Reception.starts_at).where(
        col(Reception.practitioner_id).in_(people), col(Reception.organisation_id).in_(clinics),
        col(Reception.starts_at) >= around.starts_at, col(Reception.starts_at) < around.ends_at,
    )  # fmt: skip
    away: dict[Place, list[Closed]] = {place: [] for place in places}
    days: dict[Place, set[date]] = {place: set() for place in places}
    for row in await session.exec(closed):
        place = row.practitioner_id, row.organisation_id
        away.setdefault(place, []).append(closed_of(row))
        days.setdefault(place, set()).update(day_of(each.starts_at, MOSCOW) for each in kept_of(row))
    for who, where, at in await session.exec(own):
        days.setdefault((who, where), set()).add(day_of(at, MOSCOW))
    theirs: dict[Place, list[ReceptionTemplate]] = {place: [] for place in places}
    for row in rows:
        theirs.get((row.practitioner_id, row.organisation_id), []).append(row)
    return {
        place: Plan(tuple((row.id, template_of(row), row.written_until) for row in theirs[place]), tuple(away[place]), frozenset(days[place]))
        for place in places
    }  # fmt: skip


async def templates(
    session: AsyncSession, practitioner_id: UUID, since: date, *, organisation_id: UUID | None = None
) -> list[ReceptionTemplate]:
    """Those that still hold on that day or begin later, of one clinic or of all; by day of the week and hour."""
    until = col(ReceptionTemplate.until)
    query = select(ReceptionTemplate).where(
        ReceptionTemplate.practitioner_id == practitioner_id, sa.or_(until.is_(None), until >= since)
    )
    if organisation_id:
        query = query.where(ReceptionTemplate.organisation_id == organisation_id)
    ordered = query.order_by(col(ReceptionTemplate.since), col(ReceptionTemplate.starts), col(ReceptionTemplate.id))
    return list((await session.exec(ordered)).all())


async def closed_days(
    session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, since: date
) -> list[ReceptionClosed]:
    """Days without reception that are not over."""
    query = select(ReceptionClosed).where(
        ReceptionClosed.practitioner_id == practitioner_id, ReceptionClosed.organisation_id == organisation_id,
        col(ReceptionClosed.until) >= since,
    )  # fmt: skip
    return list((await session.exec(query.order_by(col(ReceptionClosed.since)))).all())


async def due(session: AsyncSession, today: date, limit: int) -> list[UUID]:
    """So many workers with days that have come and are not written down yet, in the order of their turns."""
    query = select(ReceptionTemplate.practitioner_id).where(_is_due(today)).distinct()
    return list((await session.exec(query.order_by(col(ReceptionTemplate.practitioner_id)).limit(limit))).all())


async def unwritten(session: AsyncSession, today: date, people: Collection[UUID]) -> list[ReceptionTemplate]:
    """Every template of theirs of which days that have come are not written down yet; locked."""
    query = select(ReceptionTemplate).where(_is_due(today), col(ReceptionTemplate.practitioner_id).in_(people))
    ordered = query.order_by(col(ReceptionTemplate.id)).with_for_update()
    return list((await session.exec(ordered.execution_options(populate_existing=True))).all())


def _is_due(today: date) -> Scope:
    until, done = col(ReceptionTemplate.until), col(ReceptionTemplate.written_until)
    return sa.and_(done < today, col(ReceptionTemplate.since) <= today, sa.or_(until.is_(None), until > done))


async def elsewhere(session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, since: date) -> list[Span]:
    """Hours written down of the worker in other clinics from that day on."""
    query = select(Reception).where(
        Reception.practitioner_id == practitioner_id, Reception.organisation_id != organisation_id,
        col(Reception.starts_at) >= bounds(since, 1, MOSCOW).starts_at,
    )  # fmt: skip
    return [Span(row.starts_at, row.ends_at) for row in await session.exec(query)]


async def written_during(session: AsyncSession, practitioner_id: UUID, span: Span) -> Sequence[Reception]:
    """Hours of the worker, in any clinic, that are written down for a part of that time."""
    query = select(Reception).where(
        Reception.practitioner_id == practitioner_id, col(Reception.starts_at) < span.ends_at, col(Reception.ends_at) > span.starts_at,
    )  # fmt: skip
    return (await session.exec(query)).all()


async def own_hours(session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, span: Span) -> list[Reception]:
    """Receptions written down of the worker in the clinic that begin in the span."""
    query = select(Reception).where(
        Reception.practitioner_id == practitioner_id, Reception.organisation_id == organisation_id,
        col(Reception.starts_at) >= span.starts_at, col(Reception.starts_at) < span.ends_at,
    )  # fmt: skip
    return list((await session.exec(query.order_by(col(Reception.starts_at)))).all())


def in_force(first: Day, last: Day) -> Scope:
    """Templates that say something of these days that is not written down yet."""
    until = col(ReceptionTemplate.until)
    return sa.and_(
        col(ReceptionTemplate.since) <= last, sa.or_(until.is_(None), until >= first), col(ReceptionTemplate.written_until) < last
    )  # fmt: skip
