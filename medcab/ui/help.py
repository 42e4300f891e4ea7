"""What a figure means, beside it: opens by hover, tap or key, closes by Escape or a tap elsewhere."""

from typing import Any

import reflex as rx

from medcab.ui.layout import Text
from medcab.ui.sources import beside

_JSX = beside(__name__, "help.jsx")
_STYLE = beside(__name__, "help.css")


class Help(rx.Component):
    """See `explained`."""

    library = _JSX
    tag = "Help"
    label: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        return {"": _STYLE}


def explained(label: Text, *words: rx.Component) -> rx.Component:
    """A small «?» named `label` («Что значит „Неявки“»), with what it explains."""
    return Help.create(*words, label=label)
