"""The page of a patient's link. It names nobody, no doctor, no specialty; what it shows comes by the link's secret only."""

import reflex as rx

from medcab.shell.frame import public_frame
from medcab.ui.forms import action_button, data_text, data_when, secure_form
from medcab.ui.layout import row, stack

_DOOR = "/api/visit"
_TOKEN = "new URLSearchParams(globalThis.location?.search).get('t') ?? ''"


def visit_page() -> rx.Component:
    """`/v`."""
    shown = stack(
        rx.el.p(rx.el.strong(data_text(path="head"))),
        data_when(data_text(path="when"), path="when"),
        data_when(data_text(path="clinic"), path="clinic"),
        data_when(data_text(path="room"), path="room"),
        data_when(data_text(path="words"), path="words"),
        gap=2,
    )
    answers = rx.fragment(
        data_when(row(_yes("Приду"), _no("Не смогу прийти", _CALL_OFF)), path="standing", equals="asked"),
        data_when(row(_no("Всё-таки не смогу", _CALL_OFF)), path="standing", equals="confirmed"),
        data_when(row(_no("Не смогу прийти", _CALL_OFF)), path="standing", equals="away"),
        data_when(row(_yes("Записаться"), _no("Не подходит", _PASS)), path="standing", equals="offered"),
    )
    form = secure_form(shown, answers, action=_DOOR, source="/auth/form/visit", label="Приём")
    return public_frame("Приём в клинике", form, lead="Ответьте, чтобы время не пропало.")


_CALL_OFF = "Запись отменится, время отдадут другому пациенту."
_PASS = "Это время предложат следующему. Вы останетесь в листе ожидания."


def _said(answer: str) -> rx.Var[dict[str, str]]:
    return rx.Var(_js_expr=f"({{answer: '{answer}', token: {_TOKEN}}})").to(dict[str, str])


def _yes(label: str) -> rx.Component:
    return action_button(action=_DOOR, label=label, kind="primary", symbol="check", body=_said("yes"), echo="version")


def _no(label: str, what: str) -> rx.Component:
    return action_button(
        action=_DOOR,
        label=label,
        kind="plain",
        body=_said("no"),
        echo="version",
        confirm=what,
        confirm_title=f"{label}?",
    )
