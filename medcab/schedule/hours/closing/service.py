"""Days on which a worker sees nobody. What was open day by day is kept with them, so that reopening brings it back."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.queries import take_turns
from medcab.errors import Invalid, NotFound
from medcab.schedule.hours import queries as hours
from medcab.schedule.hours.days import service as days
from medcab.schedule.hours.queries import Hours
from medcab.schedule.hours.service import Affected, clinic_of, left_outside, plan_now, require_worker
from medcab.schedule.models import Reception, ReceptionClosed
from medcab.schedule.rules.slots import Span, bounds, day_of
from medcab.schedule.rules.templates import Closed
from medcab.schedule.service import topic, zone

MOST_CLOSED = 366


async def close_days(
    session: AsyncSession, actor: Actor, *, practitioner_id: UUID, closed: Closed, reason: str = "", seen: frozenset[UUID] = frozenset()
) -> list[Affected]:  # fmt: skip
    """Nobody is seen on these days, whatever was open; today only from now on. As `keep_template` otherwise."""
    require(actor, Permission.SCHEDULE_EDIT)
    here = clinic_of(actor)
    await require_worker(session, actor, practitioner_id)
    demand_days(closed)
    await take_turns(session, topic(practitioner_id))
    going = [
        Span(max(row.starts_at, clock.now()), row.ends_at)
        for row in await _open_ahead(session, practitioner_id, here, closed)
    ]
    before = await plan_now(session, practitioner_id, here)
    after = replace(before, closed=(*before.closed, closed))
    if left := await left_outside(session, actor, practitioner_id, before, after, seen, going=going):
        return left
    await close(session, actor, practitioner_id=practitioner_id, closed=closed, reason=reason)
    return []


def demand_days(closed: Closed) -> None:
    """From today on, in order, at most a year; or `Invalid`."""
    if closed.since < clock.today(zone()) or closed.until < closed.since:
        raise Invalid("Укажите дни от сегодняшнего: сначала первый, потом последний.")
    if (closed.until - closed.since).days >= MOST_CLOSED:
        raise Invalid("Не больше года за один раз.")


async def close(session: AsyncSession, actor: Actor, *, practitioner_id: UUID, closed: Closed, reason: str) -> UUID:
    """Close the days without asking whom it leaves outside: the caller has, under the worker's turn. The id of what was written."""
    here, now = clinic_of(actor), clock.now()
    departments = await require_worker(session, actor, practitioner_id)
    own = await _open_ahead(session, practitioner_id, here, closed)
    for row in own:
        await days.erase(session, row)
    begun = [replace(hours.written(row), ends_at=now) for row in own if row.starts_at < now]
    await session.flush()
    await days.write(session, begun)
    made = shut(here, practitioner_id, closed, reason, [hours.written(row) for row in own])
    session.add(made)
    audit.record(
        session, actor, Action.RECEPTION_CLOSE, made.id, practitioner=practitioner_id, since=closed.since, until=closed.until
    )  # fmt: skip
    days.tell(session, practitioner_id, departments | {row.department_id for row in own})
    return made.id


def shut(
    organisation_id: UUID, practitioner_id: UUID, closed: Closed, reason: str, kept: Sequence[Hours]
) -> ReceptionClosed:
    """The row of closed days; `kept` is what was open on them and comes back with them."""
    return ReceptionClosed(
        organisation_id=organisation_id, practitioner_id=practitioner_id, since=closed.since, until=closed.until,
        reason=reason.strip()[:200], hours=json.dumps([asdict(each) for each in kept], default=str),
    )  # fmt: skip


async def let_open(session: AsyncSession, row: ReceptionClosed, opened: Collection[date]) -> None:
    """These days are closed no longer, those around them still are; what was open on them does not come back."""
    kept = _read(row.hours)
    length = (row.until - row.since).days + 1
    left = [day for number in range(length) if (day := row.since + timedelta(days=number)) not in opened]
    await session.delete(row)
    for part in in_rows(left):
        theirs = [each for each in kept if part.covers(day_of(each.starts_at, zone()))]
        session.add(shut(row.organisation_id, row.practitioner_id, part, row.reason, theirs))


def in_rows(days: Iterable[date]) -> list[Closed]:
    """Days that follow each other as one."""
    found: list[Closed] = []
    for day in sorted(days):
        if found and day - found[-1].until == timedelta(days=1):
            found[-1] = Closed(found[-1].since, day)
        else:
            found.append(Closed(day, day))
    return found


async def open_days(session: AsyncSession, actor: Actor, *, closed_id: UUID) -> None:
    """The templates hold again, and what was open day by day is open again, as far as it is still ahead."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await session.get(ReceptionClosed, closed_id)
    if row is None or row.organisation_id != actor.organisation_id:
        raise NotFound("Таких дней без приёма нет.")
    departments = await require_worker(session, actor, row.practitioner_id)
    await take_turns(session, topic(row.practitioner_id))
    today, kept = clock.today(zone()), _read(row.hours)
    if row.since > today:
        await session.delete(row)
    else:
        row.until, row.hours = max(today, row.since), "[]"  # what has been stays as it was
    await session.flush()
    await _bring_back(session, row.practitioner_id, row.organisation_id, kept)
    audit.record(session, actor, Action.RECEPTION_REOPEN, closed_id, practitioner=row.practitioner_id)
    days.tell(session, row.practitioner_id, departments | {each.department_id for each in kept})


async def _open_ahead(
    session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, closed: Closed
) -> list[Reception]:
    """Hours of these days that are written down and not over."""
    span = bounds(closed.since, (closed.until - closed.since).days + 1, zone())
    found = await hours.own_hours(session, practitioner_id, organisation_id, span)
    return [row for row in found if row.ends_at > clock.now()]


async def _bring_back(
    session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, kept: Sequence[Hours]
) -> None:
    """Open what was open, but for what is over, and for time that has been filled otherwise since."""
    for each in kept:
        if each.ends_at <= clock.now():
            continue
        same = [
            row
            for row in await hours.own_hours(session, practitioner_id, organisation_id, each.span)
            if row.starts_at == each.starts_at
        ]
        for row in same:
            await days.erase(session, row)  # what of it had been before it was closed
        await session.flush()
        if not await hours.is_written(session, practitioner_id, each.span):
            await days.write(session, [each])


def _read(text: str) -> list[Hours]:
    kinds: dict[str, Any] = {"UUID": UUID, "datetime": datetime.fromisoformat, "int": int, "str": str}
    return [
        Hours(
            **{
                field.name: kinds[getattr(field.type, "__name__", str(field.type))](row[field.name])
                for field in fields(Hours)
            }
        )
        for row in json.loads(text)
    ]
