"""What each visit adds to its day's figures. A change adds `contribution(after) − contribution(before)`, so the sums stay true."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.schedule.rules.slots import Span, day_of, offered_minutes
from medcab.schedule.rules.visits import AppointmentStatus, Visit, is_late_cancelled, waited_minutes

_WAITS = ("wait_0_5", "wait_5_15", "wait_15_30", "wait_30_45", "wait_45")
_EDGES = (5, 15, 30, 45)
"""Minutes; each begins the next bin."""
COUNTS = (
    "offered_minutes", "booked_minutes", "planned", "done", "no_show", "cancelled", "late_cancelled", "waited", "waited_minutes", *_WAITS,
)  # fmt: skip

Counts = Counter[str]


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One worker's day in one department."""

    day: date
    department_id: UUID
    practitioner_id: UUID
    organisation_id: UUID


Figures = dict[Key, Counts]


def key_of(visit: Visit, zone: ZoneInfo) -> Key:
    """The day is that of the planned start, at the clinic."""
    return Key(day_of(visit.starts_at, zone), visit.department_id, visit.practitioner_id, visit.organisation_id)


def contribution(visit: Visit) -> Counts:
    """What one visit counts for. A cancelled one is neither planned nor booked, an offered one not yet; a no-show is both."""
    if visit.status is AppointmentStatus.OFFERED:
        return Counter()
    if visit.status is AppointmentStatus.CANCELLED:
        return Counter(cancelled=1, late_cancelled=int(is_late_cancelled(visit)))
    counts: Counts = Counter(planned=1, booked_minutes=visit.span.minutes)
    if visit.status in (AppointmentStatus.DONE, AppointmentStatus.NO_SHOW):
        counts[visit.status.value] = 1
    if (waited := waited_minutes(visit)) is not None:
        counts.update({"waited": 1, "waited_minutes": waited, _WAITS[bisect_right(_EDGES, waited)]: 1})
    return counts


def change(before: Visit | None, after: Visit | None, zone: ZoneInfo) -> Figures:
    """What a change of one visit adds, day by day (a move touches two), in an order that is always the same; nothing that stays."""
    added: Figures = {}
    for visit, sign in ((before, -1), (after, 1)):
        if visit is not None:
            counts = added.setdefault(key_of(visit, zone), Counter())
            for name, count in contribution(visit).items():
                counts[name] += sign * count
    return {key: counts for key in sorted(added) if any((counts := added[key]).values())}


def offer(key: Key, hours: Span, minutes: int) -> Figures:
    """What a reception adds to its day."""
    return {key: Counter(offered_minutes=offered_minutes(hours, minutes))}


def total(parts: list[Figures]) -> Figures:
    """Sums by key, without zeros and without keys that count nothing."""
    summed: Figures = {}
    for part in parts:
        for key, counts in part.items():
            summed.setdefault(key, Counter()).update(counts)
    kept = {key: Counter({name: count for name, count in counts.items() if count}) for key, counts in summed.items()}
    return {key: counts for key, counts in kept.items() if counts}
