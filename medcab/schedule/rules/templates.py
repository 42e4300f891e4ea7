"""Reception templates: on which days of which weeks a worker sees patients, from when to when. Days to come are computed, never stored.

Minutes count from midnight on the clinic's wall clock. A week is odd or even by its number in ISO 8601, as rotas in Russia count them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.holidays import SUNDAY, DayKind, kind_of
from medcab.identifiers import day_time
from medcab.identifiers.day_time import DAY_MINUTES
from medcab.schedule.rules.slots import Span, left, moment_of
from medcab.ui import formats

SHORTEST_SLOT, LONGEST_SLOT = 5, 240
_ROUND = 4 * 7
"""Days in which every weekday meets odd and even weeks, also around a new year after a week 53."""


class Weeks(StrEnum):
    """In which weeks a template holds."""

    ALL = "all"
    ODD = "odd"
    EVEN = "even"


@dataclass(frozen=True, slots=True)
class Block:
    """Hours without a break, [starts, ends)."""

    starts: int
    ends: int

    def meets(self, other: "Block") -> bool:
        return self.starts < other.ends and other.starts < self.ends

    def without(self, gone: "Block", step: int) -> list["Block"]:
        """What is left of hours cut into slots of so many minutes; the cuts stay where they were."""
        time = (gone.starts - self.starts, gone.ends - self.starts)
        return [
            Block(self.starts + start, self.starts + end) for start, end in left(self.ends - self.starts, time, step)
        ]

    def on(self, day: date, zone: ZoneInfo) -> Span:
        """When that is; of no length where the clocks skip all of it."""
        return Span(moment_of(day, self.starts, zone), moment_of(day, self.ends, zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The hours of one worker in one department; `until` None: until further notice."""

    weekdays: frozenset[int]
    """Monday is 0."""
    weeks: Weeks = Weeks.ALL
    starts: int
    ends: int
    break_starts: int | None = None
    break_ends: int | None = None
    slot_minutes: int
    since: date
    until: date | None = None
    on_holidays: bool = False
    """Also on public holidays that fall on a weekday."""

    def holds_on(self, day: date) -> bool:
        is_its_week = self.weeks is Weeks.ALL or (day.isocalendar().week % 2 == 1) == (self.weeks is Weeks.ODD)
        is_within = self.since <= day and (self.until is None or day <= self.until)
        return (
            is_within and is_its_week and day.weekday() in self.weekdays and (self.on_holidays or not _is_holiday(day))
        )

    def blocks(self) -> list[Block]:
        """Before and after the break."""
        if self.break_starts is None or self.break_ends is None:
            return [Block(self.starts, self.ends)]
        return [Block(self.starts, self.break_starts), Block(self.break_ends, self.ends)]


@dataclass(frozen=True, slots=True)
class Closed:
    """Time in which no template holds: leave, illness, a broken device. Whole days, both included; or from `starts` of the first to `ends` of the last."""

    since: date
    until: date
    starts: int = 0
    ends: int = DAY_MINUTES

    def on(self, day: date) -> Block | None:
        """What it takes of the day."""
        if not self.since <= day <= self.until:
            return None
        return Block(self.starts if day == self.since else 0, self.ends if day == self.until else DAY_MINUTES)

    def covers(self, day: date) -> bool:
        return self.on(day) == _WHOLE

    def span(self, zone: ZoneInfo) -> Span:
        """From its first moment to its last."""
        return Span(moment_of(self.since, self.starts, zone), moment_of(self.until, self.ends, zone))


def said_of(closed: Closed) -> str:
    """«23.11.2026», «23.11.2026 с 13:00», «23.11.2026 с 14:00 до 16:00», «23.11.2026 с 13:00 – 25.11.2026 до 11:00»."""
    first = f" с {day_time.formatted(closed.starts)}" if closed.starts else ""
    last = f" до {day_time.formatted(closed.ends)}" if closed.ends < DAY_MINUTES else ""
    if closed.since == closed.until:
        return f"{formats.day(closed.since)}{first}{last}"
    return f"{formats.day(closed.since)}{first} – {formats.day(closed.until)}{last}"


