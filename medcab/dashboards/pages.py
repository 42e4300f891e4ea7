"""«Показатели отделения»."""

import reflex as rx

from medcab.dashboards import charts
from medcab.dashboards.components import choose_view, lines_section, tile_grid
from medcab.dashboards.outlook.components import ahead_section, steady_section
from medcab.dashboards.state import FiguresState
from medcab.ui.chart import chart_card
from medcab.ui.layout import Value, button, columns, page, page_header
from medcab.ui.parts import print_button
from medcab.ui.states import empty, failed, loaded, no_rights, skeleton_block


def figures_page() -> rx.Component:
    """`/figures`."""
    return rx.cond(
        FiguresState.closed != "",
        page(page_header("Показатели отделения"), no_rights(FiguresState.closed)),
        page(
            page_header("Показатели отделения", lead=FiguresState.lead, others=[print_button(label="Напечатать")]),
            choose_view(),
            loaded(FiguresState.ready, rx.cond(FiguresState.is_empty, _nothing(), _figures()), _meanwhile()),
        ),
    )


def _figures() -> rx.Component:
    return rx.fragment(
        tile_grid(),
        columns(
            _chart("Приёмы по неделям", "visits", FiguresState.visits, charts.VISITS_HEADINGS),
            _chart(
                "Заполненность слотов по врачам", "utilisation", FiguresState.utilisation, charts.UTILISATION_HEADINGS
            ),
            _chart("Неявки по дням недели", "no_shows", FiguresState.no_shows, charts.NO_SHOW_HEADINGS),
            _chart("Ожидание у кабинета по врачам", "waiting", FiguresState.waiting, charts.WAITING_HEADINGS),
            at_least=480,
        ),
        steady_section(),
        ahead_section(),
        lines_section(),
    )


def _chart(title: str, name: str, chart: Value, headings: list[str]) -> rx.Component:
    return chart_card(
        title,
        chart["conclusion"],
        chart["figure"],
        headings=headings,
        rows=chart["rows"].to(list[list[str]]),
        height=340,
        on_click=lambda points: FiguresState.open_mark(name, points.to(list[dict])[0]["pointIndex"].to(int)),
    )


def _nothing() -> rx.Component:
    nothing = empty(
        "За этот период приёма не было",
        "Ни часов приёма, ни записей. Выберите другой период: показатели появятся, как только в расписании будут приёмы.",
        picture="calendar",
        action=button("Показать год", kind="plain", on_click=FiguresState.choose_preset("year")),
    )
    return rx.fragment(nothing, ahead_section())  # what to expect is asked on a day off too


def _meanwhile() -> rx.Component:
    blocks = columns(*[skeleton_block(340) for _ in range(4)], at_least=480)
    text = "Отделение не найдено, или его показатели вам не открыты."
    back = button("К своему отделению", kind="plain", href="/figures")
    return rx.cond(FiguresState.is_missing, failed("Показателей нет", text, action=back), blocks)
