"""The charts of money: conclusion, drawing in plain Plotly JSON, and the same figures as a table, in the manner of dashboards.charts."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from medcab import clock
from medcab.dashboards.charts import PLAIN, Chart
from medcab.dashboards.rules.lanes import Lanes
from medcab.finance.rules import kpi as k
from medcab.finance.rules import words
from medcab.finance.service import Report
from medcab.schedule.rules.visits import PAYER_TITLES
from medcab.schedule.service import zone
from medcab.ui import formats

FLOW_HEADINGS = ["Что", "Приёмов", "Сумма", "Доля"]
REASON_HEADINGS = ["Причина", "Приёмов", "Сумма", "Доля отклонённого"]
MONTH_HEADINGS = ["Месяц", "План", "Выставлено", "Выполнение", "Отклонено"]
DEPARTMENT_HEADINGS = ["Отделение", "План", "Выставлено", "Выполнение", "Отклонено"]
PAYER_HEADINGS = ["Плательщик", "Приёмов", "Выставлено", "Принято", "Отклонено"]

_FINE, _BAD = "#30a46c", "#ce2c31"
_STILL = {"fixedrange": True}
_NUMBERS = {**_STILL, "rangemode": "tozero", "tickformat": ",.9~g", "tickangle": 0, "nticks": 5}
"""Plotly's own short forms are English: «30M», «40k»."""
_MONEY = {**_NUMBERS, "title": {"text": "тыс. ₽"}}
_MONEY_ACROSS = {**_MONEY, "showgrid": True, "nticks": 3}  # beside long names there is room for few
_NAMES = {**_STILL, "showgrid": False, "ticklabelstandoff": 6}
_HEIGHT = 340
_SHORT = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_LABELS = 7


def _thousands(kopecks: int) -> float:
    """Of roubles, for the drawing only: words and tables have the kopecks."""
    return kopecks / 100_000


def flow(report: Report) -> Chart:
    """From what was billed to what was accepted: the waterfall, lying, so that its words stand level on a phone too."""
    sums = report.facts.sums
    steps = [
        ("Выставлено", sums.billed, "absolute", ""),
        ("Отклонено", sums.rejected, "relative", "outcome:rejected"),
        ("Ждёт ответа", sums.waiting, "relative", "outcome:waiting"),
        ("Принято", sums.accepted, "total", "outcome:accepted"),
    ]
    upwards = steps[::-1]
    starts = [0, _thousands(sums.accepted.kopecks), _thousands(sums.billed.kopecks - sums.rejected.kopecks), 0]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [name for name, *_ in upwards],
        "base": starts,
        "x": [_thousands(amount.kopecks) for _, amount, *_ in upwards],
        "marker": {"color": [_FINE, "#8b8d98", _BAD, "#0d74ce"]},
        "hovertext": [
            f"{name}<br>{words.money(amount.kopecks)}, {words.visits(amount.visits)}" for name, amount, *_ in upwards
        ],
        "hoverinfo": "text",
    }
    rows = [
        [name, formats.number(a.visits), words.money(a.kopecks), words.share(a.kopecks, sums.billed.kopecks)]
        for name, a, *_ in steps
    ]
    figure = {"data": [trace], "layout": {"height": _HEIGHT, "xaxis": _MONEY_ACROSS, "yaxis": _NAMES}}
    return {
        "conclusion": words.on_flow(sums),
        "figure": figure,
        "rows": rows,
        "parts": [],
        "marks": [mark for *_, mark in upwards],
    }


def reasons(report: Report) -> Chart:
    """What was rejected, by reason, the dearest on top."""
    found = list(report.by_reason.items())
    upwards = list(reversed(found))
    all_of_it = report.facts.sums.rejected.kopecks
    lanes = Lanes([f"{code}. {report.reason(code)}" for code, _ in upwards])
    trace = {
        "type": "bar",
        "orientation": "h",
        **lanes.bar(),
        "x": [_thousands(amount.kopecks) for _, amount in upwards],
        "marker": {"color": _BAD},
        "hovertext": [
            f"{code}. {report.reason(code)}<br>{words.money(amount.kopecks)}, {words.visits(amount.visits)}"
            for code, amount in upwards
        ],
        "hoverinfo": "text",
    }
    rows = [
        [f"{code}. {report.reason(code)}", formats.number(a.visits), words.money(a.kopecks), words.share(a.kopecks, all_of_it)]
        for code, a in found
    ]  # fmt: skip
    figure = {"data": [trace] if found else [], "layout": {**lanes.layout, "xaxis": _MONEY_ACROSS, "yaxis": lanes.axis}}
    conclusion = words.on_reasons({f"{code} «{report.reason(code)}»": amount for code, amount in found})
    return {
        "parts": [],
        "conclusion": conclusion, "figure": figure, "rows": rows, "marks": [f"reason:{code}" for code, _ in upwards],
    }  # fmt: skip


