"""The frame with this person's name, organisations and sections in it."""

import reflex as rx

from medcab.accounts.frame.state import Frame
from medcab.accounts.inbox.state import PATH as NOTICES
from medcab.guard import Tab
from medcab.shell.frame import bell_button, frame, user_menu
from medcab.ui.forms import action_button
from medcab.ui.layout import choice


def framed(title: str, body: rx.Component, *, path: str) -> rx.Component:
    """Put a signed-in page's body into the frame; `path` is its section."""
    return frame(
        title, body, path=path, sections=Frame.sections, notices=Tab.notices, organisation=_organisation(),
        bell=bell_button(Frame.unread, NOTICES), user=_user(),
    )  # fmt: skip


def _organisation() -> rx.Component:
    """The organisation the person works in now; a choice when there are several."""

    options = rx.Var.create(Frame.organisations)
    switch = choice("Организация", options, value=Frame.organisation, on_change=Frame.choose)
    return rx.cond(Frame.has_choice, switch, rx.el.span(Frame.organisation_name, class_name="one-organisation"))


def _user() -> rx.Component:
    return user_menu(
        Frame.name,
        Frame.roles,
        rx.menu.item(rx.link("Профиль", href="/profile", underline="none")),
        rx.menu.item(rx.link("Безопасность", href="/security", underline="none")),
        rx.menu.item(rx.link("Журнал входов", href="/journal", underline="none")),
        rx.menu.separator(),
        action_button(
            action="/auth/sign-out", source="/auth/form/session", label="Выйти", kind="quiet", symbol="log-out"
        ),
    )
