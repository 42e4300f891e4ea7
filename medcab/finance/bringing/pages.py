"""A file of tariffs or of a payer's answers, looked through before it is applied."""

import reflex as rx

from medcab.finance.bringing.state import ONLY, TARIFFS
from medcab.finance.bringing.state import BringingState as S
from medcab.ui.dialog import confirm
from medcab.ui.layout import Value, button, choice, page, page_header, row, section, stack, toolbar
from medcab.ui.states import empty, failed, loaded, no_rights, skeleton_block
from medcab.ui.status import badge_of, callout, callout_of
from medcab.ui.table import Column, data_table, pager

_TITLE, _CRUMBS = "Файл", [("Финансы", "/finance")]


def bringing_page() -> rx.Component:
    """`/finance/sheet`."""
    missing = failed("Файла нет", "Он уже применён, хранился больше суток или загружен не в вашей клинике.", action=button("К реестрам", kind="plain", href="/finance/registers"))  # fmt: skip
    shown = page(
        rx.cond(S.back == TARIFFS, _head("Тарифы", TARIFFS), _head("Реестры", "/finance/registers")),
        loaded(S.ready, stack(_verdict(), _rows(), gap=5), rx.cond(S.is_missing, missing, skeleton_block(340))),
    )  # fmt: skip
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), shown)


def _head(above: str, path: str) -> rx.Component:
    lead = "Ничего ещё не изменено: сначала посмотрите, что сделает файл."
    return page_header(
        rx.cond(S.title != "", S.title, _TITLE), crumbs=[("Финансы", "/finance"), (above, path)], lead=lead
    )


def _verdict() -> rx.Component:
    good = callout("Файл применится целиком, когда вы нажмёте кнопку.", "info", title=S.told)
    bad = callout("Исправьте файл и загрузите снова, или примените строки без ошибок.", "act", title=S.told)
    same = callout("Всё уже так, как в файле.", "done", title=S.told)
    head = rx.cond(S.wrong > 0, bad, rx.cond(S.done > 0, good, same))
    plain = button("Применить", symbol="check", on_click=S.apply("all", S.seen))
    drop = confirm(
        button("Применить строки без ошибок", symbol="check"), title="Применить строки без ошибок?", danger=False, action="Применить",
        text="Строки с ошибками будут пропущены: их можно исправить и загрузить отдельным файлом.", on_confirm=S.apply("right", S.seen),
    )  # fmt: skip
    acts = row(
        rx.cond(S.done > 0, rx.cond(S.wrong > 0, drop, plain)), button("Не применять", kind="quiet", on_click=S.discard)
    )
    return stack(rx.cond(S.fault != "", callout_of("soon", S.fault)), head, acts, gap=3)


def _rows() -> rx.Component:
    columns = [
        Column("Строка", lambda one: one["line"]), Column("О чём", lambda one: one["title"], head=True), Column("Сейчас", lambda one: one["before"]),
        Column("Будет", lambda one: one["after"]), Column("Проверка", _checked),
    ]  # fmt: skip
    table = data_table(columns, S.rows, caption="Строки файла", key=lambda one: one["key"])
    none = empty("Таких строк в файле нет", "Выберите другой отбор.")
    turns = pager(S.told, page=S.page, pages=S.pages, on_previous=S.turn(-1), on_next=S.turn(1))
    return section(
        toolbar(choice("Показать", ONLY, value=S.only, on_change=S.choose)), rx.cond(S.rows, rx.fragment(table, turns), none), title=S.name,
    )  # fmt: skip


def _checked(one: Value) -> rx.Component:
    return rx.el.div(badge_of(one["tone"], one["word"]), rx.cond(one["error"] != "", rx.el.div(one["error"])))
