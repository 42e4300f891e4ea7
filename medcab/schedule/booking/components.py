"""The dialog in which a patient is booked."""

import reflex as rx

from medcab.patients.components import patient_choice
from medcab.schedule.booking.state import BookingState
from medcab.schedule.rules.visits import KIND_TITLES
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, stack
from medcab.ui.status import callout


def booking_dialog() -> rx.Component:
    """Who, what for, when; a refusal stands above the buttons, with the free times nearest to the wished one."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Запись на приём", size="5", custom_attrs={"as": "h2"}),
            rx.dialog.description("Найдите пациента, выберите вид приёма и время.", size="2", class_name="note about"),
            stack(
                patient_choice(BookingState, BookingState.choose),
                _kind(),
                rx.cond(BookingState.is_over, rx.fragment(), stack(_devices(), _slot())),
                _refusal(),
                _over(),
            ),
            rx.el.div(
                rx.dialog.close(button("Закрыть", kind="plain")),
                rx.cond(
                    BookingState.is_over,
                    rx.fragment(),
                    button("Записать", symbol="check", on_click=BookingState.book("")),
                ),
                class_name="dialog-actions",
            ),
            max_width="560px",
        ),
        open=BookingState.is_open,
        on_open_change=lambda _: BookingState.close(),
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
            rx.cond(BookingState.slot == "", rx.el.option("Выберите время", value="")),
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


def _devices() -> rx.Component:
    """Beside the room of the hours, which is taken without asking."""

    def option(each: Value) -> rx.Component:
        box = rx.el.input(
            type="checkbox",
            default_checked=each["is_chosen"],
            on_change=BookingState.choose_device(each["id"]),
        )
        return rx.el.label(box, rx.el.span(each["name"]), class_name="tick-line", key=each["id"])

    listed = rx.el.fieldset(
        rx.el.legend("Оборудование", class_name="field-label"),
        rx.foreach(BookingState.devices, option),
        class_name="radios",
    )
    return rx.cond(BookingState.devices, listed)


def _refusal() -> rx.Component:
    def offer(each: Value) -> rx.Component:
        return button(
            f"Записать на {each['label']}", kind="quiet", on_click=BookingState.book(each["at"]), key=each["at"]
        )

    offers = rx.cond(BookingState.offers, rx.el.div(rx.foreach(BookingState.offers, offer), class_name="offers"))
    anyway = button("Записать всё равно", kind="quiet", symbol="check", on_click=BookingState.book_anyway)
    said = stack(
        callout(BookingState.refusal, "act", live=True), rx.cond(BookingState.twice, rx.el.div(anyway)), offers, gap=3
    )
    return rx.cond(BookingState.refusal != "", said)


def _over() -> rx.Component:
    """On top of the plan, for those who may: a time and a reason."""
    at = rx.el.label(
        rx.el.span("Время", class_name="field-label"),
        rx.el.input(type="datetime-local", name="at", default_value=BookingState.over_at, required=True, class_name="plain-input"),
        key=BookingState.over_at,
    )  # fmt: skip
    why = rx.el.label(
        rx.el.span("Почему сверх плана", class_name="field-label"),
        rx.el.input(name="reason", max_length=200, auto_complete="off", class_name="plain-input", placeholder="без диагноза: видно в журнале клиники"),
    )  # fmt: skip
    form = rx.form(
        stack(
            at,
            why,
            rx.el.p("Осталось сверх плана ", BookingState.above, ". Кабинет и оборудование не занимаются.", class_name="note"),
            rx.el.div(
                button("Записать сверх плана", type="submit", symbol="check"),
                button("Выбрать свободное время", kind="plain", on_click=BookingState.turn_over),
                class_name="offers",
            ),
            gap=3,
        ),
        on_submit=BookingState.book_over,
        reset_on_submit=False,
    )  # fmt: skip
    offer = button("Нет нужного времени: записать сверх плана", kind="plain", size="2", on_click=BookingState.turn_over)
    return rx.cond(BookingState.is_over, form, rx.cond(BookingState.above != "", rx.el.div(offer)))
