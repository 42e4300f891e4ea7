"""«Подтверждение личности», and where the bank sends the browser back to."""

import reflex as rx

from medcab.proofs.state import IdentityState as S
from medcab.ui.forms import action_button
from medcab.ui.layout import Value, button, columns, page, page_header, row, section, stack
from medcab.ui.onward import onward
from medcab.ui.states import empty, loaded
from medcab.ui.status import badge, callout

_PROFILE = ("Профиль", "/profile")
_BANK = "Банк уже знает вас в лицо и по паспорту. Мы спросим у него только имя, дату рождения и СНИЛС; о счетах он нам не скажет, а мы ему — о работе."
_VIDEO = "Оператор позвонит в выбранное время, сличит вас с паспортом и попросит назвать СНИЛС. Нужны камера, микрофон и паспорт, это займёт до 15 минут."


def identity_page() -> rx.Component:
    """`/identity`."""
    proved = badge("подтверждена", "done", "circle-check")
    return page(
        page_header(
            "Подтверждение личности", lead=S.sentence, crumbs=[_PROFILE],
            badge=rx.cond(S.ready, rx.cond(S.is_proved, proved, badge("не подтверждена", "soon", "triangle-alert"))),
        ),
        rx.cond(
            S.is_required & ~S.is_proved,
            callout("Без этого кабинет не активируется: таково правило этой системы.", "info"),
        ),
        loaded(S.ready, rx.cond(S.is_proved, _done(), stack(_ways(), _refusals()))),
    )  # fmt: skip


def bank_page() -> rx.Component:
    """`/identity/bank`."""
    return page(
        page_header("Возвращаемся из банка", crumbs=[_PROFILE, ("Подтверждение личности", "/identity")]),
        section(
            onward(
                action="/account/identity/bank/answer", source="/auth/form/session", busy="Сверяем ответ банка с вашими данными…",
                back="/identity", back_label="К подтверждению личности",
            )
        ),
    )  # fmt: skip


def _ways() -> rx.Component:
    to_bank = action_button(
        action="/account/identity/bank",
        source="/auth/form/session",
        label="Подтвердить через банк",
        kind="primary",
        symbol="shield-check",
    )
    bank = section(stack(rx.el.p(_BANK), row(to_bank)), title="Через банк")
    none = section(
        empty("Пока подтвердить нельзя", "Здесь не подключён ни один банк и нет часов видеозвонков. Обратитесь в поддержку.", picture="locked")
    )  # fmt: skip
    both = columns(rx.cond(S.has_bank, bank), rx.cond(S.has_video, _video()), at_least=320)
    return rx.cond(S.has_bank | S.has_video, both, none)


def _video() -> rx.Component:
    arranged = stack(
        rx.el.p("Звонок назначен на ", rx.el.strong(S.video), "."),
        row(button("К звонку", symbol="phone", href="/identity/video")),
    )
    choosing = stack(
        rx.el.p(_VIDEO), row(button("Выбрать время", kind="plain", symbol="calendar-plus", href="/identity/video"))
    )
    return section(rx.cond(S.video != "", arranged, choosing), title="По видеосвязи")


def _done() -> rx.Component:
    return section(
        empty(
            "Личность подтверждена",
            "Подтверждать снова придётся, только если изменятся имя, дата рождения или СНИЛС.",
            picture="done",
        )
    )


def _refusals() -> rx.Component:
    def line(one: Value) -> rx.Component:
        return rx.el.li(rx.el.strong(one["at"]), rx.el.br(), one["why"], key=one["key"])

    listed = rx.el.ul(rx.foreach(S.refusals, line), class_name="rows")
    return rx.cond(S.refusals, section(listed, title="Что не получилось"))
