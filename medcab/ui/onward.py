"""A page that somebody else's site sends the browser to: what stands in its address is handed on once, and then gone from it."""

import reflex as rx

from medcab.ui import forms  # noqa: F401 - its form_core.jsx is what onward.jsx speaks to
from medcab.ui.sources import beside

_ONWARD = beside(__name__, "onward.jsx")


class Onward(rx.Component):
    """See `onward`."""

    library = _ONWARD
    tag = "Onward"
    action: rx.Var[str]
    source: rx.Var[str]
    busy: rx.Var[str]
    back: rx.Var[str]
    back_label: rx.Var[str]


def onward(*, action: str, source: str, busy: str, back: str, back_label: str) -> rx.Component:
    """POST the address's query to `action`, then go where the answer says; a refusal is said here, with a way `back`."""
    return Onward.create(action=action, source=source, busy=busy, back=back, back_label=back_label)
