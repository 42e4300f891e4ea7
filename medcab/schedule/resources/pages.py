"""«Кабинеты и оборудование»."""

import reflex as rx

from medcab.schedule.components import Styled
from medcab.schedule.resources.state import DAYS, PATH, ServiceRow
from medcab.schedule.resources.state import ResourcesState as S
from medcab.ui.dialog import confirm
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, choice, page, page_header, row, section, stack, toolbar
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import callout, callout_of
from medcab.ui.table import pager

_TITLE, _CRUMBS = "Кабинеты и оборудование", [("Расписание", "/schedule")]
_LEAD = "Что стоит в этом списке, никогда не бывает занято дважды. Кабинет находят по названию в часах приёма."


def resources_page() -> rx.Component:
    """`/schedule/resources`."""
    add = button("Кабинет", symbol="plus", href=f"{PATH}?do=room")
    device = button("Оборудование", kind="plain", symbol="plus", href=f"{PATH}?do=device")
    shown = stack(
        _left(), rx.fragment(rx.match(S.do, ("", rx.fragment()), ("close", _close_form()), _form())), _list(), gap=5
    )
    body = page(
        page_header(_TITLE, lead=_LEAD, crumbs=_CRUMBS, others=[rx.cond(S.may_change, device), rx.cond(S.may_change, add)]),
        Styled.create(), loaded(S.ready, shown),
    )  # fmt: skip
    return rx.cond(S.closed != "", page(page_header(_TITLE, crumbs=_CRUMBS), no_rights(S.closed)), body)


def _left() -> rx.Component:
    """Whom the change would affect, before it is done."""

    def line(one: Value) -> rx.Component:
        return rx.el.li(rx.el.strong(one["at"]), " ", one["name"], key=one["id"])

    warned = section(
        callout("Эти приёмы уже назначены сюда и не отменятся: перенесите их в расписании или предупредите врачей.", "soon", live=True),
        rx.el.ul(rx.foreach(S.left, line), class_name="rows"), rx.cond(S.left_more != "", rx.el.p(S.left_more)),
        row(button("Всё равно сохранить", symbol="check", on_click=S.agree), button("Не менять", kind="plain", on_click=S.give_up)),
        title="Кого это затронет",
    )  # fmt: skip
    return rx.cond(S.left, warned)


def _form() -> rx.Component:
    form = S.form
    boxes = [
        rx.el.label(
            rx.el.input(type="checkbox", name=f"day{number}", default_checked=form["days"][number]),
            rx.el.span(name),
            class_name="tick-line",
        )
        for number, name in enumerate(DAYS)
    ]
    places = rx.foreach(S.places, lambda one: rx.el.option(one["name"], value=one["id"], key=one["id"]))
    shared = rx.cond(S.may_share, rx.el.option("вся клиника", value=""))
    chosen = rx.el.div(
        rx.el.select(shared, places, name="department", default_value=form["department"]), icon("chevron-down"), class_name="select"
    )  # fmt: skip
    is_room, is_new = form["kind"] == "room", form["id"] == ""
    fields = rx.el.div(
        _typed(rx.cond(is_room, "Номер или название", "Название"), "name", form["name"], rx.cond(is_room, "214", "УЗИ-аппарат"), longest=20),
        rx.el.label(rx.el.span("Отделение", class_name="field-label"), chosen),
        _typed("Доступен с", "starts", form["starts"], "00:00"), _typed("до", "ends", form["ends"], "24:00", said="Доступен до"),
        _typed("Примечание", "note", form["note"], "этаж, корпус, для чего"),
        class_name="hours-fields",
    )  # fmt: skip
    title = rx.cond(is_new, rx.cond(is_room, "Новый кабинет", "Новое оборудование"), "Изменить")
    days = rx.el.fieldset(rx.el.legend("Дни недели"), *boxes, class_name="ticks hours-days")
    return section(
        rx.form(
            stack(fields, days, _ends("Сохранить")),
            on_submit=S.save,
            reset_on_submit=False,
            key=rx.Var.create("form-") + form["id"] + form["kind"],
        ),
        title=title,
        note=rx.cond(is_room, "Приёмы, у часов которых указан этот кабинет, займут его сами.", "Его выбирают при записи, вместе с временем."),
    )  # fmt: skip


