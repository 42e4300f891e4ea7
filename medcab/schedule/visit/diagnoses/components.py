"""The diagnoses of a visit, in its dialog: search, one tap for the code, one for what makes the case primary or known."""

import reflex as rx

from medcab.schedule.diagnoses.rules.entry import COURSE_NOTES, COURSE_TITLES, KIND_TITLES, Course
from medcab.schedule.visit.diagnoses.state import DiagnosesState
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, stack
from medcab.ui.parts import arrows, search_box
from medcab.ui.status import callout


def diagnoses() -> rx.Component:
    """Nothing for who does not answer for the visit."""
    entry = rx.cond(DiagnosesState.why_not != "", rx.el.p(DiagnosesState.why_not, class_name="note"), _entry())
    drawn = rx.el.section(
        rx.el.h3("Диагнозы", class_name="field-label"),
        rx.cond(DiagnosesState.lines, rx.el.ul(rx.foreach(DiagnosesState.lines, _line), class_name="diagnoses")),
        rx.cond(DiagnosesState.refusal != "", callout(DiagnosesState.refusal, "act", live=True)),
        entry,
        _corrections(),
        rx.el.span(DiagnosesState.said, class_name="visually-hidden", role="status"),
        class_name="stack diagnoses-of-visit",
        aria_label="Диагнозы",
    )
    return rx.cond(DiagnosesState.is_shown, drawn)


def _line(line: Value) -> rx.Component:
    """The course is corrected in its place; the rest by striking out and writing anew."""
    options = [rx.el.option(title, value=course.value) for course, title in COURSE_TITLES.items()]
    course = rx.el.div(
        rx.el.select(
            *options, value=line["course"], aria_label="Впервые или известное: " + line["code"],
            on_change=lambda chosen: DiagnosesState.change_course(line["id"], chosen),
        ),
        icon("chevron-down"),
        class_name="select",
    )  # fmt: skip
    strike = button(
        "Вычеркнуть", kind="plain", size="2", symbol="x", on_click=DiagnosesState.strike(line["id"]), aria_label="Вычеркнуть " + line["code"]
    )  # fmt: skip
    return rx.el.li(
        rx.el.span(rx.el.strong(line["code"]), " ", line["title"], " ", rx.el.small(line["kind"], class_name="note")),
        rx.el.div(course, strike, class_name="row"),
        key=line["id"],
    )


def _entry() -> rx.Component:
    return rx.cond(DiagnosesState.chosen["code"] != "", _chosen(), _search())


def _search() -> rx.Component:
    def offer(each: Value) -> rx.Component:
        words = rx.el.span(
            rx.el.strong(each["code"], " ", each["title"]), rx.el.small(each["doubt"]), class_name="patient-words"
        )
        pressed = rx.el.button(words, type="button", class_name="patient", on_click=DiagnosesState.choose(each["code"]))
        written = rx.el.div(
            rx.el.span(each["code"], " ", each["title"]), rx.el.small("уже записан"), class_name="patient-words",
            style={"padding": "var(--space-2) var(--space-3)"},
        )  # fmt: skip
        return rx.el.li(rx.cond(each["is_written"], written, pressed), key=each["code"])

    search = search_box(
        value=DiagnosesState.query, label="Поиск диагноза", hint="Код или слова", slash=False,
        on_search=DiagnosesState.search,
    )  # fmt: skip
    return arrows(
        stack(
            search,
            rx.cond(DiagnosesState.note != "", rx.el.p(DiagnosesState.note, class_name="note", role="status")),
            rx.cond(
                DiagnosesState.offers,
                rx.el.ul(
                    rx.foreach(DiagnosesState.offers, offer), class_name="patients", aria_label="Подходящие диагнозы"
                ),
            ),
            gap=2,
        ),
        among="input, .patient",
    )


def _chosen() -> rx.Component:
    """The code is chosen: what it is beside, and the tap that writes it."""
    title = rx.el.div(
        rx.el.span(rx.el.strong(DiagnosesState.chosen["code"]), " ", DiagnosesState.chosen["title"]),
        button("Выбрать другой", kind="plain", size="2", on_click=DiagnosesState.choose("")),
        class_name="patient-chosen",
    )
    return stack(title, rx.cond(DiagnosesState.known != "", callout(DiagnosesState.known, "soon")), _kind(), _courses())


def _kind() -> rx.Component:
    def option(value: str, title: str) -> rx.Component:
        radio = rx.el.input(
            type="radio", name="diagnosis-kind", value=value, checked=DiagnosesState.kind == value,
            on_change=DiagnosesState.choose_kind(value),
        )  # fmt: skip
        return rx.el.label(radio, title, class_name="radio")

    options = [option(kind.value, title) for kind, title in KIND_TITLES.items()]
    return rx.el.fieldset(rx.el.legend("Какой это диагноз", class_name="field-label"), *options, class_name="radios")


def _courses() -> rx.Component:
    def write(course: Course) -> rx.Component:
        words = rx.el.span(
            rx.el.strong(COURSE_TITLES[course]), rx.el.small(COURSE_NOTES[course]), class_name="patient-words"
        )
        pressed = rx.el.button(words, type="button", class_name="patient", on_click=DiagnosesState.write(course.value))
        return rx.el.li(pressed)

    label = rx.el.span("Нажмите, чтобы записать", class_name="field-label")
    listed = rx.el.ul(*[write(course) for course in Course], class_name="patients", aria_label="Записать диагноз")
    return arrows(rx.el.div(label, listed), among=".patient")


def _corrections() -> rx.Component:
    def struck(line: Value) -> rx.Component:
        return rx.el.li(
            rx.el.del_(line["code"], " ", line["title"]), " ",
            rx.el.small(line["kind"], ", ", line["course_title"], ". ", line["told"], class_name="note"), key=line["id"],
        )  # fmt: skip

    listed = rx.el.ul(rx.foreach(DiagnosesState.struck, struck), class_name="diagnoses")
    return rx.cond(DiagnosesState.struck, rx.el.details(rx.el.summary("Исправления"), listed))
