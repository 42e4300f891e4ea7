"""Parts of «Показатели отделения»: the choice of period and department, the tiles, the lines behind a mark."""

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from medcab.dashboards.attention.components import toned
from medcab.dashboards.rules.against import Against
from medcab.dashboards.rules.lines import kinds
from medcab.dashboards.rules.period import Preset
from medcab.dashboards.state import ROWS, FiguresState
from medcab.ui.help import explained
from medcab.ui.layout import Value, button, section, stack
from medcab.ui.sources import beside
from medcab.ui.states import empty
from medcab.ui.table import Column, data_table, pager

_STYLE = beside(__name__, "figures.css")


class Styled(rx.Fragment):
    """Brings the page's style sheet along, in its own bundle."""

    def add_imports(self) -> dict[str, Any]:
        return {"": _STYLE}


def choose_view() -> rx.Component:
    """Department, ready periods and an own one."""
    return rx.el.div(
        rx.cond(
            FiguresState.has_departments,
            picker("Отделение", FiguresState.department, FiguresState.departments, FiguresState.choose_department),
        ),
        picker("Врач", FiguresState.doctor, FiguresState.doctors, FiguresState.choose_doctor),
        picker("Вид приёма", FiguresState.kind, rx.Var.create(kinds()), FiguresState.choose_kind),
        rx.cond(
            FiguresState.narrowed != "",
            button("Сбросить", kind="quiet", symbol="x", on_click=FiguresState.choose_everything),
        ),
        _presets(),
        _own_period(),
        _choose_compare(),
        class_name="toolbar no-print",
        role="group",
        aria_label="Отбор",
    )


def _choose_compare() -> rx.Component:
    choices = rx.Var.create([{"value": each.value, "label": each.label} for each in Against])
    return picker("С чем сравнить", FiguresState.compare, choices, FiguresState.choose_compare)


def picker(label: str, value: Value, choices: Value, on_change: Any) -> rx.Component:
    """A native list: long ones are pleasant on a phone and with a keyboard."""

    def option(choice: Value) -> rx.Component:
        return rx.el.option(choice["label"], value=choice["value"], key=choice["value"])

    return rx.el.select(
        rx.foreach(choices, option),
        value=value,
        on_change=on_change,
        aria_label=label,
        style={**_CONTROL, "min_width": "0", "flex": "0 1 auto"},
    )


_CONTROL = {
    "min_height": "44px",
    "max_width": "100%",
    "padding": "0 var(--space-3)",
    "border_radius": "var(--radius-4)",
    "border": "1px solid var(--gray-a7)",
    "background": "var(--color-panel-solid)",
    "color": "var(--gray-12)",
    "font": "inherit",
    "color_scheme": "light dark",
}


def _presets() -> rx.Component:
    buttons = [
        rx.el.button(
            preset.label,
            type="button",
            on_click=FiguresState.choose_preset(preset.value),
            aria_pressed=FiguresState.preset == preset.value,
            style={
                **_CONTROL,
                "cursor": "pointer",
                "&[aria-pressed='true']": {
                    "background": "var(--accent-a3)",
                    "border_color": "var(--accent-8)",
                    "font_weight": "600",
                },
            },
        )
        for preset in Preset
    ]
    return rx.el.div(
        *buttons, role="group", aria_label="Готовые периоды", class_name="row", style={"gap": "var(--space-2)"}
    )


def _own_period() -> rx.Component:
    def day(name: str, label: str, value: Value) -> rx.Component:
        return rx.el.label(
            rx.el.span(label),
            rx.el.input(type="date", name=name, default_value=value, key=value, required=True, style=_CONTROL),
            style={"display": "inline-flex", "align_items": "center", "gap": "var(--space-2)"},
        )

    fields = rx.el.div(
        day("from", "с", FiguresState.start),
        day("to", "по", FiguresState.end),
        button("Показать", kind="plain", type="submit"),
        class_name="row",
        style={"gap": "var(--space-2)"},
    )
    return rx.form(fields, on_submit=FiguresState.choose_period, width="auto", aria_label="Свой период")


def styled() -> rx.Component:
    """The style sheet of this page."""
    return Styled.create()


def print_head(lead: Value, paper: Value) -> rx.Component:
    """What paper needs to say of itself: department, period and choice; clinic, who and when."""
    return rx.el.div(rx.el.strong(lead), rx.el.span(paper), class_name="figures-paper")


def one_page(page: Value, pages: Value) -> rx.Component:
    """On paper, where it has only one page of a table: that it has."""
    said = rx.el.p(
        "Напечатана страница ",
        page,
        " из ",
        pages,
        ". Вся таблица — в файле CSV или XLSX.",
        class_name="paper-only note",
    )
    return rx.cond(pages > 1, said)


def tile_grid() -> rx.Component:
    """A tile for each figure of the roll-up, and what it is compared with."""
    tiles = tiles_of(FiguresState.tiles, label="Показатели за период")
    return stack(tiles, rx.el.p(FiguresState.compared, class_name="note"), gap=2)


def tiles_of(tiles: Value, *, label: str) -> rx.Component:
    """A tile for each figure."""
    return tile_list(tiles, _tile, label=label)


def tile_list(
    tiles: Value, draw: Callable[[Value], rx.Component], *, label: str, is_wide: bool = False
) -> rx.Component:
    """Tiles side by side, in rows whose names, numbers and remarks are level; the last rows share the room evenly. Wide ones hold sums of money."""
    listed = rx.el.ul(rx.foreach(tiles, draw), class_name="tiles wide" if is_wide else "tiles", aria_label=label)
    return rx.el.div(listed, class_name="room")


