"""Control charts and the forecast as plain Plotly JSON, in the manner of the department's other charts.

A week that stands out has a shape of its own, not only a colour: a triangle that points where the figure went, a diamond in a row of weeks.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from medcab.dashboards.charts import PLAIN, Chart, Drawing
from medcab.dashboards.outlook.service import Outlook
from medcab.dashboards.rules import axes, control_words, forecast_words, words
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules.control import Control, Finding, Point, Signal
from medcab.dashboards.rules.forecast import Expected
from medcab.dashboards.rules.kpi import Kpi, Unit
from medcab.dashboards.third_next import charts as third_next
from medcab.ui import formats

STEADY = {"no_shows": k.NO_SHOW, "utilisation": k.UTILISATION, "waiting": k.WAIT_MEDIAN}
"""Figures that have a control chart, by the name of their chart."""
TITLES = {
    "no_shows": "Неявки по неделям",
    "utilisation": "Заполненность по записи, по неделям",
    "waiting": "Ожидание по неделям",
}
CONTROL_HEADINGS = {
    name: ["Неделя", title, of, "Границы", "Оценка"]
    for name, title, of in (
        ("no_shows", "Неявки", "Из скольких"),
        ("utilisation", "Заполненность по записи", "Предложено"),
        ("waiting", "Половина ждала до", "Измерено"),
    )
}
WEEKS_HEADINGS = ["Неделя", "Было", "Ожидается", "Скорее всего", "Уже записано"]
DAYS_HEADINGS = ["День", "Ожидается", "Скорее всего", "Уже записано"]

_WEEK = timedelta(days=6)
_WEEK_MS = 7 * 24 * 3600 * 1000
_TICKS = 6
_TICKS_OF_THREE = 4
"""Of each of three charts side by side."""
_PAST = 13
"""Weeks behind that are drawn before those ahead."""
_STILL = {"fixedrange": True}  # a finger that scrolls the page must not zoom the chart
_LIMIT = "#8b8d98"
_BASE = "rgba(139, 141, 152, 0.12)"
_CHANGED = "#cc5a00"
_OUTSIDE_SIZE, _ROW_SIZE, _SIZE, _SMALL = 13, 9, 6, 4
_ROW = "diamond"
_MANY = 60
_FORECAST = "#8e4ec6"
_SUFFIX = {Unit.SHARE: "\u00a0%", Unit.MINUTES: "\u00a0мин"}


def drawn(outlook: Outlook) -> dict[str, Chart]:
    """All of them by name. Takes some milliseconds, most of them for the tables: not for the event loop."""
    steady = {name: control(outlook, name) for name in STEADY}
    return {
        **steady,
        "weeks": weeks_ahead(outlook),
        "days": days_ahead(outlook),
        "access": third_next.drawn(outlook.access),
    }


def control(outlook: Outlook, name: str) -> Chart:
    """One figure week by week, between the limits of what is usual."""
    kpi = STEADY[name]
    found = outlook.control(kpi)
    figure = {
        "data": [_line(kpi, found), *_limits(kpi, found.points), *_changes(kpi, found)] if found.points else [],
        "layout": {
            "xaxis": {
                **_STILL,
                "type": "date",
                **_ticks([point.week.monday for point in found.points], _TICKS_OF_THREE),
            },
            "yaxis": {
                **_STILL,
                "ticksuffix": _SUFFIX[kpi.unit],
                **_reach(kpi, found),
            },
            "shapes": _centre(kpi, found),
        },
    }
    rows = [
        [_span(point.week.monday), value, _size(kpi, point), limits, control_words.verdict(point, found.findings)]
        for point in found.points
        for value, limits in [control_words.told(kpi, point)]
    ]  # fmt: skip
    return {
        "conclusion": control_words.on_control(kpi, found),
        "figure": figure,
        "rows": rows,
        "marks": [f"whole:{point.week.monday}" for point in found.points],
        "parts": [],
    }


def _line(kpi: Kpi, found: Control) -> Drawing:
    points = found.points
    return {
        **_weekly(points),
        "mode": "lines+markers",
        "name": kpi.title,
        "y": [_scaled(kpi, point.week.measure.value) for point in points],
        "marker": {
            "symbol": ["circle" if point.sigma is not None else "circle-open" for point in points],
            "size": _SMALL if len(points) > _MANY else _SIZE,
        },
        "line": {"width": 1.5},
        "hovertemplate": f"неделя с %{{x|%d.%m.%Y}}: %{{y:.1~f}}{_SUFFIX[kpi.unit]}<extra></extra>",
    }


def _reach(kpi: Kpi, found: Control) -> Drawing:
    """No mark and no limit is cut off; rare things are seen from nothing on."""
    drawn = [_scaled(kpi, each) for point in found.points for each in (point.week.measure.value, point.low, point.high)]
    return axes.per_cent(drawn) if kpi is k.NO_SHOW else axes.around(drawn)


def _changes(kpi: Kpi, found: Control) -> list[Drawing]:
    """Shapes over the weeks that stand out; hovers and clicks go to the line under them."""
    changed = [(point, shape) for point in found.points if (shape := _shape(point, found.findings))]
    drawn = {
        "type": "scatter",
        "mode": "markers",
        "name": "Не случайно",
        "x": [point.week.monday.isoformat() for point, _ in changed],
        "y": [_scaled(kpi, point.week.measure.value) for point, _ in changed],
        "marker": {
            "symbol": [shape for _, shape in changed],
            "size": [_ROW_SIZE if shape == _ROW else _OUTSIDE_SIZE for _, shape in changed],
            "color": _CHANGED,
            "opacity": 1,  # sizes in a list would make them bubbles
            "line": {"width": 0},
        },
        "hoverinfo": "skip",
    }
    return [drawn] if changed else []


def _weekly(points: Sequence[Point]) -> Drawing:
    """A point a week without naming each day again: these charts may be two years long."""
    return {"type": "scatter", "x0": points[0].week.monday.isoformat(), "dx": _WEEK_MS}


def _shape(point: Point, findings: Sequence[Finding]) -> str:
    of_week = [finding for finding in findings if point.week.monday in finding.weeks]
    outside = next((finding for finding in of_week if finding.signal is Signal.OUTSIDE), None)
    if outside:
        return "triangle-up" if outside.is_up else "triangle-down"
    return _ROW if of_week else ""


def _limits(kpi: Kpi, points: Sequence[Point]) -> list[Drawing]:
    common = {
        **_weekly(points),
        "mode": "lines",
        "line": {"shape": "hvh", "width": 1, "dash": "dash", "color": _LIMIT},
        "hoverinfo": "skip",
        "connectgaps": True,
    }
    if not any(point.sigma is not None for point in points):
        return []
    return [
        {**common, "name": "Границы обычного", "y": [_scaled(kpi, point.high) for point in points]},
        {**common, "showlegend": False, "y": [_scaled(kpi, point.low) for point in points]},
    ]


def _centre(kpi: Kpi, found: Control) -> list[Drawing]:
    """The usual level, and the ground under the weeks that it was taken from."""
    if found.centre is None or found.baseline is None:
        return []
    level = _scaled(kpi, found.centre)
    edges = {"x0": found.baseline.first.isoformat(), "x1": found.baseline.last.isoformat()}
    across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": level, "y1": level}
    ground = {
        "type": "rect",
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "fillcolor": _BASE,
        "line": {"width": 0},
        "layer": "below",
    }
    return [{**ground, **edges}, {**across, "line": {"color": _LIMIT, "width": 1}, "layer": "below"}]


def _size(kpi: Kpi, point: Point) -> str:
    of = point.week.measure.of
    return formats.duration(of) if kpi is k.UTILISATION else formats.number(of)


def _scaled(kpi: Kpi, value: float | None) -> float | None:
    if value is None:
        return None
    return round(value * 100, 2) if kpi.unit is Unit.SHARE else round(value, 1)


def _span(monday: date) -> str:
    """«27.10–02.11.2025», as short as a column of a table wants it."""
    return f"{formats.day_short(monday)}–{formats.day(monday + _WEEK)}"


def weeks_ahead(outlook: Outlook) -> Chart:
    """The last weeks as they were, what is booked for the one that goes on and the next ones, and what to expect of these."""
    ahead, visits = outlook.forecast.weeks, outlook.visits
    coming = {each.start: each for each in ahead}
    past = _past(outlook) if ahead else []
    current = [outlook.now] if ahead and outlook.now not in coming else []
    later = [*current, *coming]
    mondays = [*past, *later]
    nothing: list[None] = [None] * len(past)
    traces = [
        _bars("Было", mondays, [*(visits.get(monday, 0) for monday in past), *([None] * len(later))]),
        {
            **_bars("Уже записано", mondays, [*nothing, *(visits.get(at, 0) for at in later)]),
            "marker": PLAIN,
        },
        _expected(mondays, [*nothing, *([None] * len(current))], ahead),
    ]
    rows = [[_span(monday), formats.number(visits.get(monday, 0)), "", "", ""] for monday in past]
    rows += [[f"{_span(monday)} (идёт)", "", "", "", formats.number(visits.get(monday, 0))] for monday in current]
    rows += [[_span(at), "", *_told_ahead(each, visits.get(at, 0))] for at, each in coming.items()]
    return {
        "conclusion": forecast_words.on_weeks(outlook.forecast, visits),
        "figure": {"data": traces if ahead else [], "layout": _calendar({"type": "category", **_ticks(mondays)})},
        "rows": rows,
        "marks": [f"whole:{monday}" for monday in mondays],
        "parts": [],
    }


def days_ahead(outlook: Outlook) -> Chart:
    """The next fortnight day by day."""
    days = outlook.forecast.days
    at = [each.start for each in days]
    booked = [outlook.planned.get(day, 0) for day in at]
    traces = [
        {**_bars("Уже записано", at, booked), "marker": PLAIN},
        _expected(at, [], days),
    ]
    ticks = [f"{words.WEEKDAYS_SHORT[day.weekday()]}<br>{day.day}" for day in at]
    axis = {
        "type": "category",
        "tickmode": "array",
        "tickvals": [day.isoformat() for day in at],
        "ticktext": ticks,
        "tickangle": 0,
    }
    rows = [
        [f"{formats.day(each.start)}, {words.WEEKDAYS_SHORT[each.start.weekday()]}", *_told_ahead(each, count)]
        for each, count in zip(days, booked, strict=True)
    ]
    return {
        "conclusion": forecast_words.on_days(outlook.forecast),
        "figure": {"data": traces if days else [], "layout": _calendar(axis)},
        "rows": rows,
        "marks": [f"day:{day}" for day in at],
        "parts": [],
    }


def _past(outlook: Outlook) -> list[date]:
    """The last weeks that are over, as far back as there are visits."""
    first = min(outlook.visits, default=outlook.now)
    mondays = [outlook.now - timedelta(7 * number) for number in range(_PAST, 0, -1)]
    return [monday for monday in mondays if monday >= first]


def _bars(name: str, at: Sequence[date], counts: Sequence[int | None]) -> Drawing:
    told = [f"{name.lower()}: {formats.number(count)}" if count is not None else "" for count in counts]
    return {
        "type": "bar",
        "name": name,
        "x": [day.isoformat() for day in at],
        "y": list(counts),
        "hovertext": told,
        "hoverinfo": "text",
    }


def _expected(at: Sequence[date], nothing: Sequence[None], ahead: Sequence[Expected]) -> Drawing:
    """Diamonds with the band as whiskers; as long as the bars, so that a click means the same place."""

    def column(values: Sequence[float]) -> list[Any]:
        return [*nothing, *(round(value) for value in values)]

    told = [f"ожидаем {forecast_words.visits(each.visits)}, скорее всего {forecast_words.band(each)}" for each in ahead]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "Ожидается",
        "x": [day.isoformat() for day in at],
        "y": column([each.visits for each in ahead]),
        "marker": {"symbol": "diamond", "size": 9, "color": _FORECAST},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": column([each.high - each.visits for each in ahead]),
            "arrayminus": column([each.visits - each.low for each in ahead]),
            "color": _FORECAST,
            "thickness": 2,
            "width": 5,
        },
        "hovertext": [*("" for _ in nothing), *told],
        "hoverinfo": "text",
    }


def _calendar(axis: Drawing) -> Drawing:
    return {"barmode": "overlay", "xaxis": {**_STILL, **axis}, "yaxis": {**_STILL, "rangemode": "tozero"}}


def _told_ahead(each: Expected, booked: int) -> list[str]:
    return [formats.number(round(each.visits)), forecast_words.band(each), formats.number(booked)]


def _ticks(days: Sequence[date], most: int = _TICKS) -> Drawing:
    """A few labels; the year on its own line where it changes."""
    shown = days[:: -(-len(days) // most) or 1]
    years = {day.year for day in shown}
    told = [
        f"{formats.day_short(day)}<br>{day.year}" if len(years) > 1 and (not index or day.year != shown[index - 1].year) else formats.day_short(day)
        for index, day in enumerate(shown)
    ]  # fmt: skip
    return {"tickmode": "array", "tickvals": [day.isoformat() for day in shown], "ticktext": told, "tickangle": 0}
