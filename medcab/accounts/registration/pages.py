"""Registration, a step a page: person → contacts → password → phone → e-mail. Leaving and coming back loses nothing."""

import reflex as rx

from medcab.shell.frame import public_frame
from medcab.ui.forms import code_field, data_text, field, password_field, resend_button, secure_form, submit_button
from medcab.ui.layout import columns, stack
from medcab.ui.stepper import Step, StepState, stepper

_STEPS = (
    ("person", "О вас"), ("contacts", "Контакты"), ("password", "Пароль"), ("phone", "Код из SMS"), ("email", "Код из письма"),
)  # fmt: skip


def _page(step: str, title: str, lead: str, *fields: rx.Component, label: str = "Продолжить") -> rx.Component:
    form = secure_form(
        *fields, submit_button(label=label, busy_label="Сохраняем…"),
        action=f"/auth/register/{step}", source=f"/auth/form/register-{step}", label=title,
    )  # fmt: skip
    foot = rx.fragment("Уже есть кабинет? ", rx.link("Войти", href="/sign-in"))
    return public_frame(title, stack(_progress(step), form), lead=lead, foot=foot, width=620)


def _progress(step: str) -> rx.Component:
    names = [name for name, _ in _STEPS]
    now = names.index(step)

    def state(index: int) -> StepState:
        return "done" if index < now else "current" if index == now else "todo"

    steps: list[Step] = [{"title": title, "hint": "", "state": state(i)} for i, (_, title) in enumerate(_STEPS)]
    return stepper(steps, label="Шаги регистрации")


def person_page() -> rx.Component:
    """`/register/person`."""
    return _page(
        "person", "Регистрация", "Укажите данные, как в паспорте: по ним вас найдёт федеральный регистр медицинских работников.",
        field(name="family_name", label="Фамилия", autocomplete="family-name", check=True, required=True, autofocus=True),
        columns(
            field(name="given_name", label="Имя", autocomplete="given-name", check=True, required=True),
            field(name="patronymic", label="Отчество", hint="Если есть", autocomplete="additional-name", check=True),
            at_least=220,
        ),
        field(name="birth_date", label="Дата рождения", kind="date", autocomplete="bday", check=True, required=True),
        columns(
            field(name="snils", label="СНИЛС", kind="snils", check=True, required=True),
            field(name="inn", label="ИНН", kind="inn", hint="Личный, 12 цифр", check=True, required=True),
            at_least=220,
        ),
    )  # fmt: skip


def contacts_page() -> rx.Component:
    """`/register/contacts`."""
    return _page(
        "contacts", "Контакты", "На телефон и почту придут коды. По ним же вы вернёте доступ, если забудете пароль.",
        field(name="phone", label="Мобильный телефон", kind="phone", autocomplete="tel", check=True, required=True, autofocus=True),
        field(name="email", label="E-mail", kind="email", autocomplete="email", check=True, required=True),
    )  # fmt: skip


def password_page() -> rx.Component:
    """`/register/password`."""
    return _page(
        "password", "Пароль", "Удобнее всего фраза из нескольких слов: от 15 символов она не обязана содержать цифры и знаки.",
        password_field(name="password", label="Придумайте пароль", rules=True, autocomplete="new-password", autofocus=True),
    )  # fmt: skip


def phone_page() -> rx.Component:
    """`/register/phone`."""
    return _code("phone", "Подтвердите телефон", "Код из SMS")


def email_page() -> rx.Component:
    """`/register/email`."""
    return _code("email", "Подтвердите почту", "Код из письма")


def _code(step: str, title: str, label: str) -> rx.Component:
    return _page(
        step, title, "Код действует 5 минут.",
        rx.el.p(
            "Мы отправили код на ", data_text(path="sent_to"), ". ",
            rx.link("Изменить телефон или почту", href="/register/contacts"),
        ),
        code_field(name="code", label=label),
        resend_button(action=f"/auth/register/{step}/resend"),
        label="Подтвердить",
    )  # fmt: skip


def done_page() -> rx.Component:
    """`/register/done`: the same words for a new person and for one who was registered already."""
    body = stack(
        rx.el.p("Кабинет готов: войдите с телефоном и паролем, которые вы указали."),
        rx.el.p("Если вы регистрировались раньше, новый кабинет не создан: мы написали на почту, как войти в прежний."),
        rx.link("Войти", href="/sign-in"),
    )
    return public_frame("Данные приняты", body)
