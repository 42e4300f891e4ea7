"""A calendar of columns by time: days of one worker, or several workers or rooms of one day. See docs/decisions/0014.

It draws what it is given (`schedule.rules.grid.Grid`) in one React component, and tells what the person wants done; Python decides.
"""

from typing import Any

import reflex as rx

from medcab.ui.sources import beside

_JSX = beside(__name__, "calendar.jsx")
_STYLE = beside(__name__, "calendar.css")
beside(__name__, "calendar_drag.js")  # the calendar imports it
beside(__name__, "kept_focus.js")  # so do it and the queue of a ward


class Calendar(rx.Component):
    """`answer` names the move that was decided last. A visit is opened by its id, a free place is taken by whose it is and when.

    A move is told by a key of its own, the visit, the version seen, whose time and when; `on_ask` is the same once the connection
    was lost before an answer came.
    """

    library = _JSX
    tag = "Calendar"
    grid: rx.Var[dict[str, Any]]
    label: rx.Var[str]
    answer: rx.Var[str]
    on_open: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    on_take: rx.EventHandler[rx.event.passthrough_event_spec(str, str)]  # pyright: ignore[reportCallIssue]
    on_mark: rx.EventHandler[rx.event.passthrough_event_spec(str, int, str)]  # pyright: ignore[reportCallIssue]
    on_move: rx.EventHandler[rx.event.passthrough_event_spec(str, str, int, str, str)]  # pyright: ignore[reportCallIssue]
    on_ask: rx.EventHandler[rx.event.passthrough_event_spec(str, str, int, str, str)]  # pyright: ignore[reportCallIssue]

    def add_imports(self) -> dict[str, Any]:
        return {"": _STYLE}


class Rows(rx.Component):
    """A list of a day that is walked along by arrows or J and K; a finger drawn across it turns to the next or previous day.

    `on_move` gets the id of the row in which M was pressed.
    """

    library = _JSX
    tag = "Rows"
    on_move: rx.EventHandler[rx.event.passthrough_event_spec(str)]

    def add_imports(self) -> dict[str, Any]:
        return {"": _STYLE}


class CalendarKeys(rx.Component):
    """The button that tells what the keys do; «?» presses it."""

    library = _JSX
    tag = "CalendarKeys"


calendar = Calendar.create
calendar_rows = Rows.create
calendar_keys = CalendarKeys.create