_WHOLE = Block(0, DAY_MINUTES)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the templates of one worker in one clinic say. A day up to a template's `written` is a fact already, kept elsewhere; so is one of `own` hours."""

    templates: tuple[tuple[UUID, Template, date], ...] = ()
    closed: tuple[Closed, ...] = ()
    own: frozenset[date] = frozenset()

    def on(self, day: date) -> list[tuple[UUID, Block]]:
        """The hours of a day that are computed, in order, with the template of each."""
        if day in self.own or any(each.covers(day) for each in self.closed):
            return []
        gone = [taken for each in self.closed if (taken := each.on(day))]
        found = [
            (key, part)
            for key, each, written in self.templates
            if day > written and each.holds_on(day)
            for block in each.blocks()
            for part in _left_of(block, gone, each.slot_minutes)
        ]
        return sorted(found, key=lambda pair: pair[1].starts)

    def spans_on(self, day: date, zone: ZoneInfo) -> list[Span]:
        return [span for _, block in self.on(day) if (span := block.on(day, zone)).minutes]


def _left_of(block: Block, gone: Iterable[Block], step: int) -> list[Block]:
    parts = [block]
    for taken in gone:
        parts = [part for each in parts for part in each.without(taken, step)]
    return parts


def fault(template: Template) -> str:
    """Why these are no hours of a reception; empty: they are."""
    checks = (
        (not template.weekdays <= set(range(7)) or not template.weekdays, "Отметьте хотя бы один день недели."),
        (not 0 <= template.starts < template.ends <= DAY_MINUTES, "Приём должен заканчиваться позже, чем начался."),
        (not SHORTEST_SLOT <= template.slot_minutes <= LONGEST_SLOT, f"Приём одного пациента длится от {SHORTEST_SLOT} до {LONGEST_SLOT} минут."),
        (template.until is not None and template.until < template.since, "Последний день раньше первого."),
        ((template.break_starts is None) != (template.break_ends is None), "Укажите и начало, и конец перерыва, или ни того, ни другого."),
    )  # fmt: skip
    for is_wrong, sentence in checks:
        if is_wrong:
            return sentence
    return _fault_of_break(template) or _fault_of_room(template)


def _fault_of_break(template: Template) -> str:
    if template.break_starts is None or template.break_ends is None:
        return ""
    is_inside = template.starts < template.break_starts < template.break_ends < template.ends
    return "" if is_inside else "Перерыв должен быть внутри приёма."


def _fault_of_room(template: Template) -> str:
    has_room = all(block.ends - block.starts >= template.slot_minutes for block in template.blocks())
    return "" if has_room else "В эти часы не помещается ни одного приёма."


def meet(one: Template, other: Template) -> date | None:
    """The first day on which both would have the worker at two places at once; None: never."""
    if not any(mine.meets(theirs) for mine in one.blocks() for theirs in other.blocks()):
        return None
    first = max(one.since, other.since)
    last = min((each.until for each in (one, other) if each.until), default=first + timedelta(_ROUND))
    days = (first + timedelta(number) for number in range(min((last - first).days, _ROUND) + 1))
    return next((day for day in days if one.holds_on(day) and other.holds_on(day)), None)


def outside(spans: Iterable[Span], before: Sequence[Span], after: Sequence[Span]) -> list[Span]:
    """Which of these were within the hours before, and would not be after."""
    return [span for span in spans if _is_within(span, before) and not _is_within(span, after)]


def _is_within(span: Span, hours: Sequence[Span]) -> bool:
    return any(each.starts_at <= span.starts_at and span.ends_at <= each.ends_at for each in hours)


def _is_holiday(day: date) -> bool:
    return kind_of(day) is DayKind.DUTY and day.weekday() != SUNDAY
