"""«Отсутствие врача»."""

from datetime import date

import reflex as rx

from medcab.schedule.absences.rows.service import CALL, CANCEL, PATH
from medcab.schedule.absences.state import AbsenceState as S
from medcab.schedule.components import Styled
from medcab.schedule.rules.proposals import POLICY_TITLES
from medcab.ui.dialog import confirm
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, page, page_header, row, section, stack
from medcab.ui.states import empty, failed, loaded, no_rights
from medcab.ui.status import callout, callout_of

_TITLE = "Отсутствие врача"
_REASONS = ("Болезнь", "Отпуск", "Командировка", "Учёба", "Другое")


def absence_page() -> rx.Component:
    """`/schedule/absence`."""
    head = page_header(
        _TITLE,
        lead="Кого не будет и когда; что делать с каждым приёмом; пациентам сообщим сами",
        crumbs=[("Расписание", "/schedule")],
    )
    missing = failed(
        "Такого отсутствия нет", "Его нет, или оно вам не открыто.", action=button("Ко всем", kind="plain", href=PATH)
    )
    opened = rx.cond(S.is_missing, missing, _opened())
    shown = stack(
        rx.cond(S.opened["id"] != "", opened, stack(_asking(), rx.cond(S.is_planned, _plan()), gap=5)), _list(), gap=5
    )
    body = page(head, Styled.create(), loaded(S.ready, shown))
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), body)


def _asking() -> rx.Component:
    def person(one: Value) -> rx.Component:
        return rx.el.option(one["name"], value=one["id"], key=one["id"])

    who = rx.el.select(rx.foreach(S.people, person), name="who", default_value=S.who, key=rx.Var.create("who") + S.who)
    why = rx.el.select(
        *[rx.el.option(reason, value=reason) for reason in _REASONS],
        name="reason",
        default_value=S.reason,
        key=rx.Var.create("why") + S.reason,
    )
    today = f"{date(2026, 12, 1):%d.%m.%Y}"
    return section(
        rx.form(
            stack(
                rx.el.div(
                    _field("Кого не будет", rx.el.div(who, icon("chevron-down"), class_name="select")),
                    _field("С какого дня", _day("since", S.since, today)),
                    _field("По какой день", _day("until", S.until, "один день")),
                    _field("Причина", rx.el.div(why, icon("chevron-down"), class_name="select")),
                    class_name="hours-fields",
                ),
                rx.cond(S.fault != "", callout(S.fault, "act", live=True)),
                row(button("Показать, кого это затронет", symbol="search", type="submit")),
            ),
            on_submit=S.ask, reset_on_submit=False,
        ),
        title="Кого и когда не будет",
    )  # fmt: skip


def _field(label: str, control: rx.Component) -> rx.Component:
    return rx.el.label(rx.el.span(label, class_name="field-label"), control)


def _day(name: str, value: Value, example: str) -> rx.Component:
    return rx.el.input(
        name=name, default_value=value, key=rx.Var.create(name) + value, placeholder=example, auto_complete="off", max_length=10, class_name="plain-input",
    )  # fmt: skip


def _plan() -> rx.Component:
    def way(value: str, title: str) -> rx.Component:
        return rx.el.button(
            title,
            type="button",
            class_name="view",
            on_click=S.prefer(value),
            custom_attrs={"aria-pressed": S.policy == value},
        )

    ways = rx.el.div(
        *[way(policy.value, title) for policy, title in POLICY_TITLES.items()],
        class_name="views",
        role="group",
        aria_label="Что предлагать",
    )
    decided = row(
        button("Внести отсутствие", symbol="check", on_click=S.apply),
        button("Принять все предложения", kind="plain", on_click=S.decide_all("")),
        button("Всем позвонить", kind="plain", symbol="phone", on_click=S.decide_all(CALL)),
    )
    note = callout("Сообщения пациентам уйдут через 10 минут; до этого всё можно вернуть.", "quiet")
    lines = rx.el.ol(rx.foreach(S.lines, _line), class_name="absence-lines")
    nobody = stack(
        callout("На эти дни никто не записан: приём просто закроется.", "done"),
        row(button("Внести отсутствие", symbol="check", on_click=S.apply)),
    )
    return section(
        rx.cond(
            S.lines,
            stack(ways, rx.el.p(S.summary, role="status", class_name="absence-summary"), lines, note, decided),
            nobody,
        ),
        title="Кого это затронет",
    )


