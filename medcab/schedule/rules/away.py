"""Which whole days away somebody's own calendar holds, and what of them is new. Pure: what the file said comes in as `Event`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from medcab.errors import Invalid
from medcab.schedule.rules.slots import Span, bounds, day_of
from medcab.schedule.rules.templates import Closed

AHEAD = 366
"""Days that are looked at, today included."""
MOST = 100
"""Candidates shown; a person ticks them one by one."""
LONGEST_TITLE, _LONGEST_PACK = 40, 9_500
_DAY = timedelta(days=1)
_BUSY, _CANCELLED = 1, 2
_PACK = TypeAdapter(tuple[list[tuple[date, int, int, str]], tuple[int, int, int, int, int]])


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence out of a calendar: whole `days`, or a `span` of time."""

    title: str
    is_busy: bool
    is_cancelled: bool
    days: Closed | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds: occurrences of the days looked at, and how many events lie before, after, or could not be read."""

    events: tuple[Event, ...] = ()
    past: int = 0
    beyond: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Away:
    """Whole days that may become days without reception."""

    title: str
    closed: Closed
    is_busy: bool = True
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is offered to be ticked, and what is only counted; `short`: events that leave hours of reception, `more`: over `MOST`."""

    away: tuple[Away, ...] = ()
    past: int = 0
    beyond: int = 0
    unread: int = 0
    short: int = 0
    more: int = 0


def candidates(found: Found, hours: Mapping[date, Sequence[Span]], today: date, zone: ZoneInfo) -> Candidates:
    """The whole days of a file, in order; an event of some hours counts where it takes all `hours` of a day, or the day itself."""
    last, around = today + timedelta(AHEAD - 1), bounds(today, AHEAD, zone)
    kept: list[Away] = []
    short = 0
    for event in found.events:
        days = [event.days] if event.days else runs(_covered(event.span, hours, around, zone)) if event.span else []
        short += not days
        kept += [
            Away(event.title, Closed(max(each.since, today), min(each.until, last)), event.is_busy, event.is_cancelled)
            for each in days
            if each.until >= today and each.since <= last
        ]
    merged = _merged(kept)
    shown, more = merged[:MOST], len(merged[MOST:])
    return Candidates(tuple(shown), found.past, found.beyond, found.unread, short, more)


def _covered(span: Span, hours: Mapping[date, Sequence[Span]], around: Span, zone: ZoneInfo) -> list[date]:
    first = day_of(max(span.starts_at, around.starts_at), zone)
    last = day_of(min(span.ends_at, around.ends_at), zone)
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    return [day for day in days if _takes_day(span, day, hours.get(day, ()), zone)]


def _takes_day(span: Span, day: date, hours: Sequence[Span], zone: ZoneInfo) -> bool:
    if _holds(span, bounds(day, 1, zone)):
        return True
    return bool(hours) and all(_holds(span, each) for each in hours)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.starts_at <= inner.starts_at and inner.ends_at <= outer.ends_at


def _merged(found: Iterable[Away]) -> list[Away]:
    """A leave that is written down day by day is one leave."""
    kept: list[Away] = []
    for each in sorted(found, key=lambda one: (one.title, one.is_busy, one.is_cancelled, one.closed.since)):
        last = kept[-1] if kept else None
        is_same = last is not None and replace(last, closed=each.closed) == each
        if last and is_same and each.closed.since <= last.closed.until + _DAY:
            kept[-1] = replace(last, closed=Closed(last.closed.since, max(last.closed.until, each.closed.until)))
        else:
            kept.append(each)
    return sorted(kept, key=lambda one: (one.closed.since, one.closed.until, one.title))


def runs(days: Iterable[date]) -> list[Closed]:
    """Days as periods without a gap, in order."""
    found: list[Closed] = []
    for day in sorted(set(days)):
        if found and day == found[-1].until + _DAY:
            found[-1] = Closed(found[-1].since, day)
        else:
            found.append(Closed(day, day))
    return found


def days_in(closed: Closed) -> list[date]:
    return [closed.since + timedelta(number) for number in range((closed.until - closed.since).days + 1)]


def left_of(wanted: Closed, closed: Sequence[Closed]) -> list[Closed]:
    """What of the days wanted is not closed yet."""
    return runs(day for day in days_in(wanted) if not any(each.covers(day) for each in closed))


def title_of(text: str) -> str:
    """A title as it can be shown: one line, not long."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:400]).split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def pack(found: Candidates) -> str:
    """The candidates as the text that travels through the person's own browser: nothing of their calendar is kept here."""
    away, more = list(found.away), found.more
    while True:
        rows = [
            [str(each.closed.since), (each.closed.until - each.closed.since).days + 1, _BUSY * each.is_busy | _CANCELLED * each.is_cancelled, each.title]
            for each in away
        ]  # fmt: skip
        text = json.dumps([rows, [found.past, found.beyond, found.unread, found.short, more]], ensure_ascii=False)
        if len(text) <= _LONGEST_PACK:
            return text
        away.pop()
        more += 1


def unpack(text: str) -> Candidates:
    """What `pack` wrote; anything else is `Invalid`."""
    try:
        rows, (past, beyond, unread, short, more) = _PACK.validate_json(text)
        away = tuple(
            Away(title_of(title), _closed(since, days), bool(marks & _BUSY), bool(marks & _CANCELLED))
            for since, days, marks, title in rows[:MOST]
        )
    except (ValidationError, OverflowError):
        raise Invalid("Файл прочитан не полностью. Загрузите его ещё раз.") from None
    return Candidates(away, past, beyond, unread, short, more)


def _closed(since: date, days: int) -> Closed:
    if not 0 < days <= AHEAD:
        raise OverflowError
    return Closed(since, since + timedelta(days - 1))


def day_span(moment: datetime | date, zone: ZoneInfo) -> datetime:
    """A moment of a calendar in the clinic's zone: a day is its midnight, a time without a zone is the clinic's."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), zone)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
