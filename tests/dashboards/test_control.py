"""Control charts against published examples and by what must hold for any weeks."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.dashboards.rules.control import LEAST_WEEKS, Control, Signal, Week, p_chart, xmr_chart
from medcab.dashboards.rules.kpi import Measure

MONDAY = date(2025, 12, 1)
NEVER = date(2030, 1, 1)
"""No period to judge: the oldest weeks are the baseline."""

# T. Pyzdek, P. Keller, "The Handbook for Quality Management" (McGraw-Hill, 2013), tables 9.6 and 9.4.
BRUISED = (47, 42, 55, 51, 46, 61, 39, 44, 41, 51, 88, 101, 101, 40, 48, 47, 50, 48, 57, 45, 43, 105, 98, 100, 96)
CRATES = (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2)
SAMPLES = (
    110, 103, 97, 96, 105, 110, 100, 93, 90, 103, 97, 103, 90, 97, 99, 106, 90, 96, 109, 90, 91, 108, 96, 101, 96,
)  # fmt: skip


def monday(number: int) -> date:
    return MONDAY + timedelta(7 * number)


def shares(cases: Sequence[tuple[int, int]]) -> list[Week]:
    """Weeks of (so many, of so many)."""
    return [Week(monday(n), Measure(part / of if of else None, of)) for n, (part, of) in enumerate(cases)]


def values(numbers: Sequence[float | None], of: int = 100) -> list[Week]:
    return [Week(monday(n), Measure(value, of if value is not None else 0)) for n, value in enumerate(numbers)]


def found(control: Control) -> list[tuple[Signal, list[int], bool]]:
    """Findings with the numbers of their weeks."""
    return [(f.signal, [(at - MONDAY).days // 7 for at in f.weeks], f.is_up) for f in control.findings]


def test_a_published_p_chart():
    control = p_chart(shares(list(zip(BRUISED, [250 * n for n in CRATES], strict=True))), since=NEVER)
    assert control.centre == pytest.approx(1544 / 8000) == pytest.approx(0.193)
    one, two = control.points[0], control.points[10]
    assert one.low == pytest.approx(0.118, abs=5e-4)
    assert one.high == pytest.approx(0.268, abs=5e-4)
    assert two.low == pytest.approx(0.140, abs=5e-4)
    assert two.high == pytest.approx(0.246, abs=5e-4)
    assert control.findings == ()


def test_a_published_chart_of_individual_values():
    control = xmr_chart(values(SAMPLES), since=NEVER, least=0.01)
    ranges = (7, 6, 1, 9, 5, 10, 7, 3, 13, 6, 6, 13, 7, 2, 7, 16, 6, 13, 19, 1, 17, 12, 5, 5)
    assert control.centre == pytest.approx(sum(SAMPLES) / 25) == pytest.approx(99.04)
    assert control.points[0].high == pytest.approx(99.04 + 2.66 * sum(ranges) / 24, abs=0.01)
    assert control.points[0].low == pytest.approx(99.04 - 2.66 * sum(ranges) / 24, abs=0.01)
    assert Signal.OUTSIDE not in {finding.signal for finding in control.findings}


def test_no_shows_by_hand():
    """Half a year of 8 of 100, then a week of 17 and one of 16: 8 % ± 3·√(0.08·0.92/100) is 0 … 16.1 %."""
    control = p_chart(shares([*[(8, 100)] * 26, (17, 100), (16, 100)]), since=monday(26))
    assert control.centre == pytest.approx(0.08)
    assert control.points[-1].high == pytest.approx(0.08 + 3 * sqrt(0.08 * 0.92 / 100))
    assert control.points[-1].low == 0
    assert control.baseline
    assert (control.baseline.weeks, control.baseline.is_before) == (26, True)
    assert found(control) == [(Signal.NEAR, [26, 27], True), (Signal.OUTSIDE, [26], True)]


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ([0.5] * 7, []),
        ([0.5] * 8, [(Signal.RUN, list(range(20, 28)), True)]),
        ([-0.5] * 9, [(Signal.RUN, list(range(20, 29)), False)]),
        ([0.5] * 4 + [0.0] + [0.5] * 4, [(Signal.RUN, [20, 21, 22, 23, 25, 26, 27, 28], True)]),
        ([0.5] * 4 + [None] + [0.5] * 4, [(Signal.RUN, [20, 21, 22, 23, 25, 26, 27, 28], True)]),
        ([0.5] * 7 + [-0.5] + [0.5], []),
        ([-1.5, -1.0, -0.5, 0.3, 0.8, 1.3], [(Signal.TREND, list(range(20, 26)), True)]),
        ([-0.5, 0.3, 0.8, 1.0, 1.2], []),
        ([-1.5, -1.0, -0.5, -0.5, 0.8, 1.3], []),
        ([3.1], [(Signal.OUTSIDE, [20], True)]),
        ([2.9], []),
        ([2.5, 0.4, 2.5], [(Signal.NEAR, [20, 22], True)]),
        ([2.5, 0.4, 0.5, 2.5], []),
        ([2.5, -2.5, 0.3], []),
        ([-2.5, 0.4, -3.5], [(Signal.OUTSIDE, [22], False), (Signal.NEAR, [20, 22], False)]),
        ([3.5, 3.5], [(Signal.OUTSIDE, [20, 21], True)]),
    ],
)
def test_each_rule(tail: list[float | None], expected: list[tuple[Signal, list[int], bool]]):
    """The baseline swings by 1.128 about ten, so that sigma is one; it ends on the other side of the centre."""
    last = -0.564 if (tail[0] or 0) > 0 else 0.564
    base = [10.0 + (last if number % 2 else -last) for number in range(20)]
    weeks = values([*base, *(None if off is None else 10.0 + off for off in tail)])
    assert found(xmr_chart(weeks, since=monday(20), least=0.001)) == expected


def test_too_few_weeks_give_no_limits():
    for number in (0, 1, LEAST_WEEKS - 1):
        for control in (
            p_chart(shares([(8, 100)] * number), since=NEVER),
            xmr_chart(values([5] * number), since=NEVER, least=1),
        ):
            assert control.centre is None
            assert control.known == number
            assert control.findings == ()
            assert all(point.sigma is None for point in control.points)


def test_a_short_history_takes_its_baseline_from_the_period_and_says_so():
    control = p_chart(shares([(8, 100)] * 15), since=monday(10))
    assert control.baseline
    assert (control.baseline.weeks, control.baseline.is_before) == (15, False)


def test_the_baseline_is_half_a_year_before_the_period():
    control = xmr_chart(values([1.0] * 20 + [9.0] * 26 + [9.0] * 8), since=monday(46), least=1)
    assert control.centre == 9
    assert control.baseline
    assert (control.baseline.first, control.baseline.last) == (monday(20), monday(45))


def test_weeks_too_small_are_not_judged():
    weeks = shares([*[(8, 100)] * 26, (3, 5), (0, 0), (9, 30)])
    control = p_chart(weeks, since=monday(26))
    assert [point.sigma for point in control.points[26:]] == [None] * 3
    assert control.findings == ()
    short = [*values([10.0] * 26, of=1000), Week(monday(26), Measure(99.0, 240)), Week(monday(27), Measure(99.0, 260))]
    assert found(xmr_chart(short, since=monday(26), least=1)) == [(Signal.OUTSIDE, [27], True)], (
        "New Year's is not judged"
    )


@pytest.mark.parametrize("part", [0, 100])
def test_nobody_or_everybody_gives_nothing_to_judge_by(part: int):
    control = p_chart(shares([(part, 100)] * 30), since=monday(26))
    assert control.centre is None
    assert control.known == 0


def test_a_steady_value_has_limits_of_what_means_something():
    """Everybody waits under five minutes: the median is 2.5 week after week, and seconds are no alarm."""
    assert found(xmr_chart(values([2.5] * 26 + [3.2, 3.4] * 5), since=monday(26), least=1)) == []
    assert found(xmr_chart(values([2.5] * 26 + [3.2, 4.1]), since=monday(26), least=1)) == [
        (Signal.OUTSIDE, [27], True)
    ]


def test_a_large_clinic_is_not_told_of_every_ripple():
    """Twenty thousand cases a week give limits of half a point; the share swings by one point from week to week."""
    ripple = [(1600 + (200 if number % 2 else 0), 20_000) for number in range(26)]
    control = p_chart(shares([*ripple, (1800, 20_000), (3200, 20_000)]), since=monday(26))
    assert found(control) == [(Signal.OUTSIDE, [27], True)]


some_shares = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 300)).map(lambda c: (min(c), c[1])), max_size=60)
some_values = st.lists(st.none() | st.floats(0, 120), max_size=60)


@given(some_shares, some_values, st.integers(0, 60))
def test_any_weeks(cases: list[tuple[int, int]], numbers: list[float | None], since: int):
    for weeks, control in (
        (shares(cases), p_chart(shares(cases), since=monday(since))),
        (values(numbers), xmr_chart(values(numbers), since=monday(since), least=0.5)),
    ):
        assert [point.week for point in control.points] == weeks
        assert (control.centre is None) == (control.baseline is None)
        judged = {point.week.monday: point for point in control.points if point.sigma is not None}
        if control.centre is None:
            assert not judged
            assert not control.findings
        for point in judged.values():
            assert point.low is not None
            assert point.high is not None
            assert 0 <= point.low <= (control.centre or 0) <= point.high
        for finding in control.findings:
            assert set(finding.weeks) <= set(judged)
            assert sorted(set(finding.weeks)) == list(finding.weeks)
            if finding.signal is Signal.RUN:
                assert len(finding.weeks) >= 8
                above = {(judged[at].week.measure.value or 0) > (control.centre or 0) for at in finding.weeks}
                assert above == {finding.is_up}


@given(st.lists(st.floats(5, 95), min_size=26, max_size=40), st.floats(1, 50))
def test_the_verdict_does_not_depend_on_the_unit(numbers: list[float], scale: float):
    one = xmr_chart(values(numbers), since=monday(26), least=0.01)
    other = xmr_chart(values([value * scale for value in numbers]), since=monday(26), least=0.01 * scale)
    outside = [{f.weeks for f in control.findings if f.signal is Signal.OUTSIDE} for control in (one, other)]
    assert outside[0] == outside[1]


@given(st.integers(2, 20), st.integers(60, 400), st.integers(26, 60))
def test_a_share_that_never_changes_is_steady(per_cent: int, hundreds: int, weeks: int):
    control = p_chart(shares([(per_cent * hundreds, 100 * hundreds)] * weeks), since=monday(26))
    assert control.centre == pytest.approx(per_cent / 100)
    assert control.findings == ()


def test_chance_alone_is_seldom_taken_for_a_change_and_a_change_seldom_for_chance():
    """Two hundred clinics of chance: four weeks each after the baseline; then the same with the figure half as high again."""
    dice = random.Random(3)

    def no_shows(share: float) -> tuple[int, int]:
        of = dice.randint(150, 400)
        return sum(dice.random() < share for _ in range(of)), of

    alarms = {"p": 0, "xmr": 0, "found": 0}
    for _ in range(200):
        usual = [no_shows(0.08) for _ in range(30)]
        waits = [dice.gauss(12, 2) for _ in range(30)]
        alarms["p"] += _says(p_chart(shares(usual), since=monday(26)))
        alarms["xmr"] += _says(xmr_chart(values(waits), since=monday(26), least=1))
        worse = usual[:26] + [no_shows(0.12) for _ in range(8)]
        alarms["found"] += _says(p_chart(shares(worse), since=monday(26)))
    assert alarms["p"] <= 30
    assert alarms["xmr"] <= 30
    assert alarms["found"] >= 190


def _says(control: Control) -> bool:
    """Something ends in the weeks that are judged."""
    return any(finding.weeks[-1] >= monday(26) for finding in control.findings)
