"""A chart in a card: what it says in words, the drawing, the same figures as a table.

In a module of its own, so that Plotly lands only in the pages that draw charts; its Python part is imported only to draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import reflex as rx

from medcab.ui.layout import Text, Value, section
from medcab.ui.parts import view_switch
from medcab.ui.sources import beside

if TYPE_CHECKING:
    import plotly.graph_objects as go

_MENU = beside(__name__, "chart_menu.jsx")


class ChartMenu(rx.Component):
    """«Скачать»: the drawing as a PNG (its box has the id `chart`), and the table through `on_table`, which is told csv or xlsx."""

    library = _MENU
    tag = "ChartMenu"
    chart: rx.Var[str]
    title: rx.Var[str]
    conclusion: rx.Var[str]
    file: rx.Var[str]
    on_table: rx.EventHandler[rx.event.passthrough_event_spec(str)]


# Plotly knows no CSS variables: these are the values of the Radix scales blue, slate, green, amber and red.
_INK = {"light": ("#1c2024", "#60646c", "#e0e1e6"), "dark": ("#edeef0", "#b0b4ba", "#363a3f")}
_SERIES = {
    "light": ["#0d74ce", "#30a46c", "#ad5700", "#8b8d98", "#5eb1ef", "#ce2c31"],
    "dark": ["#3b9eff", "#33b074", "#ffca16", "#7c7f85", "#205d9e", "#ff9592"],
}
_MONTHS = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
]
_DAYS = ["воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"]
_LOCALE = {
    "format": {
        "days": _DAYS,
        "shortDays": ["вс", "пн", "вт", "ср", "чт", "пт", "сб"],
        "months": _MONTHS,
        "shortMonths": [month[:3] for month in _MONTHS],
        "date": "%d.%m.%Y",
        "decimal": ",",
        "thousands": "\u00a0",
    }
}
_CONFIG = {"displayModeBar": False, "responsive": True, "locale": "ru", "locales": {"ru": _LOCALE}}


def template(mode: str) -> go.layout.Template:
    """Return the look of figures in the "light" or "dark" theme."""
    import plotly.graph_objects as go

    ink, quiet, line = _INK[mode]
    axis = {
        "gridcolor": line,
        "linecolor": line,
        "zerolinecolor": line,
        "automargin": True,
        "tickfont": {"color": quiet},
    }
    return go.layout.Template(
        data={"bar": [{"type": "bar", "marker": {"line": {"width": 0}, "cornerradius": 3}}]},
        layout={
            "font": {"family": "Golos Text Variable, sans-serif", "size": 13, "color": ink},
            "colorway": _SERIES[mode],
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": {**axis, "showgrid": False},
            "yaxis": axis,
            "margin": {"l": 48, "r": 24, "t": 32, "b": 40},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
            "hoverlabel": {"font": {"family": "Golos Text Variable, sans-serif"}},
            "separators": ",\u00a0",
            "bargap": 0.35,
        },
    )


def card_id(name: str) -> str:
    """Where the focus goes when somebody asks for that chart."""
    return f"card-{name}"


def chart_card(
    title: Text,
    conclusion: Value,
    figure: Value,
    *,
    headings: list[str],
    rows: Value,
    height: int | None = None,
    on_click: Any = None,
    name: str = "",
    on_table: Any = None,
) -> rx.Component:
    """Draw a figure (Plotly's JSON) with its conclusion in words over it and the same figures as a table behind a switch;
    without rows only the words: empty axes say nothing.

    `rows` are ready strings, the first of each row names it. `height` is in pixels; without it the figure's layout says it. `on_click` gets the points clicked.
    With a `name` the chart can be taken away: `on_table` is told csv or xlsx.
    """
    import plotly.graph_objects as go

    pixels = f"{figure['layout'].to(dict[str, int])['height']}px" if height is None else f"{height}px"
    clicks = {"on_click": on_click} if on_click is not None else {}
    drawing = rx.plotly.basic(
        data=figure.to(go.Figure),
        config=_CONFIG,
        template=rx.color_mode_cond(rx.Var.create(template("light")), rx.Var.create(template("dark"))).to(
            go.layout.Template
        ),
        width="100%",
        height=pixels,
        use_resize_handler=True,
        **clicks,
    )
    box: dict[str, Any] = {"id": f"chart-{name}"} if name else {}
    picture = rx.el.div(drawing, class_name="chart", style={"min_height": pixels}, aria_hidden="true", **box)
    menu = ChartMenu.create(
        chart=f"chart-{name}", title=title, conclusion=conclusion, file=f"medcab-{name}", on_table=on_table
    )
    place: dict[str, Any] = {"id": card_id(name), "tab_index": -1} if name else {}
    return section(
        rx.el.p(conclusion, class_name="conclusion"),
        rx.cond(rows, view_switch(picture, _table(title, headings, rows), labels=["График", "Таблица"], label="Вид")),
        title=title,
        action=rx.cond(rows, menu) if name else None,
        **place,
    )


def _table(title: Text, headings: list[str], rows: Value) -> rx.Component:
    def draw(row: Value) -> rx.Component:
        rest = [rx.el.td(row[index], class_name="number") for index in range(1, len(headings))]
        return rx.el.tr(rx.el.th(row[0], scope="row"), *rest, key=row[0])

    numbers = [rx.el.th(word, scope="col", class_name="number") for word in headings[1:]]
    return rx.el.div(
        rx.el.table(
            rx.el.caption(title, class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(rx.el.th(headings[0], scope="col"), *numbers)),
            rx.el.tbody(rx.foreach(rows, draw)),
            class_name="plain-table",
        ),
        class_name="table-frame",
        tab_index=0,
        role="region",
        aria_label=title,
    )
