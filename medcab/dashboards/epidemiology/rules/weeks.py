"""Weeks of cases against the same weeks of three years before."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from medcab.dashboards.epidemiology.rules.threshold import YEARS_NEEDED, Level, is_above, level, same_weeks
from medcab.schedule.diagnoses.rules.classes import CLASSES, NO_ILLNESS

WEEK = timedelta(days=7)


_ILLNESSES = frozenset(each.number for each in CLASSES) - NO_ILLNESS
Place = Any
Weeks = Mapping[Place, frozenset[date]]


@dataclass(frozen=True, slots=True)
class Known:
    """Primary cases by week and class (no class: all illnesses), and of which class and week a department knows anything at all.

    Weeks recorded here know every class: one without cases had none. Weeks of an earlier system know the classes that were brought, and
    all illnesses together only if each of them was: half of them would be a level that every later week is above.
    """

    counts: Mapping[tuple[date, str], int] = field(default_factory=dict)
    weeks: Mapping[str, Weeks] = field(default_factory=dict)
    """By class ("": all illnesses): which department knows which weeks from before."""
    own: Weeks = field(default_factory=dict)
    begun: Mapping[Place, date] = field(default_factory=dict)
    """The first week that a department recorded whole."""

    @classmethod
    def added(
        cls, rows: Iterable[tuple[date, str, int]], own: Iterable[tuple[Place, date]], past: Iterable[tuple[Place, date, str]],
        begun: Mapping[Place, date],
    ) -> "Known":  # fmt: skip
        """Of rows that may have a week and class more than once; `own`: weeks recorded here; `past`: classes brought of a week."""
        counts: Counter[tuple[date, str]] = Counter()
        for week, chapter, cases in rows:
            counts[week, chapter] += cases
            counts[week, ""] += cases if chapter not in NO_ILLNESS else 0
        brought: dict[tuple[Place, date], set[str]] = {}
        for place, week, chapter in past:
            brought.setdefault((place, week), set()).add(chapter)
        weeks: dict[str, dict[Place, set[date]]] = {}
        for (place, week), classes in brought.items():
            for chapter in classes | ({""} if classes >= _ILLNESSES else set()):
                weeks.setdefault(chapter, {}).setdefault(place, set()).add(week)
        return cls(counts, {chapter: _frozen(each) for chapter, each in weeks.items()}, _gathered(own), begun)

    def of(self, week: date, chapter: str = "") -> int | None:
        """None: nothing is known of the week."""
        is_known = _has(self.own, week) or _has(self.weeks.get(chapter, {}), week)
        return self.counts.get((week, chapter), 0) if is_known else None

    def is_own(self, week: date) -> bool:
        """Whether nothing of it was counted by an earlier system."""
        return not any(_has(each, week) for each in self.weeks.values())

    def is_whole(self, week: date, chapter: str = "") -> bool:
        """Whether every department knows the class in the week: only such weeks are compared with, or an outbreak begins with a department."""
        before = self.weeks.get(chapter, {})
        return all(
            week in before.get(place, ()) or week >= self.begun.get(place, date.max) for place in {*before, *self.own}
        )

    def chapters(self, week: date) -> list[str]:
        """Of illnesses that had cases."""
        here = {chapter for (at, chapter), count in self.counts.items() if at == week and count}
        return sorted(here & _ILLNESSES)


def _has(found: Weeks, week: date) -> bool:
    return any(week in each for each in found.values())


def _gathered(pairs: Iterable[tuple[Place, date]]) -> Weeks:
    found: dict[Place, set[date]] = {}
    for place, week in pairs:
        found.setdefault(place, set()).add(week)
    return _frozen(found)


def _frozen(found: Mapping[Place, set[date]]) -> Weeks:
    return {place: frozenset(weeks) for place, weeks in found.items()}


@dataclass(frozen=True, slots=True)
class Week:
    """One week of one class, or of all: `cases` None is no data; `usual` None: there is nothing to compare with."""

    monday: date
    chapter: str
    cases: int | None
    usual: Level | None
    is_own: bool = True
    """False: an earlier system counted some of it, and those cases cannot be opened here."""

    @property
    def is_above(self) -> bool:
        return self.cases is not None and is_above(self.cases, self.usual)


def week_of(known: Known, monday: date, chapter: str = "") -> Week:
    past = [
        known.of(each, chapter) if known.is_whole(each, chapter) else None for each in same_weeks(monday, YEARS_NEEDED)
    ]
    return Week(monday, chapter, known.of(monday, chapter), level(past), known.is_own(monday))


def by_class(known: Known, monday: date) -> list[Week]:
    """Every class that had cases in the week, those that are furthest above their threshold first."""
    found = [week_of(known, monday, chapter) for chapter in known.chapters(monday)]
    return sorted(found, key=lambda week: (-_excess(week), week.chapter))


def _excess(week: Week) -> float:
    return (week.cases or 0) - week.usual.threshold if week.usual else float("-inf")


def has_ended(week: Week, today: date) -> bool:
    """A week that still goes on is not judged."""
    return week.monday + WEEK <= today


def finished(today: date) -> date:
    """The Monday of the last whole week."""
    return today - timedelta(today.weekday()) - WEEK


def needed(mondays: Iterable[date]) -> list[date]:
    """These weeks and those that they are compared with, each once."""
    asked = list(mondays)
    return sorted({*asked, *(past for monday in asked for past in same_weeks(monday, YEARS_NEEDED))})
