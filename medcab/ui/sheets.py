"""The pages of a document, drawn by the server, one at a time: turned and enlarged by keys, fingers and buttons."""

import reflex as rx

from medcab.ui import forms  # noqa: F401 - its fields.jsx draws the icons
from medcab.ui.sources import beside

_SHEETS = beside(__name__, "sheets.jsx")


class Sheets(rx.Component):
    """`source` answers with page `?page=n`, and with a sharper one when `&large=1`; `on_turn` is told the page to show."""

    library = _SHEETS
    tag = "Sheets"
    source: rx.Var[str]
    name: rx.Var[str]
    page: rx.Var[int]
    pages: rx.Var[int]
    on_turn: rx.EventHandler[rx.event.passthrough_event_spec(int)]
