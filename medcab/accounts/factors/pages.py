"""«Безопасность»: password, authenticator app, recovery codes, contacts. Each change asks for a fresh second factor."""

import reflex as rx

from medcab.ui.forms import (
    action_button,
    code_field,
    data_list,
    data_qr,
    data_text,
    data_when,
    field,
    password_field,
    resend_button,
    secure_form,
    submit_button,
)  # fmt: skip
from medcab.ui.layout import button, columns, page, page_header, row, section, stack
from medcab.ui.status import badge, callout


def security_page() -> rx.Component:
    """`/security`: what protects the account, and the way to change each part."""
    return page(
        page_header("Безопасность", lead="Вход всегда подтверждается вторым фактором. Чем их больше, тем труднее остаться без доступа."),
        columns(_totp(), _recovery_codes(), at_least=360),
        columns(_password(), _contacts(), at_least=360),
        section(
            rx.el.p("Где и когда входили в ваш кабинет, открытые сеансы, «это был не я»."),
            button("Журнал входов", kind="plain", href="/journal"), title="Сеансы",
        ),
    )  # fmt: skip


def _summary(title: str, *parts: rx.Component) -> rx.Component:
    return secure_form(*parts, action="/auth/check", source="/auth/form/security", label=title)


def _totp() -> rx.Component:
    on = stack(
        badge("Подключено", "done"), rx.el.p("С ", data_text(path="totp_since"), ". При входе код показывает приложение."),
        row(
            button("Подключить другой телефон", kind="plain", href="/security/totp"),
            action_button(
                action="/account/totp/remove", label="Отключить", kind="danger", confirm_title="Отключить приложение?",
                confirm="Останется только SMS: его легче перехватить. Документы подписывать будет нельзя, пока приложение не подключено снова.",
            ),
        ),
    )  # fmt: skip
    off = stack(
        badge("Не подключено", "soon"), rx.el.p("Код в приложении надёжнее SMS и приходит без связи."),
        button("Подключить", href="/security/totp"),
    )  # fmt: skip
    return section(
        _summary("Приложение", data_when(on, path="totp"), data_when(off, path="totp", absent=True)),
        title="Приложение-аутентификатор",
    )


def _recovery_codes() -> rx.Component:
    left = rx.el.p("Осталось кодов: ", data_text(path="recovery_codes_left", fallback="0"))
    few = callout("Резервных кодов почти не осталось: создайте новые.", "soon")
    form = secure_form(
        stack(
            rx.el.p("Десять одноразовых кодов на случай, если телефона нет под рукой. Распечатайте их и храните отдельно."),
            left, data_when(few, path="recovery_codes_few"),
            data_when(data_list(path="codes", label="Резервные коды"), path="codes"),
            action_button(
                action="/account/recovery-codes", label="Создать новые коды", kind="plain", confirm_title="Создать новые коды?",
                confirm="Прежние перестанут действовать. Новые будут показаны один раз.",
            ),
        ),
        action="/account/recovery-codes", source="/auth/form/security", label="Резервные коды",
    )  # fmt: skip
    return section(form, title="Резервные коды")


def _password() -> rx.Component:
    old = callout("Паролю больше 80 дней: лучше сменить его.", "soon")
    must = callout("Пароль нужно сменить: его мог узнать кто-то ещё.", "act")
    return section(
        _summary(
            "Пароль", data_when(must, path="password_must_change"), data_when(old, path="password_remind"),
            rx.el.p("Дней с последней смены: ", data_text(path="password_days", fallback="0")),
            button("Сменить пароль", kind="plain", href="/security/password"),
        ),
        title="Пароль",
    )  # fmt: skip


def _contacts() -> rx.Component:
    return section(
        _summary(
            "Контакты", rx.el.p("Телефон: ", data_text(path="phone")), rx.el.p("E-mail: ", data_text(path="email")),
            row(button("Сменить телефон", kind="plain", href="/security/phone"), button("Сменить e-mail", kind="plain", href="/security/email")),
        ),
        title="Контакты",
    )  # fmt: skip


_BACK = [("Безопасность", "/security")]


