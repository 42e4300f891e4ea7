"""The waiting list: which free time fits a wish, who comes first, how long an offer is held, who waits longer than the norm. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.errors import Invalid
from medcab.holidays import DayKind, kind_of
from medcab.identifiers.day_time import DAY_MINUTES, formatted
from medcab.schedule.rules.slots import MINUTE, Span, day_of, minute_of_day
from medcab.ui import formats

MORNING, EVENING = time(9), time(21)
"""Between these a patient may be sent an SMS, and an offer runs out."""
NOTICE = timedelta(hours=2)
"""How long before the visit an offer must reach the patient; later than this, somebody calls."""
_LAST_ANSWER = timedelta(hours=1)
_SHORTEST_HOLD = timedelta(minutes=30)
PATIENCE = 3
"""Who let so many offers go by stands behind those who did not."""
LONGEST_WISH = timedelta(days=366)
LONGEST_NOTE = 200
EVERY_DAY = 127
_WORKING_DAYS = 14
_AT_ONCE = frozenset({"терапия", "педиатрия", "общая врачебная практика (семейная медицина)"})
"""Specialties that the programme of guarantees gives 24 hours; others have 14 working days (reference/domain.md 3.6)."""
_DAY_NAMES = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")


class Urgency(StrEnum):
    """How soon: it orders the list before the day of the wish does."""

    URGENT = "urgent"
    SOON = "soon"
    PLANNED = "planned"


class WishState(StrEnum):
    """Where a wish stands (domain: waits → offered → booked, or offered to the next)."""

    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


OPEN = (WishState.WAITING, WishState.OFFERED)
URGENCY_TITLES = {Urgency.URGENT: "Срочно", Urgency.SOON: "Скоро", Urgency.PLANNED: "Планово"}
STATE_TITLES = {
    WishState.WAITING: "Ждёт", WishState.OFFERED: "Предложено", WishState.BOOKED: "Записан", WishState.EXPIRED: "Срок вышел",
    WishState.WITHDRAWN: "Убран",
}  # fmt: skip
RANKS = {urgency: rank for rank, urgency in enumerate(Urgency)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What time somebody waits for; without a practitioner, whoever sees the specialty in the department."""

    department_id: UUID
    practitioner_id: UUID | None
    specialty: str
    weekdays: int
    """Bits, Monday the lowest."""
    starts: int
    ends: int
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Free:
    """A slot that nobody has, in hours of this department and specialty."""

    span: Span
    department_id: UUID
    practitioner_id: UUID
    specialty: str
    room: str = ""


def fits(wanted: Wanted, slot: Free, zone: ZoneInfo) -> bool:
    """Whether the slot is what somebody waits for."""
    day, start = day_of(slot.span.starts_at, zone), minute_of_day(slot.span.starts_at, zone)
    is_for = wanted.practitioner_id in (None, slot.practitioner_id) and wanted.department_id == slot.department_id
    is_subject = _plain(wanted.specialty) in ("", _plain(slot.specialty))
    is_day = wanted.since <= day <= wanted.until and bool(wanted.weekdays >> day.weekday() & 1)
    return is_for and is_subject and is_day and wanted.starts <= start and start + slot.span.minutes <= wanted.ends


def order(urgency: Urgency, offers: int, created_at: datetime) -> tuple[int, bool, datetime]:
    """Who is offered a time first: the smallest."""
    return RANKS[urgency], offers >= PATIENCE, created_at


def place_words(place: int) -> str:
    """«Второй в очереди: срочные раньше, затем по дате записи в лист»."""
    known = ("Первый", "Второй", "Третий", "Четвёртый", "Пятый")
    number = known[place - 1] if place <= len(known) else f"{place}-й"
    return f"{number} в очереди"


ORDER_WORDS = (
    "Срочные раньше, затем по дате записи в лист; кто пропустил три предложения, стоит за теми, кто ещё не пропускал."
)


def wish_words(wanted: Wanted) -> str:
    """«пн, ср с 09:00 до 12:00, с 24.11.2026 по 24.12.2026»: when, without whom."""
    days = [name for number, name in enumerate(_DAY_NAMES) if wanted.weekdays >> number & 1]
    any_day = wanted.weekdays == EVERY_DAY
    hours = [
        f"с {formatted(wanted.starts)}" if wanted.starts else "",
        f"до {formatted(wanted.ends)}" if wanted.ends < DAY_MINUTES else "",
    ]
    when = " ".join(filter(None, ["любой день" if any_day else ", ".join(days), *hours]))
    return f"{when}; {formats.day_short(wanted.since)} – {formats.day(wanted.until)}"


def fault(wanted: Wanted, today: date) -> str:
    """Why nobody can wait for this, a sentence; empty: they can."""
    checks = (
        (not 1 <= wanted.weekdays <= EVERY_DAY, "Отметьте хотя бы один день недели."),
        (not 0 <= wanted.starts < wanted.ends <= DAY_MINUTES, "Время «до» должно быть позже времени «с»."),
        (wanted.until < wanted.since, "Последний день раньше первого."),
        (wanted.until < today, "Последний день уже прошёл."),
        (wanted.until - wanted.since > LONGEST_WISH, "Ждать можно не дольше года."),
        (not wanted.practitioner_id and not wanted.specialty, "Укажите врача или специальность."),
    )
    return next((sentence for is_wrong, sentence in checks if is_wrong), "")


def note_of(text: str) -> str:
    """One line, or `Invalid`."""
    line = " ".join(text.split())
    if len(line) > LONGEST_NOTE:
        raise Invalid(f"Заметка не длиннее {LONGEST_NOTE} знаков.")
    return line


def due(created_at: datetime, specialty: str, zone: ZoneInfo) -> datetime:
    """When the norm of waiting runs out."""
    if _plain(specialty) in _AT_ONCE:
        return created_at + timedelta(hours=24)
    day, left = day_of(created_at, zone), _WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= kind_of(day) is DayKind.WORKING
    return _at(day + timedelta(days=1), time(), zone)


@dataclass(frozen=True, slots=True)
class Hold:
    """An offer goes out at `begins` and holds its time until `ends`; both by day."""

    begins: datetime
    ends: datetime


def hold(now: datetime, starts_at: datetime, minutes: int, zone: ZoneInfo) -> Hold | None:
    """How long a slot is held for an answer, counted by day; None: too late for an SMS, somebody has to call."""
    begins = by_day(now, zone)
    ends = _until_evening(min(_counted(begins, minutes * MINUTE, zone), starts_at - _LAST_ANSWER), zone)
    if starts_at - begins < NOTICE or ends - begins < min(_SHORTEST_HOLD, minutes * MINUTE):
        return None
    return Hold(begins, ends)


def by_day(at: datetime, zone: ZoneInfo) -> datetime:
    """This moment, or the morning after the night in which it is."""
    local = at.astimezone(zone)
    if local.time() < MORNING:
        return _at(local.date(), MORNING, zone)
    return at.astimezone(UTC) if local.time() < EVENING else _at(local.date() + timedelta(days=1), MORNING, zone)


def _counted(begins: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
    at, left = begins, length
    while True:
        evening = _at(day_of(at, zone), EVENING, zone)
        if at + left <= evening:
            return at + left
        at, left = by_day(evening, zone), left - (evening - at)


def _until_evening(at: datetime, zone: ZoneInfo) -> datetime:
    """This moment, or the evening before the night in which it is."""
    local = at.astimezone(zone)
    if local.time() < MORNING:
        return _at(local.date() - timedelta(days=1), EVENING, zone)
    return min(at.astimezone(UTC), _at(local.date(), EVENING, zone))


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").split())


def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
