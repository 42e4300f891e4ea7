"""«Расписание»."""

import reflex as rx

from medcab.schedule.booking.components import booking_dialog
from medcab.schedule.calendar.export.components import exports
from medcab.schedule.components import (
    Styled,
    book_button,
    changed_note,
    day_lists,
    grid,
    listed,
    month,
    navigation,
    places,
    print_head,
    strip,
    turns,
)
from medcab.schedule.state import ScheduleState
from medcab.schedule.visit.components import undo_bar, visit_dialog
from medcab.ui.calendar import calendar_keys
from medcab.ui.layout import Value, button, page, page_header
from medcab.ui.parts import print_button
from medcab.ui.states import empty, failed, loaded, no_rights


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
                    others=[places(), exports(), calendar_keys(), print_button(label="Напечатать")],
                ),
                navigation(),
                rx.cond(_has_strip(), strip()),
                rx.el.div(
                    print_head(),
                    loaded(ScheduleState.ready, rx.cond(ScheduleState.is_missing, missing, _days())),
                    class_name=rx.cond(_is_wide(), "paper is-wide", "paper"),
                ),
                rx.el.div(changed_note(), undo_bar(), class_name="passing no-print"),
                booking_dialog(),
                visit_dialog(),
            ),
        ),
    )


def _has_strip() -> Value:
    return (ScheduleState.view != "month") & (ScheduleState.view != "list")


def _is_wide() -> Value:
    """What is broader than it is long, on paper too."""
    return (ScheduleState.view == "week") | (ScheduleState.view == "people")


def _days() -> rx.Component:
    week = rx.fragment(
        rx.el.div(grid(), class_name="of-week-grid"),
        day_lists(name="lists of-week"),
    )
    people = rx.fragment(rx.cond(ScheduleState.grid["columns"], grid(), _nobody()), turns())
    return rx.fragment(
        rx.match(
            ScheduleState.view, ("week", week), ("month", month()), ("list", listed()), ("people", people), day_lists()
        )
    )


def _nobody() -> rx.Component:
    return empty("Показать некого", "В этом отделении никто не принимает, или кабинеты не указаны.", picture="calendar")
