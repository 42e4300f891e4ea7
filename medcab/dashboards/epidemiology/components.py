"""Parts of «Заболеваемость»: the choice of months, department and class, the tiles, the cases behind a mark, the form."""

import reflex as rx

from medcab.dashboards.components import fact, one_page, picker, rows_chooser, tile_list, tile_of
from medcab.dashboards.epidemiology.rules.address import ALL
from medcab.dashboards.epidemiology.rules.kpi import SOURCE, THRESHOLD_CAVEAT, THRESHOLD_FORMULA
from medcab.dashboards.epidemiology.state import ROWS, EpidemiologyState, chapters
from medcab.ui.help import explained
from medcab.ui.layout import Value, button, section
from medcab.ui.states import empty
from medcab.ui.table import Column, data_table, pager

_ROWS_CAVEAT = "Перечень строк сверьте с действующей редакцией формы."


def choose_view() -> rx.Component:
    """Months, department, class of diseases."""

    def choice(label: str, what: str, value: Value, choices: Value) -> rx.Component:
        return picker(label, value, choices, lambda chosen: EpidemiologyState.choose(what, chosen))

    return rx.el.div(
        choice("С месяца", "from", EpidemiologyState.start, EpidemiologyState.starts),
        choice("По месяц", "to", EpidemiologyState.end, EpidemiologyState.ends),
        rx.cond(
            EpidemiologyState.has_departments,
            choice("Отделение", "department", EpidemiologyState.department, EpidemiologyState.departments),
        ),
        choice("Класс болезней", "chapter", EpidemiologyState.chapter, rx.Var.create(chapters())),
        class_name="toolbar no-print",
        role="group",
        aria_label="Месяцы, отделение и класс болезней",
    )


def threshold_help() -> rx.Component:
    """What the line of the threshold is."""
    return rx.el.p(
        rx.el.span("Порог посчитан по прошлым годам клиники."),
        explained(
            "Что значит «Порог»",
            rx.el.dl(
                fact("Как считается", THRESHOLD_FORMULA, True),
                fact("Числитель", "впервые выявленные случаи за неделю, с понедельника по воскресенье", True),
                fact("Знаменатель", "нет: сравнивается число случаев", True),
                fact("Источник", "диагнозы клиники и недельные данные прежних лет, внесённые при переходе на medcab", True),
                fact("Важно", THRESHOLD_CAVEAT, True),
            ),
        ),
        class_name="note row",
        style={"flex_wrap": "nowrap"},
    )  # fmt: skip


def tile_grid() -> rx.Component:
    """A tile for each figure."""
    return tile_list(EpidemiologyState.tiles, _tile, label="Заболеваемость за период")


def _tile(tile: Value) -> rx.Component:
    """Number; what it means opens beside it."""
    unit = rx.cond(tile["denominator"] != "", "на 1000 проведённых приёмов", "случаев")
    doubt = rx.cond(tile["doubt"] != "", rx.el.span(tile["doubt"], class_name="note"))
    return tile_of(tile, _meaning(tile), rx.el.span(unit, class_name="figure-note"), remarks=[doubt])


def _meaning(tile: Value) -> rx.Component:
    """All that the catalogue says of the figure."""
    return explained(
        rx.Var.create("Что значит «") + tile["title"] + "»",
        rx.el.dl(
            fact("Как считается", tile["formula"], tile["formula"] != ""),
            fact("Числитель", tile["numerator"], tile["numerator"] != ""),
            fact("Знаменатель", tile["denominator"], tile["denominator"] != ""),
            fact("Источник", SOURCE, True),
            fact("Важно", tile["caveat"], tile["caveat"] != ""),
            fact("Свежесть", "до последнего записанного диагноза", True),
        ),
    )


def lines_section() -> rx.Component:
    """The cases that the marks count, narrowed by a click on a mark or by the list."""
    columns = [
        Column("Приём", lambda row: row["day"], head=True),
        Column("Врач", lambda row: row["doctor"]),
        Column("Пациент", lambda row: row["patient"]),
        Column("Возраст", lambda row: row["age"]),
        Column("Код", lambda row: row["code"]),
        Column("Диагноз", lambda row: row["title"]),
        Column("Вид", lambda row: row["kind"]),
    ]
    choice = picker(
        "Какие случаи показать", EpidemiologyState.rows_of, EpidemiologyState.cuts, EpidemiologyState.choose_rows
    )
    chooser = rows_chooser(choice, EpidemiologyState.export, place=ROWS, label="Какие случаи показаны")
    pages = pager(
        EpidemiologyState.lines_summary, label="Страницы случаев", page=EpidemiologyState.page, pages=EpidemiologyState.pages,
        on_previous=EpidemiologyState.turn(-1), on_next=EpidemiologyState.turn(1),
    )  # fmt: skip
    table = data_table(
        columns, EpidemiologyState.lines, caption="Впервые выявленные случаи", key=lambda row: row["key"]
    )
    closed = empty(
        "Случаи не открыты",
        "Нажмите на точку или столбец графика либо выберите в списке, что показать. Просмотр записывается в журнал.",
        action=button("Показать все", kind="plain", on_click=EpidemiologyState.choose_rows(ALL)),
    )
    none = empty("Таких случаев нет", "За выбранное время их не записано. Выберите «Все случаи за период».")
    shown = rx.cond(EpidemiologyState.lines_summary != "", none, closed)
    return section(
        chooser,
        rx.cond(
            EpidemiologyState.lines,
            rx.fragment(table, pages, one_page(EpidemiologyState.page, EpidemiologyState.pages)),
            shown,
        ),
        title="Случаи, выявленные впервые",
        note="Диагноз — врачебная тайна: скачанный файл храните как историю болезни.",
        flush=True,
    )


def form_section() -> rx.Component:
    """The month's form, to print and to fill further."""
    month = picker(
        "Месяц формы", EpidemiologyState.form_month, EpidemiologyState.form_months, EpidemiologyState.choose_form_month
    )
    files = [
        button(f"Форма {kind.upper()}", kind="plain", symbol="download", on_click=EpidemiologyState.make_form(kind))
        for kind in ("pdf", "xlsx")
    ]
    made = section(
        rx.el.div(month, *files, class_name="row", role="group", aria_label="Форма за месяц"),
        title="Форма № 2: инфекционные и паразитарные заболевания",
        note=rx.cond(
            EpidemiologyState.has_departments,
            f"За календарный месяц, по отделению, выбранному над графиками, или по всем, которые вам открыты. {_ROWS_CAVEAT}",
            f"За календарный месяц, по вашему отделению. {_ROWS_CAVEAT}",
        ),
    )
    return rx.el.div(made, class_name="no-print")
