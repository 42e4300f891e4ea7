"""«Список из файла»."""

import reflex as rx

from medcab.staff.sheets.state import SheetState as S
from medcab.ui.dialog import confirm
from medcab.ui.layout import button, choice, page, page_header, row, section, stack, toolbar
from medcab.ui.states import loaded, no_rights
from medcab.ui.status import badge_of, callout
from medcab.ui.table import Column, data_table, pager
from medcab.ui.uploader import uploader

_TITLE = "Список из файла"
_ONLY = (("all", "Все строки"), ("wrong", "Только с ошибками"))


def sheet_page() -> rx.Component:
    """`/staff/list`."""
    shown = page(
        page_header(_TITLE, crumbs=[("Сотрудники", "/staff")], lead="Приглашения получат сразу все люди из списка, когда вы его проверите."),
        loaded(S.ready, rx.cond(S.sheet != "", _preview(), _upload())),
    )  # fmt: skip
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), shown)


def _upload() -> rx.Component:
    sample = rx.link("Скачать образец", href="/api/staff/sheets/sample", download=True)
    return section(
        stack(
            rx.el.p("Столбцы: Фамилия, Имя, Отчество, E-mail, Отделение, Должность, Роль, Ставка, С какого дня. ", sample),
            uploader(
                rules={}, on_done=S.taken, action="/api/staff/sheets", source="/api/staff/sheets/form", label="Выбрать список",
                hint="CSV или XLSX, до 1\u00a0МБ и 2\u00a0000 строк.", accept=".csv,.xlsx,text/csv",
            ),
            gap=4,
        ),
        title="Файл",
    )  # fmt: skip


def _preview() -> rx.Component:
    columns = [
        Column("Строка", lambda one: one["number"], number=True),
        Column("Сотрудник", lambda one: rx.el.div(rx.el.div(one["name"]), rx.el.div(one["email"], class_name="note")), head=True),
        Column("Роль и отделение", lambda one: one["place"]),
        Column("Проверка", lambda one: rx.el.div(badge_of(one["tone"], one["word"]), rx.foreach(one["errors"].to(list[str]), rx.el.div))),
    ]  # fmt: skip
    table = data_table(columns, S.rows, caption="Строки файла", key=lambda one: one["number"])
    turns = pager(S.told, page=S.page, pages=S.pages, on_previous=S.turn(S.page - 1), on_next=S.turn(S.page + 1))
    return rx.fragment(
        _verdict(),
        section(toolbar(choice("Показать", _ONLY, value=S.only, on_change=S.choose)), table, turns, title=S.name),
    )


def _verdict() -> rx.Component:
    send = button("Отправить приглашения", symbol="send", on_click=S.apply(S.sheet, "all"))
    drop = confirm(
        button("Пропустить ошибки и отправить", symbol="send", kind="plain"), title="Пропустить строки с ошибками?", danger=False,
        text=S.dropping,
        action="Отправить", on_confirm=S.apply(S.sheet, "right"),
    )  # fmt: skip
    other = button("Другой файл", kind="quiet", on_click=S.discard(S.sheet))
    good = callout("Приглашения уйдут, когда вы нажмёте кнопку.", "done", title=S.told)
    bad = callout(
        "Исправьте файл и загрузите его снова: пока есть ошибки, не будет приглашён никто.", "act", title=S.told
    )
    return stack(
        rx.cond(S.wrong == 0, good, bad),
        row(rx.cond(S.wrong == 0, send, rx.cond(S.right > 0, drop)), other),
        gap=3,
    )
