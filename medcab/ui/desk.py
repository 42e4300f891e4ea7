"""Desks of operators: who waits beside what is decided, a few sentences to write, keys that press what stands there anyway."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from medcab.ui.layout import Value, button, row
from medcab.ui.sources import beside

_STYLE = beside(__name__, "desk.css")


class Styled(rx.Fragment):
    """Brings the style sheet of desks along, in the page's own bundle."""

    def add_imports(self) -> dict[str, Any]:
        return {"": _STYLE}


class DeskKeys(rx.Component):
    """Hears the keys of the desk and can be turned off (WCAG 2.1.4)."""

    library = beside(__name__, "desk_keys.jsx")
    tag = "DeskKeys"


def hot(key: str) -> dict[str, Any]:
    """Properties of what the key presses: the code of its place (`KeyA`), so that a Russian layout works."""
    return {"custom_attrs": {"data-hotkey": key}}


def keys_help(keys: Sequence[tuple[str, str]]) -> rx.Component:
    """The switch of the keys, and «?»: what each of them does."""
    trigger = button("Клавиши", kind="plain", symbol="circle-question-mark", **hot("?"))
    lines = [rx.el.div(rx.el.dt(rx.el.kbd(key)), rx.el.dd(what)) for key, what in keys]
    return row(
        DeskKeys.create(),
        rx.dialog.root(
            rx.dialog.trigger(trigger),
            rx.dialog.content(
                rx.dialog.title("Быстрые клавиши"), rx.dialog.description("Раскладка не важна. Всё то же есть на странице кнопками."),
                rx.el.dl(*lines, class_name="keys"), rx.el.div(rx.dialog.close(button("Понятно", kind="plain")), class_name="dialog-actions"),
                max_width="520px",
            ),
        ),
    )  # fmt: skip


def desk(queue: rx.Component, shown: rx.Component, *, is_open: Value) -> rx.Component:
    """The queue beside what is shown; on a phone one of them."""
    return Styled.create(
        rx.el.div(queue, rx.el.div(shown), class_name="desk", custom_attrs={"data-open": rx.cond(is_open, "true", "false")})
    )  # fmt: skip


def place(each: Value, *words: rx.Component) -> rx.Component:
    """A line of the queue, `{id, href, is_shown}`: the keys move along it."""
    link = rx.link(
        *words, href=each["href"], class_name="place", underline="none",
        custom_attrs={"data-place": each["id"], "aria-current": rx.cond(each["is_shown"], "true", "false")},
    )  # fmt: skip
    return rx.el.li(link, key=each["id"])


def explanation(
    label: str, told: str, *, at_least: int, at_most: int, focus: bool = False, required: bool = True
) -> rx.Component:
    """A field `text` for a few sentences; its form keeps what was typed until it has been taken."""
    return Styled.create(
        rx.el.label(
            rx.el.span(label, class_name="field-label"),
            rx.el.textarea(name="text", rows="4", required=required, min_length=at_least, max_length=at_most, class_name="plain-input explanation", auto_focus=focus),
            rx.el.small(told, class_name="note"),
            class_name="explained",
        )
    )  # fmt: skip
