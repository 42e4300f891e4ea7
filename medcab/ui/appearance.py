"""What the whole app wears: the Russian words for what the framework says, head, style sheets, error boundary."""

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex_components_core.base.error_boundary import ErrorBoundary

from medcab.ui.parts import connection_note
from medcab.ui.states import illustration
from medcab.ui.theme import STYLESHEETS, head_components


def app_options() -> dict[str, Any]:
    """Return keyword arguments for `rx.App` that concern only the look and the framework's own words.

    Toasts of the framework need eval, which the CSP forbids: the frame has a notice board of its own instead.
    """
    # Reflex nests the wraps and the page into one another: a fragment draws the note and the page side by side.
    wraps: dict[tuple[int, str], Callable[[bool], rx.Component | None]] = {
        (55, "ErrorBoundary"): lambda stateful: _error_boundary(stateful=stateful),
        (5, "Overlay"): lambda stateful: rx.fragment(connection_note()) if stateful else None,
    }
    return {
        "stylesheets": STYLESHEETS,
        "head_components": head_components(),
        "html_lang": "ru",
        "toaster": None,
        "app_wraps": wraps,
    }


def _error_boundary(*, stateful: bool) -> rx.Component:
    told: dict[str, Any] = {} if stateful else {"on_error": rx.Var("(() => null)")}
    return ErrorBoundary.create(fallback_render=rx.Var.create(broken_page()), **told)


def broken_page() -> rx.Component:
    """Stand in for a page whose drawing failed in the browser. Plain HTML: nothing here can fail again."""
    return _whole_page(
        "broken",
        "Страница не открылась",
        "Это ошибка программы, не ваша. Введённое раньше сохранено. Обновите страницу; если не поможет, вернитесь "
        "на рабочий стол.",
        rx.el.a("Обновить страницу", href="", class_name="plain-button"),
        rx.el.a("На рабочий стол", href="/", class_name="plain-link"),
    )


def not_found_page() -> rx.Component:
    """Answer to an address that leads nowhere; register it as the route "404"."""
    return _whole_page(
        "search",
        "Такой страницы нет",
        "Возможно, в адресе опечатка или страница переехала.",
        rx.el.a("На рабочий стол", href="/", class_name="plain-button"),
    )


def _whole_page(picture: str, title: str, text: str, *ways: rx.Component) -> rx.Component:
    return rx.el.main(
        illustration(picture),
        rx.el.h1(title),
        rx.el.p(text),
        rx.el.div(*ways, class_name="whole-page-ways"),
        class_name="whole-page",
    )
