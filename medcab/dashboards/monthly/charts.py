"""The charts of the page as they are printed: from the same drawing, so that paper says what the screen said."""

from datetime import date
from typing import Any

from medcab.dashboards.charts import Chart
from medcab.tables.plots import Plot, Series, Shape
from medcab.ui import formats


def plot_of(chart: Chart) -> Plot | None:
    """None when nothing is drawn."""
    traces, layout = chart["figure"]["data"], chart["figure"]["layout"]
    if not traces:
        return None
    is_sideways = any(trace.get("orientation") == "h" for trace in traces)
    values, names = ("x", "y") if is_sideways else ("y", "x")
    series = [Series(trace.get("name", ""), trace[values], _shape(trace)) for trace in traces]
    [words] = [each["text"] for each in layout.get("annotations", [])] or [""]
    suffix = layout[f"{values}axis"].get("ticksuffix", "")
    return Plot([_name(each) for each in traces[0][names]], series, is_sideways, suffix, _norm(layout), words)


def _shape(trace: dict[str, Any]) -> Shape:
    if trace["type"] == "bar":
        return Shape.BAR
    if "lines" in trace["mode"]:
        return Shape.LINE
    return Shape.DOT if "circle" in trace["marker"]["symbol"] else Shape.MARK


def _norm(layout: dict[str, Any]) -> tuple[float, float] | None:
    """The band or the line of the page's drawing."""
    for shape in layout.get("shapes", []):
        along = "x" if shape["type"] == "rect" else "y"
        return shape[f"{along}0"], shape[f"{along}1"]
    return None


def _name(text: str) -> str:
    """A week by its Monday, short."""
    try:
        return formats.day_short(date.fromisoformat(text))
    except ValueError:
        return text.replace("<br>", " ")