def _line(line: Value) -> rx.Component:
    def option(one: Value) -> rx.Component:
        return rx.el.option("Перенести: ", one["name"], value=one["id"], key=one["id"])

    chosen = rx.el.select(
        rx.foreach(line["options"].to(list[dict[str, str]]), option),
        rx.el.option("Позвонить пациенту", value=CALL),
        rx.el.option("Отменить приём", value=CANCEL),
        value=line["choice"],
        on_change=S.decide(line["id"]),
        aria_label=f"Что делать: {line['name']}, {line['when']}",
    )
    problem = rx.cond(line["problem"] != "", callout_of("act", line["problem"]))
    words = rx.el.div(rx.el.strong(line["when"]), rx.el.span(line["name"]), class_name="row-words")
    return rx.el.li(
        words,
        rx.el.div(chosen, icon("chevron-down"), class_name="select"),
        problem,
        key=line["id"],
        class_name="absence-line",
    )


def _opened() -> rx.Component:
    opened = S.opened
    back = confirm(
        button("Вернуть как было", kind="plain", symbol="undo-2"), title="Вернуть как было?", action="Вернуть", on_confirm=S.take_back, danger=False,
        text="Приёмы вернутся на прежнее время, дни снова откроются. Пациентам ещё ничего не отправлено.",
    )  # fmt: skip
    waiting = callout(
        rx.fragment("Сообщения пациентам уйдут в ", opened["until"], ". До этого всё можно вернуть."), "soon"
    )
    left = callout(
        rx.el.ul(rx.foreach(S.left, lambda each: rx.el.li(each, key=each)), class_name="rows"),
        "act",
        title="Не вернулись",
    )
    return section(
        stack(
            rx.cond(opened["until"] != "", stack(waiting, row(back))),
            rx.cond(opened["standing"] != "", callout_of("quiet", opened["standing"])),
            rx.cond(S.left, left),
            rx.el.ol(rx.foreach(S.dealt, _done), class_name="absence-lines"),
            row(button("Внести другое отсутствие", kind="plain", symbol="plus", href=PATH)),
        ),
        title=opened["title"],
    )


def _done(each: Value) -> rx.Component:
    words = rx.el.div(rx.el.strong(each["was"]), rx.el.span(each["name"]), class_name="row-words")
    call = rx.el.div(
        rx.link(icon("phone"), each["phone"], href=each["phone_href"], class_name="view"),
        rx.el.label(
            rx.el.input(type="checkbox", checked=each["called"].to(bool), on_change=S.tick(each["id"], rx.cond(each["called"], "no", "yes"))), rx.el.span("Позвонили"),
            class_name="tick-line",
        ),
        class_name="row",
    )  # fmt: skip
    return rx.el.li(
        words,
        stack(rx.el.span(each["what"]), rx.cond(each["to_call"], call), gap=1),
        key=each["id"],
        class_name="absence-line",
    )


def _list() -> rx.Component:
    def line(one: Value) -> rx.Component:
        words = rx.el.div(
            rx.el.strong(one["name"]),
            rx.el.span(one["days"]),
            rx.el.span(one["note"], class_name="note"),
            class_name="row-words",
        )
        return rx.el.li(
            words, button("Открыть", kind="plain", size="2", href=one["href"]), key=one["href"], class_name="hours-line"
        )

    none = empty(
        "Отсутствий не было",
        "Внесённые отсутствия и список тех, кому надо позвонить, останутся здесь.",
        picture="calendar",
    )
    more = row(
        rx.cond(S.newer != "", button("Новее", kind="plain", href=S.newer)),
        rx.cond(S.older != "", button("Раньше", kind="plain", href=S.older)),
    )
    return section(
        rx.cond(S.rows, stack(rx.el.ul(rx.foreach(S.rows, line), class_name="rows"), more), none),
        title="Внесённые отсутствия",
    )
