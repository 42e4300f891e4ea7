"""The calendar by mouse and by keys: doctors side by side, a visit carried from one to another, and back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.look import Look
from tests.journeys.reception import look_at_doctor, open_day_with_free_slots, soon

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

Come = Callable[..., Any]
_MOVABLE, _FREE = ".block.visit[data-movable]", ".block.free"


def test_doctors_side_by_side_by_mouse_and_by_keys(worker: Come) -> None:
    doctor, administrator = worker("terapevt"), worker("administrator")
    day = open_day_with_free_slots(doctor)
    look_at_doctor(administrator, day)
    administrator.get_by_role("link", name="Врачи", exact=True).click()
    board = administrator.get_by_role("region", name="Приёмы рядом, по часам")
    board.wait_for()
    department = administrator.get_by_label("Отделение")
    _choose_department_with(administrator, department, "Соколова")
    column = board.get_by_role("group", name=re.compile("^Соколова"))
    column.locator(_FREE).first.wait_for()

    visit, free = column.locator(_MOVABLE).first, column.locator(_FREE).first
    name, before = _name(visit), _time(visit)
    wished = _time(free)
    _drag(administrator, visit, free)
    soon(administrator.get_by_text(f"Перенесли: {name}"))
    moved = doctor.locator(".day-row[data-what=visit]", has_text=name).filter(has_text=wished)
    soon(moved)
    administrator.get_by_role("button", name="Вернуть", exact=True).click()
    soon(doctor.locator(".day-row[data-what=visit]", has_text=name).filter(has_text=before))
    visit = column.locator(_MOVABLE, has_text=name).filter(has_text=before).first
    free = column.locator(_FREE, has_text=wished).first
    soon(visit)
    soon(free)  # the board is drawn anew too: what is taken hold of below must not be replaced meanwhile

    _drag(administrator, visit, free, drop=False)
    administrator.keyboard.press("Escape")
    administrator.mouse.up()
    expect(board.locator("[data-state=target]")).to_have_count(0)
    expect(administrator.get_by_role("dialog")).to_have_count(0)

    visit.focus()
    visit.dispatch_event("keydown", {"code": "KeyM", "key": "ь", "bubbles": True})  # M in a Russian layout
    administrator.get_by_text("Enter — перенести").wait_for()
    administrator.keyboard.press("Escape")
    expect(visit).to_be_focused()
    administrator.keyboard.press("m")
    target = board.locator("[data-state=target]")
    wished = _time(target)
    administrator.keyboard.press("Enter")
    soon(administrator.get_by_text(f"Перенесли: {name}"))
    soon(doctor.locator(".day-row[data-what=visit]", has_text=name).filter(has_text=wished))
    administrator.keyboard.press("?")
    administrator.get_by_role("dialog").get_by_text("Клавиши расписания").wait_for()
    administrator.keyboard.press("Escape")
    look = Look(administrator)
    look("doctors side by side")
    look.judge()


def _choose_department_with(page: Any, department: Any, name: str) -> None:
    """The department whose columns show this doctor; what stands already is not chosen again."""
    for label in department.locator("option").all_inner_texts():
        if page.locator(".cal-head", has_text=name).count():
            return
        department.select_option(label=label)
        page.locator(".lead", has_text=label).wait_for()
    page.locator(".cal-head", has_text=name).wait_for()


def _name(block: Any) -> str:
    return re.sub(r"^\d\d:\d\d ", "", block.locator(".block-name").inner_text()).strip()


def _time(block: Any) -> str:
    return block.inner_text()[:5]


def _drag(page: Any, what: Any, to: Any, *, drop: bool = True) -> None:
    """As a hand does it: taken at its middle, carried in steps."""
    to.scroll_into_view_if_needed()
    what.scroll_into_view_if_needed()
    begins = what.bounding_box()
    page.mouse.move(begins["x"] + begins["width"] / 2, begins["y"] + begins["height"] / 2)
    page.mouse.down()
    page.mouse.move(begins["x"] + begins["width"] / 2 + 12, begins["y"] + begins["height"] / 2, steps=3)
    ends = to.bounding_box()
    page.mouse.move(ends["x"] + ends["width"] / 2, ends["y"] + ends["height"] / 2, steps=8)
    page.locator("[data-state=target]").wait_for()
    if drop:
        page.mouse.up()
