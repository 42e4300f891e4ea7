"""«Доступность записи» as plain Plotly JSON: a bar for each specialty, those beyond their limit hatched and named."""

from typing import Any

from medcab.dashboards.charts import Chart
from medcab.dashboards.rules import third_next as rules
from medcab.dashboards.rules.lanes import Lanes
from medcab.dashboards.rules.third_next import Wait

HEADINGS = ["Специальность", "Сегодня утром", "Обычно за четыре недели", "Срок", "Оценка"]
_STILL = {"fixedrange": True}  # a finger that scrolls the page must not zoom the chart
_FINE, _LATE = "#0d74ce", "#cc5a00"
_LIMIT = "#30a46c"
_ROOM, _TICKS = 1.35, 6


def drawn(found: dict[str, list[Wait]]) -> Chart:
    """The newest measurement of each specialty, the longest wait on top."""
    newest = {name: waits[-1] for name, waits in found.items() if waits}
    order = sorted(newest, key=lambda name: (newest[name].days is None, newest[name].days or 0, name))
    shown = [name for name in order if newest[name].days is not None]
    lanes = Lanes(shown, has_legend=True)
    trace = {
        "type": "bar", "orientation": "h", **lanes.bar(), "x": [newest[name].days for name in shown],
        "marker": {
            "color": [_FINE if newest[name].is_met else _LATE for name in shown],
            "pattern": {"shape": ["" if newest[name].is_met else "/" for name in shown]},
        },
        "name": "Третье свободное время", "text": [rules.in_days(newest[name].days) for name in shown],
        "textposition": "outside", "cliponaxis": False,
        "hovertext": [f"{name}<br>{rules.in_days(newest[name].days)}, срок: {rules.limit_words(name)}" for name in shown],
        "hoverinfo": "text",
    }  # fmt: skip
    limits = [newest[name].limit for name in shown]
    line = {
        "type": "scatter", "mode": "markers", "name": "Срок", "y": lanes.middles, "x": limits, "hoverinfo": "skip",
        "marker": {"symbol": "line-ns", "size": 22, "line": {"width": 3, "color": _LIMIT}},
    }  # fmt: skip
    axes = {
        **lanes.layout,
        "xaxis": {**_STILL, **_reach([*trace["x"], *limits]), "showgrid": True, "ticksuffix": "\u00a0дн."},
        "yaxis": lanes.axis,
    }
    return {
        "conclusion": rules.conclusion(newest), "figure": {"data": [trace, line] if shown else [], "layout": axes},
        "rows": [_row(newest[name], found[name]) for name in reversed(order)], "marks": [], "parts": [],
    }  # fmt: skip


def _reach(days: list[int | None]) -> dict[str, Any]:
    """Whole days, with room for the words beside the longest bar."""
    most = max((each for each in days if each is not None), default=1)
    return {"range": [0, most * _ROOM], "nticks": min(_TICKS, most + 1), "tickformat": "d"}


def _row(newest: Wait, waits: list[Wait]) -> list[str]:
    standing = "в пределах срока" if newest.is_met else "дольше срока"
    usual = rules.in_days(rules.usual(waits))
    return [newest.specialty, rules.in_days(newest.days), usual, rules.limit_words(newest.specialty), standing]
