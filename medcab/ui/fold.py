"""A part of a long page, with its heading: on a phone it is folded until it is asked for, so that everything is within reach of a thumb."""

from typing import Any

import reflex as rx

from medcab.ui.layout import Text, Value
from medcab.ui.sources import beside

_JSX = beside(__name__, "fold.jsx")
_STYLE = beside(__name__, "fold.css")


class Fold(rx.Component):
    """See `folded`."""

    library = _JSX
    tag = "Fold"
    place: rx.Var[str]
    title: rx.Var[str]
    quiet: rx.Var[bool]
    starts: rx.Var[bool]
    opened: rx.Var[bool]

    def add_imports(self) -> dict[str, Any]:
        return {"": _STYLE}


def folded(
    *children: rx.Component, title: Text, place: str, is_quiet: bool = False, starts_open: bool = False, opened: Value = False
) -> rx.Component:  # fmt: skip
    """Wide screens and paper show all of it; on a narrow one what was opened there last stays open, and `#place` in the address opens it.

    `is_quiet`: on a wide screen the heading is left out, for what is inside has its own. `opened`: the page itself wants it open.
    """
    return Fold.create(*children, title=title, place=place, quiet=is_quiet, starts=starts_open, opened=opened)
