"""«Рабочий стол»."""

import reflex as rx

from medcab.desk.components import (
    day_section,
    expected_section,
    first_step,
    offer_list,
    reminder_list,
    sent_list,
    target_section,
    ward_section,
    watch_section,
)
from medcab.desk.state import DeskState
from medcab.ui.layout import button, page, page_header
from medcab.ui.states import empty, loaded, skeleton_block


def desk_page() -> rx.Component:
    """`/`."""
    return page(
        page_header("Рабочий стол", lead=DeskState.lead),
        loaded(DeskState.ready, _desk(), skeleton_block(280)),
    )


def _desk() -> rx.Component:
    return rx.fragment(
        rx.cond(DeskState.offers, offer_list()),
        rx.cond(DeskState.sent, sent_list()),
        rx.cond(DeskState.step["title"] != "", first_step()),
        rx.cond(DeskState.has_day, day_section()),
        rx.cond(DeskState.has_expected, expected_section()),
        rx.cond(DeskState.has_attention, target_section()),
        rx.cond(DeskState.wards, ward_section()),
        rx.cond(DeskState.counts, watch_section()),
        rx.cond(DeskState.is_bare, _bare()),
        rx.cond(DeskState.reminders, reminder_list()),
    )


def _bare() -> rx.Component:
    return empty(
        "Срочного нет",
        "Когда для вашей роли появятся дела на сегодня, они будут здесь. Сейчас открыты профиль и безопасность.",
        picture="done",
        action=button("Открыть профиль", kind="plain", href="/profile"),
    )
