"""Time in which a worker sees nobody: days, or hours of a day. What was open day by day is kept with it, so that reopening brings it back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.queries import take_turns
from medcab.errors import Conflict, Invalid, NotFound
from medcab.identifiers.day_time import DAY_MINUTES
from medcab.schedule.absences.models import Absence
from medcab.schedule.hours import queries as hours
from medcab.schedule.hours.days import service as days
from medcab.schedule.hours.queries import Hours
from medcab.schedule.hours.service import Affected, clinic_of, left_outside, plan_now, require_worker
from medcab.schedule.models import Appointment, AppointmentStatus, Reception, ReceptionClosed, ReceptionTemplate
from medcab.schedule.rules.slots import Span, bounds, day_of, without
from medcab.schedule.rules.templates import Closed
from medcab.schedule.rules.waiting import WishState
from medcab.schedule.service import topic, zone
from medcab.schedule.waiting import queries as waiting
from medcab.schedule.waiting.offers import service as offers

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
    await demand_wards(session, actor, practitioner_id, closed)
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
    if not closed.starts < DAY_MINUTES or closed.span(zone()).minutes <= 0:
        raise Invalid("Конец должен быть позже начала.")
    if closed.span(zone()).ends_at <= clock.now():
        raise Invalid("Это время уже прошло.")


async def demand_wards(session: AsyncSession, actor: Actor, practitioner_id: UUID, closed: Closed) -> None:
    """Hours in wards that are not the actor's are not theirs to close or to open: the worker's own are, and those of the clinic may."""
    here = clinic_of(actor)
    if practitioner_id == actor.person_id or actor.may(Permission.SCHEDULE_ORGANISATION):
        return
    span, wards = closed.span(zone()), actor.departments_with(Permission.SCHEDULE_DEPARTMENT)
    scope = sa.and_(col(ReceptionTemplate.organisation_id) == here, col(ReceptionTemplate.department_id).not_in(wards))
    written = await _open_ahead(session, practitioner_id, here, closed)
    theirs = any(row.department_id not in wards for row in written)
    if theirs or await hours.computed(session, practitioner_id, span, scope):
        raise Conflict("У врача в это время есть часы приёма и в другом отделении: их изменит администратор клиники.")


async def close(session: AsyncSession, actor: Actor, *, practitioner_id: UUID, closed: Closed, reason: str) -> UUID:
    """Close the time without asking whom it leaves outside: the caller has, under the worker's turn. The id of what was written."""
    closed_id = await write_closed(session, actor, practitioner_id=practitioner_id, closed=closed, reason=reason)
    audit.record(session, actor, Action.RECEPTION_CLOSE, closed_id, practitioner=practitioner_id, **asdict(closed))
    return closed_id


async def write_closed(
    session: AsyncSession, actor: Actor, *, practitioner_id: UUID, closed: Closed, reason: str
) -> UUID:
    """The same without a line in the journal, for who closes several periods in one go and says so once."""
    here = clinic_of(actor)
    departments = await require_worker(session, actor, practitioner_id)
    if closed.since == clock.today(zone()):
        await days.write_day(
            session, practitioner_id, here, closed.since
        )  # what is open today is kept, also before the clock has written it
    await demand_wards(session, actor, practitioner_id, closed)
    await release_offers(session, actor, practitioner_id, closed)
    own = await _open_ahead(session, practitioner_id, here, closed)
    kept = [hours.written(row) for row in own]
    for row in own:
        await days.erase(session, row)
    await session.flush()
    await days.write(session, [part for each in kept for part in _left_of(each, closed)])
    made = shut(here, practitioner_id, closed, reason, kept)
    session.add(made)
    days.tell(session, practitioner_id, departments | {each.department_id for each in kept})
    return made.id


async def release_offers(session: AsyncSession, actor: Actor, practitioner_id: UUID, closed: Closed) -> None:
    """Nobody is offered time in which nobody sees them; that they did not answer is no refusal of theirs."""
    span = closed.span(zone())
    held = (
        select(Appointment)
        .where(
            Appointment.practitioner_id == practitioner_id, Appointment.organisation_id == actor.organisation_id,
            Appointment.status == AppointmentStatus.OFFERED, col(Appointment.starts_at) < span.ends_at,
            col(Appointment.ends_at) > max(span.starts_at, clock.now()),
        )
        .order_by(col(Appointment.starts_at))
        .execution_options(populate_existing=True)
    )  # fmt: skip
    for row in (await session.exec(held)).all():
        if wish := await waiting.wish_of(session, row.id):
            await offers.release(session, actor, row, wish, state=WishState.WAITING, offers=wish.offers)


def shut(
    organisation_id: UUID, practitioner_id: UUID, closed: Closed, reason: str, kept: Sequence[Hours]
) -> ReceptionClosed:
    """The row of closed days; `kept` is what was open on them and comes back with them."""
    return ReceptionClosed(
        organisation_id=organisation_id, practitioner_id=practitioner_id, **asdict(closed), reason=reason.strip()[:200], hours=hours.kept_words(kept),
    )  # fmt: skip


