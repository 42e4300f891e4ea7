"""Badges and callouts: a tone is always colour, icon and word together."""

from typing import Any

import reflex as rx

from medcab.ui.icons import icon
from medcab.ui.layout import Text, Value
from medcab.ui.theme import TONES, Tone


def badge(word: Text, tone: Tone = "quiet", symbol: str = "") -> rx.Component:
    """Draw a status known when the page is built."""
    look = TONES[tone]
    return rx.badge(icon(symbol or look.icon), word, color_scheme=look.color, variant="soft", class_name="badge")


def badge_of(tone: Value, word: Value) -> rx.Component:
    """Draw a status whose tone is known only at run time (a row's var holding a Tone)."""
    cases = [(name, badge(word, name)) for name in TONES if name != "quiet"]
    return rx.fragment(rx.match(tone, *cases, badge(word, "quiet")))


def callout(
    text: Text | rx.Component,
    tone: Tone = "info",
    *,
    title: Text = "",
    action: rx.Component | None = None,
    live: bool = False,
) -> rx.Component:
    """Say something about the page itself; `live` has screen readers speak it when it appears."""
    look = TONES[tone]
    titled = not (isinstance(title, str) and not title)
    words = [*([rx.el.strong(title)] if titled else []), rx.el.div(text)]
    role: dict[str, Any] = {"role": "alert" if tone == "act" else "status"} if live else {}
    return rx.el.div(
        icon(look.icon),
        rx.el.div(*words, class_name="callout-words"),
        *([rx.el.div(action, class_name="callout-action")] if action is not None else []),
        class_name=f"callout tone-{tone}",
        **role,
    )


def callout_of(tone: Value, text: Value, title: Text = "") -> rx.Component:
    """Draw a callout whose tone is known only at run time."""
    cases = [(name, callout(text, name, title=title, live=True)) for name in TONES if name != "quiet"]
    return rx.fragment(rx.match(tone, *cases, callout(text, "quiet", title=title, live=True)))
