"""«Лист ожидания»."""

from collections.abc import Sequence
from typing import Literal

import reflex as rx

from medcab.patients.components import patient_choice
from medcab.schedule.components import Styled
from medcab.schedule.rules.rows import WEEKDAYS
from medcab.schedule.rules.visits import KIND_TITLES
from medcab.schedule.rules.waiting import ORDER_WORDS, URGENCY_TITLES
from medcab.schedule.waiting.state import PATH, STATES
from medcab.schedule.waiting.state import WaitingState as S
from medcab.ui.dialog import confirm
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, choice, key_values, page, page_header, row, section, stack, toolbar
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import badge_of, callout, callout_of
from medcab.ui.table import Column, data_table, pager

_TITLE, _CRUMBS = "Лист ожидания", [("Расписание", "/schedule")]
_GONE = "Место в очереди пропадёт. Если предложено время, оно уйдёт следующему."


def waiting_page() -> rx.Component:
    """`/schedule/waiting`."""
    head = page_header(
        _TITLE, lead="Кто ждёт времени, которого пока нет. Освободившееся время предлагается само, по SMS.", crumbs=_CRUMBS,
        primary=button("Добавить пациента", symbol="user-plus", href=f"{PATH}?do=add"),
    )  # fmt: skip
    above = rx.fragment(rx.match(S.do, ("add", _form()), ("change", _form()), ("open", _opened()), rx.fragment()))
    body = page(head, Styled.create(), loaded(S.ready, stack(above, _list(), gap=5)))
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), body)


def _list() -> rx.Component:
    none = empty("Никто не ждёт", "Когда свободного времени нет, добавьте пациента в лист.", picture="calendar")
    columns = [
        Column("Пациент", _patient, head=True),
        Column("Кого и когда", lambda one: rx.el.div(rx.el.div(one["whom"]), rx.el.div(one["when"], class_name="note"))),
        Column("Очередь", _queue),
        Column("Состояние", lambda one: rx.el.div(badge_of(one["tone"], one["word"]), rx.el.div(one["more"], class_name="note"))),
        Column("Действия", _acts, act=True),
    ]  # fmt: skip
    table = data_table(columns, S.rows, caption="Лист ожидания по очереди", key=lambda one: one["id"])
    pages = pager(S.summary, page=S.page, pages=S.pages, on_previous=S.turn(S.page - 1), on_next=S.turn(S.page + 1))
    filters = toolbar(
        choice("Отделение", S.departments, value=S.department, on_change=lambda to: S.choose(to, S.doctor, S.state)),
        choice("Врач", S.doctors, value=S.doctor, on_change=lambda to: S.choose(S.department, to, S.state)),
        choice("Состояние", STATES, value=S.state, on_change=lambda to: S.choose(S.department, S.doctor, to)),
    )
    return section(filters, rx.el.p(ORDER_WORDS, class_name="note"), rx.cond(S.rows, rx.fragment(table, pages), none))


def _patient(one: Value) -> rx.Component:
    return rx.el.div(
        rx.link(one["patient"], href=one["href"], underline="hover"), rx.el.div(one["note"], class_name="note")
    )


def _queue(one: Value) -> rx.Component:
    late = rx.cond(one["late"] != "", badge_of("act", one["late"]))
    place = rx.cond(one["place"] != "", rx.el.span(one["place"], ", "))
    return rx.el.div(
        row(badge_of(one["urgency_tone"], one["urgency"]), late, gap=2), rx.el.div(place, one["since"], class_name="note")
    )  # fmt: skip


def _acts(one: Value) -> rx.Component:
    book = rx.button(
        rx.el.a("Записать", href=one["href"], aria_label=f"Записать: {one['patient']}"), as_child=True, variant="surface", size="2"
    )  # fmt: skip
    return rx.cond(one["is_waiting"], book, rx.cond(one["is_offered"], _answers(one, "2"), rx.fragment()))


def _answers(one: Value, size: Literal["2", "3"]) -> rx.Component:
    yes = rx.button(
        "Согласен", size=size, variant="solid", on_click=S.accept(one["id"], one["version"]), aria_label=f"Согласен: {one['patient']}"
    )  # fmt: skip
    no = rx.button(
        "Не подходит", size=size, variant="surface", color_scheme="gray", on_click=S.decline(one["id"], one["version"]),
        aria_label=f"Не подходит: {one['patient']}",
    )  # fmt: skip
    return rx.el.div(yes, no, class_name="row")


