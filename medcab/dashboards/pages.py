"""«Показатели отделения»."""

import reflex as rx

from medcab.dashboards import charts
from medcab.dashboards.attention.components import attention_section
from medcab.dashboards.components import chart_grid, choose_view, lines_section, print_head, styled, tile_grid
from medcab.dashboards.monthly.components import reports_section
from medcab.dashboards.outlook.components import access_section, ahead_section, steady_section
from medcab.dashboards.rules.lines import ALL
from medcab.dashboards.state import FiguresState
from medcab.dashboards.views.components import views_box
from medcab.dashboards.visits.components import visits_section
from medcab.dashboards.workforce.components import workforce_section
from medcab.ui.chart import chart_card
from medcab.ui.fold import folded
from medcab.ui.layout import Value, button, columns, page, page_header
from medcab.ui.parts import print_button
from medcab.ui.states import empty, failed, loaded, no_rights, skeleton_block


def figures_page() -> rx.Component:
    """`/figures`."""
    return rx.cond(
        FiguresState.closed != "",
        page(page_header("Показатели отделения"), no_rights(FiguresState.closed)),
        page(
            styled(),
            page_header("Показатели отделения", lead=FiguresState.lead, others=[_print()]),
            print_head(FiguresState.lead, FiguresState.paper),
            loaded(
                FiguresState.ready,
                attention_section(FiguresState.attention, "Что сегодня не так?"),
                rx.cond(FiguresState.is_missing, rx.fragment(), skeleton_block(140)),
            ),
            choose_view(),
            views_box(),
            loaded(FiguresState.ready, rx.cond(FiguresState.is_empty, _nothing(), _figures()), _meanwhile()),
        ),
    )


def _print() -> rx.Component:
    """First all lines are fetched: paper has no pages to turn."""
    return print_button(label="Напечатать", on_prepare=FiguresState.for_paper, prepared=FiguresState.printed)


def _figures() -> rx.Component:
    return rx.fragment(
        folded(tile_grid(), title="Показатели за период", place="figures", is_quiet=True, starts_open=True),
        folded(
            chart_grid(*(_chart(name, title, headings) for name, (title, headings) in charts.TABLES.items())),
            title="Приёмы, заполненность, неявки, ожидание",
            place="charts",
            is_quiet=True,
        ),
        visits_section(),
        workforce_section(),
        steady_section(),
        ahead_section(),
        access_section(),
        folded(
            lines_section(),
            title="Строки: дни врачей",
            place="lines",
            is_quiet=True,
            opened=FiguresState.rows_of != ALL,
        ),
        reports_section(),
    )


def _chart(name: str, title: str, headings: list[str]) -> rx.Component:
    chart = getattr(FiguresState, name)
    return chart_card(
        title,
        chart["conclusion"],
        chart["figure"],
        headings=headings,
        rows=chart["rows"].to(list[list[str]]),
        on_click=lambda points: FiguresState.open_mark(name, *_clicked(points)),
        name=name,
        on_table=lambda ending: FiguresState.export_chart(name, ending),
    )


def _clicked(points: Value) -> tuple[Value, Value]:
    """Which mark of which trace."""
    first = points.to(list[dict])[0]
    return first["pointIndex"].to(int), first["curveNumber"].to(int)


def _nothing() -> rx.Component:
    nothing = empty(
        "За этот период приёма не было",
        "Ни часов приёма, ни записей. Выберите другой период: показатели появятся, как только в расписании будут приёмы.",
        picture="calendar",
        action=button("Показать год", kind="plain", on_click=FiguresState.choose_preset("year")),
    )
    # who may work, and what to expect, is asked on a day off too
    return rx.fragment(nothing, visits_section(), workforce_section(), ahead_section())


def _meanwhile() -> rx.Component:
    blocks = columns(*[skeleton_block(340) for _ in range(4)], at_least=480)
    text = "Отделение не найдено, или его показатели вам не открыты."
    back = button("К своему отделению", kind="plain", href="/figures")
    return rx.cond(FiguresState.is_missing, failed("Показателей нет", text, action=back), blocks)
