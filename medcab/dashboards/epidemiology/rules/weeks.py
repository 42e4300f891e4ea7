"""Weeks of cases against the same weeks of three years before."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from medcab.dashboards.epidemiology.rules.threshold import YEARS_NEEDED, Level, is_above, level, same_weeks

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Known:
    """Primary cases by week and class (no class: all of them), and which weeks are known at all: in those a class without cases had none.

    Of several departments a week is `whole` when all of them had begun to record: only such weeks are compared with, or the year in which the
    second department began would look like an outbreak.
    """

    counts: Mapping[tuple[date, str], int] = field(default_factory=dict)
    weeks: frozenset[date] = frozenset()
    whole: frozenset[date] = frozenset()

    @classmethod
    def added(cls, rows: Iterable[tuple[date, str, int]], recorded: Iterable[tuple[Hashable, date]]) -> "Known":
        """Of rows that may have a week and class more than once; `recorded`: which department has rows of which week."""
        counts: Counter[tuple[date, str]] = Counter()
        for week, chapter, cases in rows:
            counts[week, chapter] += cases
            counts[week, ""] += cases
        begun: dict[Hashable, date] = {}
        weeks: set[date] = set()
        for department, week in recorded:
            weeks.add(week)
            begun[department] = min(week, begun.get(department, week))
        last = max(begun.values(), default=date.max)
        return cls(counts, frozenset(weeks), frozenset(week for week in weeks if week >= last))

    def of(self, week: date, chapter: str = "") -> int | None:
        """None: nothing is known of the week."""
        return self.counts.get((week, chapter), 0) if week in self.weeks else None

    def chapters(self, week: date) -> list[str]:
        return sorted({chapter for (at, chapter), count in self.counts.items() if at == week and count and chapter})


@dataclass(frozen=True, slots=True)
class Week:
    """One week of one class, or of all: `cases` None is no data; `usual` None: there is nothing to compare with."""

    monday: date
    chapter: str
    cases: int | None
    usual: Level | None

    @property
    def is_above(self) -> bool:
        return self.cases is not None and is_above(self.cases, self.usual)


def week_of(known: Known, monday: date, chapter: str = "") -> Week:
    past = [known.of(each, chapter) if each in known.whole else None for each in same_weeks(monday, YEARS_NEEDED)]
    return Week(monday, chapter, known.of(monday, chapter), level(past))


def by_class(known: Known, monday: date) -> list[Week]:
    """Every class that had cases in the week, those that are furthest above their threshold first."""
    found = [week_of(known, monday, chapter) for chapter in known.chapters(monday)]
    return sorted(found, key=lambda week: (-_excess(week), week.chapter))


def _excess(week: Week) -> float:
    return (week.cases or 0) - week.usual.threshold if week.usual else float("-inf")


def finished(today: date) -> date:
    """The Monday of the last whole week."""
    return today - timedelta(today.weekday()) - WEEK


def needed(mondays: Iterable[date]) -> list[date]:
    """These weeks and those that they are compared with, each once."""
    asked = list(mondays)
    return sorted({*asked, *(past for monday in asked for past in same_weeks(monday, YEARS_NEEDED))})
