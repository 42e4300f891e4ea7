"""The charts of incidence in plain Plotly JSON, in the manner of dashboards.charts: weeks against the years before, classes, ages."""

from datetime import date
from typing import Any

from medcab import clock
from medcab.dashboards.charts import Chart, Drawing, ticks
from medcab.dashboards.epidemiology.rules import words
from medcab.dashboards.epidemiology.rules.kpi import Facts
from medcab.dashboards.epidemiology.rules.threshold import FEW, PER
from medcab.dashboards.epidemiology.rules.weeks import Week, has_ended
from medcab.dashboards.epidemiology.service import Report
from medcab.dashboards.rules.lanes import Lanes
from medcab.schedule.diagnoses.rules.ages import AGE_TITLES
from medcab.schedule.diagnoses.rules.classes import NO_ILLNESS
from medcab.schedule.service import zone
from medcab.ui import formats

WEEK_HEADINGS = ["Неделя", "Случаев", "Обычно", "Порог", "Оценка"]
CLASS_HEADINGS = ["Класс или диагноз", "Впервые", "Доля", "На 1000 приёмов", "Всего зарегистрировано"]
AGE_HEADINGS = ["Возраст", "Впервые", "Доля", "Всего зарегистрировано"]
TABLES = {
    "weeks": ("Впервые выявленные случаи по неделям", WEEK_HEADINGS),
    "classes": ("Впервые выявленные случаи по классам болезней", CLASS_HEADINGS),
    "ages": ("Впервые выявленные случаи по возрасту", AGE_HEADINGS),
}
"""Title and headings of each chart, by the name of its state's var."""
_STILL = {"fixedrange": True}
_COUNTS = {**_STILL, "rangemode": "tozero", "tickformat": ",.9~g"}
"""Plotly's own short forms are English: «5k»."""
_USUAL, _ABOVE, _FINE = "#8b8d98", "#cc5a00", "#0d74ce"
_FAINT = 0.4
GOES_ON = "ещё идёт"
"""Of a week that is not judged yet."""
FORMER = "по прежней системе"
_SHOWN, _HEIGHT = 14, 360
_DATES = 5
"""As many stand level under the chart on a phone."""


def weeks(report: Report) -> Chart:
    """Cases, what is usual, and the threshold; a week without data is a gap."""
    found, today = report.weeks, clock.today(zone())
    above = [each.is_above and has_ended(each, today) for each in found]
    common: Drawing = {"type": "scatter", "x": [each.monday.isoformat() for each in found]}
    cases = {
        **common, "mode": "lines+markers", "name": "Случаев", "y": [each.cases if has_ended(each, today) else None for each in found], "line": {"color": _FINE},
        "marker": {
            "color": [_ABOVE if it_is else _FINE for it_is in above], "size": [10 if it_is else 6 for it_is in above],
            "symbol": [_symbol(each, is_above=it_is) for each, it_is in zip(found, above, strict=True)],
        },
        "hovertext": _hints(found, today), "hoverinfo": "text",
    }  # fmt: skip
    quiet: Drawing = {**common, "mode": "lines", "hoverinfo": "skip"}
    mean = {
        **quiet, "name": "Обычно: среднее трёх лет", "y": [each.usual.mean if each.usual else None for each in found],
        "line": {"color": _USUAL, "dash": "dash"},
    }  # fmt: skip
    threshold = {
        **quiet, "name": "Порог", "y": [each.usual.threshold if each.usual else None for each in found],
        "line": {"color": "#ce2c31", "dash": "dot"},
    }  # fmt: skip
    axes = {
        "height": _HEIGHT,
        "xaxis": {**_STILL, "type": "category", "tickangle": 0, **ticks([each.monday for each in found], _DATES)},
        "yaxis": _COUNTS,
    }
    has_any = any(each.cases is not None for each in found)
    levels = (
        [mean, threshold] if any(each.usual for each in found) else []
    )  # the legend names nothing that is not drawn
    return {
        "conclusion": words.on_weeks(found, today),
        "figure": {"data": [cases, *_going_on(found, common, today), *levels] if has_any else [], "layout": axes},
        "rows": [_week_row(each, today) for each in found] if has_any else [],
        "marks": [f"week:{each.monday}" if each.is_own else "" for each in found], "parts": [],
    }  # fmt: skip


def _hints(found: list[Week], today: date) -> list[str]:
    return [f"{words.week(each.monday)}<br>{_told(each, today)}" for each in found]


def _going_on(found: list[Week], common: Drawing, today: date) -> list[Drawing]:
    """The week that has not ended, apart: its few cases are no fall. A point for every week, as in the other traces: clicks count them."""
    now = len(found) - 1
    if not found or has_ended(found[now], today) or found[now].cases is None:
        return []
    return [{
        **common, "mode": "markers", "name": f"Неделя {GOES_ON}", "y": [each.cases if i == now else None for i, each in enumerate(found)], "hovertext": _hints(found, today),
        "hoverinfo": ["text" if i == now else "skip" for i in range(len(found))],
        "marker": {"color": _FINE, "symbol": "circle-open", "size": 9, "line": {"width": 2}},
    }]  # fmt: skip


