"""«Отсутствие врача» and «Перенос приёмов»."""

from typing import Any

import reflex as rx

from medcab.schedule.absences.rows.service import CALL, CANCEL, PATHS, STAY
from medcab.schedule.absences.shortening.components import shortening
from medcab.schedule.absences.state import AbsenceState as S
from medcab.schedule.components import Styled
from medcab.schedule.rules.proposals import POLICY_TITLES
from medcab.ui.dialog import confirm
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, page, page_header, row, section, stack
from medcab.ui.states import empty, failed, loaded, no_rights
from medcab.ui.status import callout, callout_of

TITLES = {True: "Отсутствие врача", False: "Перенос приёмов"}
"""Of an absence, of a move without one."""
_LEADS = {
    True: "Кого не будет и когда; что делать с каждым приёмом; пациентам сообщим сами",
    False: "Чьи приёмы и куда перенести; часы приёма остаются как есть; пациентам сообщим сами",
}
_REASONS = {
    True: ("Болезнь", "Отпуск", "Командировка", "Учёба", "Сломалось оборудование"),
    False: ("Замена врача", "Кабинет закрыт", "Сломалось оборудование"),
}
_WORDS = {
    True: {
        "who": "Кого не будет", "ask": "Показать, кого это затронет", "asking": "Кого и когда не будет", "plan": "Кого это затронет", "do": "Внести отсутствие",
        "nobody": "В это время никто не записан: приём просто закроется.", "list": "Внесённые отсутствия", "more": "Внести другое отсутствие",
        "back": "Приёмы вернутся на прежнее время, часы приёма снова откроются. Пациентам ещё ничего не отправлено.",
        "none": "Отсутствий не было", "kept": "Внесённые отсутствия и список тех, кому надо позвонить, останутся здесь.",
        "all": "Принять все предложения",
    },
    False: {
        "who": "Чьи приёмы", "ask": "Показать приёмы", "asking": "Чьи приёмы перенести", "plan": "Кого перенести и куда", "do": "Перенести отмеченных",
        "nobody": "В это время никто не записан: переносить некого.", "list": "Сделанные переносы", "more": "Перенести других",
        "back": "Приёмы вернутся на прежнее время к прежнему врачу. Пациентам ещё ничего не отправлено.",
        "none": "Переносов не было", "kept": "Сделанные переносы и список тех, кому надо позвонить, останутся здесь.",
        "all": "Отметить всех",
    },
}  # fmt: skip


def absence_page() -> rx.Component:
    """`/schedule/absence`."""
    return _page(closes=True)


def moves_page() -> rx.Component:
    """`/schedule/moves`."""
    return _page(closes=False)


def _page(*, closes: bool) -> rx.Component:
    head = page_header(TITLES[closes], lead=_LEADS[closes], crumbs=[("Расписание", "/schedule")])
    to_all = button("Ко всем", kind="plain", href=PATHS[closes])
    missing = failed("Такой записи нет", "Её нет, или она вам не открыта.", action=to_all)
    opened = rx.cond(S.is_missing, missing, _opened(closes=closes))
    planned = stack(_asking(closes=closes), rx.cond(S.is_planned, _plan(closes=closes)), gap=5)
    shown = stack(rx.cond(S.opened["id"] != "", opened, planned), _list(closes=closes), gap=5)
    body = page(head, Styled.create(), loaded(S.ready, shown))
    return rx.cond(S.closed != "", page(page_header(TITLES[closes]), no_rights(S.closed)), body)


def _asking(*, closes: bool) -> rx.Component:
    words = _WORDS[closes]
    who = select(rx.foreach(S.people, _person), name="who", default_value=S.who, key=rx.Var.create("who") + S.who)
    reasons = rx.el.datalist(*[rx.el.option(value=reason) for reason in _REASONS[closes]], id="reasons")
    why = rx.el.input(
        name="reason", default_value=S.reason, key=rx.Var.create("why") + S.reason, placeholder=_REASONS[closes][0], max_length=200, list="reasons",
        auto_complete="off", class_name="plain-input",
    )  # fmt: skip
    fields = rx.el.div(
        field(words["who"], who),
        field("С какого дня", typed("since", S.since, "дд.мм.гггг", max_length=10)),
        field("Со скольки", typed("starts", S.starts, "с утра", max_length=5, input_mode="numeric")),
        field("По какой день", typed("until", S.until, "один день", max_length=10)),
        field("До скольки", typed("ends", S.ends, "до вечера", max_length=5, input_mode="numeric")),
        field("Причина", rx.fragment(why, reasons)),
        class_name="absence-fields",
    )
    asked = row(button(words["ask"], symbol="search", type="submit"))
    fault = rx.cond(S.unclear != "", callout(S.unclear, "act", live=True))
    form = rx.form(stack(fields, fault, asked), on_submit=S.ask, reset_on_submit=False)
    return section(form, title=words["asking"])


