"""Parts of «Финансы»: the choice of months, department and payer, the tiles, the visits behind a mark."""

from typing import Any

import reflex as rx

from medcab.dashboards.components import fact, one_page, picker, rows_chooser, tile_list, tile_of
from medcab.finance.bringing.state import BringingState
from medcab.finance.state import ALL, ROWS, FinanceState
from medcab.ui.help import explained
from medcab.ui.layout import Value, button, row, section
from medcab.ui.states import empty
from medcab.ui.table import Column, data_table, pager
from medcab.ui.uploader import uploader

CRUMBS = [("Финансы", "/finance")]
_API = "/api/finance/sheets"


def downloads(export: Any) -> rx.Component:
    """The same table for a spreadsheet of either kind."""
    return row(
        button("Скачать CSV", kind="plain", symbol="download", on_click=export("csv")),
        button("Скачать XLSX", kind="plain", symbol="download", on_click=export("xlsx")),
        gap=2,
    )


def file_in(label: str, register: Value) -> rx.Component:
    """Where a file of tariffs, or the answer to a register, is taken in; what it would do is shown before it is done."""
    return uploader(
        rules={}, on_done=BringingState.taken, action=rx.Var.create(f"{_API}?register=") + register, source=f"{_API}/form", label=label,
        hint="CSV или XLSX, до 6\u00a0МБ и 30\u00a0000 строк.", accept=".csv,.xlsx,text/csv",
    )  # fmt: skip


def choose_view() -> rx.Component:
    """Months, department, payer."""

    def choice(label: str, what: str, value: Value, choices: Value) -> rx.Component:
        return picker(label, value, choices, lambda chosen: FinanceState.choose(what, chosen))

    return rx.el.div(
        choice("С месяца", "from", FinanceState.start, FinanceState.starts),
        choice("По месяц", "to", FinanceState.end, FinanceState.ends),
        rx.cond(
            FinanceState.has_departments,
            choice("Отделение", "department", FinanceState.department, FinanceState.departments),
        ),
        choice("Плательщик", "payer", FinanceState.payer, FinanceState.payers),
        class_name="toolbar no-print",
        role="group",
        aria_label="Месяцы, отделение и плательщик",
    )


def tile_grid() -> rx.Component:
    """A tile for each figure."""
    return tile_list(FinanceState.tiles, _tile, label="Финансы за период", is_wide=True)


def _tile(tile: Value) -> rx.Component:
    """Number; what it means opens beside it."""
    doubt = rx.cond(tile["doubt"] != "", rx.el.span(tile["doubt"], class_name="note"))
    return tile_of(tile, _meaning(tile), remarks=[doubt])


def _meaning(tile: Value) -> rx.Component:
    """All that the catalogue says of the figure."""
    return explained(
        rx.Var.create("Что значит «") + tile["title"] + "»",
        rx.el.dl(
            fact("Как считается", tile["formula"], tile["formula"] != ""),
            fact("Из чего", tile["fraction"], tile["fraction"] != ""),
            fact("Источник", tile["source"], tile["source"] != ""),
            fact("Важно", tile["caveat"], tile["caveat"] != ""),
        ),
    )


def lines_section() -> rx.Component:
    """The visits that the marks count, narrowed by a click on a mark or by the list."""
    columns = [
        Column("Приём", lambda row: row["day"], head=True),
        Column("Врач", lambda row: row["doctor"]),
        Column("Пациент", lambda row: row["patient"]),
        Column("Плательщик", lambda row: row["payer"]),
        Column("Сумма", lambda row: row["sum"], number=True),
        Column("Ответ", lambda row: row["outcome"]),
        Column("Причина", lambda row: row["reason"]),
    ]
    choice = picker("Какие приёмы показать", FinanceState.rows_of, FinanceState.cuts, FinanceState.choose_rows)
    chooser = rows_chooser(choice, FinanceState.export, place=ROWS, label="Какие приёмы показаны")
    pages = pager(
        FinanceState.lines_summary,
        page=FinanceState.page,
        pages=FinanceState.pages,
        on_previous=FinanceState.turn(-1),
        on_next=FinanceState.turn(1),
    )
    table = data_table(columns, FinanceState.lines, caption="Приёмы в реестрах", key=lambda row: row["key"])
    closed = empty(
        "Приёмы не открыты",
        "Нажмите на столбец графика или выберите в списке, что показать. Просмотр фамилий записывается в журнал.",
        action=button("Показать все", kind="plain", on_click=FinanceState.choose_rows(ALL)),
    )
    none = empty("Таких приёмов нет", "В реестрах выбранных месяцев нет ни одного. Выберите «Все приёмы реестров».")
    return section(
        chooser,
        rx.cond(
            FinanceState.lines,
            rx.fragment(table, pages, one_page(FinanceState.page, FinanceState.pages)),
            rx.cond(FinanceState.lines_summary != "", none, closed),
        ),
        title="Приёмы в реестрах",
        flush=True,
    )
