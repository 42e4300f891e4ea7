"""The frame with this person's name, organisations and sections in it."""

import reflex as rx

from medcab.accounts.frame.state import Choice, Frame
from medcab.guard import Tab
from medcab.shell.frame import frame, user_menu
from medcab.ui.forms import action_button


def framed(title: str, body: rx.Component, *, path: str) -> rx.Component:
    """Put a signed-in page's body into the frame; `path` is its section."""
    return frame(
        title, body, path=path, sections=Frame.sections, notices=Tab.notices, organisation=_organisation(), user=_user()
    )


def _organisation() -> rx.Component:
    """The organisation the person works in now; a choice when there are several."""

    def option(choice: rx.Var[Choice]) -> rx.Component:
        return rx.select.item(choice["name"], value=choice["id"], key=choice["id"])

    switch = rx.select.root(
        rx.select.trigger(aria_label="Организация", variant="soft", color_scheme="gray"),
        rx.select.content(rx.foreach(Frame.organisations, option), position="popper"),
        value=Frame.organisation,
        on_change=Frame.choose,
        size="3",
    )
    only = rx.foreach(Frame.organisations, lambda choice: rx.text(choice["name"], size="2", color="var(--gray-11)", key=choice["id"]))
    return rx.cond(Frame.organisations.length() > 1, switch, only)


def _user() -> rx.Component:
    return user_menu(
        Frame.name,
        Frame.roles,
        rx.menu.item(rx.link("Профиль", href="/profile", underline="none")),
        rx.menu.item(rx.link("Безопасность", href="/security", underline="none")),
        rx.menu.item(rx.link("Журнал входов", href="/journal", underline="none")),
        rx.menu.separator(),
        action_button(action="/auth/sign-out", source="/auth/form/session", label="Выйти", kind="quiet", symbol="log-out"),
    )
