"""«Часы видеозвонков»."""

import reflex as rx

from medcab.proofs.video.components import Styled
from medcab.proofs.video.hours.state import VideoHoursState as S
from medcab.ui.layout import Value, button, page, page_header, row, section, stack
from medcab.ui.states import loaded, no_rights


def hours_page() -> rx.Component:
    """`/identity/desk/hours`."""
    title, crumbs = "Часы видеозвонков", [("Видеозвонки", "/identity/desk")]
    head = page_header(
        title, lead="В эти часы к вам можно записаться. В праздники звонков нет. Время по Москве.", crumbs=crumbs
    )
    body = page(head, Styled.create(loaded(S.ready, section(_form()))))
    return rx.cond(S.closed != "", page(page_header(title), no_rights(S.closed)), body)


def _form() -> rx.Component:
    def day(each: Value) -> rx.Component:
        name = each["name"]
        return rx.el.div(
            rx.el.strong(name),
            rx.el.input(type="time", step="900", name="since" + each["number"], default_value=each["since"], aria_label=name + ": с"),
            rx.el.input(type="time", step="900", name="until" + each["number"], default_value=each["until"], aria_label=name + ": до"),
            key=each["number"],
        )  # fmt: skip

    away = rx.el.label(
        rx.el.span("Отпуск или болезнь: не принимаю по", class_name="field-label"),
        rx.el.input(type="date", name="away", default_value=S.away_until),
        class_name="call-away",
    )
    note = rx.el.p(
        "Уже назначенные звонки не отменяются: отмените их в списке или их возьмёт коллега.", class_name="note"
    )
    return rx.form(
        stack(
            rx.el.div(rx.foreach(S.days, day), class_name="call-hours"),
            away,
            note,
            row(button("Сохранить", type="submit", symbol="check")),
        ),
        on_submit=S.save,
        reset_on_submit=False,
    )
