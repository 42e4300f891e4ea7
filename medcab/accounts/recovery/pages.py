"""Getting back in: a code to the linked phone, the other factor when there is one, a new password."""

import reflex as rx

from medcab.shell.frame import public_frame
from medcab.ui.forms import code_field, field, password_field, resend_button, secure_form, submit_button


def _page(title: str, lead: str, *fields: rx.Component, step: str = "", label: str = "Продолжить") -> rx.Component:
    form = secure_form(
        *fields, submit_button(label=label, busy_label="Проверяем…"),
        action=f"/auth/recovery/{step}" if step else "/auth/recovery",
        source=f"/auth/form/recovery-{step}" if step else "/auth/form/recovery", label=title,
    )  # fmt: skip
    return public_frame(title, form, lead=lead, foot=rx.link("Вернуться ко входу", href="/sign-in"))


def start_page() -> rx.Component:
    """`/recovery`."""
    return _page(
        "Восстановление доступа", "Мы отправим код на телефон, который указан в кабинете.",
        field(name="login", label="Телефон или e-mail", autocomplete="username", required=True, autofocus=True),
        label="Получить код",
    )  # fmt: skip


def code_page() -> rx.Component:
    """`/recovery/code`: looks the same whether the name is known or not."""
    return _page(
        "Код из SMS", "Если такой кабинет есть, код уже отправлен на его телефон.",
        code_field(name="code", label="Код из SMS"), resend_button(action="/auth/recovery/resend"), step="code",
    )  # fmt: skip


def factor_page() -> rx.Component:
    """`/recovery/factor`: a lost phone alone must not be enough."""
    return _page(
        "Ещё одно подтверждение", "К кабинету подключено приложение-аутентификатор. Введите его код или резервный код.",
        field(name="code", label="Код из приложения или резервный код", secret=True, autocomplete="one-time-code", autofocus=True),
        step="factor",
    )  # fmt: skip


def password_page() -> rx.Component:
    """`/recovery/password`."""
    return _page(
        "Новый пароль", "После смены все открытые сеансы завершатся.",
        password_field(name="password", label="Новый пароль", rules=True, autocomplete="new-password", autofocus=True),
        step="password", label="Сохранить пароль",
    )  # fmt: skip
