"""A table on a desktop, cards on a phone; and its pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from medcab.ui.icons import icon
from medcab.ui.layout import Text, Value

Cell = Callable[[Any], rx.Component | rx.Var[Any] | str]


@dataclass(frozen=True)
class Column:
    """A column: its heading and how a row fills it.

    `number` sets the cell to the right in tabular figures; `head` makes it the row's name (the title of the card on a
    phone); `act` holds buttons and has a heading for screen readers only.
    """

    title: str
    cell: Cell
    number: bool = False
    head: bool = False
    act: bool = False


def data_table(
    columns: Sequence[Column],
    rows: Value,
    *,
    caption: Text,
    key: Callable[[Any], Value],
    mark: Callable[[Any], Value] | None = None,
) -> rx.Component:
    """Draw rows (at most a page of 100) with a caption for screen readers.

    `key` gives what tells a row from the others. `mark` gives "new" for a row that has just arrived, else "".
    """

    def draw(row: Any) -> rx.Component:
        marked = {"data-mark": mark(row)} if mark is not None else {}
        return rx.el.tr(*[_cell(column, row) for column in columns], key=key(row), role="row", custom_attrs=marked)

    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*[_heading(column) for column in columns], role="row"), role="rowgroup"),
            rx.el.tbody(rx.foreach(rows, draw), role="rowgroup"),
            class_name="data-table",
            role="table",
        ),
        class_name="table-frame",
        tab_index=0,  # a wide one is scrolled from the keyboard
        role="region",
        aria_label=caption,
    )


def _heading(column: Column) -> rx.Component:
    word = rx.el.span(column.title, class_name="visually-hidden") if column.act else column.title
    return rx.el.th(word, scope="col", role="columnheader", class_name=_kind(column))


def _cell(column: Column, row: Any) -> rx.Component:
    content = rx.el.div(column.cell(row), class_name="cell")
    attributes = {"data-label": "" if column.act or column.head else column.title}
    if column.head:
        return rx.el.th(content, scope="row", role="rowheader", class_name=_kind(column), custom_attrs=attributes)
    return rx.el.td(content, role="cell", class_name=_kind(column), custom_attrs=attributes)


def _kind(column: Column) -> str:
    named = {"number": column.number, "head": column.head, "act": column.act}
    return " ".join(name for name, on in named.items() if on)


def pager(
    summary: Text,
    *,
    page: Value,
    pages: Value,
    on_previous: Any,
    on_next: Any,
    label: str = "Страницы списка",
) -> rx.Component:
    """Turn the pages of a list; `page` counts from 1, `summary` says e.g. «41–60 из 318»; `label` tells it from another list's."""
    return rx.el.nav(
        rx.el.span(summary, class_name="pager-summary", aria_live="polite"),
        rx.button(
            icon("chevron-left"),
            rx.el.span("Назад"),
            on_click=on_previous,
            disabled=page <= 1,
            variant="surface",
            color_scheme="gray",
        ),
        rx.button(
            rx.el.span("Вперёд"),
            icon("chevron-right"),
            on_click=on_next,
            disabled=page >= pages,
            variant="surface",
            color_scheme="gray",
        ),
        class_name="pager",
        aria_label=label,
    )
