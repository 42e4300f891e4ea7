"""«Очередь», and the same for a screen in the hall."""

from typing import Any

import reflex as rx

from medcab.schedule.components import Styled, undo_note
from medcab.schedule.queue.state import PATH, PlaceRow
from medcab.schedule.queue.state import QueueState as S
from medcab.schedule.rules.rows import Deed
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, page, page_header, stack, toolbar
from medcab.ui.sources import beside
from medcab.ui.states import empty, failed, loaded, no_rights

_JSX = beside(__name__, "queue.jsx")
_TITLE = "Очередь"


class Since(rx.Component):
    """Minutes since a moment, counted in the browser from the server's clock; `marks`: whether a long time is marked."""

    library = _JSX
    tag = "Since"
    at: rx.Var[str]
    now: rx.Var[str]
    marks: rx.Var[bool]


class QueueKeys(rx.Component):
    """Arrows between lines, letters for the marks of the line in which the focus is."""

    library = _JSX
    tag = "QueueKeys"


def queue_page() -> rx.Component:
    """`/schedule/queue`; with `?screen=1` for a screen in the hall."""
    screen = button(
        "На экран в холле",
        kind="plain",
        symbol="monitor-smartphone",
        href=rx.Var.create(f"{PATH}?screen=1&department=") + S.department,
    )
    head = page_header(_TITLE, lead=S.title, crumbs=[("Расписание", "/schedule")], others=[screen])
    missing = failed(
        "Такого отделения нет",
        "Его нет, или оно вам не открыто.",
        action=button("К своей очереди", kind="plain", href=PATH),
    )
    nobody = empty(
        "На сегодня никто не записан", "Как только кто-то запишется или придёт, он появится здесь.", picture="calendar"
    )
    shown = stack(
        _filters(),
        _hint(),
        QueueKeys.create(rx.foreach(S.stages, _stage)),
        rx.cond(S.stages, rx.fragment(), nobody),
        gap=4,
    )
    undo = undo_note(S.done["words"], key=S.done["key"], on_undo=S.take_back, is_shown=S.done["id"] != "")
    body = page(
        head,
        Styled.create(),
        loaded(S.ready, rx.cond(S.is_missing, missing, shown)),
        rx.el.div(undo, class_name="passing no-print"),
    )
    return rx.cond(
        S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), rx.cond(S.is_screen, _screen(), body)
    )


def _filters() -> rx.Component:
    def chosen(rows: Value, value: Value, label: str, every: str, change: Any) -> rx.Component:
        options = rx.foreach(rows, lambda one: rx.el.option(one["name"], value=one["id"], key=one["id"]))
        every_one = [rx.el.option(every, value="")] if every else []
        return rx.el.div(
            rx.el.select(*every_one, options, value=value, on_change=change, aria_label=label), icon("chevron-down"), class_name="select choice"
        )  # fmt: skip

    departments = chosen(S.departments, S.department, "Отделение", "", lambda value: S.choose(value, ""))
    doctors = chosen(S.doctors, S.doctor, "Врач", "Все врачи", lambda value: S.choose(S.department, value))
    return rx.cond(S.departments, toolbar(departments, rx.cond(S.doctors, doctors)))


def _hint() -> rx.Component:
    keys = "Клавиши в строке: ↑ ↓ между строками, A пришёл, S начать приём, D завершить, X не пришёл, Z вернуть (по месту клавиши, в любой раскладке)."
    return rx.el.p(keys, class_name="note queue-keys")


def _stage(stage: Value) -> rx.Component:
    rows = stage["rows"].to(list[PlaceRow])
    head = rx.el.div(rx.el.h2(stage["title"]), rx.el.span(rows.length(), class_name="note"), class_name="day-head")
    nobody = rx.el.p("Никого", class_name="note queue-nobody")
    return rx.el.section(
        head, rx.cond(rows.length() > 0, rx.el.ol(rx.foreach(rows, _row), class_name="day-rows"), nobody),
        class_name="section flush queue-stage", key=stage["stage"],
    )  # fmt: skip


def _row(row: Value) -> rx.Component:
    def deed(each: Value) -> rx.Component:
        return rx.button(
            icon(each["icon"]), each["label"], variant="surface", color_scheme="gray", size="2", class_name="button", type="button",
            on_click=S.mark(row["id"], row["version"], each["act"]), custom_attrs={"data-act": each["act"]}, key=each["act"],
        )  # fmt: skip

    room = rx.cond(row["room"] != "", rx.fragment(", кабинет ", row["room"]))
    about = rx.el.span(rx.el.strong(row["name"]), rx.el.small(row["doctor"], room), class_name="row-words")
    since = rx.cond(
        row["since"] != "",
        Since.create(at=row["since"], now=S.now, marks=row["waits"]),
        rx.el.span(row["word"], class_name="note"),
    )
    deeds = rx.el.span(rx.foreach(row["deeds"].to(list[Deed]), deed), class_name="row-deeds no-print")
    return rx.el.li(
        rx.el.span(row["time"], class_name="row-time"), rx.el.span(about, since, deeds, class_name="row-visit queue-visit"),
        class_name="day-row", tab_index=0, custom_attrs={"data-queue-row": row["id"]}, key=row["id"],
        aria_label=f"{row['time']} {row['name']}, {row['word']}",
    )  # fmt: skip


def _screen() -> rx.Component:
    """Times and rooms only: nobody's name hangs in a hall."""

    def line(row: Value) -> rx.Component:
        room = rx.cond(row["room"] != "", rx.fragment("кабинет ", row["room"]), "спросите в регистратуре")
        state = rx.cond(row["waits"], "ожидайте", "проходите")
        return rx.el.li(
            rx.el.strong(row["time"]),
            rx.el.span(room),
            rx.el.span(state),
            key=row["id"],
            class_name=rx.cond(row["waits"], "", "called"),
        )

    nobody = rx.el.p("Сейчас никто не ждёт")
    lines = rx.el.ol(rx.foreach(S.called, line))
    back = rx.link("Закрыть", href=PATH, class_name="view queue-back")
    return rx.el.div(
        rx.el.h1(S.title),
        rx.cond(S.called, lines, nobody),
        back,
        Styled.create(),
        class_name="queue-screen",
        aria_live="polite",
    )
