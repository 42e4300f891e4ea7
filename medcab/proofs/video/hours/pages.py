"""«Часы видеозвонков»."""

import reflex as rx

from medcab.proofs.video.components import Styled
from medcab.proofs.video.hours.state import VideoHoursState as S
from medcab.ui.layout import Value, button, page, page_header, row, section, stack
from medcab.ui.states import loaded, no_rights
from medcab.ui.status import callout_of


def hours_page() -> rx.Component:
    """`/identity/desk/hours`."""
    title, crumbs = "Часы видеозвонков", [("Видеозвонки", "/identity/desk")]
    head = page_header(
        title,
        lead="В эти часы к вам можно записаться; пустые поля: в этот день звонков нет. В праздники их нет всегда. Время по Москве.",
        crumbs=crumbs,
    )
    body = page(head, Styled.create(loaded(S.ready, section(_form()))))
    return rx.cond(S.closed != "", page(page_header(title), no_rights(S.closed)), body)


def _form() -> rx.Component:
    """Its fields are the browser's own: a key that holds the value brings in what was read anew."""

    def day(each: Value) -> rx.Component:
        name = each["name"]
        return rx.el.div(
            rx.el.strong(name), _time("since" + each["number"], each["since"], name + ": с"),
            _time("until" + each["number"], each["until"], name + ": до"), key=each["number"] + each["since"] + each["until"],
        )  # fmt: skip

    away = rx.el.label(
        rx.el.span("Отпуск или болезнь: не принимаю по", class_name="field-label"),
        rx.el.input(type="date", name="away", default_value=S.away_until, key=S.away_until, class_name="plain-input"),
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
            rx.cond(S.fault != "", callout_of("act", S.fault)),
            row(button("Сохранить", type="submit", symbol="check")),
        ),
        on_submit=S.save,
        reset_on_submit=False,
    )


def _time(name: Value, value: Value, label: Value) -> rx.Component:
    """As text: the browser's own field follows the language of the browser, not of the page."""
    return rx.el.input(
        name=name,
        default_value=value,
        aria_label=label,
        placeholder="09:00",
        input_mode="numeric",
        max_length=5,
        auto_complete="off",
        class_name="plain-input",
    )
