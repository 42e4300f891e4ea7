"""Consent to the electronic signature: asked once, on the first sign-in."""

import reflex as rx

from medcab.ui.forms import action_button, data_text, data_when, secure_form
from medcab.ui.layout import page, page_header, row, section, stack
from medcab.ui.status import callout


def consent_page() -> rx.Component:
    """`/consent`."""
    buttons = row(
        action_button(action="/account/consent", label="Согласиться", kind="primary", body={"agree": True}),
        action_button(
            action="/account/consent", label="Отказаться", kind="plain", body={"agree": False},
            confirm_title="Отказаться от электронной подписи?",
            confirm="Подписывать документы в кабинете будет нельзя. Согласиться можно позже в профиле.",
        ),
    )  # fmt: skip
    form = secure_form(
        stack(
            rx.el.p(data_text(path="text")),
            callout(data_text(path="without"), "info", title="Если отказаться"),
            data_when(rx.el.p("Ваш ответ от ", data_text(path="answer.at"), " можно изменить."), path="answer"),
            buttons,
        ),
        action="/account/consent", source="/auth/form/consent", label="Согласие",
    )  # fmt: skip
    return page(
        page_header(
            "Электронная подпись",
            lead="Один вопрос перед началом работы: согласны ли вы подписывать документы электронно.",
        ),
        section(form),
    )
