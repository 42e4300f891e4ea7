"""Whether a week has more cases than usual, and how many cases fall to a thousand.

The usual level is the mean of the same weeks of previous years; the threshold is that mean and two standard deviations,
the common upper limit of surveillance. It is a statistical signal of the clinic's own data, not the threshold
that the regional authority sets for its territory, and the page has to say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import sqrt

YEARS_NEEDED = 3
YEARS_TAKEN = 5
DEVIATIONS = 2
FEW = 5
"""Fewer cases than this say little: they are marked, and never raise an alert."""
PER = 1000


class Basis(StrEnum):
    """What a rate is counted against; the page names it beside the figure."""

    POPULATION = "population"
    VISITS = "visits"
    CASES = "cases"


BASIS_TITLES: dict[Basis, str] = {
    Basis.POPULATION: "на 1000 прикреплённого населения",
    Basis.VISITS: "на 1000 приёмов",
    Basis.CASES: "случаев",
}


@dataclass(frozen=True, slots=True)
class Rate:
    """First-ever cases of a period, against the best that is known."""

    value: float
    basis: Basis
    is_unreliable: bool


@dataclass(frozen=True, slots=True)
class Level:
    """What is usual for a week."""

    mean: float
    threshold: float
    years: int


def incidence(cases: int, *, population: float | None, visits: int) -> Rate:
    """By the average population of the period; where it is not known by visits; where there were none, the plain count."""
    few = cases < FEW
    if population is not None and population > 0:
        return Rate(cases * PER / population, Basis.POPULATION, few)
    if visits > 0:
        return Rate(cases * PER / visits, Basis.VISITS, few)
    return Rate(float(cases), Basis.CASES, few)


def same_weeks(monday: date, years: int = YEARS_TAKEN) -> list[date]:
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
