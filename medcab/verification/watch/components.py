"""The table of changes, for the clinic and for the person they are about."""

import reflex as rx

from medcab.ui.layout import Value
from medcab.ui.status import badge_of
from medcab.ui.table import Column, data_table


def changes_table(rows: Value, *, with_name: bool) -> rx.Component:
    """What was, what is, what it closes."""
    name = [Column("Сотрудник", lambda row: row["name"], head=True)] if with_name else []
    columns = [
        *name,
        Column("Когда", lambda row: row["at"], head=not with_name),
        Column(
            "Что",
            lambda row: rx.el.span(
                row["item"],
                rx.cond(row["reason"] != "", rx.el.small(row["reason"], class_name="under")),
            ),
        ),
        Column("Было", lambda row: row["was"]),
        Column("Стало", lambda row: row["now"]),
        Column("Права", lambda row: rx.el.div(badge_of(row["tone"], row["word"]), rx.el.div(row["specialities"]))),
    ]
    return data_table(columns, rows, caption="Изменения в регистре, новые сверху", key=lambda row: row["id"])
