"""«Планы объёмов»."""

import reflex as rx

from medcab.dashboards.components import picker
from medcab.finance.components import CRUMBS
from medcab.finance.plans.state import PlansState as S
from medcab.schedule.components import Styled
from medcab.ui.layout import Value, button, page, page_header, row, section, stack, toolbar
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import callout, callout_of
from medcab.ui.table import Column, data_table

_TITLE = "Планы объёмов"
_LEAD = "Сколько приёмов и на какую сумму отделение должно выставить плательщику за месяц. Отчёт сравнивает план с реестрами."


def plans_page() -> rx.Component:
    """`/finance/plans`."""
    shown = page(Styled.create(), page_header(_TITLE, crumbs=CRUMBS, lead=_LEAD), loaded(S.ready, _table()))
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), shown)


def _table() -> rx.Component:
    def choose(label: str, what: str, value: Value, options: Value) -> rx.Component:
        return picker(label, value, options, lambda chosen: S.choose(what, chosen))

    columns = [
        Column("Отделение", _named, head=True), Column("Приёмов", lambda one: _typed(one, "visits", "Приёмов"), number=True),
        Column("Сумма, ₽", lambda one: _typed(one, "sum", "Сумма в рублях"), number=True),
    ]  # fmt: skip
    copied = callout_of(
        "soon",
        rx.Var.create("Числа взяты из месяца «")
        + S.copied
        + "» и ещё не сохранены. Проверьте их и нажмите «Сохранить план».",
    )
    acts = row(
        button("Сохранить план", symbol="check", type="submit"),
        button("Взять прошлый месяц", kind="plain", symbol="copy", on_click=S.choose("copy", "month")),
        button("Взять тот же месяц год назад", kind="plain", symbol="copy", on_click=S.choose("copy", "year")),
    )  # fmt: skip
    table = data_table(columns, S.lines, caption="План по отделениям", key=lambda one: one["id"])
    form = rx.form(
        stack(
            rx.cond(S.fault != "", callout(S.fault, "act", live=True)), rx.cond(S.copied != "", copied), rx.el.div(table, key=S.key), acts,
            rx.el.p(S.total, class_name="note"), gap=4,
        ),
        on_submit=S.save, reset_on_submit=False,
    )  # fmt: skip
    none = empty("Отделений нет", "Сначала добавьте отделения: «Сотрудники», «Отделения».")
    return section(
        stack(toolbar(choose("Месяц", "month", S.month, S.months), choose("Плательщик", "payer", S.payer, S.payers)), rx.cond(S.lines, form, none)),
        title="План на месяц", note="Пустая строка: плана нет. Ноль приёмов или ноль рублей: план есть, и он нулевой.",
    )  # fmt: skip


def _named(one: Value) -> rx.Component:
    fault = rx.el.div(one["fault"], class_name="field-error", id=rx.Var.create("fault-") + one["id"])
    return rx.el.div(one["name"], rx.cond(one["fault"] != "", fault))


def _typed(one: Value, what: str, label: str) -> rx.Component:
    return rx.el.input(
        name=rx.Var.create(f"{what}:") + one["id"], default_value=one[what], class_name="plain-input", input_mode="decimal", auto_complete="off",
        max_length=20, aria_label=rx.Var.create(f"{label}: ") + one["name"], style={"max_width": "180px", "text_align": "right"},
    )  # fmt: skip
