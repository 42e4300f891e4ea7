"""The dialog in which a patient is booked."""

import reflex as rx

from medcab.schedule.booking.state import BookingState
from medcab.schedule.rules.visits import KIND_TITLES
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, stack
from medcab.ui.parts import search_box
from medcab.ui.status import callout


def booking_dialog() -> rx.Component:
    """Who, what for, when; a refusal stands above the buttons, with the free times nearest to the wished one."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Запись на приём", size="5"),
            rx.dialog.description("Найдите пациента, выберите вид приёма и время.", size="2", class_name="note about"),
            stack(_patient(), _kind(), _slot(), _refusal()),
            rx.el.div(
                rx.dialog.close(button("Закрыть", kind="plain")),
                button("Записать", symbol="check", on_click=BookingState.book("")),
                class_name="dialog-actions",
            ),
            max_width="560px",
        ),
        open=BookingState.is_open,
        on_open_change=lambda _: BookingState.close(),
    )


def _patient() -> rx.Component:
    chosen = rx.el.div(
        rx.el.div(
            rx.el.strong(BookingState.patient["name"]),
            rx.el.small(BookingState.patient["born"], ", полис ", BookingState.patient["policy"]),
            class_name="patient-words",
        ),
        button("Выбрать другого", kind="plain", size="2", on_click=BookingState.choose("")),
        class_name="patient-chosen",
    )
    return rx.el.div(
        rx.el.span("Пациент", class_name="field-label"),
        rx.cond(BookingState.patient["id"] != "", chosen, _search()),
    )


def _search() -> rx.Component:
    return stack(
        search_box(
            value=BookingState.query,
            label="Поиск пациента",
            hint="Фамилия, полис или СНИЛС",
            slash=False,
            on_search=BookingState.search,
        ),
        rx.cond(BookingState.hint != "", rx.el.p(BookingState.hint, class_name="note", role="status")),
        rx.cond(
            BookingState.is_nobody_found,
            rx.el.p("Никого не нашли. Проверьте фамилию или введите полис целиком.", class_name="note", role="status"),
        ),
        rx.el.ul(rx.foreach(BookingState.found, _found), class_name="patients", aria_label="Найденные пациенты"),
        gap=2,
    )


def _found(row: Value) -> rx.Component:
    words = rx.el.span(
        rx.el.strong(row["name"]), rx.el.small(row["born"], ", полис ", row["policy"]), class_name="patient-words"
    )
    return rx.el.li(
        rx.el.button(icon("user"), words, type="button", class_name="patient", on_click=BookingState.choose(row["id"])),
        key=row["id"],
    )


def _kind() -> rx.Component:
    def option(kind: str, title: str) -> rx.Component:
        radio = rx.el.input(
            type="radio",
            name="kind",
            value=kind,
            default_checked=BookingState.kind == kind,
            on_change=BookingState.choose_kind(kind),
        )
        return rx.el.label(radio, title, class_name="radio")

    options = [option(kind.value, title) for kind, title in KIND_TITLES.items()]
    return rx.el.fieldset(rx.el.legend("Вид приёма", class_name="field-label"), *options, class_name="radios")


def _slot() -> rx.Component:
    def option(offer: Value) -> rx.Component:
        return rx.el.option(offer["label"], value=offer["at"], key=offer["at"])

    select = rx.el.div(
        rx.el.select(
            rx.foreach(BookingState.slots, option),
            id="booking-slot",
            value=BookingState.slot,
            on_change=BookingState.choose_slot,
        ),
        icon("chevron-down"),
        class_name="select",
    )
    nothing = callout(
        "Рядом нет свободного времени. Выберите другой день; часы приёма открывает администратор клиники.", "soon"
    )
    label = rx.el.label("Время", html_for="booking-slot", class_name="field-label")
    return rx.el.div(label, rx.cond(BookingState.slots, select, nothing))


def _refusal() -> rx.Component:
    def offer(each: Value) -> rx.Component:
        return button(
            f"Записать на {each['label']}", kind="quiet", on_click=BookingState.book(each["at"]), key=each["at"]
        )

    offers = rx.cond(BookingState.offers, rx.el.div(rx.foreach(BookingState.offers, offer), class_name="offers"))
    return rx.cond(BookingState.refusal != "", stack(callout(BookingState.refusal, "act", live=True), offers, gap=3))
