"""One register."""

import reflex as rx

from medcab.dashboards.components import picker
from medcab.finance.components import downloads, file_in
from medcab.finance.registers.lines.state import ONLY
from medcab.finance.registers.lines.state import RegisterState as S
from medcab.ui.dialog import confirm
from medcab.ui.layout import Value, button, choice, columns, figure, page, page_header, section, stack, toolbar
from medcab.ui.states import empty, failed, loaded, no_rights, skeleton_block
from medcab.ui.status import badge_of
from medcab.ui.table import Column, data_table, pager

_TITLE, _CRUMBS = "Реестр", [("Финансы", "/finance"), ("Реестры", "/finance/registers")]


def register_page() -> rx.Component:
    """`/finance/register`."""
    missing = failed(
        "Реестра нет",
        "Он не найден в вашей клинике.",
        action=button("К реестрам", kind="plain", href="/finance/registers"),
    )
    shown = page(
        page_header(rx.cond(S.name != "", S.name, _TITLE), crumbs=_CRUMBS, lead=rx.cond(S.made != "", rx.Var.create("Составлен ") + S.made, ""), others=[rx.cond(S.ready, downloads(S.export))]),
        loaded(S.ready, stack(_sums(), _lines(), _answers(), gap=5), rx.cond(S.is_missing, missing, skeleton_block(340))),
    )  # fmt: skip
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), shown)


def _sums() -> rx.Component:
    told = (
        ("Выставлено", S.billed, S.visits),
        ("Принято", S.accepted, ""),
        ("Отклонено", S.rejected, ""),
        ("Ждёт ответа", S.waiting, ""),
    )
    note = "Отозванные строки в этих суммах не считаются."
    return stack(
        columns(*(figure(value, label, note=more) for label, value, more in told), at_least=220),
        rx.el.p(note, class_name="note"),
        gap=2,
    )


def _lines() -> rx.Component:
    table_columns = [
        Column("№", lambda one: one["number"]), Column("Приём", lambda one: one["day"], head=True), Column("Врач", lambda one: rx.el.div(one["doctor"], rx.el.div(one["what"], class_name="note"))),
        Column("Пациент", lambda one: one["patient"]), Column("Сумма", lambda one: one["sum"], number=True),
        Column("Ответ", lambda one: rx.el.div(badge_of(one["tone"], one["word"]), rx.el.div(one["reason"], class_name="note"))),
        Column("Действия", _acts, act=True),
    ]  # fmt: skip
    table = data_table(table_columns, S.lines, caption="Строки реестра", key=lambda one: one["id"])
    turns = pager(S.summary, page=S.page, pages=S.pages, on_previous=S.turn(-1), on_next=S.turn(1))
    only = choice(
        "Какие строки",
        [(each.value, words) for each, words in ONLY],
        value=S.only,
        on_change=lambda value: S.choose("only", value),
    )
    reason = picker("Причина отказа", S.reason, S.reasons, lambda value: S.choose("code", value))
    filters = toolbar(
        only,
        rx.cond(S.only == "rejected", reason),
        action=rx.cond(S.reason != "all", _correct_all()),
    )
    none = empty("Таких строк нет", "Выберите другой отбор.")
    return section(
        filters,
        rx.cond(S.lines, rx.fragment(table, turns), none),
        title="Строки",
    )


def _correct_all() -> rx.Component:
    text = (
        "Все отклонённые строки с этой причиной пойдут в следующий реестр. Убедитесь, что причина устранена у каждой."
    )
    return confirm(
        button("Подать все снова", kind="quiet", symbol="refresh-cw"), title="Подать снова все строки с этой причиной?", text=text, danger=False,
        action="Подать снова", on_confirm=S.correct_all(S.reason),
    )  # fmt: skip


def _acts(one: Value) -> rx.Component:
    def named(words: str) -> rx.Var[str]:
        return rx.Var.create(f"{words}: № ") + one["number"]

    withdraw = confirm(
        button("Отозвать", kind="plain", size="2", aria_label=named("Отозвать")), title="Отозвать строку?", action="Отозвать",
        text="Приём выйдет из реестра: его можно будет исправить в расписании и подать снова. Номер строки останется занятым.",
        on_confirm=S.withdraw(one["id"]),
    )  # fmt: skip
    again = button(
        "Подать снова",
        kind="plain",
        size="2",
        on_click=S.correct(one["id"], "again"),
        aria_label=named("Исправлено, подать снова"),
    )
    keep = button(
        "Не подавать",
        kind="plain",
        size="2",
        on_click=S.correct(one["id"], "not"),
        aria_label=named("Не подавать снова"),
    )
    act = rx.match(one["act"], ("withdraw", withdraw), ("correct", again), ("uncorrect", keep), rx.fragment())
    return rx.el.div(act, style={"min_width": "max-content"})  # never over the answer beside it


def _answers() -> rx.Component:
    how = rx.el.ul(
        rx.el.li("Скачайте реестр и отправьте плательщику: он заполнит столбцы «Результат», «Код причины», «Причина»."),
        rx.el.li("Нужны столбцы «№ строки» и «Результат» (принято или отклонено); у отклонённых ещё «Код причины». Слова плательщика сохраняются как есть."),
        rx.el.li("Строки без результата остаются ждать ответа. Один и тот же файл, загруженный дважды, ничего не меняет."),
    )  # fmt: skip
    return section(
        stack(how, file_in("Выбрать файл с ответом", S.bill)),
        title="Ответ плательщика",
        note=rx.Var.create("Код реестра: ") + S.code,
    )
