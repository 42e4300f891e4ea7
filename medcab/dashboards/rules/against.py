"""What a period is compared with: the equal span before it, or the same one a year ago."""

from datetime import date, timedelta
from enum import StrEnum

from medcab import holidays
from medcab.dashboards.rules.period import Period
from medcab.holidays import DayKind
from medcab.ui import formats

_YEAR_OF_WEEKS = timedelta(weeks=52)
_DAY = timedelta(days=1)


class Against(StrEnum):
    """The other side of the comparison."""

    BEFORE = "before"
    YEAR = "year"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def span(self) -> str:
        """When that was: «за тот же срок год назад»."""
        return _SPANS[self]

    def of(self, period: Period) -> Period | None:
        """The other span; None when it would share days with the period itself."""
        if self is Against.BEFORE:
            return period.previous
        other = year_ago(period)
        return other if other.end < period.start else None


_LABELS = {Against.BEFORE: "Сравнить с таким же сроком до этого", Against.YEAR: "Сравнить с тем же сроком год назад"}
_SPANS = {Against.BEFORE: "за такой же срок до этого", Against.YEAR: "за тот же срок год назад"}


def read(text: str) -> Against:
    """As an address has it; anything else is the span before."""
    return Against(text) if text in set(Against) else Against.BEFORE


def is_of_months(period: Period) -> bool:
    """Whether it is whole calendar months, and so months, quarters and years too."""
    return period.start.day == 1 and (period.end + _DAY).day == 1


def year_ago(period: Period) -> Period:
    """Calendar months and years against the same ones; any other span 52 weeks earlier, so that its weekdays are the same."""
    if not is_of_months(period):
        return Period(period.start - _YEAR_OF_WEEKS, period.end - _YEAR_OF_WEEKS)
    after = period.end + _DAY
    return Period(_year_before(period.start), _year_before(after) - _DAY)


def _year_before(first: date) -> date:
    return first.replace(year=first.year - 1)


def working_days(period: Period) -> int:
    """By the production calendar; Saturdays are days of their own."""
    days = (period.start + number * _DAY for number in range(period.days))
    return sum(holidays.kind_of(day) is DayKind.WORKING for day in days)


def told(against: Against, period: Period, *, today: date, is_compared: bool) -> str:
    """Under the tiles: what the changes are measured against, or why there are none."""
    other = against.of(period)
    if other is None:
        return "Сравнения с прошлым годом нет: выбранный срок длиннее года, и дни совпали бы."
    span = formats.period(other.start, other.end)
    if not is_compared:
        if period.end >= today:
            return "Сравнения пока нет: выбранный срок ещё идёт."
        return f"Сравнения нет: {against.span} ({span}) показателей недостаточно."
    return f"Изменения показаны в сравнении с показателями {against.span}: {span}{_how(against, period)}. {_working(period, other)}"


def _how(against: Against, period: Period) -> str:
    if against is Against.BEFORE:
        return ""
    return " (те же календарные месяцы)" if is_of_months(period) else " (ровно 52 недели раньше: дни недели те же)"


def _working(period: Period, other: Period) -> str:
    now, then = working_days(period), working_days(other)
    days = formats.plural(now, "рабочий день", "рабочих дня", "рабочих дней")
    if now == then:
        return f"Рабочих дней поровну: {formats.number(now)}."
    return f"По производственному календарю сейчас {days}, тогда {formats.number(then)}."