def _opened() -> rx.Component:
    """One wish: whom to call, what is free, what can be done."""
    one = S.opened["row"]
    call = rx.cond(
        S.opened["phone"] != "", rx.link(S.opened["phone"], href=S.opened["phone_href"]), rx.el.span("мобильного нет")
    )
    facts = key_values(
        ("Ждёт", one["whom"]), ("Когда", one["when"]), ("Приём", one["kind"]), ("Телефон", call),
        ("Очередь", rx.el.span(rx.cond(one["place"] != "", rx.el.span(one["place"], " · ")), one["urgency"], " · ", one["since"])),
        ("Состояние", rx.el.span(one["word"], rx.cond(one["more"] != "", rx.el.span(": ", one["more"])))),
    )  # fmt: skip
    away = confirm(
        button("Убрать из листа", kind="danger"), title="Убрать из листа ожидания?", text=_GONE, action="Убрать",
        on_confirm=S.withdraw(one["id"], one["version"]),
    )  # fmt: skip
    ways = row(
        rx.cond(one["is_waiting"], button("Изменить", kind="plain", symbol="pencil", href=one["change_href"])),
        rx.cond(one["is_waiting"] | one["is_offered"], away),
        button("Закрыть", kind="plain", href=PATH),
    )
    offer = rx.cond(one["is_offered"], stack(callout_of("soon", S.opened["offered"]), _answers(one, "3"), gap=3))
    return section(
        stack(facts, rx.cond(one["note"] != "", rx.el.p(one["note"])), offer, _refusal(), rx.cond(one["is_waiting"], _slots()), ways), title=one["patient"]
    )  # fmt: skip


def _refusal() -> rx.Component:
    """Why the chosen time could not be had; whoever knows that the patient has another visit may go on."""
    label = rx.Var.create("Записать всё равно: ") + S.wished
    anyway = button(label, kind="quiet", symbol="check", on_click=S.book_anyway)
    said = stack(callout(S.refusal, "act", live=True), rx.cond(S.twice, rx.el.div(anyway)), gap=3)
    return rx.cond(S.refusal != "", said)


def _slots() -> rx.Component:
    def slot(each: Value) -> rx.Component:
        return button(each["label"], kind="quiet", on_click=S.book(each["at"]), key=each["at"])

    none = callout("Подходящего свободного времени сейчас нет: как только освободится, предложим по SMS.", "quiet")
    return stack(
        rx.el.span("Записать на свободное время", class_name="field-label"),
        rx.cond(S.slots, rx.el.div(rx.foreach(S.slots, slot), class_name="offers"), none),
        gap=2,
    )


def _form() -> rx.Component:
    form = S.form
    boxes = [
        rx.el.label(rx.el.input(type="checkbox", name=f"day{number}", default_checked=form["days"][number]), rx.el.span(name), class_name="tick-line")
        for number, name in enumerate(WEEKDAYS)
    ]  # fmt: skip
    people = rx.foreach(S.whom, lambda one: rx.el.option(one["name"], value=one["id"], key=one["id"]))
    urgency = [rx.el.option(word, value=key.value) for key, word in URGENCY_TITLES.items()]
    kinds = [rx.el.option(word, value=key.value) for key, word in KIND_TITLES.items()]
    fields = rx.el.div(
        _picked("Кого ждёт", "whom", [rx.el.option("Выберите", value=""), people], form["whom"]),
        _picked("Срочность", "urgency", urgency, form["urgency"]), _picked("Вид приёма", "kind", kinds, form["kind"]),
        _typed("Время с", "starts", form["starts"], "любое"), _typed("до", "ends", form["ends"], "любое", said="Время до"),
        _typed("С какого дня", "since", form["since"], "01.12.2026"), _typed("По какой день", "until", form["until"], "31.12.2026"),
        _typed("Заметка для своих", "note", form["note"], ""),
        class_name="hours-fields",
    )  # fmt: skip
    ends = stack(
        rx.cond(S.fault != "", callout_of("act", S.fault)),
        row(
            button(rx.cond(S.do == "change", "Сохранить", "Добавить в лист"), type="submit", symbol="check"),
            button("Отмена", kind="plain", href=PATH),
        ),
    )
    days = rx.el.fieldset(rx.el.legend("Дни недели"), *boxes, class_name="ticks hours-days")
    who = rx.cond(S.do == "change", rx.el.p(rx.el.strong(S.opened["row"]["patient"])), patient_choice(S, S.pick))
    return section(
        who,
        rx.form(stack(fields, days, ends), on_submit=S.save, reset_on_submit=False, key=rx.Var.create("form-") + form["id"] + form["since"]),
        title=rx.cond(S.do == "change", "Изменить запись", "Новая запись"),
    )  # fmt: skip


def _typed(label: str, name: str, value: Value, example: str, *, said: str = "") -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="field-label"),
        rx.el.input(
            name=name, default_value=value, class_name="plain-input", placeholder=example, auto_complete="off", max_length=200,
            aria_label=said or label,
        ),
    )  # fmt: skip


def _picked(label: str, name: str, options: Sequence[rx.Component], value: Value) -> rx.Component:
    chosen = rx.el.div(
        rx.el.select(*options, name=name, default_value=value), icon("chevron-down"), class_name="select"
    )
    return rx.el.label(rx.el.span(label, class_name="field-label"), chosen)
