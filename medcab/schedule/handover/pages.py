"""«Приёмы провёл другой врач»."""

import reflex as rx

from medcab.schedule.absences.pages import field, typed
from medcab.schedule.components import Styled
from medcab.schedule.handover.state import HandoverState as S
from medcab.ui.chooser import chooser
from medcab.ui.layout import Value, button, page, page_header, row, section, stack
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import callout, callout_of

TITLE = "Приёмы провёл другой врач"
_LEAD = (
    "Кто был записан в расписании и кто принимал на самом деле: приёмы перейдут к нему вместе с часами и показателями"
)
_REASONS = ("Замена, расписание не изменили", "Приём записан не на того врача", "Врачи поменялись днями")


def handover_page() -> rx.Component:
    """`/schedule/handover`."""
    head = page_header(TITLE, lead=_LEAD, crumbs=[("Расписание", "/schedule")])
    back = button("Передать обратно", kind="plain", symbol="undo-2", href=S.done["back"])
    done = rx.cond(S.done["words"] != "", callout(S.done["words"], "done", action=back, live=True))
    shown = stack(_asking(), done, rx.cond(S.is_planned, _plan()), gap=5)
    body = page(head, Styled.create(), loaded(S.ready, shown))
    return rx.cond(S.closed != "", page(page_header(TITLE), no_rights(S.closed)), body)


def _asking() -> rx.Component:
    swap = rx.el.label(
        rx.el.input(type="checkbox", name="swap", default_checked=S.swap == "yes", key=rx.Var.create("swap") + S.swap),
        rx.el.span("Врачи поменялись: второй вёл приёмы первого, а первый — второго"),
        class_name="tick-line",
    )
    fields = rx.el.div(
        _doctor("Кто записан", "who", S.who, ("", S.written)),
        _doctor("Кто принял", "to", S.to, ("", S.near), ("Из других отделений", S.far)),
        field("С какого дня", typed("since", S.since, "дд.мм.гггг", max_length=10)),
        field("По какой день", typed("until", S.until, "один день", max_length=10)),
        class_name="handover-fields",
    )
    fault = rx.cond(S.unclear != "", callout(S.unclear, "act", live=True))
    asked = row(button("Показать приёмы", symbol="search", type="submit"))
    note = rx.el.p("Дни, которые уже были: не больше 31 за один раз, не раньше чем год назад.", class_name="note")
    form = rx.form(stack(fields, swap, note, fault, asked), on_submit=S.ask, reset_on_submit=False)
    return section(form, title="Чьи приёмы и за какие дни")


def _doctor(label: str, name: str, value: Value, *groups: tuple[str, Value]) -> rx.Component:
    chosen = chooser(*groups, name=name, value=value, hint="Выберите врача", label=label)
    return rx.el.div(
        rx.el.span(label, class_name="field-label", aria_hidden=True), chosen, class_name="handover-doctor"
    )


def _plan() -> rx.Component:
    more = callout(
        "В эти дни у врача есть приёмы и в другом отделении: их передаст его руководитель или администратор клиники."
    )
    nothing = empty(
        "Передавать нечего", "В эти дни у этого врача нет приёмов, которые уже были, в отделениях, где вы ведёте расписание.", picture="calendar"
    )  # fmt: skip
    return section(stack(rx.cond(S.is_more, more), rx.cond(S.is_any, _choosing(), nothing)), title=S.title)


def _choosing() -> rx.Component:
    all_of = [
        button("Отметить все", kind="plain", on_click=S.tick_all("yes")),
        button("Только состоявшиеся", kind="plain", on_click=S.tick_all("held")),
        button("Снять отметки", kind="plain", on_click=S.tick_all("no")),
    ]
    only = rx.el.button(
        "Только те, что не перейдут", type="button", class_name="view", on_click=S.show_stuck(rx.cond(S.is_only_stuck, "no", "yes")),
        custom_attrs={"aria-pressed": S.is_only_stuck},
    )  # fmt: skip
    summary = rx.el.p(S.summary, role="status", class_name="absence-summary")
    lines = rx.el.ol(rx.foreach(S.lines, _line), class_name="absence-lines")
    return stack(
        row(summary, rx.cond(S.has_stuck, only)),
        rx.cond(S.doubt != "", callout_of("soon", S.doubt)),
        row(*all_of),
        lines,
        _parts(),
        _hours(),
        _apply(),
    )


