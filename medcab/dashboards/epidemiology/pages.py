"""«Заболеваемость»."""

import reflex as rx

from medcab.dashboards.attention.components import attention_section
from medcab.dashboards.components import print_head, styled
from medcab.dashboards.epidemiology import charts
from medcab.dashboards.epidemiology.components import (
    choose_view,
    form_section,
    lines_section,
    threshold_help,
    tile_grid,
)
from medcab.dashboards.epidemiology.state import EpidemiologyState
from medcab.ui.chart import chart_card
from medcab.ui.layout import Value, button, columns, page, page_header
from medcab.ui.parts import print_button
from medcab.ui.states import empty, failed, loaded, no_rights, skeleton_block


def epidemiology_page() -> rx.Component:
    """`/epidemiology`."""
    return rx.cond(
        EpidemiologyState.closed != "",
        page(page_header("Заболеваемость"), no_rights(EpidemiologyState.closed)),
        page(
            styled(),
            page_header("Заболеваемость", lead=EpidemiologyState.lead, others=[print_button(label="Напечатать")]),
            print_head(EpidemiologyState.lead, EpidemiologyState.paper),
            loaded(
                EpidemiologyState.ready,
                attention_section(EpidemiologyState.attention, "Что выше порога?"),
                rx.cond(EpidemiologyState.is_missing, rx.fragment(), skeleton_block(140)),
            ),
            choose_view(),
            loaded(
                EpidemiologyState.ready, rx.cond(EpidemiologyState.is_empty, _nothing(), _incidence()), _meanwhile()
            ),
        ),
    )


def _incidence() -> rx.Component:
    return rx.fragment(
        tile_grid(),
        _chart("weeks"),
        threshold_help(),
        _chart("classes"),
        _chart("ages"),
        lines_section(),
        form_section(),
    )


def _chart(name: str) -> rx.Component:
    title, headings = charts.TABLES[name]
    chart: Value = getattr(EpidemiologyState, name)
    return chart_card(
        title,
        chart["conclusion"],
        chart["figure"],
        headings=headings,
        rows=chart["rows"].to(list[list[str]]),
        on_click=lambda points: EpidemiologyState.open_mark(name, points.to(list[dict])[0]["pointIndex"].to(int)),
        name=name,
        on_table=lambda ending: EpidemiologyState.export_chart(name, ending),
    )


def _nothing() -> rx.Component:
    return rx.fragment(
        empty(
            "За эти месяцы диагнозов нет",
            "Врачи записывают диагноз в карточке приёма, когда пациент пришёл. Выберите другие месяцы, отделение или класс болезней.",
            action=button("Показать последний год", kind="plain", href="/epidemiology"),
        ),
        form_section(),
    )


def _meanwhile() -> rx.Component:
    blocks = columns(*[skeleton_block(340) for _ in range(2)], at_least=480)
    text = "Отделение не найдено, или его заболеваемость вам не открыта."
    back = button("К своему отделению", kind="plain", href="/epidemiology")
    return rx.cond(EpidemiologyState.is_missing, failed("Показать нечего", text, action=back), blocks)
