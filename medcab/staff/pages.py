"""«Сотрудники»: the list."""

import reflex as rx

from medcab.staff.state import ROLES, STATES
from medcab.staff.state import StaffState as S
from medcab.ui.dialog import confirm
from medcab.ui.layout import Value, button, choice, page, page_header, section, toolbar
from medcab.ui.parts import search_box
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import badge_of
from medcab.ui.table import Column, data_table, pager

_TITLE = "Сотрудники"


def staff_page() -> rx.Component:
    """`/staff`."""
    invite = button("Пригласить", symbol="user-plus", href="/staff/invite")
    others = [
        button("Отделения", kind="plain", symbol="building-2", href="/staff/departments"),
        button("Список из файла", kind="plain", symbol="upload", href="/staff/list"),
    ]
    shown = page(
        page_header(_TITLE, lead="Кто работает в клинике, в каком отделении и с какими правами.", primary=invite, others=others),
        loaded(S.ready, section(
            _filters(),
            rx.cond(S.rows, rx.fragment(_table(), _pager()), empty("Никого не нашли", "Измените отбор или имя.", picture="search")),
        )),
    )  # fmt: skip
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), shown)


def _filters() -> rx.Component:
    return toolbar(
        choice("Отделение", S.departments, value=S.department, on_change=lambda to: S.choose(to, S.role, S.state)),
        choice("Роль", ROLES, value=S.role, on_change=lambda to: S.choose(S.department, to, S.state)),
        choice("Состояние", STATES, value=S.state, on_change=lambda to: S.choose(S.department, S.role, to)),
        search=search_box(value=S.name, label="Поиск по имени", hint="Фамилия или имя", on_search=S.search),
    )


def _table() -> rx.Component:
    columns = [
        Column("Сотрудник", _name, head=True),
        Column("Роль и отделение", lambda row: rx.el.div(rx.foreach(row["places"].to(list[str]), rx.el.div))),
        Column("Состояние", lambda row: rx.el.div(badge_of(row["tone"], row["word"]), rx.el.div(row["note"], class_name="note"))),
        Column("Действия", _acts, act=True),
    ]  # fmt: skip
    return data_table(columns, S.rows, caption="Сотрудники по алфавиту", key=lambda row: row["id"])


def _name(row: Value) -> rx.Component:
    return rx.cond(
        row["href"] != "", rx.link(row["name"], href=row["href"], underline="hover"), rx.el.span(row["name"])
    )


def _acts(row: Value) -> rx.Component:
    """Of an invitation: whoever works here is opened by their name."""
    revoke = confirm(
        rx.button("Отозвать", variant="surface", color_scheme="red", size="2", aria_label=f"Отозвать приглашение: {row['name']}"),
        title="Отозвать приглашение?", text="Ссылка из письма перестанет действовать.", action="Отозвать",
        on_confirm=S.revoke(row["id"]),
    )  # fmt: skip
    again = rx.button(
        "Отправить ещё раз", variant="surface", color_scheme="gray", size="2", on_click=S.resend(row["id"]),
        aria_label=f"Отправить приглашение ещё раз: {row['name']}",
    )  # fmt: skip
    return rx.cond(row["href"] == "", rx.el.div(again, revoke, class_name="row"), rx.fragment())


def _pager() -> rx.Component:
    return pager(S.summary, page=S.page, pages=S.pages, on_previous=S.turn(S.page - 1), on_next=S.turn(S.page + 1))
