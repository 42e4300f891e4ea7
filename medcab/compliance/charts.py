"""When things run out, on a line of time: plain Plotly JSON, as the dashboards draw it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from medcab.compliance.rules.duties import TITLES, Duty, Row
from medcab.compliance.service import Worker
from medcab.ui import formats

Drawing = dict[str, Any]
_STILL = {"fixedrange": True}  # a finger that scrolls the page must not zoom the chart
_TODAY = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "line": {"dash": "dot", "width": 2, "color": "#8b8d98"}}
_ROW_PX, _EDGES_PX = 34, 90
PEOPLE_HEADINGS = ["Сотрудник", "Что", "По какой день", "Осталось дней"]
_SHOWN = (Duty.PERMIT, Duty.MEDICAL_BOOK, Duty.LICENCE, Duty.QUALIFICATION, Duty.SIGNATURE)
"""What has a last day that everybody understands; the term of the training follows from the permit's."""


def people(workers: Sequence[Worker], *, today: date) -> tuple[Drawing, list[list[str]]]:
    """A mark for each last day, one line a person; worst on top."""
    marks = [(worker.name, row) for worker in workers for row in worker.rows if row.duty in _SHOWN and row.deadline]
    traces = [
        {
            "type": "scatter", "mode": "markers", "name": TITLES[duty], "marker": {"size": 12, "symbol": symbol},
            "x": [row.deadline.isoformat() for _, row in marks if row.duty is duty and row.deadline],
            "y": [name for name, row in marks if row.duty is duty],
            "hovertext": [f"{name}: {_name(row)}, по {formats.day(row.deadline)}" for name, row in marks if row.duty is duty and row.deadline],
            "hoverinfo": "text",
        }
        for duty, symbol in zip(_SHOWN, ("circle", "diamond", "square", "triangle-up", "x"), strict=True)
    ]  # fmt: skip
    table = [
        [name, _name(row), formats.day(row.deadline), formats.number((row.deadline - today).days)]
        for name, row in sorted(marks, key=lambda mark: mark[1].deadline or today)
        if row.deadline
    ]
    return {"data": [trace for trace in traces if trace["x"]], "layout": _layout(today)}, table


def height(lines: int) -> int:
    """In pixels."""
    return _EDGES_PX + _ROW_PX * max(lines, 2)


def _layout(today: date) -> Drawing:
    line = {**_TODAY, "x0": today.isoformat(), "x1": today.isoformat()}
    return {
        "xaxis": {**_STILL, "type": "date", "showgrid": True}, "yaxis": {**_STILL, "autorange": "reversed", "showgrid": False, "ticklabelstandoff": 6},
        "shapes": [line],
    }  # fmt: skip


def _name(row: Row) -> str:
    return " · ".join(filter(None, (TITLES[row.duty], row.subject)))
