"""What load to expect in the next weeks, how sure that is, and how wrong it was when it was tried on the last year.

The model is simple enough to be explained to the head of a department: visits of a day = level of its week × share of its kind of day. Kinds
are the weekdays and the days off of the production calendar. The level ahead is that of the last weeks; with two years of history also the
season of the year before, where that has made last year's forecasts better. The band holds four of five of the ratios between what came
and what the same forecast had said, counted by how far ahead it was said; it assumes no distribution.

pandas is imported only by the functions that count: it takes a third of a second and is needed by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from medcab import holidays
from medcab.dashboards.rules.period import monday_of
from medcab.holidays import SUNDAY, DayKind

if TYPE_CHECKING:
    import numpy as np

Table = Any
"""A frame or a column of pandas: its own types say either of them everywhere."""

HORIZON = 7
"""Weeks ahead, the one that goes on included: six are always whole."""
LEAST_WEEKS = 26
"""Half a year: twelve weeks to learn from and as many as that to be tried on."""
SEASON_WEEKS = 104
"""From two years on the season is tried."""
SHOWN_DAYS = 14
SURE = 0.8
"""Share of cases that the band holds."""
_LEARN = 12
_RECENT = 8
_PROFILE = 52
_YEAR = 52
_TRIED = 52
_AROUND = 2
_FITS = 8
_TINY = 1e-9
_ENOUGH_RATIOS = 10
_HOLIDAY = 7
_FRIDAY = 4
_WEEK = timedelta(7)


@dataclass(frozen=True, slots=True)
class Expected:
    """Visits expected from `start` to `end`, and the band around them."""

    start: date
    end: date
    visits: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """`weeks` are whole weeks ahead, `days` the next fortnight; both empty without enough history (`history` weeks there are).

    `error`: by how much the forecasts of the last year were wrong on average, as a share of the visits that came; `tried` is of how many
    weeks. `usual` are the visits of an ordinary weekday (0 is Monday) at today's level.
    """

    history: int
    weeks: list[Expected]
    days: list[Expected]
    usual: dict[int, float]
    error: float | None = None
    tried: int = 0
    is_seasonal: bool = False
    is_resting: bool = False
    """Nobody has been seen for weeks: there is no level to go on from."""

    @property
    def is_empty(self) -> bool:
        return not self.weeks


def kind(day: date) -> int:
    """Weekday, 0 is Monday; a day off that is no Sunday is a kind of its own, a weekend that is worked is like a Friday."""
    match holidays.kind_of(day):
        case DayKind.DUTY if day.weekday() != SUNDAY:
            return _HOLIDAY
        case DayKind.WORKING if day.weekday() > _FRIDAY:
            return _FRIDAY
        case _:
            return day.weekday()


def forecast(visits: Mapping[date, int], *, today: date) -> Forecast:
    """From visits by day; what is booked for days from `today` on is not looked at. Takes a tenth of a second: not for the event loop."""
    origin = monday_of(today)
    past = {day: count for day, count in visits.items() if day < origin and count > 0}
    first = min(map(monday_of, past), default=origin)
    history = (origin - first).days // 7
    if history < LEAST_WEEKS:
        return Forecast(history, [], [], {})
    if max(past) < origin - _RECENT * _WEEK:
        return Forecast(history, [], [], {}, is_resting=True)
    return _made(_Model(past, first, origin), today, history)


class _Model:
    """History and the weeks ahead as tables of seven columns: visits and kind of each day, one line a week."""

    def __init__(self, visits: Mapping[date, int], first: date, origin: date) -> None:
        import numpy as np

        self.first, self.origin = first, origin
        self.length = (origin - first).days // 7
        days = [first + timedelta(number) for number in range((self.length + HORIZON) * 7)]
        self.kinds = np.array([kind(day) for day in days]).reshape(-1, 7)
        self.visits = np.array([float(visits.get(day, 0)) for day in days]).reshape(-1, 7)

    def ahead(self, week: int, *, is_seasonal: bool) -> np.ndarray:
        """Visits of each day of the weeks from `week` on, as they were to be expected when it began."""
        recent = slice(max(0, week - _PROFILE), week)
        share = _profile(self.visits[recent], self.kinds[recent])
        came, weight = self.visits[:week].sum(axis=1), share[self.kinds[:week]].sum(axis=1).clip(_TINY)
        now = came[-_RECENT:].sum() / weight[-_RECENT:].sum()
        expected = share[self.kinds[week : week + HORIZON]] * now
        return expected * _season(came, weight)[:, None] if is_seasonal else expected


def _profile(visits: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """The share of each kind of day, fitted together with the levels of the weeks: each explains what the other leaves.

    Sums that alternate find the likeliest shares of Poisson counts. A holiday is like a Sunday where there was none yet: both have only the
    doctor on duty.
    """
    import numpy as np

    def by_kind(of_day: np.ndarray) -> np.ndarray:
        return np.bincount(kinds.ravel(), weights=of_day.ravel(), minlength=_HOLIDAY + 1)

    came, level, share = by_kind(visits), np.ones(len(kinds)), np.zeros(_HOLIDAY + 1)
    for _ in range(_FITS):
        share = came / by_kind(np.broadcast_to(level[:, None], kinds.shape)).clip(_TINY)
        level = visits.sum(axis=1) / share[kinds].sum(axis=1).clip(_TINY)
    if _HOLIDAY not in kinds:
        share[_HOLIDAY] = share[SUNDAY]
    return share


def _season(came: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """How the level moved from here on in the years before: some weeks around there against the last weeks there."""
    import numpy as np

    def level(first: int, last: int) -> float:
        return came[first:last].sum() / weight[first:last].sum()

    week = len(came)
    years = [back for back in (_YEAR, 2 * _YEAR) if week - back - _RECENT >= 0]
    there = sum(level(week - back - _RECENT, week - back) for back in years)
    then = [
        sum(level(week + n - back - _AROUND, week + n - back + _AROUND + 1) for back in years) for n in range(HORIZON)
    ]
    return np.array(then) / there if there > 0 else np.ones(HORIZON)


def _tried(model: _Model, *, is_seasonal: bool) -> Table:
    """The forecasts of the last year beside what came: days of every week it could have been made in."""
    import pandas as pd

    least = _YEAR + _RECENT if is_seasonal else _LEARN
    weeks = range(max(least, model.length - _TRIED), model.length)
    made = pd.concat([_table(model, week, is_seasonal=is_seasonal) for week in weeks])
    return made[made["week"] < model.length]


def _table(model: _Model, made: int, *, is_seasonal: bool) -> Table:
    """One forecast, a line a day; `ahead` counts weeks from the one it was made at."""
    import numpy as np
    import pandas as pd

    weeks = slice(made, made + HORIZON)
    ahead = np.repeat(np.arange(HORIZON), 7)
    return pd.DataFrame(
        {
            "made": made,
            "ahead": ahead,
            "week": made + ahead,
            "kind": model.kinds[weeks].ravel(),
            "visits": model.visits[weeks].ravel(),
            "expected": model.ahead(made, is_seasonal=is_seasonal).ravel(),
        }
    )


def _made(model: _Model, today: date, history: int) -> Forecast:
    is_seasonal = False
    tried = _tried(model, is_seasonal=False)
    if history >= SEASON_WEEKS:
        seasonal = _tried(model, is_seasonal=True)
        same = tried[tried["made"].isin(seasonal["made"].unique())]
        is_seasonal = _error(seasonal) < _error(same)
        tried = seasonal if is_seasonal else tried
    ahead = _table(model, model.length, is_seasonal=is_seasonal)
    ordinary = ahead[ahead["kind"] < _HOLIDAY].groupby("kind")["expected"].first()
    return Forecast(
        history,
        _weeks(model, ahead, tried, today),
        _days(model, ahead, tried, today),
        {int(number): float(value) for number, value in ordinary.items()},
        error=_error(tried),
        tried=int(tried["week"].nunique()),
        is_seasonal=is_seasonal,
    )


def _weekly(days: Table) -> Table:
    return days.groupby(["made", "ahead"])[["visits", "expected"]].sum()


def _error(tried: Table) -> float:
    """Visits by which the weeks were wrong, as a share of those that came."""
    weeks = _weekly(tried)
    came = float(weeks["visits"].sum())
    return float((weeks["visits"] - weeks["expected"]).abs().sum()) / came if came else 0.0


def _weeks(model: _Model, ahead: Table, tried: Table, today: date) -> list[Expected]:
    weeks = _weekly(tried)
    ratios = weeks["visits"] / weeks["expected"].where(weeks["expected"] > 0)
    low, high, found = 1.0, 1.0, list[Expected]()
    for number, visits in enumerate(ahead.groupby("ahead")["expected"].sum()):
        lower, upper = _band(ratios[ratios.index.get_level_values("ahead") == number].dropna())
        low, high = min(low, lower), max(high, upper)  # what is further away is no surer
        start = model.origin + number * _WEEK
        if start >= today:
            found.append(_expected(start, 7, float(visits), low, high))
    return found


def _days(model: _Model, ahead: Table, tried: Table, today: date) -> list[Expected]:
    """From tomorrow on. A day's band is that of its kind in forecasts as near as these; of all days where the kind was rare."""
    near = tried[(tried["ahead"] <= SHOWN_DAYS // 7) & (tried["expected"] >= 1)]
    ratios = (near["visits"] / near["expected"]).groupby(near["kind"])
    bands = {int(number): _band(of_kind) for number, of_kind in ratios if len(of_kind) >= _ENOUGH_RATIOS}
    whole = _band(near["visits"] / near["expected"])
    start = (today - model.origin).days + 1
    rows: Iterable[tuple[int, float]] = zip(ahead["kind"], ahead["expected"], strict=True)
    shown: Sequence[tuple[int, tuple[int, float]]] = list(enumerate(rows))[start : start + SHOWN_DAYS]
    return [
        _expected(model.origin + timedelta(number), 1, float(visits), *bands.get(int(of), whole))
        for number, (of, visits) in shown
    ]


def _expected(start: date, days: int, visits: float, low: float, high: float) -> Expected:
    return Expected(start, start + timedelta(days - 1), visits, visits * low, visits * high)


def _band(ratios: Table) -> tuple[float, float]:
    """Ratios that hold `SURE` of all, a little wider where there are few of them; never without the forecast itself."""
    if not len(ratios):
        return 1.0, 1.0
    tail = max(0.0, 1 - (1 + SURE) / 2 * (len(ratios) + 1) / len(ratios))
    return min(1.0, float(ratios.quantile(tail))), max(1.0, float(ratios.quantile(1 - tail)))