def step_up_page() -> rx.Component:
    """`/security/confirm?next=`: the second factor once more before a change."""
    return page(
        page_header(
            "Подтвердите, что это вы",
            lead="Перед изменением защиты нужен свежий код. Он действует 5 минут.",
            crumbs=_BACK,
        ),
        section(step_up_form()),
    )


def step_up_form() -> rx.Component:
    sms = stack(
        rx.el.p("Код придёт на ", data_text(path="sent_to"), "."),
        resend_button(action="/account/step-up/send", label="Отправить код"),
        code_field(name="code", label="Код из SMS"),
    )
    totp = code_field(name="code", label="Код из приложения")
    spare = field(name="code", label="Резервный код", secret=True, autocomplete="off")
    return secure_form(
        data_when(sms, path="method", equals="sms"), data_when(totp, path="method", equals="totp"),
        data_when(spare, path="method", equals="recovery"),
        submit_button(label="Подтвердить", busy_label="Проверяем…"),
        action="/account/step-up", source="/auth/form/step-up", label="Подтверждение",
    )  # fmt: skip


def totp_page() -> rx.Component:
    """`/security/totp`: the QR code and the key, then a first code to prove that the app has it."""
    enrol = stack(
        rx.el.p("1. Отсканируйте код приложением (Яндекс Ключ, Google Authenticator, Aegis и другие)."),
        data_qr(path="qr_svg", label="QR-код для приложения"),
        rx.el.p("Не сканируется? Введите ключ вручную: ", rx.el.code(data_text(path="secret"))),
        rx.el.p("2. Введите код, который показало приложение."),
        code_field(name="code", label="Код из приложения"),
        submit_button(label="Подключить", busy_label="Проверяем…"),
    )
    begin = action_button(action="/account/totp/begin", label="Показать QR-код", kind="primary")
    form = secure_form(
        data_when(begin, path="secret", absent=True), data_when(enrol, path="secret"),
        action="/account/totp/confirm", source="/auth/form/password", label="Подключение приложения",
    )  # fmt: skip
    return page(
        page_header(
            "Приложение-аутентификатор", lead="Подойдёт любое, которое показывает шестизначные коды.", crumbs=_BACK
        ),
        section(form),
    )


def password_page() -> rx.Component:
    """`/security/password`."""
    form = secure_form(
        password_field(name="current", label="Текущий пароль", autocomplete="current-password"),
        password_field(name="new", label="Новый пароль", rules=True, autocomplete="new-password"),
        submit_button(label="Сменить пароль", busy_label="Сохраняем…"),
        action="/account/password", source="/auth/form/password", label="Смена пароля",
    )  # fmt: skip
    return page(page_header("Смена пароля", lead="Остальные сеансы завершатся.", crumbs=_BACK), section(form))


def phone_page() -> rx.Component:
    """`/security/phone`."""
    return _contact_page(
        "phone",
        "Смена телефона",
        field(
            name="phone", label="Новый мобильный телефон", kind="phone", autocomplete="tel", check=True, autofocus=True
        ),
    )


def email_page() -> rx.Component:
    """`/security/email`."""
    return _contact_page(
        "email",
        "Смена e-mail",
        field(name="email", label="Новый e-mail", kind="email", autocomplete="email", check=True, autofocus=True),
    )


def _contact_page(kind: str, title: str, new: rx.Component) -> rx.Component:
    ask = secure_form(
        new, submit_button(label="Получить код", busy_label="Отправляем…"),
        data_when(rx.el.p("Код отправлен: ", data_text(path="pending")), path="pending"),
        action=f"/account/{kind}", source=f"/auth/form/{kind}", label=title,
    )  # fmt: skip
    confirm = secure_form(
        code_field(name="code", label="Код"), resend_button(action=f"/account/{kind}/resend"),
        submit_button(label="Подтвердить", busy_label="Проверяем…"),
        action=f"/account/{kind}/confirm", source=f"/auth/form/{kind}", label="Подтверждение",
    )  # fmt: skip
    return page(
        page_header(title, lead="Новый контакт начнёт действовать, когда вы подтвердите его кодом.", crumbs=_BACK),
        section(ask, title="1. Новый контакт"), section(confirm, title="2. Код подтверждения"),
    )  # fmt: skip
