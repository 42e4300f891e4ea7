"""«Скачать»: what is shown, in one of two kinds of file."""

import reflex as rx

from medcab.schedule.calendar.export.state import ExportState
from medcab.tables.writer import CSV, XLSX
from medcab.ui.icons import icon
from medcab.ui.layout import button

_WAYS = ((XLSX, "Excel (XLSX)"), (CSV, "CSV"))


def exports() -> rx.Component:
    """One button that opens two."""

    def way(ending: str, word: str) -> rx.Component:
        pick = rx.el.button(icon("download"), word, type="button", on_click=ExportState.visits(ending))
        return rx.el.li(rx.popover.close(pick))

    listed = rx.el.ul(*(way(ending, word) for ending, word in _WAYS), class_name="places")
    return rx.popover.root(
        rx.popover.trigger(button("Скачать", kind="plain", symbol="download")),
        rx.popover.content(listed, size="1", custom_attrs={"aria-label": "Скачать приёмы"}),
    )