def _symbol(each: Week, *, is_above: bool) -> str:
    shape = "diamond" if is_above else "circle"
    return shape if each.is_own else f"{shape}-open"


def _told(each: Week, today: date) -> str:
    """Under the pointer."""
    found = words.against(each) if has_ended(each, today) or each.cases is None else words.cases(each.cases)
    return "; ".join([found, *([] if has_ended(each, today) else [GOES_ON]), *([] if each.is_own else [FORMER])])


def _week_row(each: Week, today: date) -> list[str]:
    cases = formats.NO_DATA if each.cases is None else formats.number(each.cases)
    usual, limit = (words.rounded(each.usual.mean), words.rounded(each.usual.threshold)) if each.usual else ("—", "—")
    return [
        words.week(each.monday),
        cases,
        usual,
        limit,
        "; ".join([_standing(each, today), *([] if each.is_own else [FORMER])]),
    ]


def _standing(each: Week, today: date) -> str:
    if not has_ended(each, today):
        return GOES_ON
    if each.cases is None:
        return formats.NO_DATA
    if each.usual is None:
        return "сравнить не с чем"
    if each.cases < FEW:
        return "мало случаев"
    return "выше порога" if each.is_above else "не выше порога"


def classes(report: Report) -> Chart:
    """The most frequent on top; few cases are faint."""
    is_one = bool(report.address.chapter)
    name, kind = (words.category, "category") if is_one else (words.chapter, "chapter")
    found = report.by_class
    drawn = {code: facts for code, facts in list(found.items())[:_SHOWN] if facts.first_ever}
    upwards = list(reversed(drawn.items()))
    ill = {code: facts.first_ever for code, facts in found.items() if is_one or code not in NO_ILLNESS}
    conclusion = words.on_classes({name(code): count for code, count in ill.items()})
    return {
        "conclusion": conclusion,
        "figure": _bars([(name(code), facts) for code, facts in upwards]),
        "rows": [_class_row(name(code), facts, report.facts if code in ill else None) for code, facts in found.items()],
        "marks": [f"{kind}:{code}" for code, _ in upwards], "parts": [],
    }  # fmt: skip


def _class_row(name: str, facts: Facts, whole: Facts | None) -> list[str]:
    """No `whole`: it is no illness, and stands apart."""
    if whole is None:
        return [f"{name} ({words.APART})", formats.number(facts.first_ever), "—", "—", formats.number(facts.registered)]
    rate = words.rounded(facts.first_ever * PER / whole.visits) if whole.visits else formats.NO_DATA
    doubt = f" ({words.UNRELIABLE})" if facts.first_ever < FEW else ""
    return [
        f"{name}{doubt}", formats.number(facts.first_ever), words.share(facts.first_ever, whole.first_ever), rate,
        formats.number(facts.registered),
    ]  # fmt: skip


def ages(report: Report) -> Chart:
    """From the youngest to the oldest, the youngest on top."""
    found = report.by_age
    upwards = list(reversed(found.items()))
    total = report.facts.first_ever
    rows = [
        [
            AGE_TITLES[age] + (f" ({words.UNRELIABLE})" if facts.first_ever < FEW else ""), formats.number(facts.first_ever),
            words.share(facts.first_ever, total), formats.number(facts.registered),
        ]
        for age, facts in found.items()
    ]  # fmt: skip
    return {
        "conclusion": words.on_ages({age: facts.first_ever for age, facts in found.items()}),
        "figure": _bars([(AGE_TITLES[age], facts) for age, facts in upwards]) if total else {"data": [], "layout": {}},
        "rows": rows if not report.facts.is_empty else [], "marks": [f"age:{age}" for age, _ in upwards], "parts": [],
    }  # fmt: skip


def _bars(found: list[tuple[str, Facts]]) -> dict[str, Any]:
    lanes = Lanes([name for name, _ in found])
    trace = {
        "type": "bar", "orientation": "h", **lanes.bar(), "x": [facts.first_ever for _, facts in found],
        "marker": {"opacity": [_FAINT if facts.first_ever < FEW else 1 for _, facts in found]},
        "hovertext": [
            f"{name}<br>{words.cases(facts.first_ever)}" + (f"<br>{words.UNRELIABLE}" if facts.first_ever < FEW else "")
            for name, facts in found
        ],
        "hoverinfo": "text",
    }  # fmt: skip
    across = {**_COUNTS, "showgrid": True, "tickangle": 0, "tickmode": "array", "tickvals": _ends(found)}
    return {"data": [trace] if found else [], "layout": {**lanes.layout, "xaxis": across, "yaxis": lanes.axis}}


def _ends(found: list[tuple[str, Facts]]) -> list[int]:
    """Zero and a round number: between the names and the edge of a phone there is no room for more."""
    most = max((facts.first_ever for _, facts in found), default=0)
    step = 10 ** (len(str(most)) - 1)
    return sorted({0, most // step * step})
