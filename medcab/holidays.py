"""Which days a clinic is open: the Russian production calendar of 2025–2027 as data.

2025: government decree 1335 of 04.10.2024; 2026: decree 1466 of 24.09.2025. For 2027 only what article 112 of the Labour Code gives:
the decree that moves its January weekends was not published when this was written.
"""

from datetime import date, timedelta
from enum import IntEnum

SATURDAY, SUNDAY = 5, 6


class DayKind(IntEnum):
    """How the clinic works on a day."""

    WORKING = 0
    SATURDAY = 1
    DUTY = 2
    """Sundays and holidays: the doctor on duty only."""


_DAYS_OFF = {
    2025: "01-01..01-08 05-01 05-02 05-08 05-09 06-12 06-13 11-03 11-04 12-31",
    2026: "01-01..01-11 02-23 03-09 05-01 05-11 06-12 11-04 12-31",
    2027: "01-01..01-08 02-23 03-08 05-03 05-10 06-14 11-04",
}
_WORKING_WEEKENDS = frozenset({date(2025, 11, 1)})
_NEW_YEAR_TO_CHRISTMAS = frozenset((1, day) for day in range(1, 9))
_FEASTS = _NEW_YEAR_TO_CHRISTMAS | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}
"""Holidays of article 112, of any year: closed on a Saturday too."""


def _spelled_out(year: int, days: str) -> set[date]:
    found: set[date] = set()
    for part in days.split():
        first, _, last = part.partition("..")
        start, end = (date.fromisoformat(f"{year}-{edge}") for edge in (first, last or first))
        found |= {start + timedelta(number) for number in range((end - start).days + 1)}
    return found


HOLIDAYS = frozenset().union(*(_spelled_out(year, days) for year, days in _DAYS_OFF.items()))
"""Days off beside plain weekends, by the decrees."""


def kind_of(day: date) -> DayKind:
    """How the clinic works on `day`; outside 2025–2027 by weekday and the holidays that never move."""
    if day in _WORKING_WEEKENDS:
        return DayKind.WORKING
    if day in HOLIDAYS or (day.month, day.day) in _FEASTS or day.weekday() == SUNDAY:
        return DayKind.DUTY
    return DayKind.SATURDAY if day.weekday() == SATURDAY else DayKind.WORKING
