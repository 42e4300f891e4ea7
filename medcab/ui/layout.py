"""How a page is put together: header, sections, columns, facts, toolbar."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from medcab.ui.icons import icon

Text = str | rx.Var[str]
Value = Any
"""A var of a state: Reflex hands over a Var with operators, the type checker sees the plain Python type."""


def page(*children: rx.Component) -> rx.Component:
    """Stack the parts of a page with the distance the whole app uses."""
    return rx.el.div(*children, class_name="page")


def page_header(
    title: Text,
    *,
    lead: Text = "",
    crumbs: Sequence[tuple[str, str]] = (),
    primary: rx.Component | None = None,
    others: Sequence[rx.Component] = (),
    badge: rx.Component | None = None,
) -> rx.Component:
    """Head a page: the only h1, the way back, one primary button.

    `crumbs` are (word, path) of the pages above this one, outermost first; a phone shows only the nearest as a way back.
    """
    actions = [*others, *([primary] if primary is not None else [])]
    return rx.el.header(
        *([_crumbs(crumbs)] if crumbs else []),
        rx.el.div(
            rx.el.div(
                rx.el.div(
                    rx.el.h1(title, tab_index=-1),
                    *([badge] if badge is not None else []),
                    class_name="page-title",
                ),
                *([rx.el.p(lead, class_name="lead")] if not (isinstance(lead, str) and not lead) else []),
                class_name="page-words",
            ),
            *([rx.el.div(*actions, class_name="page-actions")] if actions else []),
            class_name="page-head",
        ),
    )


def _crumbs(crumbs: Sequence[tuple[str, str]]) -> rx.Component:
    links = [
        rx.el.li(icon("chevron-left", class_name="crumb-back"), rx.link(word, href=path, underline="hover"))
        for word, path in crumbs
    ]
    return rx.el.nav(rx.el.ol(*links), class_name="crumbs", aria_label="Путь к странице")


def section(
    *children: rx.Component,
    title: Text = "",
    note: Text = "",
    action: rx.Component | None = None,
    flush: bool = False,
    **props: Any,
) -> rx.Component:
    """Draw a card with an optional h2 and one action at its head.

    `flush` lets a table or a list reach the card's edges.
    """
    head: list[rx.Component] = []
    if not (isinstance(title, str) and not title):
        words: list[rx.Component] = [rx.el.h2(title)]
        if not (isinstance(note, str) and not note):
            words.append(rx.el.p(note, class_name="note"))
        head = [
            rx.el.div(
                rx.el.div(*words),
                *([rx.el.div(action)] if action is not None else []),
                class_name="section-head",
            )
        ]
    name = "section flush" if flush else "section"
    return rx.el.section(*head, rx.el.div(*children, class_name="section-body"), class_name=name, **props)


def columns(*children: rx.Component, at_least: int = 320) -> rx.Component:
    """Place children side by side while each is at least `at_least` pixels wide, below one another otherwise."""
    style = {"--column": f"{at_least}px"}
    return rx.el.div(*children, class_name="columns", style=style)


def stack(*children: rx.Component, gap: int = 4) -> rx.Component:
    """Place children below one another; `gap` is a step 1–9 of the theme's spacing scale."""
    return rx.el.div(*children, class_name="stack", style={"gap": f"var(--space-{gap})"})


def row(*children: rx.Component, gap: int = 3) -> rx.Component:
    """Place children in a line that wraps; `gap` is a step 1–9 of the theme's spacing scale."""
    return rx.el.div(*children, class_name="row", style={"gap": f"var(--space-{gap})"})


def key_values(*pairs: tuple[Text, Text | rx.Component]) -> rx.Component:
    """List facts as term and value: two columns on a desktop, one above the other on a phone."""
    items = [rx.el.div(rx.el.dt(term), rx.el.dd(value)) for term, value in pairs]
    return rx.el.dl(*items, class_name="key-values")


def toolbar(
    *filters: rx.Component, search: rx.Component | None = None, action: rx.Component | None = None
) -> rx.Component:
    """Head a list: search first, then filters, an action at the end. The search landmark of the page."""
    return rx.el.div(
        *([rx.el.div(search, class_name="toolbar-search")] if search is not None else []),
        *filters,
        *([rx.el.div(action, class_name="toolbar-action")] if action is not None else []),
        class_name="toolbar",
        role="group",
        aria_label="Отбор",
    )


def choice(
    label: Text,
    options: Sequence[tuple[str, str]] | Value,
    *,
    value: Text,
    on_change: Any,
) -> rx.Component:
    """Draw a filter of few answers as the system's own select (best on a phone); `options` are (value, word)."""
    answers = options if isinstance(options, rx.Var) else rx.Var.create([list(pair) for pair in options])
    draw = rx.foreach(answers.to(list[tuple[str, str]]), lambda pair: rx.el.option(pair[1], value=pair[0], key=pair[0]))
    return rx.el.div(
        rx.el.select(draw, value=value, on_change=on_change, aria_label=label),
        icon("chevron-down"),
        class_name="select choice",
    )


def figure(value: Text, label: Text, *, note: rx.Component | Text = "", tone: str = "quiet") -> rx.Component:
    """Show one number with its name, where a chart would be too much."""
    return rx.el.div(
        rx.el.span(label, class_name="figure-label"),
        rx.el.strong(value, class_name="figure-value"),
        rx.el.span(note, class_name="figure-note"),
        class_name=f"figure tone-{tone}",
    )


def button(
    label: Text, *, symbol: str = "", kind: str = "primary", href: Text = "", download: bool = False, **props: Any
) -> rx.Component:
    """Draw a button, or a link that looks like one when `href` is given.

    `kind`: primary (one a page), plain, quiet, danger. `download`: the link is a file, not a page of the cabinet.
    """
    looks: dict[str, dict[str, Any]] = {
        "primary": {"variant": "solid"},
        "plain": {"variant": "surface", "color_scheme": "gray"},
        "quiet": {"variant": "soft"},
        "danger": {"variant": "surface", "color_scheme": "red"},
    }
    inside = [icon(symbol)] if symbol else []
    drawn = {"size": "3", "class_name": "button", **looks[kind], **props}
    if isinstance(href, str) and not href:
        return rx.button(*inside, label, **{"type": "button", **drawn})
    return rx.button(rx.el.a(*inside, label, href=href, download=download or None), as_child=True, **drawn)
