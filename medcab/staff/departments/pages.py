"""«Отделения»."""

import reflex as rx

from medcab.staff.departments.state import PATH
from medcab.staff.departments.state import DepartmentsState as S
from medcab.ui.dialog import confirm
from medcab.ui.forms import field, secure_form, submit_button
from medcab.ui.layout import Value, button, page, page_header, row, section
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.table import Column, data_table

_TITLE = "Отделения"


def departments_page() -> rx.Component:
    """`/staff/departments`."""
    columns = [
        Column("Отделение", lambda one: one["name"], head=True),
        Column("Сотрудники", lambda one: rx.link(one["people"], href=one["who"], underline="hover")),
        Column("Действия", _acts, act=True),
    ]
    table = data_table(columns, S.rows, caption="Отделения по алфавиту", key=lambda one: one["id"])
    shown = page(
        page_header(_TITLE, crumbs=[("Сотрудники", "/staff")], lead="Закрыть можно отделение, в котором никого нет."),
        loaded(S.ready, rx.fragment(
            rx.cond(S.query != "", _form("Новое название", "Переименовать"), _form("Новое отделение", "Добавить")),
            section(rx.cond(S.rows, table, empty("Отделений ещё нет")), title="Открытые отделения"),
        )),
    )  # fmt: skip
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), shown)


def _form(title: str, label: str) -> rx.Component:
    back = rx.cond(S.query != "", button("Отмена", kind="plain", href=PATH))
    form = secure_form(
        field(name="name", label="Название"), row(submit_button(label=label), back),
        action=rx.Var.create("/api/staff/department") + S.query, source="/auth/form/staff-department", label=title,  # pyright: ignore[reportArgumentType]
    )  # fmt: skip
    return section(rx.el.div(form, class_name="paper-form"), title=title)


def _acts(one: Value) -> rx.Component:
    rename = rx.button(
        rx.el.a("Переименовать", href=one["edit"], aria_label=f"Переименовать: {one['name']}"),
        as_child=True,
        variant="surface",
        color_scheme="gray",
    )
    close = confirm(
        rx.button("Закрыть", variant="surface", color_scheme="red", aria_label=f"Закрыть: {one['name']}"), title="Закрыть отделение?",
        text="В него больше нельзя будет никого назначить. Прошлые приёмы и показатели останутся.", action="Закрыть", on_confirm=S.close(one["id"]),
    )  # fmt: skip
    return rx.el.div(rename, rx.cond(one["is_empty"], close), class_name="row")
