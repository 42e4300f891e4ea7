"""What to expect, in words, with how sure it is; and why there is nothing to expect."""

from collections.abc import Mapping
from datetime import date, timedelta

from medcab.dashboards.rules import words
from medcab.dashboards.rules.forecast import LEAST_WEEKS, Expected, Forecast, kind
from medcab.holidays import SATURDAY
from medcab.ui import formats
from medcab.ui.formats import NBSP

_UNLIKE = 0.15
"""A week is named when it differs from an ordinary one by more."""


def on_weeks(found: Forecast, booked: Mapping[date, int]) -> str:
    """Over the chart of the weeks ahead; `booked` by the weeks' Mondays."""
    if found.is_empty:
        return _nothing(found)
    first = found.weeks[0]
    told = f"На неделе {formats.period(first.start, first.end)} ожидаем {visits(first.visits)}{_band(first)}"
    over = booked.get(first.start, 0) > first.high
    told += ", записано уже больше" if over else ""
    return f"{told}.{_unlike(found)} {_error(found)}"


def on_days(found: Forecast) -> str:
    """Over the chart of the fortnight ahead."""
    if not found.days:
        return "Прогноза по дням нет."
    most = max(found.days, key=lambda day: round(day.visits))
    if not round(most.visits):
        return f"В ближайшие две недели приёмов не ждём.{_days_off(found)}"
    day = f"{formats.weekday(most.start)}, {formats.day_words(most.start)}"
    return f"Больше всего ожидаем в {_accusative(day)}: {visits(most.visits)}{_band(most)}. {_usual(found)}{_days_off(found)}"


def visits(expected: float) -> str:
    """«282 приёма»."""
    return formats.plural(round(expected), *words.VISIT)


def band(each: Expected) -> str:
    """«265–300», or one number where the two are the same."""
    low, high = round(each.low), round(each.high)
    return formats.number(low) if low == high else f"{formats.number(low)}–{formats.number(high)}"


def _band(each: Expected) -> str:
    return "" if round(each.low) == round(each.high) else f" (скорее всего {band(each)})"


def _nothing(found: Forecast) -> str:
    if found.is_resting:
        return "Прогноза нет: последние недели в отделении никого не принимали, исходить не из чего."
    has = (
        f"пока {formats.plural(found.history, 'неделя', 'недели', 'недель')}" if found.history else "пока нет ни одной"
    )
    least = formats.plural(LEAST_WEEKS, "недели", "недель", "недель")
    return f"Недостаточно данных для прогноза: нужно не меньше {least} с приёмами, {has}."


def _unlike(found: Forecast) -> str:
    """The week ahead that is least like an ordinary one, and whether holidays are why."""
    ordinary = sum(found.usual.values())
    week = max(found.weeks, key=lambda each: abs(each.visits - ordinary))
    if not ordinary or abs(week.visits - ordinary) < _UNLIKE * ordinary:
        return ""
    more = "больше" if week.visits > ordinary else "меньше"
    why = ", в ней выходные по производственному календарю" if _off(week.start, week.end) else ""
    return f" Заметно {more} обычного, {formats.number(round(week.visits))}, будет на неделе {formats.period(week.start, week.end)}{why}."


def _error(found: Forecast) -> str:
    if found.error is None:
        return ""
    weeks = formats.plural(found.tried, "неделю", "недели", "недель")
    season = " Сезон прошлых лет учтён." if found.is_seasonal else ""
    return f"Такие же прогнозы за последние {weeks} ошибались в среднем на {formats.percent(found.error)}.{season}"


def _usual(found: Forecast) -> str:
    days = [
        f"{words.WEEKDAYS_SHORT[day]}{NBSP}{formats.number(round(count))}"
        for day, count in found.usual.items()
        if round(count)
    ]
    return f"Обычная неделя сейчас: {', '.join(days)}." if days else ""


def _days_off(found: Forecast) -> str:
    off = _off(found.days[0].start, found.days[-1].end)
    return (
        f" Выходные по производственному календарю: {', '.join(formats.day_words(day) for day in off)}." if off else ""
    )


def _off(start: date, end: date) -> list[date]:
    """Holidays that are no plain weekend."""
    days = [start + timedelta(number) for number in range((end - start).days + 1)]
    return [day for day in days if day.weekday() < SATURDAY and kind(day) != day.weekday()]


def _accusative(day: str) -> str:
    """«в среду», «в пятницу», «в субботу»."""
    head, *rest = day.split(",")
    return ",".join([head[:-1] + "у" if head.endswith("а") else head, *rest])
