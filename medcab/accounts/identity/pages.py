"""«Профиль»."""

import reflex as rx

from medcab.accounts.identity.state import ProfileState
from medcab.ui.forms import data_text, data_when, secure_form
from medcab.ui.layout import Value, button, columns, key_values, page, page_header, section, stack
from medcab.ui.states import loaded
from medcab.ui.status import badge_of, callout


def profile_page() -> rx.Component:
    """`/profile`."""
    person = key_values(
        ("Фамилия, имя, отчество", ProfileState.name), ("Дата рождения", ProfileState.born), ("СНИЛС", ProfileState.snils),
        ("Телефон", ProfileState.phone), ("E-mail", ProfileState.email),
    )  # fmt: skip
    return page(
        page_header("Профиль", lead="Как вас знает кабинет.", badge=badge_of(ProfileState.tone, ProfileState.standing)),
        rx.cond(ProfileState.reason != "", callout(ProfileState.reason, "act", title="Почему статус приостановлен")),
        columns(
            section(
                loaded(ProfileState.is_hydrated, person),
                stack(
                    button("Исправить личные данные", kind="plain", href="/activation?step=documents&edit=identity"),
                    button("Подтвердить личность", kind="plain", href="/identity"),
                    button("Сменить телефон или e-mail", kind="plain", href="/security"),
                    gap=2,
                ),
                title="Личные данные",
            ),
            stack(_places(), _signature()),
            at_least=360,
        ),
    )  # fmt: skip


def _places() -> rx.Component:
    def place(row: Value) -> rx.Component:
        return rx.el.li(rx.el.strong(row["name"]), rx.el.br(), rx.el.small(row["roles"]), key=row["id"])

    none = rx.el.p("Пока ни одна организация не добавила вас к себе. Это делает её администратор.", class_name="note")
    return section(
        loaded(ProfileState.is_hydrated, rx.cond(ProfileState.places, rx.el.ul(rx.foreach(ProfileState.places, place), class_name="rows"), none)),
        title="Место работы",
    )  # fmt: skip


def _signature() -> rx.Component:
    certificate = key_values(
        ("Владелец", data_text(path="certificate.subject")), ("Кем выдан", data_text(path="certificate.issuer")),
        ("Серийный номер", data_text(path="certificate.serial")),
        ("Действует", rx.el.span(data_text(path="certificate.not_before"), " – ", data_text(path="certificate.not_after"))),
    )  # fmt: skip
    none = stack(
        rx.el.p(
            "Сертификата нет: вы не соглашались на электронную подпись, подписывать документы нельзя.",
            class_name="note",
        ),
        button("Открыть соглашение", kind="plain", href="/consent"),
    )
    form = secure_form(
        data_when(certificate, path="certificate"), data_when(none, path="certificate", absent=True),
        action="/account/consent", source="/auth/form/consent", label="Сертификат",
    )  # fmt: skip
    return section(form, title="Электронная подпись")
