"""«Расписание»."""

import reflex as rx

from medcab.schedule.booking.components import booking_dialog
from medcab.schedule.components import Styled, book_button, changed_note, day_list, navigation, strip, week_grid
from medcab.schedule.state import ScheduleState
from medcab.schedule.visit.components import undo_bar, visit_dialog
from medcab.ui.layout import button, page, page_header
from medcab.ui.parts import print_button
from medcab.ui.states import failed, loaded, no_rights


def schedule_page() -> rx.Component:
    """`/schedule`."""
    missing = failed(
        "Такого расписания нет",
        "Его нет, или оно вам не открыто.",
        action=button("К своему расписанию", kind="plain", href="/schedule"),
    )
    to_activation = button("К активации", href="/services")
    return rx.fragment(
        Styled.create(),
        rx.cond(
            ScheduleState.closed != "",
            page(
                page_header("Расписание"),
                no_rights(ScheduleState.closed, action=rx.cond(ScheduleState.may_activate, to_activation)),
            ),
            page(
                page_header(
                    "Расписание",
                    lead=ScheduleState.lead,
                    primary=book_button(),
                    others=[_hours(), print_button(label="Напечатать")],
                ),
                navigation(),
                strip(),
                loaded(ScheduleState.ready, rx.cond(ScheduleState.is_missing, missing, _days())),
                rx.el.div(changed_note(), undo_bar(), class_name="passing no-print"),
                booking_dialog(),
                visit_dialog(),
            ),
        ),
    )


def _hours() -> rx.Component:
    """Of whose schedule is open; nobody's while that is not known."""
    href = rx.Var.create("/schedule/hours?who=") + ScheduleState.who
    return rx.cond(ScheduleState.who != "", button("Часы приёма", kind="plain", symbol="calendar-clock", href=href))


def _days() -> rx.Component:
    lists = rx.el.div(
        rx.foreach(ScheduleState.days, day_list),
        class_name=rx.cond(ScheduleState.view == "week", "lists of-week", "lists"),
    )
    return rx.fragment(rx.cond(ScheduleState.view == "week", week_grid()), lists)
