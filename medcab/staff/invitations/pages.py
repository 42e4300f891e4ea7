"""«Приглашение»: the answer of whoever is invited."""

import reflex as rx

from medcab.staff.invitations.state import InvitationState as S
from medcab.ui.forms import action_button
from medcab.ui.layout import Value, button, key_values, page, page_header, row, section
from medcab.ui.states import empty, loaded

_SESSION = "/auth/form/session"


def invitation_page() -> rx.Component:
    """`/invitation`."""
    home = button("На рабочий стол", kind="plain", href="/")
    refused = empty("Приглашение не открылось", S.refusal, picture="locked", action=home)
    nothing = empty(
        "Приглашений нет",
        "Когда клиника пригласит вас на адрес почты из профиля, приглашение появится здесь.",
        action=home,
    )
    return page(
        page_header("Приглашение на работу", lead="Пока вы не согласитесь, ничего не изменится."),
        loaded(S.ready, rx.cond(
            S.refusal != "", refused, rx.cond(S.rows, rx.fragment(rx.foreach(S.rows, _offer)), nothing)
        )),
    )  # fmt: skip


def _offer(one: Value) -> rx.Component:
    facts = key_values(("Роль", one["place"]), ("С какого дня", one["since"]), ("Ответить до", one["until"]))
    body = rx.Var.create({"id": one["id"]})
    answers = row(
        action_button(action="/api/invitations/accept", source=_SESSION, label="Принять", kind="primary", symbol="check", body=body),
        action_button(
            action="/api/invitations/decline", source=_SESSION, label="Отказаться", kind="plain", body=body,
            confirm="Чтобы передумать, понадобится новое приглашение.", confirm_title="Отказаться от приглашения?",
        ),
    )  # fmt: skip
    return section(facts, answers, title=one["clinic"], key=one["id"])
