"""«Что сегодня не так?» as it is drawn: on the page of figures, of incidence, and in short on the desk."""

from typing import Any

import reflex as rx

from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, section
from medcab.ui.sources import beside
from medcab.ui.theme import TONES

_STYLE = beside(__name__, "attention.css")


class Styled(rx.Fragment):
    """Brings the style sheet along, in the bundle of whoever draws it."""

    def add_imports(self) -> dict[str, Any]:
        return {"": _STYLE}


def attention_section(found: Value, title: str, action: rx.Component | None = None) -> rx.Component:
    """What is wrong, before anything else: each matter a sentence, with the way to what it counts."""

    def concern(each: Value) -> rx.Component:
        words = rx.el.div(rx.el.strong(each["title"]), rx.el.span(each["sentence"]), class_name="stack concern-words")
        return rx.el.li(
            icon("triangle-alert"),
            words,
            rx.el.div(
                rx.cond(each["chart_href"], button("Показать на графике", kind="plain", href=each["chart_href"])),
                button(each["action"], kind="plain", href=each["href"]),
                class_name="row",
            ),
            class_name="concern tone-soon",
            key=each["key"],
        )

    return section(
        Styled.create(),
        toned(found["tone"], rx.el.strong(found["title"])),
        rx.cond(found["concerns"], rx.el.ul(rx.foreach(found["concerns"], concern), class_name="concerns")),
        rx.cond(found["note"] != "", rx.el.p(found["note"], class_name="note")),
        title=title,
        action=action,
        aria_live="polite",
    )


def toned(tone: Any, words: Any) -> rx.Component:
    """Words with the icon and colour of their tone."""
    looks = [(name, icon(look.icon)) for name, look in TONES.items() if name != "quiet"]
    mark = rx.match(tone, *looks, rx.fragment()) if isinstance(tone, rx.Var) else icon(TONES[tone].icon)
    shape = {"display": "inline-flex", "align_items": "center", "gap": "6px", "font_size": "var(--font-size-2)"}
    return rx.el.span(mark, words, class_name=f"tone-{tone}", style={**shape, "color": "var(--tone)"})
