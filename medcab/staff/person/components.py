"""The fields of a place in the clinic, of a worker and of an invitation alike."""

import reflex as rx

from medcab.ui.forms import field


def place_fields() -> list[rx.Component]:
    """What somebody is in the clinic; also of an invitation."""
    return [
        field(name="role", label="Роль", kind="select", hint="От роли зависит, что человек видит и может."),
        field(name="department_id", label="Отделение", kind="select", required=False, placeholder="Вся клиника"),
        field(
            name="post", label="Должность", required=False, hint="Как в трудовом договоре: врач-терапевт участковый."
        ),
        field(name="rate", label="Ставка", required=False, hint="Часть полной ставки: 1, 0,5 или 0,25."),
    ]