async def let_open(
    session: AsyncSession, row: ReceptionClosed, opened: Collection[date]
) -> tuple[list[ReceptionClosed], list[Hours]]:
    """These days are closed no longer, those around them still are; those, and what had been open on these, which does not come back by itself."""
    kept, was = hours.kept_of(row), hours.closed_of(row)
    length = (row.until - row.since).days + 1
    left = [day for number in range(length) if (day := row.since + timedelta(days=number)) not in opened]
    await session.delete(row)
    parts: list[ReceptionClosed] = []
    for part in in_rows(left):
        theirs = [each for each in kept if part.covers(day_of(each.starts_at, zone()))]
        edges = replace(
            part,
            starts=was.starts if part.since == was.since else part.starts,
            ends=was.ends if part.until == was.until else part.ends,
        )
        parts.append(shut(row.organisation_id, row.practitioner_id, edges, row.reason, theirs))
    session.add_all(parts)
    return parts, [each for each in kept if day_of(each.starts_at, zone()) in opened]


async def open_some(
    session: AsyncSession, actor: Actor, *, closed_id: UUID, opened: Collection[date]
) -> list[ReceptionClosed]:
    """Days of a closed time on which the worker is there after all: what is still ahead opens again. What stays closed, under the worker's turn."""
    row = await session.get(ReceptionClosed, closed_id, populate_existing=True)
    if row is None:
        raise NotFound("Это время уже открыли.")
    departments = await require_worker(session, actor, row.practitioner_id)
    parts, kept = await let_open(session, row, opened)
    await session.flush()
    await _bring_back(session, row.practitioner_id, row.organisation_id, kept)
    if ahead := [day for day in opened if day >= clock.today(zone())]:
        await demand_wards(session, actor, row.practitioner_id, Closed(min(ahead), max(ahead)))
    days.tell(session, row.practitioner_id, departments | {each.department_id for each in kept})
    return parts


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
        raise NotFound("Такого времени без приёма нет.")
    departments = await require_worker(session, actor, row.practitioner_id)
    await take_turns(session, topic(row.practitioner_id))
    row = await session.get(ReceptionClosed, closed_id, populate_existing=True)
    if row is None:
        raise NotFound("Это время уже открыли.")
    today, kept, was = clock.today(zone()), hours.kept_of(row), hours.closed_of(row)
    holds_no_more = sa.update(Absence).where(col(Absence.closed_id) == closed_id).values(closed_id=None)
    await session.execute(holds_no_more.execution_options(synchronize_session="fetch"))
    if row.since >= today:
        await session.delete(row)
    else:
        row.until, row.ends, row.hours = today - timedelta(days=1), DAY_MINUTES, "[]"  # what has been stays as it was
    await session.flush()
    await _bring_back(session, row.practitioner_id, row.organisation_id, kept)
    await demand_wards(session, actor, row.practitioner_id, was)
    audit.record(session, actor, Action.RECEPTION_REOPEN, closed_id, practitioner=row.practitioner_id)
    days.tell(session, row.practitioner_id, departments | {each.department_id for each in kept})


async def _open_ahead(
    session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, closed: Closed
) -> list[Reception]:
    """Hours that are written down, begin on these days, and go on in the time that is closed."""
    span = bounds(closed.since, (closed.until - closed.since).days + 1, zone())
    found = await hours.own_hours(session, practitioner_id, organisation_id, span)
    return [
        row
        for row in found
        if row.ends_at > clock.now() and hours.written(row).span.overlaps(_gone(row.ends_at, closed))
    ]


def _gone(ends_at: datetime, closed: Closed) -> Span:
    """What is still ahead of the closed time; a night's hours are closed with the day on which they begin."""
    span = closed.span(zone())
    last = max(span.ends_at, ends_at) if closed.ends == DAY_MINUTES else span.ends_at
    return Span(max(span.starts_at, clock.now()), last)


def _left_of(each: Hours, closed: Closed) -> list[Hours]:
    parts = without(each.span, _gone(each.ends_at, closed), each.slot_minutes)
    return [replace(each, starts_at=part.starts_at, ends_at=part.ends_at) for part in parts]


async def _bring_back(
    session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, kept: Sequence[Hours]
) -> None:
    """Open what was open, but for what is over, for time that has been filled otherwise since, and for what is closed for another reason as well."""
    others = await hours.closed_days(session, practitioner_id, organisation_id, clock.today(zone()))
    for each in kept:
        there = await hours.written_during(session, practitioner_id, each.span)
        if each.ends_at <= clock.now() or not all(_is_part(hours.written(row), each) for row in there):
            continue
        for row in there:
            await days.erase(session, row)  # what was left of it when it was closed
        await session.flush()
        parts = [each]
        for other in others:
            closed = hours.closed_of(other)
            is_its_day = closed.since <= day_of(each.starts_at, zone()) <= closed.until
            if is_its_day and each.span.overlaps(_gone(each.ends_at, closed)):
                other.hours = hours.kept_words([*hours.kept_of(other), each])
                parts = [part for one in parts for part in _left_of(one, closed)]
        await days.write(session, parts)


def _is_part(row: Hours, whole: Hours) -> bool:
    is_same = replace(row, starts_at=whole.starts_at, ends_at=whole.ends_at) == whole
    return is_same and whole.starts_at <= row.starts_at and row.ends_at <= whole.ends_at
