"""Time: receptions cut into slots, what is free of them, the day something belongs to. Intervals are half-open, [start, end).

Lengths are counted in elapsed time and days in the clinic's own time zone, so that a day of 23 or 25 hours keeps its slots.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from medcab.identifiers.day_time import DAY_MINUTES

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one aware moment to a later one; kept in UTC, because Python counts the hours of one zone by its wall clock."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts_at", self.starts_at.astimezone(UTC))
        object.__setattr__(self, "ends_at", self.ends_at.astimezone(UTC))

    def overlaps(self, other: "Span") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def minutes(self) -> int:
        return (self.ends_at - self.starts_at) // MINUTE


def slots(hours: Span, minutes: int) -> list[Span]:
    """The whole slots of a reception; what is left at its end is too short to be offered."""
    step = minutes * MINUTE
    count = (hours.ends_at - hours.starts_at) // step
    return [Span(hours.starts_at + n * step, hours.starts_at + (n + 1) * step) for n in range(count)]


def offered_minutes(hours: Span, minutes: int) -> int:
    """Minutes that a reception offers to patients: those of its whole slots."""
    return hours.minutes // minutes * minutes


def left(length: int, gone: tuple[int, int], step: int) -> list[tuple[int, int]]:
    """What of [0, length), cut into steps, stays when [gone) goes: whole steps before and after it, the cuts where they were."""
    first, last = max(gone[0], 0) // step * step, -(-gone[1] // step) * step
    if gone[1] <= 0 or gone[0] >= length:
        return [(0, length)]
    return [(start, end) for start, end in ((0, first), (last, length)) if end - start >= step]


def without(hours: Span, gone: Span, minutes: int) -> list[Span]:
    """What is left of a reception when nobody is seen in the time that is gone; slots stay where they were."""
    start = hours.starts_at
    time = ((gone.starts_at - start) // MINUTE, -((start - gone.ends_at) // MINUTE))
    return [Span(start + begin * MINUTE, start + end * MINUTE) for begin, end in left(hours.minutes, time, minutes)]


def free(offered: Iterable[Span], busy: Iterable[Span]) -> list[Span]:
    """The slots that no visit touches, in order."""
    taken = sorted(busy)
    found: list[Span] = []
    for slot in sorted(offered):
        while taken and taken[0].ends_at <= slot.starts_at:
            taken.pop(0)
        if not any(visit.overlaps(slot) for visit in _before(taken, slot.ends_at)):
            found.append(slot)
    return found


def _before(spans: list[Span], end: datetime) -> Iterator[Span]:
    for span in spans:
        if span.starts_at >= end:
            return
        yield span


def nearest(offered: Iterable[Span], wished: datetime, count: int) -> list[Span]:
    """At most `count` slots, the one closest to the wished start first; of two as close, the earlier."""
    return sorted(offered, key=lambda slot: (abs(slot.starts_at - wished), slot.starts_at))[:count]


def is_open(slot: Span, now: datetime) -> bool:
    """A slot can be booked until it ends: somebody may come in the middle of it."""
    return now < slot.ends_at


def breaks(hours: Iterable[Span]) -> list[Span]:
    """What lies between the receptions of one day."""
    found: list[Span] = []
    end: datetime | None = None
    for each in sorted(hours):
        if end is not None and end < each.starts_at:
            found.append(Span(end, each.starts_at))
        end = max(end or each.ends_at, each.ends_at)
    return found


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The clinic's calendar day."""
    return at.astimezone(zone).date()


def bounds(first: date, days: int, zone: ZoneInfo) -> Span:
    """From the midnight that begins `first` to the one that ends the last of `days` days."""
    return Span(_midnight(first, zone), _midnight(first + timedelta(days), zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def moment_of(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When the wall clock shows so many minutes since midnight; where it skips them, when it has skipped; of two times, the first."""
    whole, rest = divmod(minute, DAY_MINUTES)
    shown = datetime.combine(day + timedelta(whole), time(rest // 60, rest % 60), zone)
    early, late = shown.replace(fold=1).astimezone(UTC), shown.astimezone(UTC)
    while late - early > MINUTE:  # only within a gap is the second reading earlier than the first
        middle = early + (late - early) // MINUTE // 2 * MINUTE
        has_skipped = middle.astimezone(zone).replace(tzinfo=None) > shown.replace(tzinfo=None)
        early, late = (early, middle) if has_skipped else (middle, late)
    return late


def minute_of_day(at: datetime, zone: ZoneInfo) -> int:
    """Minutes on the clinic's wall clock since midnight."""
    local = at.astimezone(zone)
    return local.hour * 60 + local.minute


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(day.weekday())


def age(born: date, today: date) -> int:
    """Full years; who was born on 29 February is older from 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
