"""Whether a week has more cases than usual.

The usual level is the mean of the same weeks of previous years; the threshold is that mean and two standard deviations,
the common upper limit of surveillance. It is a statistical signal of the clinic's own data, not the threshold
that the regional authority sets for its territory, and the page has to say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

YEARS_NEEDED = 3
DEVIATIONS = 2
FEW = 5
"""Fewer cases than this say little: they are marked, and never raise an alert."""
PER = 1000


@dataclass(frozen=True, slots=True)
class Level:
    """What is usual for a week."""

    mean: float
    threshold: float
    years: int


def same_weeks(monday: date, years: int = YEARS_NEEDED) -> list[date]:
    """Mondays of the ISO week with the same number in previous years, the newest first; a 53rd falls back on the 52nd."""
    year, week, _ = monday.isocalendar()
    return [date.fromisocalendar(each, min(week, _weeks_of(each)), 1) for each in range(year - 1, year - 1 - years, -1)]


def _weeks_of(year: int) -> int:
    """28 December is always in the last week."""
    return date(year, 12, 28).isocalendar().week


def level(past: Sequence[int | None]) -> Level | None:
    """Of the same weeks in previous years; None where nothing was recorded then is no zero. None: too few years."""
    known = [each for each in past if each is not None]
    if len(known) < YEARS_NEEDED:
        return None
    mean = sum(known) / len(known)
    spread = sqrt(sum((each - mean) ** 2 for each in known) / (len(known) - 1))
    return Level(mean, mean + DEVIATIONS * spread, len(known))


def is_above(cases: int, usual: Level | None) -> bool:
    """Whether the head and the administrator are to be told."""
    return usual is not None and cases >= FEW and cases > usual.threshold
