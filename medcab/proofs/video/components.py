"""The call as a component: camera check, waiting to be called, talking, and the operator's picture."""

from typing import Any

import reflex as rx

from medcab.ui import forms  # noqa: F401 - its form_core.jsx is what call.jsx speaks to
from medcab.ui.layout import Value
from medcab.ui.sources import beside

_CALL = beside(__name__, "call.jsx")
_STYLE = beside(__name__, "call.css")


def _said(call: rx.Var[int], description: rx.Var[str]) -> tuple[rx.Var[int], rx.Var[str]]:
    return call, description


class VideoCall(rx.Component):
    """See `video_call`."""

    library = _CALL
    tag = "VideoCall"
    is_caller: rx.Var[bool]
    is_running: rx.Var[bool]
    has_come: rx.Var[bool]
    opens_in: rx.Var[int]
    call: rx.Var[int]
    remote: rx.Var[str]
    relays: rx.Var[list[dict[str, str]]]
    still_action: rx.Var[str]
    on_come: rx.EventHandler[rx.event.no_args_event_spec]
    on_say: rx.EventHandler[_said]


class Styled(rx.Fragment):
    """Brings the style sheet of these pages along, in their own bundle."""

    def add_imports(self) -> dict[str, Any]:
        return {"": _STYLE}


def video_call(*, is_caller: bool, **more: Value) -> rx.Component:
    """The operator calls (`is_caller`), the person is called.

    `is_running`: the operator has begun; `has_come`: the person waits to be called; `call`, `remote`, `relays`: how often they came, what the other
    browser says of itself, by way of which relays; `on_say(call, description)` tells the server, and the person's `on_come()`.
    """
    return VideoCall.create(is_caller=is_caller, **more)
