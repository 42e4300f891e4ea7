"""The section «Нагрузка и право на работу» of «Показатели отделения»."""

import reflex as rx

from medcab.dashboards.components import chart_grid, tiles_of
from medcab.dashboards.workforce import charts
from medcab.dashboards.workforce.state import WorkforceState
from medcab.ui.chart import chart_card
from medcab.ui.fold import folded
from medcab.ui.layout import Value, stack
from medcab.ui.states import loaded, skeleton_block

_HEIGHT = 320
_NOTE = (
    "Нагрузка — завершённые приёмы против тех, на которые рассчитаны часы должности; черта — норма. Право на работу — на сегодня и через 90 дней, "
    "если ничего не продлить: по всему отделению, от выбранного срока не зависит. "
    "Заполненность по записи выше — доля часов, открытых для записи; нагрузка — доля нормы должности: первая велика, а вторая мала, когда "
    "открытые часы заняты, но открыто их меньше, чем рассчитано на должность, приёмы длиннее нормы или часть пациентов не пришла."
)


def workforce_section() -> rx.Component:
    """A tile for each figure, the load of each doctor, the staff today and in ninety days."""
    cards = chart_grid(*(_card(name) for name in charts.TABLES))
    tiles = tiles_of(WorkforceState.tiles, label="Показатели сотрудников")
    return folded(
        rx.el.p(_NOTE, class_name="note"),
        loaded(WorkforceState.ready, stack(tiles, cards, gap=4), skeleton_block(_HEIGHT)),
        title="Нагрузка и право на работу",
        place="workforce",
    )


def _card(name: str) -> rx.Component:
    chart: Value = getattr(WorkforceState, name)
    title, headings = charts.TABLES[name]
    return chart_card(
        title, chart["conclusion"], chart["figure"], headings=headings, rows=chart["rows"].to(list[list[str]]),
        on_click=lambda points: WorkforceState.open_mark(name, points.to(list[dict])[0]["pointIndex"].to(int), points.to(list[dict])[0]["curveNumber"].to(int)),
        name=name, on_table=lambda ending: WorkforceState.export_chart(name, ending),
    )  # fmt: skip
