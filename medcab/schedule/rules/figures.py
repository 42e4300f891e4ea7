"""What each visit adds to its day's figures. A change adds `contribution(after) − contribution(before)`, so the sums stay true.

The hour at which a day was opened is no sum over its visits: a change adds `opening(first after) − opening(first before)` of the whole day.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.schedule.rules.slots import MINUTE, Span, day_of, offered_minutes
from medcab.schedule.rules.visits import AppointmentStatus, Visit, VisitKind, is_late_cancelled, waited_minutes

ON_TIME_MINUTES = 5
"""The first patient of a day taken so many minutes after the plan is still on time (domain 4); whole minutes, as a clock shows them."""
WAIT_BINS = {
    "wait_0_5": (0, 5),
    "wait_5_15": (5, 15),
    "wait_15_30": (15, 30),
    "wait_30_45": (30, 45),
    "wait_45": (45, None),
}
"""Whole minutes, the upper edge not included; the last bin has none."""
_WAITS, _EDGES = tuple(WAIT_BINS), [high for _, high in WAIT_BINS.values() if high]
COUNTS = (
    "offered_minutes", "booked_minutes", "attended_minutes", "planned", "done", "no_show", "cancelled", "late_cancelled",
    "first_starts", "on_time_starts", "waited", "waited_minutes", *_WAITS,
)  # fmt: skip

Counts = Counter[str]


class FigureKind(StrEnum):
    """Which visits of a day are counted together: all of them, beside the hours offered (which are of no kind), or those of one kind.

    The whole is kept beside its parts, so that what is looked at most is read without them.
    """

    ALL = "all"
    FIRST = VisitKind.FIRST.value
    REPEAT = VisitKind.REPEAT.value
    PROPHYLACTIC = VisitKind.PROPHYLACTIC.value


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One worker's day in one department, the whole of it or its visits of one kind."""

    day: date
    department_id: UUID
    practitioner_id: UUID
    organisation_id: UUID
    kind: FigureKind = FigureKind.ALL

    def of(self, kind: VisitKind) -> "Key":
        return replace(self, kind=FigureKind(kind.value))

    @property
    def whole(self) -> "Key":
        return replace(self, kind=FigureKind.ALL)


Figures = dict[Key, Counts]


@dataclass(frozen=True, slots=True, order=True)
class Start:
    """When a patient was taken in; the earliest of a worker's day opened it."""

    started_at: datetime
    starts_at: datetime
    appointment_id: UUID
    kind: VisitKind = field(compare=False)


def key_of(visit: Visit, zone: ZoneInfo) -> Key:
    """The whole day of the planned start, at the clinic."""
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
    if visit.status is AppointmentStatus.DONE:
        counts["attended_minutes"] = visit.span.minutes
    if (waited := waited_minutes(visit)) is not None:
        counts.update({"waited": 1, "waited_minutes": waited, _WAITS[bisect_right(_EDGES, waited)]: 1})
    return counts


def change(before: Visit | None, after: Visit | None, zone: ZoneInfo) -> Figures:
    """What a change of one visit adds, day by day (a move touches two), in an order that is always the same; nothing that stays."""
    added: list[Figures] = []
    for visit, sign in ((before, -1), (after, 1)):
        if visit is not None:
            counts = contribution(visit)
            added.append(_whole_and_part(key_of(visit, zone), visit.kind, counts, sign))
    return total(added)


def start_of(appointment_id: UUID, visit: Visit | None) -> Start | None:
    """None for a visit that has not begun, or has no mark of it, or was called off after all."""
    if visit is None or visit.started_at is None or waited_minutes(visit) is None:
        return None
    return Start(visit.started_at, visit.starts_at, appointment_id, visit.kind)


def opening(key: Key, starts: Iterable[Start | None], sign: int = 1) -> Figures:
    """What a day counts for that began with the earliest of these."""
    first = min((start for start in starts if start), default=None)
    if first is None:
        return {}
    is_on_time = (first.started_at - first.starts_at) // MINUTE <= ON_TIME_MINUTES
    return _whole_and_part(key, first.kind, Counter(first_starts=1, on_time_starts=int(is_on_time)), sign)


def _whole_and_part(key: Key, kind: VisitKind, counts: Counts, sign: int) -> Figures:
    return {at: Counter({name: sign * count for name, count in counts.items()}) for at in (key, key.of(kind))}


def offer(key: Key, hours: Span, minutes: int) -> Figures:
    """What a reception adds to its day."""
    return {key: Counter(offered_minutes=offered_minutes(hours, minutes))}


def total(parts: list[Figures]) -> Figures:
    """Sums by key in the keys' order, without zeros and without keys that count nothing."""
    summed: Figures = {}
    for part in parts:
        for key, counts in part.items():
            kept = summed.setdefault(key, Counter())
            for name, count in counts.items():
                kept[name] += count
    kept = {key: Counter({name: count for name, count in summed[key].items() if count}) for key in sorted(summed)}
    return {key: counts for key, counts in kept.items() if counts}
