"""Days of work and months of the calendar. Pure."""

from datetime import date, timedelta

_HOLIDAYS = frozenset({*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)})
"""Month and day (ТК ст. 112). Days moved by a year's decree are not known here: a term of weeks differs by one or two."""
_SATURDAY = 5


def is_working(day: date) -> bool:
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _HOLIDAYS


def working_days_before(day: date, count: int) -> date:
    """The day from which `count` working days are left before `day`."""
    while count:
        day -= timedelta(days=1)
        count -= is_working(day)
    return day


def months_before(day: date, count: int) -> date:
    """The same day of an earlier month, or the last one it has."""
    months = day.year * 12 + day.month - 1 - count
    for last in (day.day, 30, 29, 28):
        try:
            return date(months // 12, months % 12 + 1, min(last, day.day))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def whole_months(first: date, last: date) -> int:
    """How many months fit between the days; 0 when `last` is not later."""
    count = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return max(0, count)