def _line(line: Value) -> rx.Component:
    day = rx.el.div(
        rx.el.h3(line["head"]),
        button("Весь день", kind="plain", size="2", on_click=S.tick_day(line["day"]), aria_label=rx.Var.create("Весь день: ") + line["head"]),
        class_name="handover-day",
    )  # fmt: skip
    tick = rx.el.input(
        type="checkbox", checked=S.chosen[line["id"]], disabled=line["problem"] != "", on_change=S.tick(line["id"]),
    )  # fmt: skip
    words = rx.el.div(rx.el.strong(line["when"]), rx.el.span(line["name"]), class_name="row-words")
    said = stack(
        rx.el.span(line["standing"]),
        rx.cond(line["problem"] != "", rx.el.span(line["problem"], class_name="handover-problem")),
        rx.cond(line["came"] != "", rx.el.span(line["came"], class_name="handover-problem")),
        rx.cond(line["doubt"] != "", callout_of("soon", line["doubt"])),
        rx.cond(line["news"] != "", callout_of("soon", line["news"])),
        gap=1,
    )
    visit = rx.el.div(rx.el.label(tick, words, class_name="tick-line"), said, class_name="absence-line")
    return rx.el.li(rx.cond(line["head"] != "", day), visit, key=line["id"])


def _parts() -> rx.Component:
    """Of a long list, one part is shown; ticks in the others hold."""
    back = button("Предыдущие", kind="plain", on_click=S.turn("back"), disabled=S.part.startswith("1–"))
    on = button("Следующие", kind="plain", on_click=S.turn("on"), disabled=~S.has_more)
    return rx.cond(S.part != "", row(back, rx.el.span("Показаны ", S.part, role="status"), on))


def _hours() -> rx.Component:
    listed = rx.el.ul(rx.foreach(S.hours, lambda each: rx.el.li(each, key=each)), class_name="rows")
    whole = rx.Var.create("Вместе с приёмами перейдут часы приёма")
    title = rx.cond(S.receiver != "", rx.Var.create("Вместе с приёмами перейдут часы приёма: ") + S.receiver, whole)
    going = callout(listed, "info", title=title)
    none = callout(
        "Часы приёма остаются как есть: у принявшего врача в это время свои, или приёмы стоят вне часов.", "quiet"
    )
    return rx.cond(S.hours, going, none)


def _apply() -> rx.Component:
    reasons = rx.el.datalist(*[rx.el.option(value=reason) for reason in _REASONS], id="reasons")
    why = rx.el.input(
        name="reason", default_value=S.reason, key=rx.Var.create("why") + S.reason, placeholder=_REASONS[0], max_length=200, list="reasons",
        auto_complete="off", class_name="plain-input",
    )  # fmt: skip
    note = callout(
        "Время, кабинет, отметки и диагнозы приёмов не меняются; диагнозы остаются подписанными тем, кто их записал. Обоим врачам уйдёт"
        " письмо. Передать обратно можно на этой же странице: поменяйте врачей местами. Отмечены приёмы, которые состоялись; неявки и отмены"
        " отметьте сами, если и они были у другого врача.",
        "quiet",
    )
    fault = rx.cond(S.fault != "", callout(S.fault, "act", live=True))
    do = row(button("Передать отмеченные", symbol="user-check", type="submit"))
    return rx.form(
        stack(note, field("Почему", rx.fragment(why, reasons)), fault, do), on_submit=S.apply, reset_on_submit=False
    )