def _person(one: Value) -> rx.Component:
    return rx.el.option(one["name"], value=one["id"], key=one["id"])


def select(*options: rx.Component, **props: Any) -> rx.Component:
    """A list to choose from."""
    return rx.el.div(rx.el.select(*options, **props), icon("chevron-down"), class_name="select")


def typed(name: str, value: Value, example: str, **props: Any) -> rx.Component:
    """A line to type into; a value from the address replaces what was typed."""
    return rx.el.input(
        name=name, default_value=value, key=rx.Var.create(name) + value, placeholder=example, auto_complete="off", class_name="plain-input", **props,
    )  # fmt: skip


def field(label: str, control: rx.Component) -> rx.Component:
    """A control with its label above."""
    return rx.el.label(rx.el.span(label, class_name="field-label"), control)


def _plan(*, closes: bool) -> rx.Component:
    words = _WORDS[closes]
    same = callout(
        rx.fragment("Отсутствие ", S.same["words"], " уже внесено. Укажите остальные дни или часы."),
        "soon",
        action=button("Открыть его", kind="plain", href=S.same["href"]),
    )
    do = button(words["do"], symbol="check", on_click=S.apply)
    nobody = stack(callout(words["nobody"], "done"), row(do) if closes else rx.fragment())
    chosen = rx.cond(S.lines, _choosing(do, closes=closes), nobody)
    fault = rx.cond((S.fault != "") & ~rx.cond(S.lines, True, False), callout(S.fault, "act", live=True))
    return section(stack(rx.cond(S.same["href"] != "", same, chosen), fault), title=words["plan"])


def _choosing(do: rx.Component, *, closes: bool) -> rx.Component:
    all_of = [
        button(_WORDS[closes]["all"], kind="plain", on_click=S.decide_all("")),
        *([] if closes else [button("Снять отметки", kind="plain", on_click=S.decide_all(STAY))]),
        button("Всем позвонить", kind="plain", symbol="phone", on_click=S.decide_all(CALL)),
    ]
    only = rx.el.button(
        S.hopeless, type="button", class_name="view", on_click=S.show_hopeless(rx.cond(S.is_only_hopeless, "no", "yes")),
        custom_attrs={"aria-pressed": S.is_only_hopeless},
    )  # fmt: skip
    present = callout(
        rx.el.ul(rx.foreach(S.present, lambda each: rx.el.li(each, key=each)), class_name="rows"),
        "soon",
        title="Уже пришли или опаздывают: решите с ними на месте",
    )
    summary = rx.el.p(S.summary, role="status", class_name="absence-summary")
    lines = rx.el.ol(rx.foreach(S.lines, lambda line: _line(line, closes=closes)), class_name="absence-lines")
    note = callout("10 минут всё можно вернуть. Потом пациентам уйдут сообщения: днём сразу, ночью в 07:00.", "quiet")
    fault = rx.cond(S.fault != "", callout(S.fault, "act", live=True))
    return stack(
        rx.cond(S.present, present), _ways(), row(summary, rx.cond(S.hopeless != "", only)), row(*all_of), lines, _parts(), note, rx.el.div(fault, row(do), class_name="absence-do")
    )  # fmt: skip


