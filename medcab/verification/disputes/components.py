"""What the worker's page and the operators' desk draw alike."""

from typing import Any

import reflex as rx

from medcab.ui import desk
from medcab.ui.layout import Value
from medcab.ui.sources import beside
from medcab.verification.disputes.rules import TEXT_FROM, TEXT_TO

_STYLE = beside(__name__, "disputes.css")


class Styled(rx.Fragment):
    """Brings the style sheet of these pages along, in their own bundle."""

    def add_imports(self) -> dict[str, Any]:
        return {"": _STYLE}


def explanation(label: str, *, focus: bool = False) -> rx.Component:
    """A field for a few sentences; its form keeps what was typed until it has been taken."""
    told = f"От {TEXT_FROM} до {TEXT_TO} знаков. Без номеров паспорта и сведений о пациентах."
    return desk.explanation(label, told, at_least=TEXT_FROM, at_most=TEXT_TO, focus=focus)


def story_list(rows: Value) -> rx.Component:
    """Who said and did what."""

    def line(row: Value) -> rx.Component:
        who = rx.cond(row["who"] != "", rx.el.span(row["who"]))
        return rx.el.li(
            rx.el.div(rx.el.strong(row["title"]), who, rx.el.time(row["at"]), class_name="history-head"),
            rx.cond(row["text"] != "", rx.el.p(row["text"], class_name="said")),
            key=row["id"],
        )

    return Styled.create(rx.el.ol(rx.foreach(rows, line), class_name="history-list"))
