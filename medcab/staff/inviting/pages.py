"""«Пригласить сотрудника»."""

import reflex as rx

from medcab.staff.invitations.state import InviteState as S
from medcab.staff.person.components import place_fields
from medcab.ui.forms import field, secure_form, submit_button
from medcab.ui.layout import button, page, page_header, row, section
from medcab.ui.states import no_rights

_TITLE = "Пригласить сотрудника"


def invite_page() -> rx.Component:
    """`/staff/invite`."""
    form = secure_form(
        field(name="email", label="E-mail", kind="email", check=True, hint="На него придёт ссылка. Она действует 7 дней, один раз и только для этого адреса."),
        field(name="family_name", label="Фамилия", check=True), field(name="given_name", label="Имя", check=True),
        field(name="patronymic", label="Отчество", check=True, required=False),
        *place_fields(),
        field(name="since", label="С какого дня", kind="date", required=False, hint="Если не указать, со дня, когда человек согласится."),
        row(submit_button(label="Отправить приглашение"), button("Отмена", kind="plain", href="/staff")),
        action="/api/staff/invite", source="/auth/form/staff-invite", label=_TITLE,
    )  # fmt: skip
    lead = "Человек войдёт или зарегистрируется с этим адресом, согласится и появится в списке."
    shown = page(
        page_header(_TITLE, crumbs=[("Сотрудники", "/staff")], lead=lead),
        section(rx.el.div(form, class_name="paper-form")),
    )
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), shown)
