"""«Сотрудник»."""

import reflex as rx

from medcab.staff.person.components import place_fields
from medcab.staff.person.state import PATH
from medcab.staff.person.state import PersonState as S
from medcab.ui.dialog import confirm
from medcab.ui.forms import data_text, field, secure_form, submit_button
from medcab.ui.layout import Value, button, page, page_header, row, section, stack
from medcab.ui.states import loaded, no_rights
from medcab.ui.status import badge_of, callout
from medcab.ui.table import Column, data_table

_CRUMBS = [("Сотрудники", "/staff")]
_FIRST_DAY = "Если не указать, с сегодняшнего."
_FROM_DAY = "Должность и ставка действуют с этого дня, до него остаются прежние. Если не указать, с сегодняшнего."


def person_page() -> rx.Component:
    """`/staff/person`."""
    shown = page(
        page_header(rx.cond(S.ready, S.name, "Сотрудник"), crumbs=_CRUMBS, badge=badge_of(S.tone, S.word), lead=S.words),
        loaded(S.ready, rx.fragment(
            rx.cond(S.reason != "", callout(S.reason, "soon", title="Причина")),
            rx.match(
                S.deed, ("place", _place_form()), ("suspend", _suspend_form()), ("dismiss", _dismiss_form()), _deeds()
            ),
            section(_places(), title="Роли в клинике"),
            rx.cond(S.terms, section(_terms(), title="Должность и ставка по дням")),
            rx.cond(S.story, section(_story(), title="История")),
        )),
    )  # fmt: skip
    return rx.cond(S.closed != "", page(page_header("Сотрудник"), no_rights(S.closed)), shown)


def _deeds() -> rx.Component:
    def way(label: str, symbol: str, deed: str, kind: str = "plain") -> rx.Component:
        return button(label, symbol=symbol, kind=kind, href=rx.Var.create(f"{PATH}?do={deed}&id=") + S.person)

    restore = confirm(
        button("Вернуть права", symbol="lock-open"), title="Вернуть права?", danger=False,
        text="Сотрудник сразу сможет работать с пациентами этой клиники.", action="Вернуть", on_confirm=S.restore(S.person),
    )  # fmt: skip
    keep = confirm(
        button("Отменить увольнение", symbol="undo-2"), title="Отменить увольнение?", danger=False,
        text="Сотрудник продолжит работать, как раньше.", action="Отменить увольнение", on_confirm=S.keep(S.person), cancel="Оставить",
    )  # fmt: skip
    return row(
        rx.cond(S.is_suspended, rx.cond(S.may_decide, restore), way("Назначить роль", "plus", "place")),
        rx.cond(S.is_leaving & S.may_decide, keep),
        rx.cond(S.may_decide & ~S.is_suspended, way("Приостановить", "ban", "suspend")),
        rx.cond(S.may_decide & ~S.is_leaving, way("Уволить", "user-x", "dismiss", "danger")),
    )


def _places() -> rx.Component:
    columns = [
        Column("Роль", lambda one: one["role"], head=True),
        Column("Отделение", lambda one: one["department"]),
        Column("Должность", lambda one: one["post"]),
        Column("Ставка", lambda one: one["rate"], number=True),
        Column("Когда", lambda one: one["days"]),
        Column("Действия", _place_acts, act=True),
    ]
    return data_table(columns, S.places, caption="Роли сотрудника, новые сверху", key=lambda one: one["id"])


def _terms() -> rx.Component:
    columns = [
        Column("Когда", lambda one: one["days"], head=True),
        Column("Роль", lambda one: one["role"]),
        Column("Отделение", lambda one: one["department"]),
        Column("Должность", lambda one: one["post"]),
        Column("Ставка", lambda one: one["rate"], number=True),
    ]
    return data_table(columns, S.terms, caption="Должность и ставка по дням, новые сверху", key=lambda one: one["id"])


def _place_acts(one: Value) -> rx.Component:
    change = rx.button(
        rx.el.a("Изменить", href=one["edit"], aria_label=f"Изменить роль: {one['role']}"),
        as_child=True,
        variant="surface",
        color_scheme="gray",
    )
    end = confirm(
        rx.button("Снять", variant="surface", color_scheme="red", aria_label=f"Снять роль: {one['role']}"), title="Снять роль?",
        text="Права этой роли закончатся сразу. Остальные роли останутся.", action="Снять роль", on_confirm=S.end_place(one["id"]),
    )  # fmt: skip
    return rx.cond(one["may_change"], rx.el.div(change, end, class_name="row"), rx.fragment())


def _story() -> rx.Component:
    columns = [
        Column("Что", lambda one: one["what"], head=True),
        Column("Когда", lambda one: one["at"]),
        Column("Кто", lambda one: one["by"]),
    ]
    return data_table(columns, S.story, caption="История, новое сверху", key=lambda one: one["id"])


def _form(*fields: rx.Component, verb: str, source: str, title: str, label: str) -> rx.Component:
    """One deed about this person; the address says about whom."""
    back = button("Отмена", kind="plain", href=rx.Var.create(f"{PATH}?id=") + S.person)
    form = secure_form(
        *fields, row(submit_button(label=label), back),
        action=rx.Var.create(f"/api/staff/{verb}") + S.query, source=f"/auth/form/{source}", label=title,  # pyright: ignore[reportArgumentType]
    )  # fmt: skip
    return section(rx.el.div(form, class_name="paper-form"), title=title)


def _place_form() -> rx.Component:
    since = field(
        name="since",
        label="С какого дня",
        kind="date",
        required=False,
        hint=rx.cond(S.is_new_place, _FIRST_DAY, _FROM_DAY),
    )
    correction = field(
        name="correction", label="Исправление: за прошлые дни записано неверно", kind="checkbox", required=False
    )
    return _form(
        *place_fields(), since, rx.cond(S.is_new_place, rx.fragment(), correction),
        verb="place", source="staff-place", title="Роль в клинике", label="Сохранить",
    )  # fmt: skip


def _suspend_form() -> rx.Component:
    told = callout(
        stack(
            rx.el.div("Права в этой клинике закончатся сразу; в других клиниках останутся."),
            data_text(path="ahead"),
            gap=1,
        ),
        "soon",
    )
    return _form(
        told,
        field(name="reason", label="Причина", hint="Сотрудник увидит её в письме."),
        field(name="until", label="По какой день", kind="date", required=False, hint="Включительно. Если не указать, пока вы не вернёте права."),
        field(name="agreed", label="Записанные приёмы перенесут", kind="checkbox", required=False),
        verb="suspend", source="staff-person", title="Приостановить права", label="Приостановить",
    )  # fmt: skip


def _dismiss_form() -> rx.Component:
    told = callout(
        stack(
            rx.el.div(
                "В последний день сотрудник ещё работает, на следующий — нет. До этого увольнение можно отменить."
            ),
            data_text(path="ahead"),
            gap=1,
        ),
        "soon",
    )
    return _form(
        told,
        field(name="last_day", label="Последний день работы", kind="date"),
        field(name="reason", label="Основание", required=False),
        field(name="agreed", label="Записанные приёмы перенесут", kind="checkbox", required=False),
        verb="dismiss", source="staff-person", title="Уволить", label="Оформить увольнение",
    )  # fmt: skip
