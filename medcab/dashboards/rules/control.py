"""Is a figure steady, or has it really changed? Shewhart's control charts of weeks.

Two charts, by what the figure is: the p-chart for shares of cases (no-shows), whose limits follow each week's own number of cases, and the
chart of individual values (XmR) for what is one number a week (fill, waiting), whose limits follow from how much neighbouring weeks differ.

The rules that flag a change are those of health care: L. P. Provost, S. K. Murray, "The Health Care Data Guide" (Jossey-Bass, 2011), chapter 4:
a point outside the limits, eight in a row on one side of the centre, six in a row rising or falling, two of three in the outer third. The
book's fifth (fifteen near the centre) finds mixed data, no change of the figure, and is left out; so is the chart of the moving ranges
itself, which says hardly anything that the values do not (L. S. Nelson, Journal of Quality Technology 14, 1982).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby, pairwise
from math import sqrt
from statistics import fmean, median

from medcab.dashboards.rules.kpi import Measure

BASELINE_WEEKS = 26
"""Half a year before the period says what is usual: long enough for Shewhart's 20–25 points, too short to mix up two years."""
LEAST_WEEKS = 12
"""Fewer than that give no limits that can be trusted (Provost and Murray: trial limits from twelve points on)."""
LEAST_EXPECTED = 3
"""A week counts in a p-chart when the usual share gives at least three cases of both sorts (Provost and Murray: n ≥ 3/p)."""
TO_SIGMA = 1.128
"""Shewhart's d2 of two neighbours: the mean moving range is 1.128 sigma, so that three sigma are 2.66 ranges."""
_SIGMAS, _NEAR = 3.0, 2.0
_RUN, _TREND = 8, 6
_UNEVEN = 1.3
"""Large clinics differ from week to week by more than chance of single patients: beyond this ratio limits are widened by it, as in D. B.
Laney's p′ chart (Quality Engineering 14, 2002); below it the ratio is itself chance."""
_SMALL = 0.25
"""A chart of individual values takes weeks of one size: one with less than a quarter of the usual (New Year) is not judged."""
_SAME = 1e-9


class Signal(StrEnum):
    """Why a change is no chance."""

    OUTSIDE = "outside"
    RUN = "run"
    TREND = "trend"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Week:
    """A week's figure; `of` in the measure is its size."""

    monday: date
    measure: Measure


