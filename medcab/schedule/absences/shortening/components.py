"""«Врач всё-таки работал»: days that are taken out of an absence."""

import reflex as rx

from medcab.schedule.absences.shortening.state import ShorteningState as S
from medcab.ui.layout import Value, button, row, stack
from medcab.ui.status import callout

_REASONS = ("Отозвана из отпуска", "Отозван из отпуска", "Вышла раньше", "Вышел раньше", "Отсутствие внесли по ошибке")


def shortening(opened: Value) -> rx.Component:
    """Draw it below an absence (`id`, `first`, `last`) that has begun."""
    is_here = S.of == opened["id"]
    meant = stack(
        callout(S.words, "soon", live=True),
        row(
            button("Сократить отсутствие", symbol="check", on_click=S.apply),
            button("Не сокращать", kind="plain", on_click=S.drop),
        ),
    )
    return rx.el.details(
        rx.el.summary("Врач всё-таки работал: сократить отсутствие"),
        rx.cond(is_here & (S.words != ""), meant, _form(opened, is_here)),
        class_name="fold",
    )


def _form(opened: Value, is_here: Value) -> rx.Component:
    fields = rx.el.div(
        _line("Работал с", "since", rx.cond(is_here, S.given["since"], opened["first"]), max_length=10),
        _line("По какой день", "until", rx.cond(is_here, S.given["until"], opened["last"]), max_length=10),
        _line(
            "Почему",
            "reason",
            rx.cond(is_here, S.given["reason"], ""),
            max_length=200,
            placeholder=_REASONS[0],
            list="why-shorter",
        ),
        rx.el.datalist(*[rx.el.option(value=reason) for reason in _REASONS], id="why-shorter"),
        class_name="shortening-fields",
    )
    note = rx.el.p(
        "Приёмы, которые перенесли или отменили, останутся как есть. Приёмы, которые врач провёл в эти дни, передайте ему в «Приёмы провёл"
        " другой врач»: с ними перейдут и часы. Врачу уйдёт письмо.",
        class_name="note",
    )  # fmt: skip
    said = rx.cond(is_here & (S.fault != ""), callout(S.fault, "act", live=True))
    asked = row(button("Дальше", kind="plain", symbol="arrow-right", type="submit"))
    return rx.form(stack(fields, note, said, asked), on_submit=S.ask, reset_on_submit=False)


def _line(label: str, name: str, value: Value, **props: Value) -> rx.Component:
    typed = rx.el.input(
        name=name,
        default_value=value,
        key=rx.Var.create(name) + value,
        auto_complete="off",
        class_name="plain-input",
        **props,
    )
    return rx.el.label(rx.el.span(label, class_name="field-label"), typed)
