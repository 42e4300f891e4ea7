"""What is simple is forecast exactly, what is uncertain with a band that holds, and too little history says so."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from math import pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medcab.dashboards.rules.forecast import HORIZON, LEAST_WEEKS, SHOWN_DAYS, Forecast, forecast, kind

TODAY = date(2026, 11, 28)
"""A Saturday: the week that goes on began on the 23rd."""
MONDAY = date(2026, 11, 23)
WEEK = (60, 55, 50, 48, 45, 20, 4, 5)
"""Visits of Monday … Sunday and of a holiday."""
HOLIDAY = 7

Of = Callable[[date], float]


def history(weeks: int, of: Of) -> dict[date, int]:
    return {day: round(of(day)) for number in range(7 * weeks) for day in [MONDAY - timedelta(1 + number)]}


def made(weeks: int, of: Of, today: date = TODAY) -> Forecast:
    return forecast(history(weeks, of), today=today)


def by_kind(day: date) -> float:
    return WEEK[kind(day)]


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 5000), st.integers(LEAST_WEEKS, 130))
def test_a_constant_series_goes_on(visits: int, weeks: int):
    found = made(weeks, lambda day: visits)
    assert found.error == pytest.approx(0, abs=1e-6)
    for each in found.weeks:
        assert (each.visits, each.low, each.high) == pytest.approx((7 * visits,) * 3)
    assert {round(each.visits, 3) for each in found.days} == {visits}


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(0, 300), min_size=7, max_size=7).filter(lambda week: sum(week[:5]) > 0), st.integers(60, 120)
)
def test_a_pure_week_goes_on_and_holidays_are_known(week: list[int], weeks: int):
    found = made(weeks, lambda day: [*week, 1][kind(day)])
    for each in found.days:
        assert each.visits == pytest.approx([*week, 1][kind(each.start)], rel=1e-3, abs=0.05)
    expected = [sum([*week, 1][kind(each.start + timedelta(n))] for n in range(7)) for each in found.weeks]
    assert [each.visits for each in found.weeks] == pytest.approx(expected, rel=1e-3, abs=0.3)


def test_new_year_by_the_production_calendar():
    found = made(60, by_kind)
    ahead = {each.start: each.visits for each in found.weeks}
    assert ahead[date(2026, 12, 21)] == pytest.approx(282, rel=1e-3)
    assert ahead[date(2026, 12, 28)] == pytest.approx(60 + 55 + 50 + 4 * 5 - 1, rel=1e-2), "31 December … 3 January"
    assert ahead[date(2027, 1, 4)] == pytest.approx(5 * 5 + 20 + 4, rel=1e-2), "the 9th is a plain Saturday"


def test_a_holiday_never_seen_is_like_a_sunday():
    summer = date(2026, 10, 31)
    days = {
        summer - timedelta(n): round(by_kind(summer - timedelta(n)))
        for n in range(26 * 7)
        if kind(summer - timedelta(n)) != HOLIDAY
    }
    found = forecast(days | {date(2026, 6, 12): 0}, today=date(2026, 10, 31))
    assert next(each for each in found.weeks if each.start == date(2026, 11, 2)).visits < 282 - 50 + 6


def test_the_weeks_ahead_are_whole_and_the_days_begin_tomorrow():
    for shift in range(7):
        today = MONDAY + timedelta(shift)
        found = made(40, by_kind, today)
        assert found.weeks[0].start == MONDAY + timedelta(7 if shift else 0)
        assert len(found.weeks) == HORIZON - bool(shift)
        assert [each.start for each in found.days] == [today + timedelta(1 + n) for n in range(SHOWN_DAYS)]


def test_the_level_is_that_of_the_last_weeks():
    since = MONDAY - timedelta(8 * 7)
    found = made(60, lambda day: by_kind(day) * (2 if day >= since else 1))
    assert found.weeks[0].visits == pytest.approx(564, rel=0.01)
    assert found.usual[0] == pytest.approx(120, rel=0.01)
    assert found.weeks[0].low < 0.7 * found.weeks[0].visits or found.weeks[0].high > 1.4 * found.weeks[0].visits


def test_the_season_counts_from_two_years_on():
    def season(day: date) -> float:
        return by_kind(day) * 10 * (1 + 0.4 * sin(2 * pi * day.timetuple().tm_yday / 365))

    short, long = made(103, season), made(160, season)
    assert not short.is_seasonal
    assert long.is_seasonal
    assert (long.error or 0) < 0.03 < (short.error or 0)
    assert not made(160, by_kind).is_seasonal, "a season that makes nothing better is left out"


@pytest.mark.parametrize("weeks", [0, 1, LEAST_WEEKS - 1])
def test_too_little_history_says_so(weeks: int):
    found = made(weeks, by_kind)
    assert found.is_empty
    assert (found.history, found.error, found.days) == (weeks, None, [])


def test_a_department_that_rests_has_no_forecast():
    days = {day: count for day, count in history(60, by_kind).items() if day < MONDAY - timedelta(60)}
    found = forecast(days, today=TODAY)
    assert found.is_empty
    assert found.is_resting


def test_what_is_booked_ahead_is_no_history():
    booked = {TODAY + timedelta(number): 10_000 for number in range(40)}
    assert forecast(history(40, by_kind) | booked, today=TODAY) == made(40, by_kind)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.integers(1, 7 * 120), st.integers(0, 400), min_size=1, max_size=200), st.integers(0, 6))
def test_any_history_gives_numbers_in_order(counts: dict[int, int], shift: int):
    found = forecast({MONDAY - timedelta(n): count for n, count in counts.items()}, today=MONDAY + timedelta(shift))
    for each in (*found.weeks, *found.days):
        assert 0 <= each.low <= each.visits <= each.high < float("inf")
    wide = [(each.high - each.visits) / each.visits for each in found.weeks if each.visits]
    assert wide == pytest.approx(sorted(wide), rel=1e-6), "what is further away is no surer"


def test_the_band_holds_about_four_of_five():
    """Forty clinics of chance, each asked about the week that came next."""
    dice, held = random.Random(7), 0
    for _ in range(40):
        level = 1.0
        weeks: dict[int, float] = {}
        for number in range(90):
            level *= 1 + dice.gauss(0, 0.04)
            weeks[number] = level
        visits = {
            day: max(0, round(dice.gauss(mean, mean**0.5)))
            for number in range(7 * 90)
            for day in [MONDAY + timedelta(7 - 7 * 90 + number)]
            for mean in [WEEK[kind(day)] * weeks[number // 7]]
        }
        coming = forecast({day: n for day, n in visits.items() if day < MONDAY}, today=MONDAY).weeks[0]
        came = sum(visits[MONDAY + timedelta(n)] for n in range(7))
        held += coming.low <= came <= coming.high
    assert 26 <= held <= 39
