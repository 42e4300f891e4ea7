"""Choosing a patient, wherever somebody is booked or put into a list."""

from typing import Any

import reflex as rx

from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, stack
from medcab.ui.parts import arrows, search_box


def patient_choice(state: Any, choose: Any) -> rx.Component:
    """Search, then the one who was chosen. `state` has `query, hint, is_nobody_found, found, patient, search`; `choose(id)`, with nothing: look again."""
    patient = state.patient
    chosen = rx.el.div(
        _words(patient),
        button("Выбрать другого", kind="plain", size="2", on_click=choose("")),
        class_name="patient-chosen",
    )
    return rx.el.div(
        rx.el.span("Пациент", class_name="field-label"), rx.cond(patient["id"] != "", chosen, _search(state, choose))
    )


def _search(state: Any, choose: Any) -> rx.Component:
    def found(row: Value) -> rx.Component:
        pressed = rx.el.button(
            icon("user"), _words(row), type="button", class_name="patient", on_click=choose(row["id"])
        )
        return rx.el.li(pressed, key=row["id"])

    nobody = "Никого не нашли. Проверьте фамилию или введите полис целиком."
    search = search_box(
        value=state.query, label="Поиск пациента", hint="Фамилия, полис или СНИЛС", slash=False, on_search=state.search
    )
    return arrows(
        stack(
            search,
            rx.cond(state.hint != "", rx.el.p(state.hint, class_name="note", role="status")),
            rx.cond(state.is_nobody_found, rx.el.p(nobody, class_name="note", role="status")),
            rx.el.ul(rx.foreach(state.found, found), class_name="patients", aria_label="Найденные пациенты"),
            gap=2,
        ),
        among="input, .patient",
    )


def _words(row: Value) -> rx.Component:
    known = rx.el.small(row["born"], ", полис ", row["policy"])
    return rx.el.span(rx.el.strong(row["name"]), known, class_name="patient-words")
