"""When a room or a device can be used, what it is called in a sentence, and how full it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from medcab.errors import Invalid
from medcab.identifiers.day_time import DAY_MINUTES
from medcab.schedule.rules.slots import Span, bounds, day_of, minute_of_day

EVERY_DAY = 0b1111111
LONGEST_NAME, LONGEST_NOTE = 20, 200


@dataclass(frozen=True, slots=True)
class Availability:
    """Days of the week as bits, Monday the lowest, and hours as minutes of the wall clock, [starts, ends)."""

    weekdays: int = EVERY_DAY
    starts: int = 0
    ends: int = DAY_MINUTES

    def holds(self, span: Span, zone: ZoneInfo) -> bool:
        """Whether all of it can be used; what goes past midnight needs both days."""
        return all(
            self.weekdays >> day.weekday() & 1 and self.starts <= begin and end <= self.ends
            for day, begin, end in _parts(span, zone)
        )

    def minutes_on(self, day: date) -> int:
        return self.ends - self.starts if self.weekdays >> day.weekday() & 1 else 0


def _parts(span: Span, zone: ZoneInfo) -> Iterable[tuple[date, int, int]]:
    """The span day by day: the day, and its first and last minute."""
    first, last = day_of(span.starts_at, zone), day_of(span.ends_at, zone)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        begin = minute_of_day(span.starts_at, zone) if day == first else 0
        end = minute_of_day(span.ends_at, zone) if day == last else DAY_MINUTES
        if begin < end:
            yield day, begin, end


def fault(available: Availability) -> str:
    """Why these are no hours in which something can be used; empty: they are."""
    if not 0 < available.weekdays <= EVERY_DAY:
        return "Отметьте хотя бы один день недели."
    if not 0 <= available.starts < available.ends <= DAY_MINUTES:
        return "Время «до» должно быть позже времени «с»."
    return ""


def same_name(one: str, other: str) -> bool:
    """Hours of reception name their room as people type it."""
    return key_of(one) == key_of(other)


def key_of(name: str) -> str:
    """By which names are compared: no outer or doubled spaces, no difference of case."""
    return " ".join(name.split()).casefold()


def name_of(text: str) -> str:
    """A name as it is kept, or `Invalid`."""
    name = " ".join(text.split())
    if not name:
        raise Invalid("Укажите название: например, 214 или УЗИ-аппарат.")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"Название длиннее {LONGEST_NAME} знаков: сократите его, подробности напишите в примечании.")
    return name


def open_minutes(available: Availability, closed: Iterable[Span], first: date, days: int, zone: ZoneInfo) -> int:
    """How long it can be used in so many days from `first`, services taken away."""
    frame = [(first + timedelta(number)) for number in range(days)]
    total = sum(available.minutes_on(day) for day in frame)
    return max(0, total - sum(_shut(available, span, bounds(first, days, zone), zone) for span in merged(closed)))


def _shut(available: Availability, span: Span, frame: Span, zone: ZoneInfo) -> int:
    """Minutes of its own hours that a service takes within the frame."""
    if not span.overlaps(frame):
        return 0
    inside = Span(max(span.starts_at, frame.starts_at), min(span.ends_at, frame.ends_at))
    return sum(
        max(0, min(end, available.ends) - max(begin, available.starts))
        for day, begin, end in _parts(inside, zone)
        if available.weekdays >> day.weekday() & 1
    )


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time with nothing in it twice, in order."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.starts_at <= found[-1].ends_at:
            found[-1] = Span(found[-1].starts_at, max(found[-1].ends_at, span.ends_at))
        else:
            found.append(span)
    return found
