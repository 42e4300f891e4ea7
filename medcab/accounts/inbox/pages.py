"""«Уведомления»: the newest first; a dot and a word tell what was not read."""

import reflex as rx

from medcab.accounts.inbox.state import UNREAD
from medcab.accounts.inbox.state import NoticesState as S
from medcab.ui.layout import Value, button, choice, page, page_header, section, toolbar
from medcab.ui.parts import relative_time
from medcab.ui.states import empty, loaded, skeleton_rows
from medcab.ui.status import badge
from medcab.ui.table import pager

_SHOW = (("all", "Все"), (UNREAD, "Непрочитанные"))
_TITLE = "Уведомления"


def notices_page() -> rx.Component:
    """`/notices`."""
    shown = rx.Var.create(rx.cond(S.show_only == "", "all", S.show_only)).to(str)
    everything = rx.cond(
        S.has_unread, button("Отметить все прочитанными", kind="plain", symbol="check", on_click=S.read_all)
    )
    nothing = empty("Здесь пусто", "Отчёты, сроки, решения и ссылки коллег появятся здесь сами.", picture="done")
    return page(
        page_header(_TITLE, lead="Отчёты, сроки, решения и ссылки коллег. Хранятся год."),
        section(
            toolbar(choice("Показать", _SHOW, value=shown, on_change=S.choose), action=everything),
            loaded(S.ready, rx.cond(S.rows, rx.fragment(_list(), _pager()), nothing), skeleton_rows(5)),
        ),
    )  # fmt: skip


def _list() -> rx.Component:
    return rx.el.ul(rx.foreach(S.rows, _notice), class_name="rows notices-list", aria_label=_TITLE)


def _notice(row: Value) -> rx.Component:
    subject = rx.el.strong(row["subject"])
    head = rx.el.div(
        rx.cond(row["is_unread"], badge("Новое", "info")), subject,
        rx.el.small(relative_time(value=row["at"], exact=row["exact"]), class_name="note"), class_name="notice-head",
    )  # fmt: skip
    opened = button("Открыть", kind="plain", size="2", on_click=S.read(row["id"]), aria_label=_named("Открыть: ", row))
    known = button(
        "Прочитано", kind="plain", size="2", on_click=S.read(row["id"]), aria_label=_named("Прочитано: ", row)
    )
    act = rx.cond(row["href"] != "", opened, rx.cond(row["is_unread"], known))
    return rx.el.li(
        rx.el.div(head, rx.el.p(row["text"], class_name="said"), class_name="notice-words"), act,
        class_name="row between", key=row["id"],
    )  # fmt: skip


def _named(act: str, row: Value) -> rx.Var[str]:
    return rx.Var.create(act) + row["subject"] + ", " + row["exact"]


def _pager() -> rx.Component:
    turn = pager(
        S.counted, page=S.page, pages=S.pages, on_previous=S.turn(S.page - 1), on_next=S.turn(S.page + 1)
    )  # fmt: skip
    return rx.cond(S.pages > 1, turn)
