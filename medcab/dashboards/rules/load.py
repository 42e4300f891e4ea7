"""Load of doctors against the norm of their post («функция врачебной должности»): visits done ÷ visits that the hours of the post are for.

The post's hours: the norm of a working week ÷ 5 × working days of the production calendar on which the post was held and the doctor was not away × the rate of that day.
Visits that they are for: those hours ÷ minutes of a visit by the norm of the specialty, in the doctor's own mix of first, repeated and prophylactic ones.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from medcab.dashboards.rules.period import Period
from medcab.holidays import DayKind, kind_of
from medcab.norms import Norms
from medcab.schedule.rules.norms import minutes_of
from medcab.schedule.rules.visits import VisitKind

_WORKING_DAYS_A_WEEK, _FULL, _HOUR = 5, 100, 60


@dataclass(frozen=True, slots=True)
class Post:
    """A post in the department at one rate (in hundredths), both days included."""

    rate: int
    since: date
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def covers(self, period: Period) -> bool:
        return self.holds_on(period.start) and self.holds_on(period.end)


@dataclass(frozen=True, slots=True)
class Load:
    """Visits done, and how many the norm expects; `days` are working days of the posts, `minutes` those of a visit. Sums over doctors add up.

    `rates`: what was held, one after another; `outside`: which of the visits were done outside any post that is known.
    """

    done: int = 0
    expected: float = 0.0
    days: int = 0
    minutes: float = 0.0
    rates: tuple[int, ...] = ()
    outside: int = 0

    def __add__(self, other: "Load") -> "Load":
        return Load(
            self.done + other.done, self.expected + other.expected, outside=self.without_norm + other.without_norm
        )

    @property
    def without_norm(self) -> int:
        """Visits that no norm stands against: they would make a share of it larger than it is."""
        return self.outside if self.expected else self.done

    @property
    def counted(self) -> int:
        """Visits that the norm is compared with."""
        return self.done - self.without_norm


@dataclass(frozen=True, slots=True)
class Standard:
    """What is the same for every doctor over a period: its working days with the hours that a full post has in a week then, and the norms of a visit."""

    days: Mapping[date, int]
    norms: Norms


def standard(period: Period, norms_on: Callable[[date], Norms]) -> Standard:
    """Of a period, which ends today at the latest."""
    days = (period.start + timedelta(number) for number in range(max(0, period.days)))
    worked = {day: norms_on(day).reception_hours for day in days if kind_of(day) is DayKind.WORKING}
    return Standard(worked, norms_on(period.end))


def load(
    done: Mapping[VisitKind, int], hours: Mapping[str, int], posts: Collection[Post], away: Collection[Period], by: Standard, outside: int = 0
) -> Load:  # fmt: skip
    """Of one doctor. `done`: in the time of the posts; `hours`: minutes of reception by specialty; `away`: whole days."""
    days = list(_worked(posts, away, by.days))
    minutes = visit_minutes(done, hours, by.norms)
    visits = sum(by.days[day] * rate for day, rate in days) * _HOUR / (_WORKING_DAYS_A_WEEK * _FULL * minutes)
    rates = tuple(rate for rate, _ in groupby(rate for _, rate in days))
    return Load(sum(done.values()) + outside, visits, len(days), minutes, rates, outside)


def _worked(posts: Collection[Post], away: Collection[Period], days: Iterable[date]) -> Iterable[tuple[date, int]]:
    """Those of the days that were worked, with the rate that was held: somebody of two roles in one department is one doctor there."""
    for day in days:
        rate = max((post.rate for post in posts if post.holds_on(day)), default=0)
        if rate and not any(span.holds(day) for span in away):
            yield day, rate


def visit_minutes(done: Mapping[VisitKind, int], hours: Mapping[str, int], norms: Norms) -> float:
    """Of one visit on the average: of the kinds that there were (none: a first one), of the specialties as the hours were for them."""
    kinds = {kind: count for kind, count in done.items() if count} or {VisitKind.FIRST: 1}
    subjects = {name: minutes for name, minutes in hours.items() if minutes} or dict.fromkeys(hours, 1) or {"": 1}
    weighed = sum(
        minutes_of(name, kind, norms.visit_minutes) * count * minutes
        for kind, count in kinds.items() for name, minutes in subjects.items()
    )  # fmt: skip
    return weighed / (sum(kinds.values()) * sum(subjects.values()))
