"""iCalendar (RFC 5545) to the rules' dataclasses and back; folding, escaping, zones and recurrence are the libraries' work.

Times go out in UTC: a visit is a moment, not a wall clock's habit, every program shows it in its owner's zone, and no description of
a zone can be misread. `read` is for `reader` alone: a file can make it work for hours.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar

from medcab.clock import MOSCOW
from medcab.errors import Invalid
from medcab.schedule.rules import away, feeds
from medcab.schedule.rules.away import Found, day_span
from medcab.schedule.rules.feeds import Feed
from medcab.schedule.rules.slots import Span, bounds
from medcab.schedule.rules.templates import Closed

PRODID = "-//medcab//schedule//RU"
LARGEST = 1024 * 1024
MOST_EVENTS = 5_000
_HOUR, _EVERY = timedelta(hours=1), "PT1H"
_DAY = timedelta(days=1)
_HEAD = "BEGIN:VCALENDAR"
_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
_WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_ARCHIVE = b"PK\x03\x04"
NOT_A_CALENDAR = (
    "Это не календарь. Нужен файл .ics: его выгружают Google, Яндекс, Apple и Outlook («Экспорт календаря»)."
)
TOO_LARGE = "Файл больше 1 МБ. Выгрузите один календарь, лучше только отпуска и поездки."
TOO_MANY = "В файле слишком много событий на год вперёд. Выгрузите один календарь, лучше только отпуска и поездки."


def refused(sentence: str) -> Invalid:
    return Invalid(sentence, field="file")


def tag(feed: Feed) -> str:
    """An ETag: the same while the calendar says the same."""
    return f'"{hashlib.sha256(repr((PRODID, feed)).encode()).hexdigest()[:32]}"'


async def in_a_thread(feed: Feed) -> bytes:
    """As `written`, while others are served."""
    return await asyncio.to_thread(written, feed)


def written(feed: Feed) -> bytes:
    """The calendar as a file. One without events describes a zone instead: a calendar must hold something."""
    made = icalendar.Calendar()
    made.add("prodid", PRODID)
    made.add("version", "2.0")
    title = icalendar.vText(_plain(feed.title))
    for name, value in (
        ("name", title),
        ("x-wr-calname", title),
        ("x-wr-timezone", MOSCOW.key),
        ("x-published-ttl", _EVERY),
    ):
        made.add(name, value)
    made.add("refresh-interval", _HOUR, parameters={"VALUE": "DURATION"})
    for event in feed.events:
        made.add_component(_event(event))
    if not feed.events:
        made.add_component(icalendar.Timezone.from_tzid(MOSCOW.key, first_date=date(2026, 1, 1)))
    return made.to_ical()


def _event(event: feeds.Event) -> icalendar.Event:
    made = icalendar.Event()
    times = {
        "dtstart": event.span.starts_at,
        "dtend": event.span.ends_at,
        "dtstamp": event.changed_at,
        "last-modified": event.changed_at,
    }
    for name, moment in times.items():
        made.add(name, moment.astimezone(UTC))
    made.add("uid", event.uid)
    made.add("sequence", event.version)
    made.add("status", event.firmness.value)
    made.add("transp", "OPAQUE" if event.is_busy else "TRANSPARENT")
    texts = {"summary": event.title, "location": event.place, "description": event.note}
    for name, text in texts.items():
        if text:
            made.add(name, _plain(text))
    return made


def _plain(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)


def text_of(data: bytes) -> str:
    """The file as text, when it is a calendar at all; else `Invalid` with a sentence."""
    if len(data) > LARGEST:
        raise refused(TOO_LARGE)
    if data.startswith(_ARCHIVE):
        raise refused("Это архив. Распакуйте его и загрузите файл .ics, который лежит внутри.")
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1251")
    for encoding in encodings:
        try:
            text = data.decode(encoding).lstrip()
        except UnicodeDecodeError:
            continue
        if text[: len(_HEAD)].upper() == _HEAD and "\0" not in text:
            return text
        break
    raise refused(NOT_A_CALENDAR)


def read(data: bytes, today: date) -> Found:
    """What happens in the year from today on; `Invalid` for what is no calendar. May take for ever: only in a process that is ended."""
    try:
        calendars = icalendar.Calendar.from_ical(text_of(data), multiple=True)
    except (ValueError, KeyError, IndexError, TypeError) as problem:
        raise refused("Файл повреждён. Выгрузите календарь ещё раз.") from problem
    series = _series(component for calendar in calendars for component in calendar.walk("VEVENT"))
    if not series:
        raise refused("В этом календаре нет событий.")
    first, last = bounds(today, away.AHEAD, MOSCOW).starts_at, bounds(today, away.AHEAD, MOSCOW).ends_at
    events: list[away.Event] = []
    counts = {"past": 0, "beyond": 0, "unread": 0}
    for components in series:
        try:
            found = _occurrences(components, first, last)
            events += found
            if not found:
                counts["beyond" if _begins(components[0]) >= last else "past"] += 1
        except Exception:  # whatever one event has in it, the others are read
            counts["unread"] += 1
        if len(events) > MOST_EVENTS:
            raise refused(TOO_MANY)
    return Found(tuple(events), **counts)


def _series(components: Iterable[Any]) -> list[list[Any]]:
    """Events with those that change single occurrences of theirs; what has no name stands alone."""
    found: dict[str, list[Any]] = defaultdict(list)
    for number, component in enumerate(components):
        found[str(component.get("uid") or f" {number}")].append(component)
    return list(found.values())


def _occurrences(components: Sequence[Any], first: datetime, last: datetime) -> list[away.Event]:
    import recurring_ical_events  # the server itself never expands a rule

    if any(_is_too_often(rule) for each in components for rule in _rules(each)):
        raise ValueError
    calendar = icalendar.Calendar()
    for component in components:
        if "UID" not in component:
            component.add("uid", "alone")
        calendar.add_component(component)
    # A day more on both sides: the library reads a time without a zone as if it were the other's.
    near = recurring_ical_events.of(calendar).between(first - _DAY, last + _DAY)
    found = [_occurrence(each) for each in near]
    return [each for each in found if _overlaps(each, first, last)]


def _rules(component: Any) -> list[Any]:
    rules = component.get("RRULE") or []
    return rules if isinstance(rules, list) else [rules]


def _is_too_often(rule: Any) -> bool:
    """Nobody is away many times a day, and such a rule can be endless work."""
    said = {str(name).upper(): value for name, value in rule.items()}
    return bool(_OFTEN & {str(each).upper() for each in said.get("FREQ", [])}) or any(
        name in said for name in _WITHIN_A_DAY
    )


def _begins(component: Any) -> datetime:
    return day_span(component["DTSTART"].dt, MOSCOW)


def _occurrence(component: Any) -> away.Event:
    starts = component["DTSTART"].dt
    ends = component["DTEND"].dt if "DTEND" in component else starts
    title = away.title_of(str(component.get("SUMMARY", ""))) or "Без названия"
    is_busy = str(component.get("TRANSP", "")).upper() != "TRANSPARENT"
    is_cancelled = str(component.get("STATUS", "")).upper() == "CANCELLED"
    if isinstance(starts, datetime):
        since, until = day_span(starts, MOSCOW), day_span(ends, MOSCOW)
        return away.Event(title, is_busy, is_cancelled, span=Span(since, max(since, until)))
    last = (ends.date() if isinstance(ends, datetime) else ends) - _DAY  # the day it ends on is not its own
    return away.Event(title, is_busy, is_cancelled, days=Closed(starts, max(starts, last)))


def _overlaps(event: away.Event, first: datetime, last: datetime) -> bool:
    if event.span:
        return event.span.starts_at < last and event.span.ends_at > first
    days = event.days or Closed(date.min, date.min)
    return day_span(days.since, MOSCOW) < last and day_span(days.until, MOSCOW) >= first
