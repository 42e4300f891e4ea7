"""The schedule as it is read: a worker's day, week, month and list of visits, or many workers' day.

However long and however many, each takes a handful of queries: who may be looked at, their rights, receptions, visits with names.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypedDict
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, db, live
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.queries import right_of, rights_of
from medcab.accounts.rules.right import Right
from medcab.errors import NotFound
from medcab.identifiers import person_name
from medcab.schedule import queries
from medcab.schedule.calendar import queries as many
from medcab.schedule.calendar.queries import Seen, Worker
from medcab.schedule.hours.queries import Hours, closed_of
from medcab.schedule.queries import RECEIVING
from medcab.schedule.resources.queries import Occupancy, occupancy
from medcab.schedule.rules import months
from medcab.schedule.rules.address import LISTED, Address
from medcab.schedule.rules.grid import Column, column, room_column
from medcab.schedule.rules.months import Counted
from medcab.schedule.rules.rows import NO_LINE, WEEKDAYS, Change, DayRow, Facts, Line, Moment, day_row, visit_line
from medcab.schedule.rules.slots import Span, bounds, free, is_open, slots, week_of
from medcab.schedule.rules.visits import LIVING, STATUS_TITLES, AppointmentStatus
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
    """`days` of one worker; `versions` by the visit's id. `weeks` only of a month; a list has its `pages` of `count` visits."""

    practitioner_id: UUID
    name: str
    people: list[Choice]
    days: list[DayRow] = field(default_factory=list)
    versions: dict[str, Change] = field(default_factory=dict)
    weeks: list[months.Week] = field(default_factory=list)
    count: int = 0
    pages: int = 1

    @property
    def shown(self) -> frozenset[UUID]:
        return frozenset({self.practitioner_id})


@dataclass(frozen=True)
class Board:
    """Workers side by side: one page of a department. `rows` are the days that the columns were made of."""

    people: list[Choice]
    departments: list[Choice]
    department: str
    name: str
    columns: list[Column]
    rows: list[DayRow]
    versions: dict[str, Change]
    shown: frozenset[UUID]
    pages: int = 1


SIDE_BY_SIDE, LIST_PAGE = 30, 50
"""How many columns one page has, and how many visits of a list."""


async def day(session: AsyncSession, actor: Actor, *, practitioner_id: UUID, day: date) -> DayRow:
    """One day of one worker in the actor's scope; `NotFound` for others."""
    return (await _calendar(session, actor, practitioner_id, day, 1)).days[0]


async def week(session: AsyncSession, actor: Actor, *, practitioner_id: UUID | None, day: date) -> Calendar:
    """The week of the day, from Monday. None: the actor's own, or of the first colleague when the actor has no receptions."""
    return await _calendar(session, actor, practitioner_id, week_of(day), 7)


async def read(session: AsyncSession, actor: Actor, at: Address) -> Calendar | Board:
    """What the address asks for."""
    match at.view:
        case "people":
            return await board(session, actor, at=at)
        case "month":
            return await month(session, actor, at=at)
        case "list":
            return await listing(session, actor, at=at)
        case _:
            return await week(session, actor, practitioner_id=at.who, day=at.day)


async def month(session: AsyncSession, actor: Actor, *, at: Address) -> Calendar:
    """The month of the address's day in whole weeks: what is planned and free, holidays, days away."""
    chosen, known = await choose(session, actor, at.who)
    now, days = Moment(clock.now(), zone()), months.days_of(at.day)
    span = bounds(days[0], len(days), now.zone)
    hours = await many.receptions(session, actor, [chosen], span)
    right = await right_of(session, chosen)
    taken = await many.taken(session, actor, chosen, span)
    held = [Span(starts, ends) for starts, ends, status, is_over, _ in taken if status in LIVING and not is_over]
    vacant = _vacant(hours, held, right, now, await occupancy(session, hours, span, now.zone))
    kept = [now.day_of(each[0]) for each in taken if each[2] is not AppointmentStatus.CANCELLED and each[4]]
    away = {
        days[0] + timedelta(number): row.reason for row in await many.closed(session, actor, chosen, days[0], days[-1])
        for number in range((row.since - days[0]).days, (row.until - days[0]).days + 1)
        if closed_of(row).covers(days[0] + timedelta(number))
    }  # fmt: skip
    counted = Counted(months.count(kept), months.count(now.day_of(slot.starts_at) for slot in vacant), away)
    hrefs = {day: str(at.on(day).seen_by("day")) for day in days}
    return Calendar(
        chosen, known[str(chosen)], _choices(known), weeks=months.weeks(at.day, counted, hrefs, now.day_of(now.now))
    )


