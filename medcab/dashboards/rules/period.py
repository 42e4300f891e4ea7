"""Which days are looked at: presets, an own span, the equal span before it, its weeks."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from medcab.errors import Invalid

LONGEST_DAYS = 800
"""A little over two years: enough to see a season twice."""
_ENOUGH = 0.8
_YEARS = range(2000, 2100)
_DAY = timedelta(days=1)


def months_back(month: date, count: int) -> date:
    """The first day of the month so many months before; after, when negative."""
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both inclusive."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def previous(self) -> "Period":
        """The equal span that ends the day before this one starts."""
        return Period(self.start - self.days * _DAY, self.start - _DAY)

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end

    def week(self, monday: date) -> "Period":
        """What of that week lies in the period."""
        return Period(max(self.start, monday), min(self.end, monday + 6 * _DAY))

    def days_on(self, weekday: int) -> list[date]:
        """The days of the period that are that weekday; 0 is Monday."""
        first = (weekday - self.start.weekday()) % 7
        return [self.start + number * _DAY for number in range(first, self.days, 7)]


@dataclass(frozen=True, slots=True)
class Cut:
    """Part of a period: what one mark of a chart counts. `week` is its Monday, `weekday` 0…6; nothing given: all of it.

    `span`: a whole week, a day or some days, whether the period holds them or not: charts that look behind or ahead of the period have such marks,
    and so has «Что сегодня не так?».
    """

    week: date | None = None
    weekday: int | None = None
    doctor_id: UUID | None = None
    span: Period | None = None

    @classmethod
    def read(cls, text: str) -> "Cut":
        """As an address has it: `week:2026-11-16`, `weekday:0`, `doctor:<uuid>`, `whole:2026-11-16`, `day:2026-11-16`,
        `days:2026-11-16..2026-11-22`; anything else is the whole.
        """
        kind, _, value = text.partition(":")
        try:
            match kind:
                case "week" | "whole" | "day":
                    return cls._of_day(kind, date.fromisoformat(value))
                case "days":
                    return cls._of_days(*map(date.fromisoformat, value.split("..")))
                case "weekday":
                    return cls(weekday=int(value) % 7)
                case "doctor":
                    return cls(doctor_id=UUID(value))
        except (ValueError, TypeError):
            pass  # an address somebody has mended by hand shows the whole
        return cls()

    def within(self, period: Period) -> Period:
        """The days it leaves of the period, before weekdays are chosen among them; a span is its own."""
        return self.span or (period.week(self.week) if self.week else period)

    @classmethod
    def _of_days(cls, start: date, end: date) -> "Cut":
        span = Period(start, end)
        is_sane = date.min.year < start.year and end.year < date.max.year and 0 < span.days <= LONGEST_DAYS
        return cls(span=span) if is_sane else cls()

    @classmethod
    def _of_day(cls, kind: str, day: date) -> "Cut":
        if not date.min.year < day.year < date.max.year:
            return cls()
        monday = monday_of(day)
        match kind:
            case "week":
                return cls(week=monday)
            case "whole":
                return cls(span=Period(monday, monday + 6 * _DAY))
            case _:
                return cls(span=Period(day, day))


def span_text(span: Period) -> str:
    """Of a cut that is these days."""
    return f"day:{span.start}" if span.days == 1 else f"days:{span.start}..{span.end}"


def monday_of(day: date) -> date:
    return day - day.weekday() * _DAY


def is_comparable(days: int, days_before: int) -> bool:
    """Whether two equal spans have figures on about as many days; holidays move, so a fifth fewer is still the same."""
    return days_before >= days * _ENOUGH


class Preset(StrEnum):
    """Ready spans. All but TODAY end yesterday: an unfinished day would spoil the shares."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def label(self) -> str:
        return _LABELS[self]

    def period(self, today: date) -> Period:
        if self is Preset.TODAY:
            return Period(today, today)
        return Period(today - _DAYS[self] * _DAY, today - _DAY)


_LABELS = {
    Preset.TODAY: "Сегодня",
    Preset.WEEK: "Неделя",
    Preset.MONTH: "Месяц",
    Preset.QUARTER: "Квартал",
    Preset.YEAR: "Год",
}
# Whole weeks, so that the span before has the same weekdays and the comparison is fair.
_DAYS = {Preset.WEEK: 7, Preset.MONTH: 28, Preset.QUARTER: 91, Preset.YEAR: 364}


def preset_of(period: Period, today: date) -> Preset | None:
    """The preset that gives this span, if any."""
    return next((preset for preset in Preset if preset.period(today) == period), None)


def chosen(start: str, end: str, *, today: date) -> Period:
    """The span an address or a form names; ISO dates. Both empty: the last month. `Invalid` names the field to put right."""
    if not start and not end:
        return Preset.MONTH.period(today)
    period = Period(_date(start, "from"), _date(end, "to"))
    if period.end < period.start:
        raise Invalid("Начало периода позже конца. Поменяйте даты местами.", field="from")
    if period.days > LONGEST_DAYS:
        raise Invalid("Период слишком длинный: выберите не больше двух лет.", field="from")
    return period


def _date(text: str, field: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Invalid("Укажите обе даты периода.", field=field) from None
    if found.year not in _YEARS:
        raise Invalid("Проверьте год в датах периода.", field=field)
    return found


def month_of(text: str, latest: date, back: int) -> date | None:
    """The first day of «2026-11», when it is one of the `back` months before `latest` or that month itself."""
    with suppress(ValueError):
        month = date.fromisoformat(f"{text}-01")
        return month if months_back(latest, back) <= month <= latest else None
    return None


def department_of(text: str) -> UUID | None:
    """Of an address: None when none is named, nobody's when it is no id."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)