def chart_grid(*cards: rx.Component, is_small: bool = False) -> rx.Component:
    """Charts side by side, their words and drawings level; one that would stand alone takes the row. Small ones stand in threes."""
    return rx.el.div(rx.el.div(*cards, class_name="charts small" if is_small else "charts"), class_name="room")


def tile_of(
    tile: Value, meaning: rx.Component, *notes: rx.Component, remarks: Sequence[rx.Component] = ()
) -> rx.Component:
    """Name, number with what it means beside it, `notes` on what it is made of, `remarks` on how it stands."""
    return rx.el.li(
        rx.el.span(tile["title"], class_name="figure-label"),
        rx.el.span(rx.el.strong(tile["value"], class_name="figure-value"), meaning, class_name="figure-head"),
        rx.el.div(*notes),
        rx.el.div(*remarks, class_name="figure-remarks"),
        class_name="figure",
        key=tile["code"],
    )


def rows_chooser(choice: rx.Component, export: Any, *, place: str, label: str) -> rx.Component:
    """Over a table of rows: which of them, and all of them as a file; `place` is where the focus goes when a mark was opened."""
    files = [
        button(f"Скачать {kind.upper()}", kind="plain", symbol="download", on_click=export(kind))
        for kind in ("csv", "xlsx")
    ]
    padding = {"padding": "0 var(--space-5) var(--space-4)"}
    return rx.el.div(choice, *files, class_name="row rows-choice no-print", style=padding, id=place, tab_index=-1, role="group", aria_label=label)  # fmt: skip


def _tile(tile: Value) -> rx.Component:
    """Number, what was divided by what, against the norm, against the span before; what it means opens beside it."""
    is_measured = (tile["part"] != "") & (tile["norm"] != "") & (tile["doubt"] == "")
    remarks = [
        rx.cond(
            tile["standing"] != "",
            toned(tile["tone"], f"{tile['standing']} ({tile['norm']})"),
            rx.cond(is_measured, rx.el.span(tile["norm"], class_name="note")),
        ),
        rx.cond(tile["doubt"] != "", toned("soon", tile["doubt"])),
        rx.cond(tile["change"] != "", toned(tile["change_tone"], tile["change"])),
        rx.cond(tile["rest"] != "", rx.el.span(_way(tile["rest"], tile["rest_href"]), class_name="figure-note")),
    ]
    return tile_of(tile, _meaning(tile), rx.cond(tile["part"] != "", _fraction(tile)), remarks=remarks)


def _meaning(tile: Value) -> rx.Component:
    """All that the catalogue says of the figure, and how fresh it is."""

    return explained(
        rx.Var.create("Что значит «") + tile["title"] + "»",
        rx.el.dl(
            fact("Как считается", tile["formula"], tile["formula"] != ""),
            fact("Числитель", tile["numerator"], tile["numerator"] != ""),
            fact("Знаменатель", tile["denominator"], tile["denominator"] != ""),
            fact("Ориентир", rx.fragment(tile["norm"], " (", tile["source"], ")"), tile["norm"] != ""),
            fact("Важно", tile["caveat"], tile["caveat"] != ""),
            fact("Свежесть", FiguresState.fresh, FiguresState.fresh != ""),
        ),
    )


def fact(term: str, value: Value | rx.Component, is_known: Value) -> rx.Component:
    """A line of what a figure means, where there is something to say."""
    return rx.cond(is_known, rx.el.div(rx.el.dt(term), rx.el.dd(value)))


def _fraction(tile: Value) -> rx.Component:
    """What was divided by what; each number opens its rows."""

    return rx.el.span(
        _way(tile["part"], tile["part_href"]),
        rx.cond(tile["whole"] != "", rx.fragment(" из ", _way(tile["whole"], tile["whole_href"]))),
        class_name="figure-note",
    )


def _way(words: Value, href: Value) -> rx.Component:
    return rx.link(words, href=href, underline="always", style={"padding_block": "var(--space-2)"})


def lines_section() -> rx.Component:
    """The lines that the charts count, narrowed to one mark by a click on it or by the list."""
    choice = picker("Какие строки показать", FiguresState.rows_of, FiguresState.cuts, FiguresState.choose_rows)
    chooser = rows_chooser(choice, FiguresState.export, place=ROWS, label="Какие строки показаны")
    pages = pager(
        FiguresState.lines_summary,
        label="Страницы дней",
        page=FiguresState.page,
        pages=FiguresState.pages,
        on_previous=FiguresState.turn(-1),
        on_next=FiguresState.turn(1),
    )
    return section(
        chooser,
        rx.cond(
            FiguresState.lines,
            _lines(FiguresState.lines, "Дни врачей за период"),
            empty("Строк нет", "За выбранную часть периода данных нет. Выберите «Весь период»."),
        ),
        pages,
        rx.cond(
            FiguresState.paper_lines,
            rx.el.div(_lines(FiguresState.paper_lines, "Дни врачей на бумаге"), class_name="paper-only"),
        ),
        rx.el.p(FiguresState.paper_note, class_name="paper-only note"),
        title="Из чего сложены показатели",
        note="Каждая строка — один день одного врача. Нажмите на столбец графика, чтобы увидеть его строки.",
        flush=True,
    )


def _lines(rows: Value, caption: str) -> rx.Component:
    columns = [
        Column("День", lambda row: row["day"], head=True),
        Column("Врач", lambda row: row["doctor"]),
        Column("Запланировано", lambda row: row["planned"], number=True),
        Column("Проведено", lambda row: row["done"], number=True),
        Column("Неявки", lambda row: row["no_show"], number=True),
        Column("Заполненность по записи", lambda row: row["utilisation"], number=True),
        Column("Половина ждала до", lambda row: row["wait"], number=True),
    ]
    return data_table(columns, rows, caption=caption, key=lambda row: row["key"])