def months(report: Report) -> Chart:
    """Plan against fact, month by month."""
    found = report.by_month
    now = clock.today(zone()).replace(day=1)
    names = [_month(month) for month in found]
    told = [f"{name} (идёт)" if month >= now else name for name, month in zip(names, found, strict=True)]
    figure = _plan_and_fact(names, list(found.values()), upright=True, told=told)
    figure["layout"]["xaxis"] |= _labels(found)
    if figure["data"] and now in found:  # a low bar of a month that goes on is no fall
        figure["data"][0]["marker"] = {"pattern": {"shape": ["/" if month >= now else "" for month in found]}}
    rows = [_plan_row(name, facts) for name, facts in zip(told, found.values(), strict=True)]
    conclusion = words.on_plan(report.facts)
    return {
        "conclusion": conclusion,
        "figure": figure,
        "rows": rows,
        "parts": [],
        "marks": [f"month:{month}" for month in found],
    }


def _labels(months: Iterable[date]) -> dict[str, Any]:
    """Few enough to stand level on a phone; the year on its own line where it changes."""
    found = list(months)
    shown = found[:: -(-len(found) // _LABELS) or 1]
    told = [
        f"{_SHORT[month.month - 1]}<br>{month.year}"
        if not at or month.year != shown[at - 1].year
        else _SHORT[month.month - 1]
        for at, month in enumerate(shown)
    ]
    return {"tickmode": "array", "tickvals": [_month(month) for month in shown], "ticktext": told, "tickangle": 0}


def departments(report: Report) -> Chart:
    """Plan against fact by department, the largest on top."""
    found = dict(sorted(report.by_department.items(), key=lambda item: (item[1].sums.billed.kopecks, item[0].name)))
    figure = _plan_and_fact([place.name for place in found], list(found.values()), upright=False)
    rows = [_plan_row(place.name, facts) for place, facts in reversed(found.items())]
    conclusion = words.on_departments({place.name: facts for place, facts in found.items()})
    return {
        "parts": [],
        "conclusion": conclusion, "figure": figure, "rows": rows, "marks": [f"department:{place.id}" for place in found],
    }  # fmt: skip


def payers(report: Report) -> Chart:
    """Visits in registers by who pays."""
    found = report.by_payer
    names = [PAYER_TITLES[payer] for payer in found]
    upwards = {name: sums.billed for name, sums in reversed(list(zip(names, found.values(), strict=True)))}
    lanes = Lanes(list(upwards))
    trace = {
        "type": "bar",
        "orientation": "h",
        **lanes.bar(),
        "x": [billed.visits for billed in upwards.values()],
        "hovertext": [
            f"{name}<br>{words.visits(billed.visits)}, {words.money(billed.kopecks)}"
            for name, billed in upwards.items()
        ],
        "hoverinfo": "text",
    }
    across = {**_NUMBERS, "showgrid": True, "nticks": 4}
    figure = {"data": [trace] if found else [], "layout": {**lanes.layout, "xaxis": across, "yaxis": lanes.axis}}
    rows = [
        [name, formats.number(s.billed.visits), *(words.money(a.kopecks) for a in (s.billed, s.accepted, s.rejected))]
        for name, s in zip(names, found.values(), strict=True)
    ]
    conclusion = words.on_payers({PAYER_TITLES[payer]: sums for payer, sums in found.items()})
    return {
        "conclusion": conclusion,
        "figure": figure,
        "rows": rows,
        "parts": [],
        "marks": [f"payer:{payer}" for payer in reversed(found)],
    }


def _plan_and_fact(
    names: list[str], facts: list[k.Facts], *, upright: bool, told: list[str] | None = None
) -> dict[str, Any]:
    across, along = ("x", "y") if upright else ("y", "x")
    hints = [
        f"{name}<br>план {words.money(f.plan.kopecks)}<br>выставлено {words.money(f.sums.billed.kopecks)}"
        for name, f in zip(told or names, facts, strict=True)
    ]
    common = {
        "type": "bar",
        "orientation": "v" if upright else "h",
        across: names,
        "hovertext": hints,
        "hoverinfo": "text",
    }
    plan = {along: [_thousands(f.plan.kopecks) for f in facts], "name": "План", "marker": PLAIN}
    fact = {along: [_thousands(f.sums.billed.kopecks) for f in facts], "name": "Выставлено"}
    if upright:
        axes = {"xaxis": {**_STILL, "type": "category"}, "yaxis": _MONEY}
        return {
            "data": [{**common, **fact}, {**common, **plan}] if names else [],
            "layout": {"barmode": "group", "height": _HEIGHT, **axes},
        }
    lanes = Lanes(names, bars=2, has_legend=True)
    return {
        "data": [{**common, **fact, **lanes.bar(0)}, {**common, **plan, **lanes.bar(1)}] if names else [],
        "layout": {**lanes.layout, "xaxis": _MONEY_ACROSS, "yaxis": lanes.axis},
    }


def _plan_row(name: str, facts: k.Facts) -> list[str]:
    billed = facts.sums.billed.kopecks
    return [
        name, words.money(facts.plan.kopecks), words.money(billed), words.share(billed, facts.plan.kopecks),
        words.money(facts.sums.rejected.kopecks),
    ]  # fmt: skip


def _month(month: date) -> str:
    return f"{month:%m.%Y}"
