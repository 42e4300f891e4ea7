"""«Отсутствия из календаря»."""

import reflex as rx

from medcab.schedule.away.state import REASONS
from medcab.schedule.away.state import AwayState as S
from medcab.schedule.components import Styled
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, page, page_header, row, section, stack
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import badge_of, callout
from medcab.ui.uploader import uploader

_TITLE, _CRUMBS = "Отсутствия из календаря", [("Расписание", "/schedule"), ("Часы приёма", "/schedule/hours")]


def away_page() -> rx.Component:
    """`/schedule/away`."""
    lead = (
        rx.Var.create("Закрыть для записи дни, которые уже стоят в вашем календаре: отпуск, учёба. Клиника: ")
        + S.clinic
    )
    head = page_header(_TITLE, lead=lead, crumbs=_CRUMBS)
    body = page(head, Styled.create(), loaded(S.ready, rx.cond(S.is_read, _found(), _upload())))
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), body)


def _upload() -> rx.Component:
    return section(
        stack(
            rx.el.p("Сначала покажем, что нашли, и кого это затронет. Сам календарь у нас не останется: его прочитают и забудут."),
            uploader(
                rules={}, on_done=S.taken, action="/api/away", source="/api/away/form", label="Выбрать файл .ics",
                hint="До 1\u00a0МБ. Его выгружают Google, Яндекс, Apple и Outlook: «Экспорт календаря».", accept=".ics,text/calendar",
            ),
            rx.cond(S.fault != "", callout(S.fault, "act", live=True)),
        ),
        title="Файл календаря",
    )  # fmt: skip


def _found() -> rx.Component:
    nothing = empty(
        "Дней отсутствия не нашлось",
        "На год вперёд в этом календаре нет событий на весь день или на весь ваш приём.",
        picture="calendar",
    )
    other = button("Другой файл", kind="plain", on_click=S.forget)
    reasons = rx.el.select(*[rx.el.option(reason, value=reason) for reason in REASONS], name="reason")
    reason = rx.el.label(
        rx.el.span("Причина, для своих", class_name="field-label"),
        rx.el.div(reasons, icon("chevron-down"), class_name="select"),
    )
    form = rx.form(
        stack(
            rx.el.ul(rx.foreach(S.rows, _line), class_name="rows"), rx.el.div(reason, class_name="hours-fields"),
            rx.el.p(S.summary, role="status", class_name="absence-summary"),
            rx.cond(S.fault != "", callout(S.fault, "act", live=True)), row(button("Внести отмеченные", symbol="check", type="submit"), other),
        ),
        on_submit=S.apply, reset_on_submit=False,
    )  # fmt: skip
    failed = rx.cond(S.fault != "", callout(S.fault, "act", live=True), nothing)
    left_out = rx.el.p(
        "Не показаны: ", rx.foreach(S.told, lambda one: rx.el.span(one, key=one, class_name="told")), class_name="note"
    )
    return section(rx.cond(S.rows, form, stack(failed, row(other))), rx.cond(S.told, left_out), title="Что нашлось")


def _line(one: Value) -> rx.Component:
    box = rx.el.input(
        type="checkbox", checked=one["is_ticked"].to(bool), disabled=~one["may_tick"].to(bool),
        on_change=S.tick(one["number"], rx.cond(one["is_ticked"], "no", "yes")),
    )  # fmt: skip
    words = rx.el.span(rx.el.strong(one["days"]), " ", one["title"])
    booked = rx.el.ul(rx.foreach(one["visits"].to(list[str]), lambda each: rx.el.li(each, key=each)), class_name="note")
    deal = button("Решить, что с приёмами", kind="plain", size="2", href=one["href"])
    return rx.el.li(
        rx.el.div(
            rx.el.label(box, words, class_name="tick-line"), rx.cond(one["word"] != "", rx.el.span(badge_of(one["tone"], one["word"]))),
            rx.cond(one["note"] != "", rx.el.span(one["note"], class_name="note")), rx.cond(one["href"] != "", booked), class_name="stack",
        ),
        rx.cond(one["href"] != "", deal),
        key=one["number"], class_name="hours-line away-line",
    )  # fmt: skip
