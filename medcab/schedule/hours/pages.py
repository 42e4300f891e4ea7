"""«Часы приёма»."""

import reflex as rx

from medcab.schedule.components import Styled
from medcab.schedule.hours.state import DAYS, PATH, WEEKS
from medcab.schedule.hours.state import HoursState as S
from medcab.schedule.rules.norms import known_minutes
from medcab.schedule.rules.visits import KIND_TITLES
from medcab.ui.dialog import confirm
from medcab.ui.icons import icon
from medcab.ui.layout import Value, button, page, page_header, row, section, stack, toolbar
from medcab.ui.states import empty, failed, loaded, no_rights
from medcab.ui.status import callout, callout_of

_TITLE, _CRUMBS = "Часы приёма", [("Расписание", "/schedule")]
_SLOTS = [
    *((kind.value, f"По норме специальности: {title.lower()} приём") for kind, title in KIND_TITLES.items()),
    *((str(each), f"{each} мин") for each in known_minutes()),
]


def hours_page() -> rx.Component:
    """`/schedule/hours`."""
    lead = "Повторяются сами, на сколько угодно вперёд. Прошедшие дни не меняются, сегодняшний тоже."
    head = page_header(_TITLE, lead=lead, crumbs=_CRUMBS, badge=None)
    chosen = rx.el.div(
        rx.el.select(
            rx.foreach(S.people, lambda one: rx.el.option(one["name"], value=one["id"], key=one["id"])), value=S.who, on_change=S.choose, aria_label="Врач",
        ),
        icon("chevron-down"), class_name="select choice",
    )  # fmt: skip
    missing = failed(
        "Таких часов нет",
        "Врача нет, или его расписание вам не открыто.",
        action=button("К своим часам", kind="plain", href=PATH),
    )
    shown = stack(rx.cond(S.has_colleagues, toolbar(chosen)), _left(), _writing(), _templates(), _closed(), gap=5)
    body = page(head, Styled.create(), loaded(S.ready, rx.cond(S.is_missing, missing, shown)))
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), body)


def _left() -> rx.Component:
    """Whom the change would leave outside, before it is done."""

    def line(one: Value) -> rx.Component:
        return rx.el.li(rx.el.strong(one["at"]), " ", one["name"], key=one["id"])

    warned = section(
        callout("Эти приёмы уже назначены и останутся вне часов приёма. Они не отменятся: перенесите их в расписании.", "soon", live=True),
        rx.el.ul(rx.foreach(S.left, line), class_name="rows"), rx.cond(S.left_more != "", rx.el.p(S.left_more)),
        row(button("Всё равно изменить", symbol="check", on_click=S.agree), button("Не менять", kind="plain", on_click=S.give_up)),
        title="Кого это затронет",
    )  # fmt: skip
    return rx.cond(S.left, warned)


def _writing() -> rx.Component:
    ways = row(
        button("Новый шаблон", symbol="plus", href=rx.Var.create(f"{PATH}?do=template&who=") + S.who),
        button(
            "Дни без приёма", kind="plain", symbol="calendar-x", href=rx.Var.create(f"{PATH}?do=close&who=") + S.who
        ),
        button("Свои дни из календаря", kind="plain", symbol="upload", href="/schedule/away"),
        rx.cond(S.may_bring, button("График из файла", kind="plain", symbol="file-text", href="/schedule/rota")),
    )
    none = callout("В этой клинике врачу не назначено отделение, где вы ведёте расписание.", "quiet")
    return rx.cond(
        S.departments, rx.fragment(rx.match(S.do, ("template", _template_form()), ("close", _close_form()), ways)), none
    )


