"""«Календарь в телефоне»."""

import reflex as rx

from medcab.schedule.components import Styled
from medcab.schedule.feeds.state import PATH
from medcab.schedule.feeds.state import FeedsState as S
from medcab.ui.dialog import confirm
from medcab.ui.forms import data_link, data_list, data_qr, data_when, field, secure_form, submit_button
from medcab.ui.layout import Value, button, page, page_header, row, section, stack
from medcab.ui.states import empty, loaded, no_rights
from medcab.ui.status import badge, callout

_TITLE = "Календарь в телефоне"
_NAMES = (
    "Имена увидит каждый, кто откроет этот календарь: на экране блокировки, в общем календаре семьи, у поставщика календаря. "
    "Диагнозов и причин в нём нет никогда. Мы попросим ещё раз подтвердить, что это вы."
)


def feeds_page() -> rx.Component:
    """`/schedule/calendar`."""
    lead = "Ваши приёмы в календаре телефона или компьютера: на месяц назад и полгода вперёд. Обновляются сами."
    head = page_header(_TITLE, lead=lead, crumbs=[("Расписание", "/schedule")])
    body = page(
        head, Styled.create(), loaded(S.ready, stack(_making(), _links(), rx.cond(S.may_bring, _bringing()), gap=5))
    )
    return rx.cond(S.closed != "", page(page_header(_TITLE), no_rights(S.closed)), body)


def _making() -> rx.Component:
    asking = stack(
        field(name="name", label="Название", hint="Для какого устройства: «Телефон», «Компьютер дома».", autocomplete="off"),
        field(name="with_hours", label="Показывать и часы приёма", kind="checkbox", hint="Отдельными событиями, которые не занимают время."),
        field(name="with_names", label="Показывать имена пациентов", kind="checkbox", hint=_NAMES),
        submit_button(label="Создать ссылку", busy_label="Создаём…"),
    )  # fmt: skip
    form = secure_form(
        data_when(asking, path="links", absent=True), data_when(_made(), path="links"),
        action="/api/calendar", source="/auth/form/calendar", label="Новая ссылка",
    )  # fmt: skip
    return section(
        rx.el.div(form, key=S.begun),
        title="Новая ссылка",
        note="Для каждого устройства своя: потеряете одно, отзовёте только его.",
    )


def _made() -> rx.Component:
    steps = rx.el.ul(
        rx.el.li("iPhone и Mac: откройте в календаре или наведите камеру на код."),
        rx.el.li("Яндекс, Google и Outlook: «Добавить календарь» → «По ссылке (URL)»."),
        rx.el.li("Android: в программе, которая подписывается на календари по ссылке, например ICSx⁵."),
        class_name="steps",
    )
    opening = rx.el.div(data_link(path="opening", label="Открыть в календаре"), class_name="opening")
    return stack(
        callout("Ссылка работает как ключ: кто её знает, тот видит календарь. Не пересылайте её.", "soon"),
        data_list(path="links", label="Ссылка на календарь", long=True), opening, data_qr(path="qr_svg", label="QR-код для телефона"), steps,
        row(button("Ещё одна ссылка", kind="plain", symbol="plus", href=PATH)),
    )  # fmt: skip


def _links() -> rx.Component:
    def line(one: Value) -> rx.Component:
        revoke = confirm(
            button("Отозвать", kind="plain", size="2"), title="Отозвать ссылку?", action="Отозвать", on_confirm=S.revoke(one["id"]),
            text=rx.fragment("Календарь «", one["name"], "» перестанет обновляться. Вернуть ссылку нельзя, можно создать новую."),
        )  # fmt: skip
        words = rx.el.div(
            rx.el.strong(one["name"]), rx.el.span(one["clinic"]),
            rx.cond(one["has_names"], rx.el.span(badge("С именами пациентов", "soon", "eye"))),
            rx.cond(one["shows"] != "", rx.el.span(one["shows"], class_name="note")),
            rx.el.span(one["used"], class_name="note"), class_name="stack",
        )  # fmt: skip
        return rx.el.li(words, revoke, key=one["id"], class_name="hours-line")

    none = empty(
        "Ссылок пока нет", "Создайте первую: приёмы появятся в телефоне через несколько минут.", picture="calendar"
    )
    listed = rx.el.ul(rx.foreach(S.rows, line), class_name="rows")
    return section(rx.cond(S.rows, listed, none), title="Ваши ссылки")


def _bringing() -> rx.Component:
    words = rx.el.p("Отпуск или учёба уже стоят в вашем календаре? Закройте эти дни для записи по файлу.")
    return section(
        stack(words, row(button("Отсутствия из календаря", kind="plain", symbol="upload", href="/schedule/away"))),
        title="Из календаря",
    )
