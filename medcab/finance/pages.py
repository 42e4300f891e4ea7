"""«Финансы»."""

import reflex as rx

from medcab.dashboards.components import chart_grid, print_head, styled
from medcab.finance import charts
from medcab.finance.components import choose_view, lines_section, tile_grid
from medcab.finance.state import FinanceState
from medcab.ui.chart import chart_card
from medcab.ui.layout import Value, button, columns, page, page_header, row
from medcab.ui.parts import print_button
from medcab.ui.states import empty, failed, loaded, no_rights, skeleton_block


def finance_page() -> rx.Component:
    """`/finance`."""
    return rx.cond(
        FinanceState.closed != "",
        page(page_header("Финансы"), no_rights(FinanceState.closed)),
        page(
            styled(),
            page_header("Финансы", lead=FinanceState.lead, others=[_ways(), print_button(label="Напечатать")]),
            print_head(FinanceState.lead, FinanceState.paper),
            choose_view(),
            loaded(FinanceState.ready, rx.cond(FinanceState.is_empty, _nothing(), _money()), _meanwhile()),
        ),
    )


def _ways() -> rx.Component:
    """To what the administrator keeps."""
    ways = (("Реестры", "/finance/registers"), ("Тарифы", "/finance/tariffs"), ("Планы", "/finance/plans"))
    links = row(*(button(word, kind="plain", href=path) for word, path in ways), gap=2)
    return rx.cond(FinanceState.keeps_money, links)


def _money() -> rx.Component:
    return rx.fragment(
        tile_grid(),
        chart_grid(
            _chart("От выставленного к принятому", "flow", FinanceState.flow, charts.FLOW_HEADINGS),
            _chart("План и факт по месяцам", "months", FinanceState.by_month, charts.MONTH_HEADINGS),
            _chart("План и факт по отделениям", "departments", FinanceState.by_department, charts.DEPARTMENT_HEADINGS),
            _chart("Приёмы по плательщикам", "payers", FinanceState.by_payer, charts.PAYER_HEADINGS),
            _chart("Отклонено по причинам", "reasons", FinanceState.reasons, charts.REASON_HEADINGS),
        ),
        lines_section(),
    )


def _chart(title: str, name: str, chart: Value, headings: list[str]) -> rx.Component:
    return chart_card(
        title,
        chart["conclusion"],
        chart["figure"],
        headings=headings,
        rows=chart["rows"].to(list[list[str]]),
        on_click=lambda points: FinanceState.open_mark(name, points.to(list[dict])[0]["pointIndex"].to(int)),
    )


def _nothing() -> rx.Component:
    return empty(
        "За эти месяцы нет ни реестров, ни плана",
        "Выберите другие месяцы, отделение или плательщика.",
        action=button("Показать последний год", kind="plain", href="/finance"),
    )


def _meanwhile() -> rx.Component:
    blocks = columns(*[skeleton_block(340) for _ in range(4)], at_least=480)
    text = "Отделение не найдено, или его финансы вам не открыты."
    back = button("К своим отделениям", kind="plain", href="/finance")
    return rx.cond(FinanceState.is_missing, failed("Отчёта нет", text, action=back), blocks)
