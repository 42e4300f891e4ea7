"""What stands in place of content: nothing yet, on its way, failed, not allowed."""

from typing import Any

import reflex as rx

from medcab.ui.icons import illustration
from medcab.ui.layout import Text, Value


def empty(title: Text, text: Text = "", *, picture: str = "empty", action: rx.Component | None = None) -> rx.Component:
    """Say that there is nothing here, why, and what to do about it."""
    return _state(picture, title, text, action)


def failed(
    title: Text = "Не получилось показать",
    text: Text = "Попробуйте ещё раз через минуту.",
    *,
    action: rx.Component | None = None,
) -> rx.Component:
    """Say that something broke, and what the person can do."""
    return _state("broken", title, text, action, role="alert")


def no_rights(
    text: Text = "Этот раздел открыт другой роли. Если он нужен вам для работы, обратитесь к администратору клиники.",
    *,
    title: Text = "Раздел закрыт",
    action: rx.Component | None = None,
) -> rx.Component:
    """Say that the person may not see this, and who can change that."""
    return _state("locked", title, text, action)


def skeleton_rows(count: int = 4, label: str = "Загружаем…") -> rx.Component:
    """Stand in for a list while it is loaded."""
    bars = [rx.el.div(rx.el.i(), rx.el.i(), class_name="skeleton-row") for _ in range(count)]
    return rx.el.div(
        rx.el.span(label, class_name="visually-hidden"),
        *bars,
        class_name="skeleton",
        role="status",
        aria_busy="true",
    )


def skeleton_block(height: int = 240, label: str = "Загружаем…") -> rx.Component:
    """Stand in for a chart or a card, `height` pixels high."""
    return rx.el.div(
        rx.el.span(label, class_name="visually-hidden"),
        class_name="skeleton-block",
        style={"height": f"{height}px"},
        role="status",
        aria_busy="true",
    )


def loaded(ready: Value, content: rx.Component, meanwhile: rx.Component | None = None) -> rx.Component:
    """Show `content` once `ready`, a skeleton until then."""
    return rx.cond(ready, content, meanwhile if meanwhile is not None else skeleton_rows())


def _state(picture: str, title: Text, text: Text, action: rx.Component | None, **props: Any) -> rx.Component:
    return rx.el.div(
        illustration(picture),
        rx.el.p(title, class_name="state-title"),
        rx.el.p(text, class_name="state-text"),
        *([action] if action is not None else []),
        class_name="state",
        **props,
    )