def _close_form() -> rx.Component:
    fields = rx.el.div(
        _typed("Первый день", "since", "", "01.12.2026"), _typed("с", "starts", "", "09:00", said="Время начала"),
        _typed("Последний день", "until", "", "тот же день"), _typed("до", "ends", "", "12:00", said="Время окончания"),
        _typed("Причина", "reason", "", "поверка, ремонт, дезинфекция"),
        class_name="hours-fields",
    )  # fmt: skip
    return section(
        rx.form(stack(fields, _ends("Закрыть на это время")), on_submit=S.save, reset_on_submit=False, key="close-" + S.form["id"]),
        title=rx.Var.create("Обслуживание: ") + S.form["name"],
        note="Записать на это время будет нельзя. Сначала покажем, кто туда уже записан.",
    )  # fmt: skip


def _ends(label: str) -> rx.Component:
    return stack(
        rx.cond(S.fault != "", callout_of("act", S.fault)),
        row(button(label, type="submit", symbol="check"), button("Отмена", kind="plain", href=PATH)),
    )


def _typed(
    label: Value, name: str, value: Value, example: Value, *, said: str = "", longest: int = 200
) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="field-label"),
        rx.el.input(
            name=name, default_value=value, class_name="plain-input", placeholder=example, auto_complete="off", max_length=longest,
            aria_label=said or label,
        ),
    )  # fmt: skip


def _list() -> rx.Component:
    kinds = choice(
        "Что показать",
        [("", "Всё"), ("room", "Кабинеты"), ("device", "Оборудование")],
        value=S.kind,
        on_change=S.choose,
    )
    none = empty(
        "Список пока пуст",
        "Пока кабинета нет в списке, его номер в часах приёма ни на что не влияет: двое могут быть записаны туда сразу.",
        picture="calendar",
    )
    turning = rx.cond(
        S.pages > 1,
        pager(S.summary, page=S.page, pages=S.pages, on_previous=S.turn(S.page - 1), on_next=S.turn(S.page + 1)),
    )
    listed = rx.el.ul(rx.foreach(S.rows, _line), class_name="rows")
    return stack(toolbar(kinds), section(rx.cond(S.rows, listed, none), turning, title="Занятость на семь дней"))


def _line(one: Value) -> rx.Component:
    def service(each: Value) -> rx.Component:
        again = button(
            "Вернуть в работу", kind="plain", size="2", on_click=S.reopen(each["id"]), aria_label=f"Вернуть в работу: {each['words']}"
        )  # fmt: skip
        return rx.el.li(
            icon("settings"),
            rx.el.span(each["words"]),
            rx.cond(one["may_change"], again),
            class_name="row",
            key=each["id"],
        )

    words = rx.el.div(
        rx.el.strong(icon(one["icon"]), one["name"], class_name="row"), rx.el.span(one["place"], class_name="note"), rx.el.span(one["when"], class_name="note"),
        rx.el.span(rx.el.span(class_name="load", style={"--share": one["share"]}, aria_hidden="true"), one["load"], class_name="row"),
        rx.el.ul(rx.foreach(one["services"].to(list[ServiceRow]), service), class_name="services"),
        class_name="stack",
    )  # fmt: skip
    change = button("Изменить", kind="plain", size="2", href=rx.Var.create(f"{PATH}?do=change&id=") + one["id"])
    close = button("Обслуживание", kind="plain", size="2", href=rx.Var.create(f"{PATH}?do=close&id=") + one["id"])
    remove = confirm(
        button("Убрать", kind="plain", size="2", aria_label=f"Убрать: {one['name']}"), title="Вывести из работы?", action="Убрать",
        text="Новых записей сюда не будет. Если сюда уже записаны, сначала перенесите их.", on_confirm=S.remove(one["id"]),
    )  # fmt: skip
    return rx.el.li(
        words,
        rx.cond(one["may_change"], row(change, close, remove, gap=2)),
        key=one["id"],
        class_name="hours-line thing",
    )
