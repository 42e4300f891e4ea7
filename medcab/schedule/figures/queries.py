"""The daily figures: what a change adds, written by the transaction that makes it; as they are kept; who began a day."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.schedule.hours.queries import Hours
from medcab.schedule.models import Appointment, DayFigures, Reception
from medcab.schedule.rules.figures import (
    COUNTS,
    Counts,
    Figures,
    Key,
    Start,
    change,
    key_of,
    offer,
    opening,
    start_of,
    total,
)
from medcab.schedule.rules.slots import Span, bounds, day_of
from medcab.schedule.rules.visits import AppointmentStatus, Visit

BEGUN = (AppointmentStatus.ARRIVED, AppointmentStatus.DONE)
"""A start that is marked counts while the visit stands so."""
_KEY = tuple(each.name for each in fields(Key))
_TABLE: sa.Table = DayFigures.__table__  # pyright: ignore[reportAttributeAccessIssue]
IDENTITY = ("department_id", "kind", "day", "practitioner_id")
_FIRST = (
    sa.select(col(Appointment.started_at), col(Appointment.starts_at), col(Appointment.id), col(Appointment.kind))
    .where(
        col(Appointment.practitioner_id) == sa.bindparam("who"), col(Appointment.department_id) == sa.bindparam("place"),
        col(Appointment.starts_at) >= sa.bindparam("since"), col(Appointment.starts_at) < sa.bindparam("until"),
        col(Appointment.status).in_(BEGUN), col(Appointment.started_at).is_not(None), col(Appointment.id) != sa.bindparam("own"),
    )
    .order_by(col(Appointment.started_at), col(Appointment.starts_at), col(Appointment.id))
    .limit(1)
)  # fmt: skip
"""Who of the day's others was taken in first."""


async def add(session: AsyncSession, figures: Figures) -> None:
    """Add to the daily figures, in an order that is the same for everybody (so that no two writers wait for each other)."""
    if figures:
        put, now = _upsert(session.get_bind().dialect.name), clock.now()
        rows = [row_of(key, figures[key]) | {"counted_at": now} for key in sorted(figures)]
        await (await session.connection()).execute(put, rows)


@lru_cache
def _upsert(dialect: str) -> Any:
    """Built once: every change of a visit asks it."""
    made = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(_TABLE)
    sums = {name: _TABLE.c[name] + made.excluded[name] for name in COUNTS}
    return made.on_conflict_do_update(index_elements=IDENTITY, set_=sums | {"counted_at": made.excluded.counted_at})


def row_of(key: Key, counts: Counts) -> dict[str, Any]:
    """All columns."""
    return {name: getattr(key, name) for name in _KEY} | {name: counts[name] for name in COUNTS}


async def changed(
    session: AsyncSession, appointment_id: UUID, before: Visit | None, after: Visit | None, zone: ZoneInfo
) -> Figures:
    """What a change of one visit adds; asked when the visit is written already, under its worker's turn."""
    return total([change(before, after, zone), *await _openings(session, appointment_id, before, after, zone)])


async def _openings(
    session: AsyncSession, appointment_id: UUID, before: Visit | None, after: Visit | None, zone: ZoneInfo
) -> list[Figures]:
    """Of each day whose first patient may be another one now. Most changes are of no patient who was taken in, and ask nothing."""
    was, now = (
        {key_of(visit, zone): start} if visit and (start := start_of(appointment_id, visit)) else {}
        for visit in (before, after)
    )
    added: list[Figures] = []
    for key in sorted({*was, *now}):
        if was.get(key) != now.get(key):
            others = await _first_of_others(session, key, appointment_id, zone)
            added += [opening(key, (others, was.get(key)), -1), opening(key, (others, now.get(key)))]
    return added


async def _first_of_others(session: AsyncSession, key: Key, appointment_id: UUID, zone: ZoneInfo) -> Start | None:
    day = bounds(key.day, 1, zone)
    rows = await db.ask(
        session, _FIRST, who=key.practitioner_id, place=key.department_id, since=day.starts_at, until=day.ends_at, own=appointment_id
    )  # fmt: skip
    return Start(*rows[0]) if rows else None


def offered(reception: Reception | Hours, zone: ZoneInfo) -> Figures:
    """What a reception adds to its day."""
    key = Key(
        day_of(reception.starts_at, zone), reception.department_id, reception.practitioner_id, reception.organisation_id
    )
    return offer(key, Span(reception.starts_at, reception.ends_at), reception.slot_minutes)


def all_offered(found: Iterable[Reception | Hours], zone: ZoneInfo) -> Figures:
    """The same of many."""
    return total([offered(each, zone) for each in found])


async def kept(session: AsyncSession, department_id: UUID, first: date, last: date) -> Figures:
    """The daily figures as they are kept, without zeros."""
    query = select(DayFigures).where(
        DayFigures.department_id == department_id, col(DayFigures.day) >= first, col(DayFigures.day) <= last
    )
    rows = (await session.exec(query.execution_options(populate_existing=True))).all()
    return total([{_key(row): Counts({name: getattr(row, name) for name in COUNTS})} for row in rows])


def _key(row: DayFigures) -> Key:
    return Key(row.day, row.department_id, row.practitioner_id, row.organisation_id, row.kind)
