"""What a calendar for other programs says of a worker's time. Names of patients come in only for a feed that was made with them.

Nothing that somebody typed about a visit (a reason, a remark) goes out: it may say what the patient is ill with.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.schedule.rules.slots import Span, bounds
from medcab.schedule.rules.visits import KIND_TITLES, STATUS_TITLES, AppointmentStatus, VisitKind

BACK, AHEAD = 30, 180
"""Days of the window around today."""
MOST_VISITS, MOST_HOURS = 3000, 1000
TOUCH_EVERY = timedelta(hours=1)
LONGEST_NAME = 60


class Firmness(StrEnum):
    """The words of RFC 5545 for how firm an event is."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Booked:
    """A visit as far as a feed may know it; `name` is empty unless the feed was made with names."""

    id: UUID
    span: Span
    kind: VisitKind
    status: AppointmentStatus
    is_over: bool
    is_confirmed: bool
    version: int
    changed_at: datetime
    department: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the feed."""

    uid: str
    span: Span
    title: str
    place: str
    note: str
    firmness: Firmness
    version: int
    changed_at: datetime
    is_busy: bool = True


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole calendar, in order."""

    title: str
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """Hours of reception."""

    span: Span
    room: str
    department: str


def window(today: date, zone: ZoneInfo) -> Span:
    """What a feed shows."""
    return bounds(today - timedelta(BACK), BACK + 1 + AHEAD, zone)


def feed_of(clinic: str, visits: Iterable[Booked], hours: Iterable[Open], *, shown_since: datetime | None) -> Feed:
    """The calendar of one worker in one clinic; `shown_since`: since when hours are shown as well (None: they are not)."""
    opened = sorted(hours, key=lambda each: each.span)
    found = [_visit(each, _room(each.span, opened), clinic) for each in visits]
    if shown_since:
        found += [_hours(each, clinic, shown_since) for each in opened[:MOST_HOURS]]
    return Feed(f"Приёмы: {clinic}", tuple(sorted(found, key=lambda each: (each.span, each.uid))))


def _visit(visit: Booked, room: str, clinic: str) -> Event:
    kind = f"{KIND_TITLES[visit.kind]} приём"
    title = f"{visit.name}, {kind.lower()}" if visit.name else kind
    if visit.status is AppointmentStatus.CANCELLED:
        title = f"Отменён: {title}"
    firmness = {AppointmentStatus.CANCELLED: Firmness.CANCELLED, AppointmentStatus.OFFERED: Firmness.TENTATIVE}
    return Event(
        f"{visit.id}@medcab", visit.span, title, _place(room, visit.department, clinic), _note(visit),
        firmness.get(visit.status, Firmness.CONFIRMED), visit.version, visit.changed_at,
    )  # fmt: skip


def _hours(each: Open, clinic: str, shown_since: datetime) -> Event:
    uid = f"hours-{each.span.starts_at:%Y%m%dT%H%MZ}-{each.span.ends_at:%H%M}@medcab"
    place = _place(each.room, each.department, clinic)
    return Event(uid, each.span, "Часы приёма", place, "", Firmness.CONFIRMED, 0, shown_since, is_busy=False)


def _room(span: Span, opened: Sequence[Open]) -> str:
    """That of the hours in which the visit begins; nobody has two hours at once."""
    at = bisect_right(opened, span.starts_at, key=lambda each: each.span.starts_at) - 1
    return opened[at].room if at >= 0 and span.starts_at < opened[at].span.ends_at else ""


def _place(room: str, department: str, clinic: str) -> str:
    return ", ".join(filter(None, (f"каб. {room}" if room else "", department, clinic)))


def _note(visit: Booked) -> str:
    said = [] if visit.status is AppointmentStatus.BOOKED else [STATUS_TITLES[visit.status]]
    if visit.status is AppointmentStatus.BOOKED and visit.is_confirmed:
        said.append("Пациент подтвердил")
    if visit.is_over:
        said.append("Сверх плана")
    return ". ".join(said)


def read_words(read_at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """When a link was read last, no more exactly than it is kept."""
    if read_at is None:
        return "ещё не было"
    days = (now.astimezone(zone).date() - read_at.astimezone(zone).date()).days
    return {0: "сегодня", 1: "вчера"}.get(max(days, 0), f"{read_at.astimezone(zone):%d.%m.%Y}")