def _template_form() -> rx.Component:
    form, boxes = S.form, [
        rx.el.label(rx.el.input(type="checkbox", name=f"day{number}", default_checked=S.form["days"][number]), rx.el.span(name), class_name="tick-line")
        for number, name in enumerate(DAYS)
    ]  # fmt: skip
    weeks = [(each.value, word) for each, word in WEEKS.items()]
    places = rx.foreach(S.departments, lambda one: rx.el.option(one["name"], value=one["id"], key=one["id"]))
    trades = rx.foreach(S.specialties, lambda one: rx.el.option(one, value=one, key=one))
    return section(
        rx.form(
            stack(
                rx.el.fieldset(rx.el.legend("Дни недели"), *boxes, class_name="ticks hours-days"),
                rx.el.div(
                    _picked("Недели", "weeks", [rx.el.option(word, value=value) for value, word in weeks], form["weeks"]),
                    _typed("Приём с", "starts", form["starts"], "09:00"), _typed("до", "ends", form["ends"], "15:00"),
                    _typed("Перерыв с", "break_starts", form["break_starts"], "если есть"), _typed("до", "break_ends", form["break_ends"], "", said="Перерыв до"),
                    _picked("На одного пациента", "slot", [rx.el.option(word, value=value) for value, word in _SLOTS], form["slot"]),
                    _typed("Кабинет", "room", form["room"], ""),
                    _picked("Отделение", "department", [places], form["department"]),
                    rx.cond(S.is_to_choose_specialty, _picked("Специальность", "specialty", [trades], form["specialty"])),
                    _typed("Действует с", "since", form["since"], "01.12.2026"), _typed("по", "until", form["until"], "без срока", said="Действует по"),
                    class_name="hours-fields",
                ),
                rx.el.label(rx.el.input(type="checkbox", name="on_holidays", default_checked=form["on_holidays"]), rx.el.span("Принимать и в праздники, если они в эти дни недели"), class_name="tick-line"),
                _ends(rx.cond(form["id"] != "", "Изменить шаблон", "Сохранить шаблон")),
            ),
            on_submit=S.save, reset_on_submit=False, key=rx.Var.create("form-") + form["id"] + S.who,
        ),
        title=rx.cond(form["id"] != "", "Изменить с выбранного дня", "Новый шаблон"),
        note=rx.cond(form["id"] != "", "До этого дня действует прежний.", "Часы, которые повторяются по неделям."),
    )  # fmt: skip


def _close_form() -> rx.Component:
    fields = rx.el.div(
        _typed("Первый день", "since", "", "01.12.2026"), _typed("Последний день", "until", "", "тот же день"), _typed("Причина, для своих", "reason", "", ""),
        class_name="hours-fields",
    )  # fmt: skip
    note = rx.el.p(
        "Отпуск, болезнь, учёба. Часы, открытые на эти дни, закроются; сегодняшние только с этой минуты.",
        class_name="note",
    )
    return section(
        rx.form(stack(note, fields, _ends("Закрыть приём")), on_submit=S.save, reset_on_submit=False),
        title="Дни без приёма",
    )


def _ends(label: Value) -> rx.Component:
    back = button("Отмена", kind="plain", href=rx.Var.create(f"{PATH}?who=") + S.who)
    return stack(
        rx.cond(S.fault != "", callout_of("act", S.fault)), row(button(label, type="submit", symbol="check"), back)
    )


def _typed(label: str, name: str, value: Value, example: str, *, said: str = "") -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="field-label"),
        rx.el.input(
            name=name,
            default_value=value,
            class_name="plain-input",
            placeholder=example,
            auto_complete="off",
            max_length=200,
            aria_label=said or label,
        ),
    )


def _picked(label: str, name: str, options: list[rx.Component], value: Value) -> rx.Component:
    chosen = rx.el.div(
        rx.el.select(*options, name=name, default_value=value), icon("chevron-down"), class_name="select"
    )
    return rx.el.label(rx.el.span(label, class_name="field-label"), chosen)


def _templates() -> rx.Component:
    def line(one: Value) -> rx.Component:
        end = confirm(
            button("Закончить", kind="plain", size="2"), title="Закончить шаблон?", action="Закончить", on_confirm=S.end(one["id"]),
            text="С завтрашнего дня приёма по этому шаблону не будет. Сначала покажем, кого это затронет.",
        )  # fmt: skip
        change = button(
            "Изменить",
            kind="plain",
            size="2",
            href=rx.Var.create(f"{PATH}?do=template&who=") + S.who + "&id=" + one["id"],
        )
        words = rx.el.div(
            rx.el.strong(one["time"]), rx.el.span(one["days"]), rx.el.span(one["slot"], " · ", one["place"], class_name="note"), rx.el.span(one["holds"], class_name="note"),
            class_name="stack",
        )  # fmt: skip
        return rx.el.li(words, row(change, end, gap=2), key=one["id"], class_name="hours-line")

    none = empty("Шаблонов пока нет", "Добавьте первый: расписание откроется на месяцы вперёд.", picture="calendar")
    listed = rx.el.ul(rx.foreach(S.rows, line), class_name="rows")
    return section(
        rx.cond(S.own != "", callout_of("info", S.own)), rx.cond(S.rows, listed, none), title="Каждую неделю"
    )


def _closed() -> rx.Component:
    def line(one: Value) -> rx.Component:
        reopen = button("Открыть снова", kind="plain", size="2", on_click=S.reopen(one["id"]))
        return rx.el.li(
            rx.el.div(rx.el.strong(one["days"]), rx.el.span(one["reason"], class_name="note"), class_name="stack"), reopen, key=one["id"], class_name="hours-line",
        )  # fmt: skip

    return rx.cond(
        S.free_days, section(rx.el.ul(rx.foreach(S.free_days, line), class_name="rows"), title="Дни без приёма")
    )