@dataclass(frozen=True, slots=True)
class Point:
    """A week on the chart; without limits when it is not judged: nothing measured, or too little."""

    week: Week
    sigma: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: the weeks that show it, and whether the figure went up or down."""

    signal: Signal
    weeks: tuple[date, ...]
    is_up: bool


@dataclass(frozen=True, slots=True)
class Baseline:
    """The weeks that the centre and the limits are taken from. `is_before`: they all lie before the period that is judged."""

    first: date
    last: date
    weeks: int
    is_before: bool


@dataclass(frozen=True, slots=True)
class Control:
    """A chart. Without a centre the history is too short, and nothing is judged; `known` is how many weeks could be."""

    points: list[Point]
    known: int
    centre: float | None = None
    baseline: Baseline | None = None
    findings: tuple[Finding, ...] = ()


def p_chart(weeks: Sequence[Week], *, since: date, least: float = 0.0) -> Control:
    """Of a share of cases. The limits of a week are three sigma of its own size around the share of all cases of the baseline.

    A run or a trend that moves the share by less than `least` means nothing to anybody and is not told.
    """
    known = [week for week in weeks if week.measure.is_reliable]
    base, is_before = _base(known, since)
    cases = sum(week.measure.of for week in base)
    usual = sum(_of(week) * week.measure.of for week in base) / cases if cases else 0.0
    rarer = min(usual, 1 - usual)

    def plain(week: Week) -> float | None:
        is_enough = week.measure.is_reliable and week.measure.of * rarer >= LEAST_EXPECTED
        return sqrt(usual * (1 - usual) / week.measure.of) if is_enough else None

    scaled = [(_of(week) - usual) / sigma for week in base if (sigma := plain(week))]
    if len(scaled) < LEAST_WEEKS:
        return Control([Point(week) for week in weeks], known=len(scaled) if base else len(known))
    uneven = _mean_range(scaled) / TO_SIGMA
    wider = uneven if uneven > _UNEVEN else 1.0

    def sigma_of(week: Week) -> float | None:
        sigma = plain(week)
        return sigma and sigma * wider

    return _chart(weeks, usual, sigma_of, _described(base, is_before=is_before), least=least, ceiling=1.0)


def xmr_chart(weeks: Sequence[Week], *, since: date, least: float, ceiling: float | None = None) -> Control:
    """Of one number a week. A difference below `least` means nothing, however steady the baseline was; no value is over `ceiling`."""
    measured = [week for week in weeks if week.measure.is_reliable]
    size = median(week.measure.of for week in measured) * _SMALL if measured else 0
    known = [week for week in measured if week.measure.of >= size]
    base, is_before = _base(known, since)
    if len(base) < LEAST_WEEKS:
        return Control([Point(week) for week in weeks], known=len(known))
    values = [_of(week) for week in base]
    sigma = max(_mean_range(values) / TO_SIGMA, least / _NEAR)
    judged = set(known)
    return _chart(
        weeks, fmean(values), lambda week: sigma if week in judged else None,
        _described(base, is_before=is_before), least=least, ceiling=ceiling,
    )  # fmt: skip


def _of(week: Week) -> float:
    return week.measure.value or 0.0


def _mean_range(values: Sequence[float]) -> float:
    return fmean(abs(later - earlier) for earlier, later in pairwise(values))


def _base(known: Sequence[Week], since: date) -> tuple[Sequence[Week], bool]:
    """The newest weeks before the period; where those are too few, the oldest of all."""
    before = [week for week in known if week.monday < since]
    is_before = len(before) >= LEAST_WEEKS
    return (before[-BASELINE_WEEKS:], True) if is_before else (known[:BASELINE_WEEKS], False)


def _described(base: Sequence[Week], *, is_before: bool) -> Baseline:
    return Baseline(base[0].monday, base[-1].monday, len(base), is_before)


def _chart(
    weeks: Sequence[Week],
    centre: float,
    sigma_of: Callable[[Week], float | None],
    baseline: Baseline,
    *,
    least: float,
    ceiling: float | None,
) -> Control:
    points = [_point(week, centre, sigma_of(week), ceiling) for week in weeks]
    judged = [point for point in points if point.sigma is not None]
    runs = _runs(judged, centre, least)
    near = [each for each in _near(judged, centre) if not any(_is_in(each, run) for run in runs)]
    found = [*_outside(judged), *runs, *_trends(judged, least), *near]
    findings = tuple(sorted(found, key=lambda finding: finding.weeks[-1], reverse=True))
    return Control(points, len(judged), centre, baseline, findings)


def _is_in(finding: Finding, run: Finding) -> bool:
    """The run says it already."""
    return finding.is_up == run.is_up and set(finding.weeks) <= set(run.weeks)


def _point(week: Week, centre: float, sigma: float | None, ceiling: float | None) -> Point:
    if sigma is None:
        return Point(week)
    high = centre + _SIGMAS * sigma
    return Point(week, sigma, max(0.0, centre - _SIGMAS * sigma), high if ceiling is None else min(ceiling, high))


def _side(point: Point, centre: float, sigmas: float = 0.0) -> int:
    """1 above, −1 below, 0 neither: on the centre, or nearer to it than so many sigmas."""
    off = _of(point.week) - centre
    if abs(off) <= sigmas * (point.sigma or 0.0) + _SAME:
        return 0
    return 1 if off > 0 else -1


def _outside(points: Sequence[Point]) -> list[Finding]:
    """Neighbours on the same side are one finding."""
    found: list[Finding] = []
    for way, group in groupby(points, key=_way_out):
        if way:
            found.append(Finding(Signal.OUTSIDE, tuple(point.week.monday for point in group), is_up=way > 0))
    return found


def _way_out(point: Point) -> int:
    """1 over the limits, −1 under them, 0 between."""
    if _of(point.week) > (point.high or 0.0) + _SAME:
        return 1
    return -1 if _of(point.week) < (point.low or 0.0) - _SAME else 0


def _runs(points: Sequence[Point], centre: float, least: float) -> list[Finding]:
    """A point on the centre neither makes a run longer nor ends it."""
    sided = [(point, side) for point in points if (side := _side(point, centre))]
    found: list[Finding] = []
    for side, group in groupby(sided, key=lambda each: each[1]):
        run = [point.week for point, _ in group]
        if len(run) >= _RUN and abs(fmean(map(_of, run)) - centre) >= least:
            found.append(Finding(Signal.RUN, tuple(week.monday for week in run), is_up=side > 0))
    return found


def _trends(points: Sequence[Point], least: float) -> list[Finding]:
    """Six points are five steps the same way; a step to the same value ends it."""
    found: list[Finding] = []
    steps = [(_step(earlier, later), number) for number, (earlier, later) in enumerate(pairwise(points))]
    for way, group in groupby(steps, key=lambda each: each[0]):
        numbers = [number for _, number in group]
        trend = [point.week for point in points[numbers[0] : numbers[-1] + 2]]
        if way and len(trend) >= _TREND and abs(_of(trend[-1]) - _of(trend[0])) >= least:
            found.append(Finding(Signal.TREND, tuple(week.monday for week in trend), is_up=way > 0))
    return found


def _step(earlier: Point, later: Point) -> int:
    rise = _of(later.week) - _of(earlier.week)
    return 0 if abs(rise) <= _SAME else 1 if rise > 0 else -1


def _near(points: Sequence[Point], centre: float) -> list[Finding]:
    """Two of three on one side in the outer third; such pairs that touch are one finding. What is outside has been found already."""
    found: list[Finding] = []
    for way in (1, -1):
        far = [number for number, point in enumerate(points) if _side(point, centre, _NEAR) == way]
        clusters: list[list[int]] = []
        for number in far:
            if clusters and number - clusters[-1][-1] <= 2:  # noqa: PLR2004  # both are among three in a row
                clusters[-1].append(number)
            else:
                clusters.append([number])
        found += [
            Finding(Signal.NEAR, tuple(points[number].week.monday for number in cluster), is_up=way > 0)
            for cluster in clusters
            if len(cluster) > 1 and not all(_way_out(points[number]) for number in cluster)
        ]
    return found
