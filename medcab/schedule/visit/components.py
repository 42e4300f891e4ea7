"""The dialog of one visit, and the bar that offers to take the last deed back."""

import reflex as rx

from medcab.schedule.components import undo_note
from medcab.schedule.rules.visits import MISTAKE, PAYER_TITLES
from medcab.schedule.state import ScheduleState
from medcab.schedule.visit.diagnoses.components import diagnoses
from medcab.schedule.visit.state import VisitState
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, choice, stack
from medcab.ui.status import badge_of, callout

REASONS = ("Пациент отменил запись", "Пациент заболел", "Врач отсутствует", MISTAKE)


def visit_dialog() -> rx.Component:
    """What the visit is and what can be done with it; moving and cancelling ask their one question here."""
    line = VisitState.line
    head = rx.el.div(
        rx.el.span(line["time"], "–", line["until"], class_name="visit-time"),
        badge_of(line["tone"], line["word"]),
        class_name="row",
    )
    body = rx.fragment(rx.match(VisitState.mode, ("move", _move()), ("cancel", _cancel()), _deeds()))
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(line["title"], size="5", custom_attrs={"as": "h2"}),
            rx.dialog.description(line["note"], size="2", class_name="note about"),
            stack(
                head,
                _place(),
                rx.cond(VisitState.refusal != "", callout(VisitState.refusal, "act", live=True)),
                _anyway(),
                body,
                rx.cond(VisitState.mode == "visit", diagnoses()),
            ),
            rx.el.div(rx.dialog.close(button("Закрыть", kind="plain")), class_name="dialog-actions"),
            max_width="520px",
        ),
        open=VisitState.mode != "",
        on_open_change=lambda _: VisitState.close(),
    )


def _place() -> rx.Component:
    """When, with whom and where; the phone on asking, which is journalled."""

    def fact(one: Value) -> rx.Component:
        return rx.el.div(rx.el.dt(one["name"]), rx.el.dd(one["value"]), key=one["name"])

    number = rx.cond(
        VisitState.phone != "",
        rx.el.a(VisitState.phone, href=f"tel:{VisitState.phone}", class_name="phone"),
        button("Показать телефон пациента", kind="plain", symbol="phone", size="2", on_click=VisitState.call),
    )
    return rx.cond(
        VisitState.line["id"],
        stack(
            rx.el.dl(rx.foreach(VisitState.place, fact), class_name="key-values"), rx.el.div(number), _payer(), gap=2
        ),
    )


def _payer() -> rx.Component:
    """Chosen by whoever plans for others, told to the rest."""
    titles = [(payer.value, title) for payer, title in PAYER_TITLES.items()]
    chosen = rx.el.div(
        rx.el.span("Плательщик", class_name="field-label"),
        choice("Плательщик", titles, value=VisitState.payer, on_change=VisitState.choose_payer),
    )
    name = rx.el.p("Плательщик: ", rx.match(VisitState.payer, *titles, ""), class_name="note")
    return rx.cond(VisitState.chooses_payer, chosen, name)


def _anyway() -> rx.Component:
    """The patient is to be elsewhere then: a click of its own, so that nobody does it by a second of the same."""
    return rx.cond(
        VisitState.twice, button("Перенести всё равно", kind="quiet", symbol="check", on_click=VisitState.move_anyway)
    )


def _deeds() -> rx.Component:
    def deed(each: Value) -> rx.Component:
        return rx.button(
            icon(each["icon"]), each["label"], variant="surface", color_scheme="gray", size="3", class_name="button", type="button",
            on_click=VisitState.turn_to(each["act"]), key=each["act"],
        )  # fmt: skip

    nothing = rx.el.p("С этим приёмом больше ничего сделать нельзя.", class_name="note")
    deeds = rx.el.div(rx.foreach(VisitState.line["deeds"], deed), class_name="offers")
    return rx.cond(VisitState.line["deeds"], deeds, nothing)


def _move() -> rx.Component:
    def offer(each: Value) -> rx.Component:
        return button(each["label"], kind="quiet", on_click=VisitState.move(each["at"]), key=each["at"])

    def person(each: Value) -> rx.Component:
        return rx.el.option(each["name"], value=each["id"], key=each["id"])

    whom = rx.el.label(
        rx.el.span("К кому", class_name="field-label"),
        rx.el.div(
            rx.el.select(rx.foreach(ScheduleState.people, person), value=VisitState.to, on_change=VisitState.look_at),
            icon("chevron-down"),
            class_name="select",
        ),
    )
    day = rx.el.label(
        rx.el.span("Искать около дня", class_name="field-label"),
        rx.el.input(type="date", value=VisitState.near, on_change=VisitState.look_near, class_name="date"),
    )
    nothing = rx.el.p("В эти недели свободного времени нет: выберите другой день.", class_name="note")
    offers = rx.el.div(
        rx.foreach(VisitState.offers, offer),
        class_name="offers",
        role="group",
        aria_label="Свободное время, ближайшее сначала",
    )
    return stack(
        rx.cond(ScheduleState.has_people, whom),
        day,
        rx.el.p("Перенести на свободное время, ближайшее сначала:"),
        rx.cond(VisitState.offers, offers, nothing),
    )


def _cancel() -> rx.Component:
    def reason(words: str) -> rx.Component:
        radio = rx.el.input(type="radio", name="reason", value=words, on_change=VisitState.choose_reason(words))
        return rx.el.label(radio, words, class_name="radio")

    return stack(
        rx.el.fieldset(
            rx.el.legend("Причина отмены", class_name="field-label"),
            *[reason(words) for words in REASONS],
            class_name="radios",
        ),
        rx.el.label(
            rx.el.span("Другая причина", class_name="field-label"),
            rx.el.input(max_length=200, class_name="date", auto_complete="off", on_blur=VisitState.choose_reason),
        ),
        button("Отменить приём", kind="danger", on_click=VisitState.cancel),
    )


def undo_bar() -> rx.Component:
    """What was done last, taken back by a click or by Z."""
    undo = VisitState.undo
    return undo_note(undo["words"], key=undo["key"], on_undo=VisitState.take_back, is_shown=undo["id"] != "")
