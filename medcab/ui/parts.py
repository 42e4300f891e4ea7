"""Parts that need a little JavaScript of their own (parts.jsx): time, theme, notices, search, views, keys, connection."""

from typing import Any, TypedDict

import reflex as rx

from medcab.ui.sources import beside

_JSX = beside(__name__, "parts.jsx")


class _Part(rx.Component):
    library = _JSX


class RelativeTime(_Part):
    """«5 минут назад» that stays true while the page is open; the exact time on hover and for screen readers.

    `value` is ISO 8601 with an offset; `exact` is the exact time in words, in the clinic's own time zone.
    """

    tag = "RelativeTime"
    value: rx.Var[str]
    exact: rx.Var[str]


class ThemeSwitch(_Part):
    """Light, dark, or as the system says."""

    tag = "ThemeSwitch"


class Notice(TypedDict):
    """A message that comes up once: `id` is unique (a UUID), `tone` is a Tone, `text` a sentence."""

    id: str
    tone: str
    text: str


class NoticeBoard(_Part):
    """Shows each notice of the list once per tab as a toast, without eval, and reads it to screen readers."""

    tag = "NoticeBoard"
    items: rx.Var[list[dict[str, Any]]]


class SearchBox(_Part):
    """A search field: reports what was typed after 300 ms of quiet, Enter or the cross at once.

    `slash` gives it the focus on Ctrl/⌘ K.
    """

    tag = "SearchBox"
    value: rx.Var[str]
    label: rx.Var[str]
    hint: rx.Var[str]
    slash: rx.Var[bool]
    on_search: rx.EventHandler[rx.event.passthrough_event_spec(str)]


class Arrows(_Part):
    """Up and down go from one to the next of what is in it and matches `among`, a CSS selector."""

    tag = "Arrows"
    among: rx.Var[str]


class ViewSwitch(_Part):
    """Shows one of its children at a time; `labels` name them. What is not shown is not drawn."""

    tag = "ViewSwitch"
    labels: rx.Var[list[str]]
    label: rx.Var[str]


class ConnectionNote(_Part):
    """A quiet line at the top while the server cannot be reached; it leaves by itself."""

    tag = "ConnectionNote"


class CopyButton(_Part):
    """Copies `text` and says so."""

    tag = "CopyButton"
    text: rx.Var[str]
    label: rx.Var[str]


class PrintButton(_Part):
    """Prints the page. With `on_prepare` the server first makes it ready for paper and says so by another number in `prepared`."""

    tag = "PrintButton"
    label: rx.Var[str]
    prepared: rx.Var[int]
    on_prepare: rx.EventHandler[rx.event.no_args_event_spec]


relative_time = RelativeTime.create
theme_switch = ThemeSwitch.create
notice_board = NoticeBoard.create
search_box = SearchBox.create
arrows = Arrows.create
view_switch = ViewSwitch.create
connection_note = ConnectionNote.create
copy_button = CopyButton.create
print_button = PrintButton.create