async def listing(session: AsyncSession, actor: Actor, *, at: Address) -> Calendar:
    """Visits of four weeks from the address's day, a page of them, by day; its status chooses among them."""
    chosen, known = await choose(session, actor, at.who)
    now, span = Moment(clock.now(), zone()), bounds(at.day, LISTED, zone())
    seen, count = await many.listed(
        session, actor, chosen, span, at.status, limit=LIST_PAGE, offset=(at.page - 1) * LIST_PAGE
    )
    by_day: dict[date, list[Facts]] = defaultdict(list)
    for each in seen:
        by_day[now.day_of(each.visit.starts_at)].append(each.facts)
    days = [day_row(day, hours=[], free=[], visits=found, room="", at=now) for day, found in by_day.items()]
    pages = max(1, -(-count // LIST_PAGE))
    return Calendar(chosen, known[str(chosen)], _choices(known), days, _versions(seen), count=count, pages=pages)


async def board(session: AsyncSession, actor: Actor, *, at: Address, days: int = 1) -> Board:
    """The workers of a department side by side on the address's day (the first of `days`), or the rooms they are in."""
    require(actor, Permission.SCHEDULE_READ)
    now = Moment(clock.now(), zone())
    everyone = await many.workers(session, actor, now.day_of(now.now))
    departments = {each.department_id: each.department for each in everyone}
    chosen = await department_of(session, actor, at, list(departments))
    here = [each for each in everyone if each.department_id == chosen]
    first = (at.page - 1) * SIDE_BY_SIDE
    shown = here[first : first + SIDE_BY_SIDE]
    span, people = bounds(at.day, days, now.zone), [each.id for each in shown]
    receptions = await many.receptions(session, actor, people, span)
    things, hours = await occupancy(session, receptions, span, now.zone), _by_worker(receptions, people)
    seen = await many.visits(session, actor, people, span, is_brief=True)
    of = _seen_by_worker(seen, people)
    rights = await rights_of(session, people)
    dates = [at.day + timedelta(number) for number in range(days)]
    draw = _rooms if at.by == "room" else _columns
    rows = {each.id: (each, hours[each.id], of[each.id], rights[each.id]) for each in shown}
    columns, drawn = draw(list(rows.values()), dates, now, at, things)
    return Board(
        _choices({str(each.id): name_of(each) for each in everyone}), _choices({str(key): name for key, name in departments.items()}),
        str(chosen or ""), departments.get(chosen, "") if chosen else "", columns, drawn, _versions(seen), frozenset(people),
        pages=max(1, -(-len(here) // SIDE_BY_SIDE)),
    )  # fmt: skip


async def visit(session: AsyncSession, actor: Actor, *, appointment_id: UUID) -> Line:
    """One visit of the actor's scope as it stands now; `NO_LINE` when there is none."""
    require(actor, Permission.SCHEDULE_READ)
    found = await many.visit(session, actor, appointment_id)
    return visit_line(found.facts, Moment(clock.now(), zone())) if found and found.facts.family_name else NO_LINE


async def clinic(session: AsyncSession, actor: Actor) -> str:
    """What stands at the head of a printed schedule."""
    return await many.clinic(session, actor)


async def week_again(actor: Actor, *, practitioner_id: UUID, day: date) -> Calendar:
    """The same for a tab that was told of a change: one read for all who see the same of it, without the people to choose from."""
    require(actor, Permission.SCHEDULE_READ)
    is_own = actor.person_id == practitioner_id
    wards = actor.departments_with(Permission.SCHEDULE_DEPARTMENT)
    alike = actor.organisation_id, wards, actor.roles, actor.permissions, is_own, week_of(day)

    async def read() -> Calendar:
        async with db.reading() as session:
            return replace(await week(session, actor, practitioner_id=practitioner_id, day=day), people=[])

    return await live.shared(topic(practitioner_id), alike, read)


def opened(session: AsyncSession, actor: Actor, *, practitioner_id: UUID, day: date) -> None:
    """Journal that a person looked at this schedule (a refresh by a push is no look)."""
    audit.record(session, actor, Action.SCHEDULE_VIEW, practitioner_id, day=day)


def looked(session: AsyncSession, actor: Actor, found: Calendar | Board, at: Address) -> None:
    """The same of whatever the address showed; many workers are one entry of their department, which names them."""
    if isinstance(found, Calendar):
        opened(session, actor, practitioner_id=found.practitioner_id, day=at.day)
    else:
        people = sorted(str(each) for each in found.shown)
        audit.record(session, actor, Action.SCHEDULE_VIEW, found.department, day=at.day, people=people)


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
    chosen, known = await choose(session, actor, who)
    at = Moment(clock.now(), zone())
    span = bounds(first, count, at.zone)
    hours = await many.receptions(session, actor, [chosen], span)
    seen = await many.visits(session, actor, [chosen], span)
    right = await right_of(session, chosen)
    things = await occupancy(session, hours, span, at.zone)
    days = _days([first + timedelta(number) for number in range(count)], hours, seen, right, at, str(chosen), things)
    return Calendar(chosen, known[str(chosen)], _choices(known), days, _versions(seen))


async def choose(session: AsyncSession, actor: Actor, who: UUID | None) -> tuple[UUID, dict[str, str]]:
    """Whose schedule is shown, and everybody whose may be."""
    require(actor, Permission.SCHEDULE_READ)
    known = await people(session, actor)
    chosen = str(who) if who else next(iter(known), "")
    if chosen not in known:
        raise NotFound("Такого расписания нет, или оно вам не открыто.")
    return UUID(chosen), known


def _choices(known: dict[str, str]) -> list[Choice]:
    return [{"id": key, "name": name} for key, name in known.items()]


def _versions(seen: Sequence[Seen]) -> dict[str, Change]:
    return {str(each.facts.id): _change(each) for each in seen if each.facts.family_name}


def name_of(worker: Worker) -> str:
    return person_name.short(worker.family_name, worker.given_name, worker.patronymic)


async def department_of(session: AsyncSession, actor: Actor, at: Address, known: Sequence[UUID]) -> UUID | None:
    """The one asked for, or the first of the actor's own, or that with the most visits on the day; one that is out of scope is as if it were not there."""
    if at.department:
        if at.department not in known:
            raise NotFound("Такого отделения нет, или оно вам не открыто.")
        return at.department
    own = next((each for each in known if each in actor.department_ids), None)
    return own or await many.busiest(session, known, at.day) or next(iter(known), None)


def _by_worker(hours: Sequence[Hours], people: Collection[UUID]) -> dict[UUID, list[Hours]]:
    found: dict[UUID, list[Hours]] = {each: [] for each in people}
    for each in hours:
        found[each.practitioner_id].append(each)
    return found


def _seen_by_worker(seen: Sequence[Seen], people: Collection[UUID]) -> dict[UUID, list[Seen]]:
    found: dict[UUID, list[Seen]] = {each: [] for each in people}
    for each in seen:
        found[each.visit.practitioner_id].append(each)
    return found


Theirs = tuple[Worker, list[Hours], list[Seen], Right]


def _columns(
    everyone: Sequence[Theirs], days: list[date], now: Moment, at: Address, things: Occupancy
) -> tuple[list[Column], list[DayRow]]:
    """A column for each worker's day; those who see nobody stand last."""
    columns: list[Column] = []
    rows: list[DayRow] = []
    for worker, hours, seen, right in everyone:
        who, name = str(worker.id), name_of(worker)
        for row in _days(days, hours, seen, right, now, who, things, is_brief=True):
            rows.append(row)
            note = ", ".join(
                filter(None, (f"каб. {row['room']}" if row["room"] else "", row["summary"] or "приёма нет"))
            )
            href = str(at.of(worker.id).on(date.fromisoformat(row["date"])).seen_by("day"))
            columns.append(column(row, key=f"{who}:{row['date']}", head=name, note=note, says=name, href=href, who=who))
    return sorted(columns, key=lambda each: not each["blocks"]), rows


def _rooms(
    everyone: Sequence[Theirs], days: list[date], now: Moment, at: Address, things: Occupancy
) -> tuple[list[Column], list[DayRow]]:
    """A column for each room that somebody receives in on the first of the days."""
    found: dict[str, list[tuple[DayRow, str]]] = defaultdict(list)
    for worker, hours, seen, right in everyone:
        for room in sorted({each.room for each in hours if each.room}):
            here = [each for each in hours if each.room == room]
            there = [each for each in seen if any(_is_in(each, one) for one in here)]
            row = _days(days[:1], here, there, right, now, str(worker.id), things, is_brief=True)[0]
            found[room].append((row, name_of(worker)))
    rows = [row for each in found.values() for row, _ in each]
    is_today = at.day == now.day_of(now.now)
    return [room_column(room, found[room], is_today=is_today) for room in sorted(found)], rows


def _is_in(seen: Seen, hours: Hours) -> bool:
    return hours.starts_at <= seen.visit.starts_at < hours.ends_at


async def people(session: AsyncSession, actor: Actor) -> dict[str, str]:
    """Whose schedule the actor may open: id to name; first whom they look at unasked."""
    own = {str(actor.person_id): actor.name}
    found = await queries.colleagues(session, actor, clock.today(zone()))
    others = {str(each.id): person_name.short(each.family_name, each.given_name, each.patronymic) for each in found}
    has_receptions = actor.roles.intersection(RECEIVING) or not others
    return {**own, **others} if has_receptions else {**others, **own}


def _days(
    days: list[date],
    hours: list[Hours],
    seen: list[Seen],
    right: Right,
    at: Moment,
    who: str,
    things: Occupancy,
    *,
    is_brief: bool = False,
) -> list[DayRow]:
    why_not = {at.day_of(each.starts_at): why for each in hours if (why := _why_not(each, right, at))}
    held = [each.visit.span for each in seen if each.visit.holds_time]
    vacant = _by_day(_vacant(hours, held, right, at, things), at)
    spans = _by_day([each.span for each in hours], at)
    visits: dict[date, list[Facts]] = defaultdict(list)
    for each in seen:
        visits[at.day_of(each.visit.starts_at)].append(each.facts)
    rooms = {at.day_of(each.starts_at): each.room for each in reversed(hours)}
    return [
        day_row(
            day, hours=spans[day], free=vacant[day], visits=visits[day], room=rooms.get(day, ""), why_not=why_not.get(day, ""), at=at, who=who, is_brief=is_brief,
        )
        for day in days
    ]  # fmt: skip


def _why_not(hours: Hours, right: Right, at: Moment) -> str:
    return right.why_not(at.day_of(hours.starts_at), hours.specialty)


def _vacant(hours: Sequence[Hours], held: Sequence[Span], right: Right, at: Moment, things: Occupancy) -> list[Span]:
    """Slots that can still be booked while the worker may practise and the room is to be had."""
    offered = (
        slot
        for each in hours if not _why_not(each, right, at)
        for slot in slots(each.span, each.slot_minutes) if is_open(slot, at.now) and things.lets(each, slot)
    )  # fmt: skip
    return free(offered, held)


def _by_day(spans: Sequence[Span], at: Moment) -> dict[date, list[Span]]:
    found: dict[date, list[Span]] = defaultdict(list)
    for each in spans:
        found[at.day_of(each.starts_at)].append(each)
    return found


def _change(seen: Seen) -> Change:
    facts, visit = seen.facts, seen.visit
    words = f"{formats.time(visit.starts_at, zone())} {facts.name}, {STATUS_TITLES[visit.status].lower()}"
    return Change(facts.version, seen.changed_by_id, f"{words} ({seen.changed_by})" if seen.changed_by else words)
