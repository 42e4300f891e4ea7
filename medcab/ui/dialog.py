"""Asking once before something is lost."""

import reflex as rx

from medcab.ui.layout import Text


def confirm(
    trigger: rx.Component,
    *,
    title: Text,
    text: Text | rx.Component,
    action: Text,
    on_confirm: rx.event.EventType[()],
    danger: bool = True,
    cancel: Text = "Отмена",
) -> rx.Component:
    """Ask before `on_confirm`; `text` says what will be lost, `action` repeats the verb («Отменить приём»)."""
    yes = rx.button(action, on_click=on_confirm, size="3", color_scheme="red" if danger else "blue")
    no = rx.button(cancel, size="3", variant="surface", color_scheme="gray")
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(trigger),
        rx.alert_dialog.content(
            rx.alert_dialog.title(title, size="5"),
            rx.alert_dialog.description(text, size="3"),
            rx.el.div(rx.alert_dialog.cancel(no), rx.alert_dialog.action(yes), class_name="dialog-actions"),
            max_width="480px",
        ),
    )
