"""One of many things with long names: what a browser's own select would cut off is written out here, in the list and once it is chosen."""

import reflex as rx

from medcab.ui.layout import Value


def chooser(*groups: tuple[str, Value], name: str, value: Value, hint: str, label: str) -> rx.Component:
    """Draw it for a form: groups of rows (`id`, `name`, `about`), each with a title or without; `value` from the address replaces what was chosen.

    Letters go to the next name that begins with them.
    """
    listed = [
        rx.cond(rows, rx.select.group(*([rx.select.label(title)] if title else []), rx.foreach(rows, _item)))
        for title, rows in groups
    ]
    return rx.select.root(
        rx.select.trigger(placeholder=hint, class_name="chooser", aria_label=label),
        rx.select.content(*listed, position="popper", class_name="chooser-list"),
        name=name, default_value=value, size="3", key=rx.Var.create(name) + value,
    )  # fmt: skip


def _item(row: Value) -> rx.Component:
    words = rx.el.span(
        rx.el.span(row["name"]), " ", rx.el.span(row["about"], class_name="note"), class_name="chooser-words"
    )
    return rx.select.item(words, value=row["id"], key=row["id"])
