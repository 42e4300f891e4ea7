"""«Реестры»."""

import reflex as rx

from medcab.dashboards.components import picker
from medcab.finance.components import CRUMBS
from medcab.finance.registers.state import RegistersState as S
from medcab.schedule.components import Styled
from medcab.ui.dialog import confirm
from medcab.ui.layout import Value, button, page, page_header, row, section, stack, toolbar
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import callout, callout_of
from medcab.ui.table import Column, data_table, pager

_TITLE = "Реестры счетов"
_LEAD = "Проведённые приёмы месяца по цене своего дня. Составленный реестр не меняется: опоздавшие и исправленные приёмы идут в следующий реестр того же месяца."


def registers_page() -> rx.Component:
    """`/finance/registers`."""
    shown = page(
        Styled.create(), page_header(_TITLE, crumbs=CRUMBS, lead=_LEAD, others=[button("Тарифы", kind="plain", href="/finance/tariffs")]),
        loaded(S.ready, stack(_draft(), _bills(), gap=5)),
    )  # fmt: skip
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), shown)


def _choose(label: str, what: str, value: Value, options: Value) -> rx.Component:
    return picker(label, value, options, lambda chosen: S.choose(what, chosen))


def _draft() -> rx.Component:
    nothing = callout("Проведённых приёмов этого плательщика, которых ещё нет в реестрах, за этот месяц нет.", "info")
    held = rx.el.p(rx.el.strong(S.held), rx.cond(S.again != "", rx.Var.create(". ") + S.again, ""))
    early = callout(
        "Месяц ещё не закончился: это то, что набралось на сейчас. Составить реестр можно после последнего дня.", "info"
    )
    make = confirm(
        button("Составить реестр", symbol="check"), title="Составить реестр?", danger=False, action="Составить", on_confirm=S.make(S.seen),
        text=rx.Var.create("") + S.draft_name + ": " + S.held + ". " + S.missing + " " + S.guessed + " Строки и цены больше не изменятся.",
    )  # fmt: skip
    return section(
        stack(
            toolbar(_choose("Месяц", "month", S.month, S.months), _choose("Плательщик реестра", "of", S.of, S.ofs)),
            rx.cond(S.fault != "", callout(S.fault, "act", live=True)), rx.cond(S.held != "", held, rx.cond(S.missing == "", nothing)),
            rx.cond(S.later != "", rx.el.p(S.later)), rx.cond(S.is_over, rx.fragment(), early), rx.cond(S.doubtful, _doubtful()), rx.cond(S.can_make, row(make)),
        ),
        title="Новый реестр", note=S.draft_name,
    )  # fmt: skip


def _doubtful() -> rx.Component:
    columns = [
        Column("Приём", lambda one: one["day"], head=True), Column("Врач", lambda one: one["doctor"]),
        Column("Специальность", lambda one: one["specialty"]), Column("Вид приёма", lambda one: one["kind"]),
        Column("Что исправить", lambda one: one["why"]),
    ]  # fmt: skip
    ways = row(
        button("Добавить тариф", kind="quiet", href="/finance/tariffs"),
        button("Специальности работников", kind="plain", href="/staff"),
    )
    table = data_table(columns, S.doubtful, caption="Приёмы, которые нужно проверить", key=lambda one: one["key"])
    words = [rx.cond(said != "", callout_of("soon", said)) for said in (S.missing, S.guessed)]
    return stack(*words, table, ways)


def _bills() -> rx.Component:
    columns = [
        Column("Реестр", lambda one: rx.link(one["name"], href=rx.Var.create("/finance/register?id=") + one["id"]), head=True),
        Column("Составлен", lambda one: one["made"]), Column("Выставлено", lambda one: rx.el.div(one["billed"], rx.el.div(one["visits"], class_name="note")), number=True),
        Column("Принято", lambda one: one["accepted"], number=True), Column("Отклонено", lambda one: one["rejected"], number=True),
        Column("Ждёт ответа", lambda one: one["waiting"], number=True),
    ]  # fmt: skip
    table = data_table(columns, S.bills, caption="Составленные реестры", key=lambda one: one["id"])
    turns = pager(S.summary, page=S.page, pages=S.pages, on_previous=S.turn(-1), on_next=S.turn(1))
    none = empty("Реестров ещё нет", "Выберите месяц и плательщика выше и составьте первый.")
    return section(
        toolbar(_choose("Плательщик", "payer", S.payer, S.payers)), rx.cond(S.bills, rx.fragment(table, turns), none), title="Составленные реестры",
    )  # fmt: skip
