"""Signing in: name and password, then the second factor on one screen. No data of these pages passes Reflex state."""

import reflex as rx

from medcab.shell.frame import public_frame
from medcab.ui.forms import (
    action_button,
    code_field,
    data_choices,
    data_link,
    data_text,
    data_when,
    field,
    password_field,
    resend_button,
    secure_form,
    submit_button,
)  # fmt: skip
from medcab.ui.layout import row, stack
from medcab.ui.status import callout


def sign_in_page() -> rx.Component:
    """`/sign-in`; in a demo its accounts are a click away."""
    ways = row(rx.link("Зарегистрироваться", href="/register/person"), rx.link("Не получается войти", href="/recovery"))
    why = callout("Чтобы продолжить, войдите: сеанс завершён или ещё не начат.", "info")
    form = secure_form(
        data_when(why, path="interrupted"),
        data_when(callout("Пароль изменён. Войдите с новым.", "done"), path="recovered"),
        field(name="login", label="Телефон или e-mail", autocomplete="username", autofocus=True, required=True),
        password_field(name="password", label="Пароль", autocomplete="current-password"),
        submit_button(label="Войти", busy_label="Проверяем…"),
        # Above what comes late: a link must not move away from under the finger.
        rx.el.div(ways, class_name="public-foot"),
        data_when(_demo(), path="demo"),
        action="/auth/sign-in", source="/auth/form/sign-in", label="Вход",
    )  # fmt: skip
    return public_frame("Вход", form, lead="Рабочее место врача, медсестры, фармацевта и руководителя клиники.")


def _demo() -> rx.Component:
    inbox = rx.el.p(
        "Коды из SMS и письма приходят сюда: ",
        data_link(path="inbox", label="входящие демонстрации"),
        class_name="note",
    )
    return stack(rx.el.h2("Демонстрация"), inbox, data_choices(path="demo", title="Войти как"), gap=2)


def code_page() -> rx.Component:
    """`/sign-in/code`: an SMS, the authenticator app or a recovery code."""
    return public_frame(
        "Подтвердите вход",
        factor_form("/auth/sign-in", "sign-in-code", "Войти"),
        foot=rx.link("Войти под другим именем", href="/sign-in"),
    )


def factor_form(door: str, source: str, label: str) -> rx.Component:
    """One screen for the second factor; `data.method` of the source says which is asked for."""
    sent = rx.el.p("Мы отправили код на ", data_text(path="sent_to"), ". Он действует 5 минут.")
    kept_back = rx.el.p(
        "На ",
        data_text(path="sent_to"),
        " только что ушёл код для другого входа. Запросите новый, когда закончится отсчёт.",
    )
    sms = stack(
        data_when(sent, path="sent"), data_when(kept_back, path="sent", absent=True),
        code_field(name="code", label="Код из SMS"),
        resend_button(action=f"{door}/resend"),
    )  # fmt: skip
    totp = stack(
        rx.el.p("Откройте приложение-аутентификатор и введите код, который оно показывает сейчас."),
        code_field(name="code", label="Код из приложения"),
    )
    spare = stack(
        rx.el.p("Введите один из сохранённых резервных кодов. Каждый действует один раз."),
        field(name="code", label="Резервный код", secret=True, autocomplete="off"),
    )
    return secure_form(
        data_when(sms, path="method", equals="sms"),
        data_when(totp, path="method", equals="totp"),
        data_when(spare, path="method", equals="recovery"),
        submit_button(label=label, busy_label="Проверяем…"),
        row(*(_other(door, name, words) for name, words in _OTHERS)),
        action=f"{door}/code", source=f"/auth/form/{source}", label=label,
    )  # fmt: skip


_OTHERS = (("totp", "Код из приложения"), ("sms", "Код по SMS"), ("recovery", "Резервный код"))


def _other(door: str, name: str, words: str) -> rx.Component:
    button = action_button(action=f"{door}/method", label=words, kind="quiet", body={"method": name})
    return data_when(data_when(button, path="method", equals=name, absent=True), path=f"can.{name}")
