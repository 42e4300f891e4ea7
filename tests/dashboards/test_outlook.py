"""«Устойчиво ли это?» and «Чего ждать»: who sees them, the drawings, the sentences, and the lines behind each mark."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from uuid import uuid4

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.audit import AuditEntry
from medcab.dashboards import service as figures_service
from medcab.dashboards.outlook import charts, service
from medcab.dashboards.outlook.service import Outlook, weeks_of, window_of
from medcab.dashboards.outlook.state import OutlookState
from medcab.dashboards.rules import control_words, forecast_words
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.control import Point, Week
from medcab.dashboards.rules.forecast import LEAST_WEEKS, Forecast, forecast, kind
from medcab.dashboards.rules.kpi import Measure
from medcab.dashboards.rules.period import Cut, Period, Preset, monday_of
from medcab.dashboards.rules.tally import Tally, total
from medcab.dashboards.state import FiguresState
from medcab.errors import Forbidden, NotFound
from tests.cast import FOREIGN_WARD, MORNING, OTHER_WARD, WARD, Cast
from tests.dashboards.test_rules import days as any_day
from tests.dashboards.test_service import figures, refusal
from tests.dashboards.test_state import LAST_WEEK, at, target
from tests.dashboards.test_words import plain

TODAY = date(2026, 11, 28)
MONDAY = monday_of(TODAY)
ALL = [
    *((lambda seen, name=name: charts.control(seen, name), charts.CONTROL_HEADINGS[name]) for name in charts.STEADY),
    (charts.weeks_ahead, charts.WEEKS_HEADINGS),
    (charts.days_ahead, charts.DAYS_HEADINGS),
]  # fmt: skip
USUAL = Tally(3000, 2640, 200, 184, 16, 20, 10, 180, 1500, 80, 60, 30, 8, 2)
"""A week of 8 % no-shows, 88 % of the slots taken, half of the patients in within six minutes."""


def outlook(weeks: dict[int, Tally], planned: dict[date, int] | None = None, weeks_of_period: int = 4) -> Outlook:
    """Numbers count weeks back from the one that goes on."""
    by_monday = {MONDAY - timedelta(7 * back): weeks.get(back, Tally()) for back in range(max(weeks, default=0), 0, -1)}
    counts = planned or {}
    return Outlook(TODAY, MONDAY - timedelta(7 * weeks_of_period), by_monday, counts, forecast(counts, today=TODAY))


def said(name: str, weeks: dict[int, Tally], weeks_of_period: int = 4) -> str:
    return plain(charts.control(outlook(weeks, weeks_of_period=weeks_of_period), name)["conclusion"])


def swinging(back: int) -> Tally:
    """The usual week, a little different each time."""
    more = back % 3 - 1
    return Tally(
        3000,
        2640 + 40 * more,
        200,
        184 + 2 * more,
        16 - 2 * more,
        20,
        10,
        180,
        1500,
        80 + 5 * more,
        60 - 5 * more,
        30,
        8,
        2,
    )


LONG = {back: swinging(back) for back in range(1, 31)}


def test_steady_says_so_and_what_is_usual():
    assert said("no_shows", LONG) == (
        "Устойчиво: за 30 недель значения не выходили за границы, обычный уровень 8 %. "
        "Обычное посчитано по 26 неделям до этого срока (27 апреля – 25 октября 2026)."
    )
    assert said("utilisation", LONG).startswith("Устойчиво: за 30 недель")
    assert said("waiting", LONG).startswith("Устойчиво: за 30 недель")


def test_a_week_outside_is_named_and_has_a_shape():
    bad = {1: Tally(planned=200, done=160, no_show=40), 6: Tally(planned=200, done=200)}
    seen = outlook(LONG | bad)
    chart = charts.control(seen, "no_shows")
    told = plain(chart["conclusion"])
    assert told.startswith(
        "Меняется сейчас: неделя 16–22 ноября 2026 выше границы; неделя 12–18 октября 2026 ниже границы."
    )
    changes = chart["figure"]["data"][-1]
    assert changes["x"] == ["2026-10-12", "2026-11-16"]
    assert changes["marker"]["symbol"] == ["triangle-down", "triangle-up"]
    assert chart["rows"][-1][-1] == "выше границы"
    assert chart["marks"][-1] == "whole:2026-11-16"


def test_a_row_of_weeks_is_told_with_its_length():
    worse = {back: Tally(planned=200, done=178, no_show=22) for back in range(3, 11)}
    told = said("no_shows", LONG | worse, weeks_of_period=12)
    assert (
        "Сейчас в обычных границах, но раньше менялось: 8 недель подряд выше обычного (14 сентября – 8 ноября 2026)."
        in told
    )
    hole = {4: Tally()}
    longer = worse | {11: worse[3]}
    assert "9 недель с данными подряд выше обычного" in said("no_shows", LONG | longer | hole, weeks_of_period=12)


def test_many_changes_are_counted():
    worse = {back: Tally(planned=200, done=150, no_show=50) for back in (1, 3, 5, 7, 9)}
    assert "; раньше ещё" in said("no_shows", LONG | worse, weeks_of_period=10)


def test_a_short_history_says_what_is_missing():
    for weeks, has in ((0, "пока таких нет"), (1, "пока 1 такая неделя"), (5, "пока 5 таких недель")):
        told = said("no_shows", dict.fromkeys(range(1, weeks + 1), USUAL))
        assert told.startswith("Сказать пока нельзя")
        assert told.endswith(f"{has}.")
    assert "сам срок в них входит" in said("no_shows", {back: swinging(back) for back in range(1, 15)})


def test_all_missed_and_none_missed_are_no_nonsense():
    for tally, share in ((Tally(planned=200, no_show=200), "100 %"), (Tally(planned=200, done=200), "0 %")):
        chart = charts.control(outlook(dict.fromkeys(range(1, 31), tally)), "no_shows")
        assert plain(chart["conclusion"]) == f"Неделя за неделей {share}: границы случайного посчитать не по чему."
        assert chart["rows"][0][-1] == "не оценивается"
        assert len(chart["figure"]["data"][-1]["y"]) == 30


def test_the_window_is_of_whole_weeks_that_are_over():
    since, window = window_of(Preset.MONTH.period(TODAY), TODAY)
    assert since == date(2026, 10, 26), "the 28 days before today begin on Saturday the 31st"
    assert window == Period(since - timedelta(26 * 7), date(2026, 11, 22))
    since, window = window_of(Preset.TODAY.period(TODAY), TODAY)
    assert since == MONDAY
    assert window.end == date(2026, 11, 22)
    since, window = window_of(Period(date(2027, 5, 1), date(2027, 5, 31)), TODAY)
    assert window.end == date(2026, 11, 22), "the future has no weeks yet"
    since, window = window_of(Period(date(2024, 10, 1), date(2026, 11, 22)), TODAY)
    assert since == date(2025, 11, 24), "the last year of two"
    since, window = window_of(Period(date(2026, 9, 1), date(2026, 9, 6)), TODAY)
    assert window.end == date(2026, 9, 6), "a Sunday ends a whole week"


@given(st.dates(date(2024, 1, 1), date(2027, 12, 1)), st.integers(0, 799))
def test_any_window(start: date, length: int):
    period = Period(start, start + timedelta(length))
    since, window = window_of(period, TODAY)
    assert window.days % 7 == 0
    assert window.start.weekday() == since.weekday() == 0
    assert window.end < TODAY
    assert (since - window.start).days == 26 * 7
    late = weeks_of({window.start + timedelta(9): USUAL, window.end: USUAL}, window)
    assert min(late) == window.start + timedelta(14), "a week in whose midst the history begins would look like a fall"
    assert min(
        weeks_of({window.start - timedelta(1): USUAL, window.start + timedelta(9): USUAL}, window)
    ) == window.start + timedelta(7)
    weeks = weeks_of({window.start + timedelta(7): USUAL, window.end: USUAL}, window)
    assert (min(weeks), max(weeks)) == (window.start + timedelta(7), window.end - timedelta(6))
    assert total(weeks.values()) == USUAL + USUAL


def planned(weeks: int, of: Callable[[date], int] = lambda day: 40 if kind(day) < 5 else 0) -> dict[date, int]:
    return {day: of(day) for number in range(7 * weeks) for day in [MONDAY - timedelta(1 + number)]}


def test_what_to_expect():
    booked = {date(2026, 11, 30): 21, date(2026, 12, 1): 3}
    seen = outlook({}, planned(60) | booked)
    weeks, days = charts.weeks_ahead(seen), charts.days_ahead(seen)
    assert plain(weeks["conclusion"]).startswith("На неделе 30 ноября – 6 декабря 2026 ожидаем 2")
    assert "Такие же прогнозы за последние 48 недель ошибались в среднем на 0 %." in plain(weeks["conclusion"])
    assert [row[1] for row in weeks["rows"][:13]] == [*["200"] * 10, "160", *["200"] * 2], "4 November"
    assert weeks["rows"][13][0] == "23.11–29.11.2026 (идёт)"
    assert weeks["rows"][14][0] == "30.11–06.12.2026"
    assert weeks["rows"][14][-1] == "24"
    assert days["rows"][0][0] == "29.11.2026, вс"
    assert days["rows"][1][-1] == "21"
    assert days["marks"][:2] == ["day:2026-11-29", "day:2026-11-30"]


def test_the_new_year_is_named():
    seen = outlook({}, planned(60))
    told = plain(charts.weeks_ahead(seen)["conclusion"])
    assert "Заметно меньше обычного" in told
    assert "выходные по производственному календарю" in told


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            Forecast(0, [], [], {}),
            "Недостаточно данных для прогноза: нужно не меньше 26 недель с приёмами, пока нет ни одной.",
        ),
        (
            Forecast(1, [], [], {}),
            "Недостаточно данных для прогноза: нужно не меньше 26 недель с приёмами, пока 1 неделя.",
        ),
        (
            Forecast(40, [], [], {}, is_resting=True),
            "Прогноза нет: последние недели в отделении никого не принимали, исходить не из чего.",
        ),
    ],
)
def test_nothing_to_expect(found: Forecast, sentence: str):
    assert plain(forecast_words.on_weeks(found, {})) == sentence
    assert forecast_words.on_days(found) == "Прогноза по дням нет."


def test_more_is_booked_than_was_to_be_expected():
    booked = {date(2026, 11, 30): 900}
    assert "записано уже больше" in charts.weeks_ahead(outlook({}, planned(60) | booked))["conclusion"]


@settings(deadline=None, max_examples=25)
@given(
    st.dictionaries(st.integers(1, 60), any_day(), max_size=40),
    st.dictionaries(st.integers(-30, 7 * 60), st.integers(0, 300), max_size=120),
    st.integers(0, 40),
)
def test_any_figures_draw_and_speak(weeks: dict[int, Tally], counts: dict[int, int], weeks_of_period: int):
    seen = outlook(weeks, {MONDAY - timedelta(back): count for back, count in counts.items()}, weeks_of_period)
    for draw, headings in ALL:
        chart = draw(seen)
        go.Figure(chart["figure"])
        clicked = [trace for trace in chart["figure"]["data"] if trace.get("hoverinfo") != "skip"]
        assert all(len(trace["y"]) == len(chart["marks"]) for trace in clicked)
        assert len(chart["rows"]) == len(chart["marks"])
        assert all(len(row) == len(headings) for row in chart["rows"])
        assert len({row[0] for row in chart["rows"]}) == len(chart["rows"]), "the table's keys"
        assert all(Cut.read(mark).span for mark in chart["marks"])
        assert "NaN" not in json.dumps(chart)
        for nonsense in ("None", "nan", "inf", "  ", "..", "( )", "-", "; ."):
            assert nonsense not in chart["conclusion"].replace(" … ", "")
        assert chart["conclusion"].endswith(".")
        assert chart["conclusion"][0].isupper()


def test_two_years_of_weeks_stay_small():
    weeks = {back: swinging(back) for back in range(1, 141)}
    seen = outlook(weeks, planned(160), weeks_of_period=114)
    made = [draw(seen) for draw, _ in ALL]
    year = outlook({back: swinging(back) for back in range(1, 79)}, planned(160), weeks_of_period=52)
    sizes = [len(json.dumps([draw(each) for draw, _ in ALL], ensure_ascii=False).encode()) for each in (seen, year)]
    assert len(made[0]["figure"]["layout"]["xaxis"]["tickvals"]) <= 6
    assert sizes[0] < 120_000
    assert sizes[1] < 60_000, "what a change of the period sends"


# Who sees it, on the database.


async def test_who_sees_which_outlook(session: AsyncSession, cast: Cast):
    open_to = {"head": {WARD}, "admin": {WARD, OTHER_WARD}}
    for (name, actor), ward in product(cast.everyone().items(), (WARD, OTHER_WARD, FOREIGN_WARD, uuid4())):
        expected = (None if ward in open_to[name] else NotFound) if name in open_to else Forbidden
        period = Preset.MONTH.period(TODAY)
        found = await refusal(
            lambda who=actor, at=ward, period=period: service.outlook(session, who, department_id=at, period=period)
        )
        assert found is expected, (name, ward)


async def test_the_lines_behind_each_mark_add_up_to_it(session: AsyncSession, cast: Cast):
    for number in range(-20, 400):
        day = MONDAY - timedelta(number)
        if day.weekday() < 6:
            done = 10 + number % 5 if number > 0 else 0
            session.add(
                figures(
                    day,
                    cast.doctor,
                    planned=12 + number % 5,
                    done=done,
                    no_show=2 * bool(done),
                    waited=done,
                    wait_5_15=done,
                )
            )
            session.add(figures(day, cast.colleague, planned=9, done=9 * (number > 0), no_show=0))
            session.add(figures(day, cast.neighbour, OTHER_WARD, planned=100))
    period = Period(MONDAY - timedelta(25), TODAY - timedelta(1))
    with clock.frozen(MORNING + timedelta(5)):
        seen = await service.outlook(session, cast.head, department_id=WARD, period=period)
        by_week = dict(zip(charts.control(seen, "no_shows")["marks"], seen.weeks.values(), strict=True))
        assert len(by_week) == 30
        for mark, tally in by_week.items():
            assert await _lines(session, cast, period, mark) == tally, mark
        for draw, column in ((charts.weeks_ahead, -1), (charts.days_ahead, -1)):
            chart = draw(seen)
            for mark, row in zip(chart["marks"], chart["rows"], strict=True):
                count = (await _lines(session, cast, period, mark)).planned
                assert str(count) == (row[column] or row[1]), mark


async def _lines(session: AsyncSession, cast: Cast, period: Period, mark: str) -> Tally:
    page = await figures_service.rows(session, cast.head, at=WARD, address=Address(period, rows=mark))
    assert page.total == len(page.rows)
    return total(line.tally for line in page.rows)


async def test_the_page_shows_it_after_its_figures(database: str, cast: Cast):
    with clock.frozen(MORNING):
        today = clock.today()
        async with db.transaction() as session:
            session.add_all(
                [figures(today - timedelta(number), cast.doctor) for number in range(1, 7 * LEAST_WEEKS + 8)]
            )
        state = at(LAST_WEEK, cast.head)
        ahead = state.parent_state.substates[OutlookState.get_name()]
        await OutlookState.show.fn(ahead)
        assert not ahead.ready, "nothing was looked at yet"
        assert OutlookState.show in await FiguresState.show.fn(state)
        await OutlookState.show.fn(ahead)
        assert ahead.ready
        assert ahead.weeks["conclusion"].startswith("На неделе")
        assert ahead.counted.startswith("Посчитано 23.11.2026, ")
        assert target(await OutlookState.open_mark.fn(ahead, "no_shows", 0)) == f"{LAST_WEEK}&rows=whole%3A2026-05-18"
        for chart, index in (("no_shows", 700), ("no_shows", -1), ("nonsense", 0)):
            assert await OutlookState.open_mark.fn(ahead, chart, index) is None
        async with db.reading() as session:
            assert len((await session.exec(select(AuditEntry))).all()) == 1, "one look, one line in the journal"


async def test_a_week_behind_the_period_is_named_over_its_lines(database: str, cast: Cast):
    with clock.frozen(MORNING):
        async with db.transaction() as session:
            session.add(figures(date(2026, 5, 20), cast.doctor))
            session.add(figures(date(2026, 11, 16), cast.doctor))
        state = at(f"{LAST_WEEK}&rows=whole:2026-05-18", cast.head)
        await FiguresState.show.fn(state)
    assert state.rows_of == "whole:2026-05-18"
    assert state.cuts[-1]["label"] == "18–24 мая 2026"
    assert [line["day"] for line in state.lines] == ["20.05.2026"]


def test_the_verdict_of_a_week_without_data():
    control = outlook({3: USUAL}).control(k.NO_SHOW)
    assert [control_words.verdict(point, control.findings) for point in control.points] == [
        "не оценивается",
        "нет данных",
        "нет данных",
    ]


def test_a_week_outside_its_limits_is_seen_to_be():
    """«12 %, границы 4 … 12 %, выше границы» is read by nobody."""
    week = Week(date(2026, 11, 16), Measure(0.1234, of=500))
    value, limits = control_words.told(k.NO_SHOW, Point(week, 0.01, low=0.04, high=0.1221))
    assert (plain(value), plain(limits)) == ("12,34 %", "4,00 % … 12,21 %")
    value, limits = control_words.told(k.NO_SHOW, Point(week, 0.01, low=0.04, high=0.1234))
    assert (plain(value), plain(limits)) == ("12 %", "4 % … 12 %")
