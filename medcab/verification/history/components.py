"""The history of an item, folded until it is asked for."""

import reflex as rx

from medcab.ui.layout import Value, button, row
from medcab.ui.status import badge_of
from medcab.verification.history.state import HistoryState as S


def history_of(item: Value, title: Value, *beside: rx.Component) -> rx.Component:
    """A button that opens what became of this item, with what else can be done about it beside."""
    is_open = S.item == item
    fold = button(
        "История", kind="plain", symbol="history", size="2", variant="ghost", on_click=S.toggle(item), aria_label="История: " + title,
        custom_attrs={"aria-expanded": rx.cond(is_open, "true", "false")},
    )  # fmt: skip
    return rx.el.div(row(*beside, fold, gap=5), rx.cond(is_open, history_list(S.rows)), class_name="item-history")


def history_list(rows: Value) -> rx.Component:
    """Every change, newest first."""
    nothing = rx.el.p("Пункт ещё не менялся.", class_name="note")
    return rx.cond(rows, rx.el.ol(rx.foreach(rows, _line), class_name="history-list"), nothing)


def _line(row: Value) -> rx.Component:
    who = rx.cond(row["who"] != "", rx.el.span(", ", row["who"]))
    return rx.el.li(
        rx.el.div(rx.el.time(row["at"]), badge_of(row["tone"], row["word"]), rx.el.span(row["source"], who), class_name="history-head"),
        rx.cond(row["tone"] != "done", rx.el.p(row["sentence"])),
        rx.cond(row["given"] != "", rx.el.p("Указано: ", row["given"], class_name="note")),
        rx.cond(row["in_register"] != "", rx.el.p("В регистре: ", row["in_register"], class_name="note")),
        key=row["id"],
    )  # fmt: skip