def _ways() -> rx.Component:
    """What is proposed: first of all this; of one colleague only, on one day only."""

    def way(value: str, title: str) -> rx.Component:
        pressed = {"aria-pressed": S.policy == value}
        return rx.el.button(title, type="button", class_name="view", on_click=S.prefer(value), custom_attrs=pressed)

    ways = [way(policy.value, title) for policy, title in POLICY_TITLES.items()]
    whoever = rx.el.option("Кто свободен", value="")
    worker = select(whoever, rx.foreach(S.people, _person), value=S.worker, on_change=lambda who: S.aim(who, S.day))
    day = rx.el.input(
        type="date", default_value=S.day, key=rx.Var.create("day") + S.day, on_change=lambda day: S.aim(S.worker, day), class_name="plain-input",
    )  # fmt: skip
    return stack(
        rx.el.div(*ways, class_name="views", role="group", aria_label="Что предлагать"),
        rx.el.div(field("К кому", worker), field("На какой день", day), class_name="hours-fields"),
    )


def _parts() -> rx.Component:
    """Of a long plan, one part is shown; what is chosen in the others holds."""
    back = button("Предыдущие", kind="plain", on_click=S.turn("back"), disabled=S.part.startswith("1–"))
    on = button("Следующие", kind="plain", on_click=S.turn("on"), disabled=~S.has_more)
    return rx.cond(S.part != "", row(back, rx.el.span("Показаны ", S.part, role="status"), on))


def _line(line: Value, *, closes: bool) -> rx.Component:
    choice, is_going = S.chosen[line["id"]], S.chosen[line["id"]] != STAY
    chosen = select(
        rx.el.optgroup(rx.foreach(line["options"].to(list[dict[str, str]]), _person), label="Перенести"),
        rx.el.option("Позвонить пациенту", value=CALL),
        rx.el.option("Отменить приём", value=CANCEL),
        *([] if closes else [rx.el.option("Оставить как есть", value=STAY)]),
        value=choice,
        on_change=S.decide(line["id"]),
        aria_label=f"Что делать: {line['name']}, {line['when']}",
    )
    words = rx.el.div(rx.el.strong(line["when"]), rx.el.span(line["name"]), class_name="row-words")
    tick = rx.el.input(type="checkbox", checked=is_going, on_change=S.decide(line["id"], rx.cond(is_going, STAY, "")))
    problem = rx.cond(line["problem"] != "", callout_of("act", line["problem"]))
    head = words if closes else rx.el.label(tick, words, class_name="tick-line")
    return rx.el.li(head, chosen, problem, key=line["id"], class_name="absence-line")


def _opened(*, closes: bool) -> rx.Component:
    opened, words = S.opened, _WORDS[closes]
    back = confirm(
        button("Вернуть как было", kind="plain", symbol="undo-2"), title="Вернуть как было?", action="Вернуть", on_confirm=S.take_back, danger=False,
        text=words["back"],
    )  # fmt: skip
    waiting = callout(opened["until"], "soon")
    left = callout(
        rx.el.ul(rx.foreach(S.left, lambda each: rx.el.li(each, key=each)), class_name="rows"),
        "act",
        title="Не вернулись",
    )
    return section(
        stack(
            rx.cond(opened["reason"] != "", rx.el.p(opened["reason"], class_name="note")),
            rx.cond(opened["until"] != "", stack(waiting, row(back))),
            rx.cond(opened["standing"] != "", callout_of("quiet", opened["standing"])),
            rx.cond(S.left, left),
            rx.el.ol(rx.foreach(S.dealt, _done), class_name="absence-lines"),
            *([rx.cond(opened["last"] != "", shortening(opened))] if closes else []),
            row(button(words["more"], kind="plain", symbol="plus", href=PATHS[closes])),
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


def _list(*, closes: bool) -> rx.Component:
    def line(one: Value) -> rx.Component:
        said = rx.el.div(
            rx.el.strong(one["name"]),
            rx.el.span(one["days"]),
            rx.el.span(one["note"], class_name="note"),
            class_name="row-words",
        )
        return rx.el.li(
            said, button("Открыть", kind="plain", size="2", href=one["href"]), key=one["href"], class_name="hours-line"
        )

    words = _WORDS[closes]
    none = empty(words["none"], words["kept"], picture="calendar")
    more = row(
        rx.cond(S.newer != "", button("Новее", kind="plain", href=S.newer)),
        rx.cond(S.older != "", button("Раньше", kind="plain", href=S.older)),
    )
    return section(
        rx.cond(S.rows, stack(rx.el.ul(rx.foreach(S.rows, line), class_name="rows"), more), none),
        title=words["list"],
    )
