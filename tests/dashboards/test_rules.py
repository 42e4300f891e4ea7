"""Each figure worked out by hand, and what must hold for any figures at all."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules import words
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.comparison import change
from medcab.dashboards.rules.kpi import CATALOGUE, Better, Kpi, Measure, Standing, Unit
from medcab.dashboards.rules.period import Cut, Period, Preset, chosen, monday_of, preset_of
from medcab.dashboards.rules.tally import COLUMNS, WAIT_EDGES, Tally, Wait, total, wait_quantile
from medcab.dashboards.rules.tiles import tiles
from medcab.errors import Invalid
from medcab.schedule.models import DayFigures

TODAY = date(2026, 11, 23)
VIEW = Address(Preset.WEEK.period(TODAY))

# A doctor's week: 5 days of 6 hours offered, 26 h 30 min of them booked; 100 visits planned, 88 done, 8 not come, 4 still open;
# 10 cancelled, 5 of them late; of the 88, 40 waited under 5 minutes, 30 under 15, 12 under 30, 4 under 45 and 2 longer. The 88 took 22 h of what
# was offered; on four of the five days the first patient was taken in time.
WEEK = Tally(
    offered_minutes=1800, booked_minutes=1590, planned=100, done=88, no_show=8, cancelled=10, late_cancelled=5,
    waited=88, waited_minutes=800, wait_0_5=40, wait_5_15=30, wait_15_30=12, wait_30_45=4, wait_45=2,
    attended_minutes=1320, first_starts=5, on_time_starts=4,
)  # fmt: skip

counts = st.integers(0, 500)


@st.composite
def days(draw: st.DrawFn) -> Tally:
    """A day that could have been: parts are never more than their whole."""
    offered, done, no_show, open_ = draw(st.integers(0, 900)), draw(counts), draw(counts), draw(counts)
    cancelled = draw(counts)
    waits = [draw(st.integers(0, done // 5)) for _ in WAIT_EDGES]
    booked, first = draw(st.integers(0, offered)), draw(st.integers(0, 3))
    return Tally(
        offered, booked, done + no_show + open_, done, no_show, cancelled,
        draw(st.integers(0, cancelled)), sum(waits), 0, *waits, draw(st.integers(0, booked)), first, draw(st.integers(0, first)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kpi", "expected"),
    [
        (k.PLANNED, 100),
        (k.DONE, 88),
        (k.DONE_SHARE, 88 / 100),
        (k.UTILISATION, 1590 / 1800),
        (k.NO_SHOW, 8 / 96),
        (k.LATE_CANCEL, 5 / 110),
        (k.WAIT_MEDIAN, 5 + 10 * (44 - 40) / 30),  # the 44th of 88 is the 4th of the 30 between 5 and 15 minutes
        (k.WAIT_P90, 15 + 15 * (79.2 - 70) / 12),
        (k.WAIT_15, 70 / 88),
        (k.WAIT_45, 86 / 88),
        (k.ATTENDED, 1320 / 1800),
        (k.ON_TIME, 4 / 5),
    ],
    ids=lambda value: value.code if isinstance(value, Kpi) else "",
)
def test_each_figure_by_hand(kpi: Kpi, expected: float):
    assert kpi.measure(WEEK).value == pytest.approx(expected)


def test_the_catalogue_is_tried_whole_and_explains_itself():
    tried = {
        mark.args[1][index][0] for mark in test_each_figure_by_hand.pytestmark for index in range(len(mark.args[1]))
    }
    assert tried == set(CATALOGUE)
    for kpi in CATALOGUE:
        assert kpi.title
        assert kpi.formula
        assert kpi.numerator
        assert kpi.denominator or kpi.unit is Unit.COUNT
        assert kpi.norm is None or (kpi.norm.words and kpi.norm.source)
        assert kpi.better is not Better.INSIDE or kpi.norm


def test_the_tally_is_the_rollup():
    assert set(COLUMNS) < set(DayFigures.model_fields)


@pytest.mark.parametrize(
    ("kpi", "value", "standing"),
    [
        (k.UTILISATION, 0.84, Standing.BELOW), (k.UTILISATION, 0.85, Standing.MET), (k.UTILISATION, 0.92, Standing.MET),
        (k.UTILISATION, 0.9204, Standing.ABOVE), (k.UTILISATION, 1 - 0.08, Standing.MET), (k.UTILISATION, 0.93, Standing.ABOVE), (k.NO_SHOW, 0.0804, Standing.ABOVE), (k.NO_SHOW, 0.08, Standing.MET), (k.NO_SHOW, 0.081, Standing.ABOVE),
        (k.WAIT_MEDIAN, 15, Standing.MET), (k.WAIT_MEDIAN, 16, Standing.ABOVE), (k.DONE, 10, Standing.UNKNOWN),
    ],
)  # fmt: skip
def test_norms(kpi: Kpi, value: float, standing: Standing):
    assert kpi.standing(Measure(value, of=100)) is standing


def test_few_cases_are_not_judged():
    measure = k.NO_SHOW.measure(Tally(planned=4, done=3, no_show=1))
    assert measure.value == 0.25
    assert not measure.is_reliable
    assert k.NO_SHOW.standing(measure) is Standing.UNKNOWN
    assert k.NO_SHOW.measure(Tally(planned=5, done=4, no_show=1)).is_reliable


def test_no_data_is_not_zero():
    assert all(kpi.measure(Tally()).value is None for kpi in CATALOGUE)
    only_offered = Tally(offered_minutes=360)
    assert k.UTILISATION.measure(only_offered).value == 0
    assert k.NO_SHOW.measure(only_offered).value is None
    assert k.DONE.measure(only_offered).value == 0


@given(st.lists(days(), max_size=8), st.data())
def test_any_split_of_days_sums_to_the_same(tallies: list[Tally], data: st.DataObject):
    chosen_ones = data.draw(st.lists(st.booleans(), min_size=len(tallies), max_size=len(tallies)))
    first = total(t for t, is_chosen in zip(tallies, chosen_ones, strict=True) if is_chosen)
    second = total(t for t, is_chosen in zip(tallies, chosen_ones, strict=True) if not is_chosen)
    assert first + second == total(tallies)
    assert total(tallies) == sum(tallies, Tally())


@given(days(), days())
def test_a_share_of_two_days_lies_between_theirs(one: Tally, other: Tally):
    for kpi in (kpi for kpi in CATALOGUE if kpi.unit is Unit.SHARE):
        values = [value for tally in (one, other) if (value := kpi.measure(tally).value) is not None]
        both = kpi.measure(one + other).value
        assert (both is None) == (not values)
        if both is not None:
            is_waiting = (
                kpi in (k.DONE_SHARE, k.ATTENDED) and len(values) == 1
            )  # what nobody has marked counts as not held
            assert min([*values, *([0.0] if is_waiting else [])]) - 1e-9 <= both <= max(values) + 1e-9
            assert 0 <= both <= 1


@given(days(), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_quantiles_of_waiting_grow_and_stay_in_the_histogram(tally: Tally, one: float, other: float):
    low, high = (wait_quantile(tally, share) for share in sorted((one, other)))
    assert (low is None) == (high is None) == (tally.waited == 0)
    if low and high:
        assert 0 <= low.minutes <= high.minutes <= WAIT_EDGES[-1]


def test_waiting_beyond_the_last_edge_is_a_bound():
    assert wait_quantile(Tally(waited=10, wait_45=10), 0.5) == Wait(45, or_more=True)
    assert wait_quantile(Tally(waited=10, wait_0_5=10), 0.5) == Wait(2.5)


def test_changes_and_which_way_is_better():
    def moved(kpi: Kpi, now: float, before: float, of: int = 100):
        found = change(kpi, Measure(now, of), Measure(before, of))
        return found and (round(found.difference, 3), found.is_better)

    assert moved(k.NO_SHOW, 0.09, 0.06) == (0.03, False)
    assert moved(k.NO_SHOW, 0.05, 0.06) == (-0.01, True)
    assert moved(k.NO_SHOW, 0.061, 0.06) == (0.001, None)
    assert moved(k.NO_SHOW, 0.06, 0.0) == (0.06, False)
    assert moved(k.UTILISATION, 0.90, 0.80) == (0.1, True)
    assert moved(k.UTILISATION, 0.99, 0.90) == (0.09, False)
    assert moved(k.UTILISATION, 0.86, 0.91) == (-0.05, None), "both inside the norm"
    assert moved(k.DONE, 110, 100) == (0.1, None)
    assert moved(k.DONE, 10, 0) is None, "growth from nothing has no size"
    assert moved(k.NO_SHOW, 0.5, 0.1, of=4) is None
    assert change(k.WAIT_P90, Measure(45, 50, or_more=True), Measure(20, 50)) is None


@pytest.mark.parametrize("preset", list(Preset))
def test_presets(preset: Preset):
    period = preset.period(TODAY)
    assert preset_of(period, TODAY) is preset
    assert period.end == TODAY - timedelta(preset is not Preset.TODAY)
    before = period.previous
    assert (before.days, before.end) == (period.days, period.start - timedelta(1))
    if preset is not Preset.TODAY:
        assert before.start.weekday() == period.start.weekday(), "the same weekdays are compared"


def test_an_own_period():
    assert chosen("", "", today=TODAY) == Preset.MONTH.period(TODAY)
    assert chosen("2026-11-02", "2026-11-02", today=TODAY).days == 1
    wrong = (
        ("2026-11-03", "2026-11-02"),
        ("", "2026-11-02"),
        ("x", "y"),
        ("2020-01-01", "2026-01-01"),
        ("0001-01-01", "0001-01-02"),
    )
    for start, end in wrong:
        with pytest.raises(Invalid) as refusal:
            chosen(start, end, today=TODAY)
        assert refusal.value.errors


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 500), st.integers(0, 6))
def test_cuts_of_a_period_are_inside_it(start: date, length: int, weekday: int):
    period = Period(start, start + timedelta(length))
    found = period.days_on(weekday)
    assert all(day.weekday() == weekday and period.holds(day) for day in found)
    assert sum(len(period.days_on(number)) for number in range(7)) == period.days
    week = period.week(monday_of(period.end))
    assert period.holds(week.start)
    assert period.holds(week.end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "week:",
        "week:x",
        "week:0001-01-01",
        "week:9999-12-31",
        "weekday:x",
        "doctor:1",
        "nonsense",
        "a:b:c",
        "doctor:' OR 1=1",
    ],
)
def test_an_address_mended_by_hand_shows_the_whole(text: str):
    assert Cut.read(text) == Cut()


def test_an_address_names_its_cut():
    assert Cut.read("week:2026-11-19") == Cut(week=date(2026, 11, 16))
    assert Cut.read("weekday:4") == Cut(weekday=4)


def test_tiles_say_value_change_norm_and_doubt():
    before = Tally(**{name: getattr(WEEK, name) // 2 for name in COLUMNS})
    made = {tile["code"]: tile for tile in tiles(WEEK, before, VIEW)}
    assert made["no_show"]["value"] == "8,3\u00a0%"
    assert (made["no_show"]["standing"], made["no_show"]["tone"]) == ("выше нормы", "soon")
    assert made["done"]["change"] == "+100\u00a0%"
    assert made["no_show"]["change"] == "без изменений"
    assert "не норматив" in made["no_show"]["source"]
    few = {tile["code"]: tile for tile in tiles(Tally(planned=3, done=2, no_show=1), Tally(), VIEW)}
    assert few["no_show"]["doubt"] == "мало данных: 3\u00a0случая"
    assert few["no_show"]["standing"] == ""
    assert {tile["value"] for tile in tiles(Tally(), Tally(), VIEW)} == {"нет данных"}
    assert words.value(k.WAIT_P90, Measure(45, 9, or_more=True)) == "45\u00a0мин и больше"


@given(
    st.sampled_from([k.UTILISATION, k.NO_SHOW, k.WAIT_MEDIAN, k.WAIT_P90, k.VALID]),
    st.integers(0, 3000),
    st.integers(1, 3000),
)
def test_the_digits_never_contradict_the_words(kpi: Kpi, part: int, whole: int):
    """«92 %, выше нормы (85–92 %)» is read by nobody: the true value is judged, and shown as finely as that takes."""
    value = min(part / whole, 1.0) if kpi.unit is k.Unit.SHARE else part / 50
    measure, norm = Measure(value, of=100), kpi.norm or k.Norm()
    text = words.value(kpi, measure).split("\u00a0")[0].replace(",", ".")
    shown = float(text) / (100 if kpi.unit is k.Unit.SHARE else 1)
    assert norm.of(shown) is norm.of(value) is kpi.standing(measure)


@pytest.mark.parametrize(
    ("kpi", "value", "text"),
    [
        (k.UTILISATION, 0.924, "92,4 %"), (k.UTILISATION, 0.9204, "92,04 %"), (k.UTILISATION, 0.92, "92 %"), (k.UTILISATION, 0.8496, "84,96 %"),
        (k.ATTENDED, 0.924, "92 %"), (k.NO_SHOW, 0.0804, "8,04 %"), (k.WAIT_MEDIAN, 15.3, "15,3 мин"), (k.WAIT_MEDIAN, 14.7, "15 мин"),
    ],
)  # fmt: skip
def test_one_more_digit_where_rounding_would_hide_the_miss(kpi: Kpi, value: float, text: str):
    assert words.value(kpi, Measure(value, of=100)).replace("\u00a0", " ") == text


def test_a_lower_bound_at_the_edge_is_over_it():
    assert k.WAIT_P90.standing(Measure(45, 50, or_more=True)) is Standing.ABOVE


def test_before_the_first_visit_has_ended_there_is_no_share_of_them():
    """At seven in the morning nothing has failed."""
    dawn = Tally(planned=30, offered_minutes=600, booked_minutes=540)
    made = {tile["code"]: tile for tile in tiles(dawn, Tally(), VIEW)}
    assert [made[code]["value"] for code in ("done_share", "attended")] == ["нет данных", "нет данных"]
    assert (made["planned"]["value"], made["utilisation"]["value"]) == ("30", "90\u00a0%")
    noon = {tile["code"]: tile for tile in tiles(Tally(planned=30, done=9, no_show=1), Tally(), VIEW)}
    assert noon["done_share"]["doubt"] == "ещё без отметки: 20\u00a0приёмов"
    assert k.ATTENDED.measure(Tally(offered_minutes=600)).value == 0, "hours that nobody asked for were used by nobody"
    missed = {tile["code"]: tile for tile in tiles(Tally(planned=9, no_show=9), Tally(), VIEW)}
    assert (missed["done_share"]["value"], missed["done_share"]["doubt"]) == ("0\u00a0%", "")
