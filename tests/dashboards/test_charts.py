"""The drawings are such that Plotly accepts them, small, in step with their tables, and clickable to the right lines."""

import json
from datetime import date, timedelta
from uuid import UUID, uuid4

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medcab.dashboards import charts
from medcab.dashboards.queries import Doctor
from medcab.dashboards.rules import axes
from medcab.dashboards.rules.period import Cut, Period
from medcab.dashboards.rules.tally import Tally, total
from medcab.dashboards.service import Overview, Place
from tests.dashboards.test_rules import days

ALL = (charts.visits, charts.utilisation, charts.no_shows, charts.waiting)
HEADINGS = (charts.VISITS_HEADINGS, charts.UTILISATION_HEADINGS, charts.NO_SHOW_HEADINGS, charts.WAITING_HEADINGS)
WARD = Place(uuid4(), "Терапевтическое отделение")
START = date(2025, 9, 15)


def overview(by_day: dict[date, Tally], by_doctor: dict[Doctor, Tally] | None = None) -> Overview:
    doctors = {Doctor(UUID(int=1), "Иванова А. П."): total(by_day.values())} if by_doctor is None else by_doctor
    end = max(by_day, default=START)
    return Overview(WARD, [WARD], Period(START, end), by_day, doctors, Tally())


def bars(figure: dict) -> int:
    """How many marks the longest trace has."""
    return max((len(trace["x"]) for trace in figure["data"]), default=0)


@settings(deadline=None, max_examples=40)
@given(st.lists(days(), max_size=20), st.integers(1, 9))
def test_any_figures_draw(tallies: list[Tally], step: int):
    by_day = {START + timedelta(number * step): tally for number, tally in enumerate(tallies)}
    by_doctor = {Doctor(UUID(int=number), f"Врач {number}"): tally for number, tally in enumerate(tallies)}
    for draw, headings in zip(ALL, HEADINGS, strict=True):
        chart = draw(overview(by_day, by_doctor))
        go.Figure(chart["figure"])
        assert bars(chart["figure"]) == len(chart["marks"]) == len(chart["rows"])
        assert all(len(row) == len(headings) for row in chart["rows"])
        assert all(Cut.read(mark) != Cut() for mark in chart["marks"])
        assert "NaN" not in json.dumps(chart)


def test_fourteen_months_stay_small():
    day = Tally(3600, 3200, 200, 180, 15, 12, 6, 180, 2000, 60, 60, 40, 15, 5)
    by_day = {START + timedelta(number): day for number in range(430)}
    by_doctor = {Doctor(uuid4(), f"Константинопольская-{number} А. П."): day for number in range(14)}
    made = [draw(overview(by_day, by_doctor)) for draw in ALL]
    assert len(json.dumps(made, ensure_ascii=False).encode()) < 60_000
    ticks = made[0]["figure"]["layout"]["xaxis"]
    assert len(ticks["tickvals"]) <= 8
    assert any("2026" in text for text in ticks["ticktext"]), "the year is said where it changes"


def test_the_norms_are_drawn():
    day = Tally(offered_minutes=600, booked_minutes=500, planned=20, done=18, no_show=2)
    band = charts.utilisation(overview({START: day}))["figure"]["layout"]["shapes"][0]
    assert (band["x0"], band["x1"]) == (85, 92)
    line = charts.no_shows(overview({START: day}))["figure"]["layout"]["shapes"][0]
    assert line["y0"] == line["y1"] == 8


def test_few_cases_are_faint_and_say_so():
    chart = charts.no_shows(overview({START: Tally(planned=3, done=2, no_show=1)}))
    [trace] = chart["figure"]["data"]
    assert trace["marker"]["opacity"][0] < 1
    assert "мало данных" in trace["hovertext"][0]


def test_a_doctor_nobody_measured_is_not_drawn_as_waiting_zero_minutes():
    doctors = {
        Doctor(UUID(int=1), "Ли Ё."): Tally(waited=5, wait_0_5=5),
        Doctor(UUID(int=2), "Ус Г."): Tally(planned=5),
    }
    chart = charts.waiting(overview({START: total(doctors.values())}, doctors))
    assert [row[0] for row in chart["rows"]] == ["Ли Ё."]


@pytest.mark.parametrize("draw", ALL)
def test_the_table_reads_from_the_top_as_the_chart_does(draw):
    doctors = {
        Doctor(UUID(int=n), f"Врач {n}"): Tally(600, 60 * n, 10, 9, 1, waited=9, wait_0_5=n, wait_45=9 - n)
        for n in (1, 5, 3)
    }
    chart = draw(overview({START: total(doctors.values())}, doctors))
    if draw in {charts.utilisation, charts.waiting}:
        assert [row[0] for row in chart["rows"]] == ["Врач 5", "Врач 3", "Врач 1"]
        assert chart["figure"]["data"][0]["y"] == ["Врач 1", "Врач 3", "Врач 5"]
        assert [mark[-1] for mark in chart["marks"]] == ["1", "3", "5"]


def test_a_part_of_a_week_is_no_fall():
    """Two days of a week at the end of the period: apart from the whole weeks, said under the pointer and in the table."""
    day = Tally(planned=20, done=18, no_show=2)
    chart = charts.visits(overview({START + timedelta(number): day for number in range(16)}))
    whole, rest, planned, hatched = chart["figure"]["data"]
    assert (whole["y"], rest["y"]) == ([126, 126, None], [None, None, 36])
    assert rest["mode"] == "markers", "no line goes down to it"
    assert (planned["y"], hatched["y"]) == ([140, 140, None], [None, None, 40])
    assert hatched["marker"]["pattern"]["shape"]
    assert chart["rows"][-1][0].replace("\xa0", " ").endswith("(неполная неделя: 2 дня)")
    assert "неполная неделя: 2 дня" in rest["hovertext"][-1].replace("\xa0", " ")
    assert chart["parts"] == ["done", "done", "planned", "planned"]
    alone = charts.visits(overview({START: day}))
    assert [trace["name"] for trace in alone["figure"]["data"]] == ["Проведено", "Запланировано"]


@given(st.lists(st.floats(0, 400), max_size=9), st.floats(0, 100))
def test_no_axis_cuts_what_is_drawn(values: list[float], norm: float):
    share, moved = axes.per_cent(values, norm), axes.around(values)
    assert share["range"][0] == 0
    assert share["range"][1] >= max([*values, norm]) * (1 - 1e-9)
    assert share["range"][1] / share["dtick"] <= 10
    if values:
        assert moved["range"][0] <= min(values)
        assert moved["range"][1] >= max(values)
    if 70 <= max([*values, norm]) <= 100:
        assert share["range"][1] == 100
