"""A doctor's day without a mouse: between days, through the list, booked, moved, missed, called off, and everything taken back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab.demo.clinic import identity
from tests.journeys.look import Look
from tests.journeys.reception import line_at, marked, time_of

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

DOCTOR = identity("person", "terapiya9")
_FOCUSED = "() => document.activeElement.closest('.day-row')?.dataset ?? {}"


def test_a_day_is_worked_by_the_keyboard_alone(worker: Callable[..., Any]) -> None:
    page = worker("administrator")
    keys, look = page.keyboard, Look(page, whole=False)
    page.goto(f"/schedule?who={DOCTOR}")
    page.locator(".day-head h2").wait_for()
    _turn_to(page, "PageDown", "[data-what=free]")

    free = page.locator("[data-what=free]").first
    time, row = time_of(free), free.get_attribute("data-at")
    _walk_to(page, row)
    keys.press("n")
    page.get_by_role("dialog").wait_for()
    keys.type("Мещеряков")
    page.locator(".patient").first.wait_for()
    keys.press("ArrowDown")
    keys.press("Enter")
    page.locator(".patient-chosen").wait_for()
    look("booking by keys")
    _tab_to(page, "Записать")
    keys.press("Enter")
    visit = line_at(page, time, "visit").filter(has_text="Мещеряков")
    marked(visit, "Записан").wait_for()
    page.wait_for_function(f"at => ({_FOCUSED})().at === at", arg=row)  # where it was left

    keys.press("m")
    page.get_by_label("Свободное время, ближайшее сначала").wait_for()
    _tab_to(page, r"..,")
    keys.press("Enter")
    page.get_by_text("Перенесли: Мещеряков").wait_for()
    _back_in_list(page)
    keys.press("z")
    page.get_by_text("Вернули как было.").first.wait_for()
    marked(visit, "Записан").wait_for()

    _focus_on(page, row)
    keys.press("Enter")  # everything that can be done with it
    page.get_by_role("dialog").wait_for()
    keys.press("Escape")
    page.wait_for_function(f"at => ({_FOCUSED})().at === at", arg=row)
    keys.press("Enter")
    page.get_by_role("dialog").wait_for()
    _tab_to(page, "Отменить приём")
    keys.press("Enter")
    page.get_by_text("Причина отмены").wait_for()
    _tab_to(page, "")
    keys.press("Space")
    _tab_to(page, "Отменить приём")
    keys.press("Enter")
    marked(visit, "Отменён").wait_for()
    _back_in_list(page)
    keys.press("z")
    marked(visit, "Записан").wait_for()

    keys.press("?")
    page.get_by_role("dialog").get_by_text("Клавиши расписания").wait_for()
    keys.press("Escape")
    _turn_to(page, "PageUp", ".day-row:has(.status:text-is('Принят'))")
    look("a day by keys")
    look.judge()


def test_the_grid_is_worked_by_the_keyboard_alone(worker: Callable[..., Any]) -> None:
    page = worker("administrator")
    keys = page.keyboard
    page.goto(f"/schedule?who={DOCTOR}&view=week")
    page.get_by_role("region", name="Неделя по часам").wait_for()
    keys.press("Escape")
    _turn_to(page, "PageDown", ".block.free")
    place = page.locator(".block.free").first
    place.focus()
    key = place.get_attribute("data-key")
    keys.press("n")
    page.get_by_role("dialog").wait_for()
    keys.press("Escape")
    expect(page.locator(f"[data-key='{key}']")).to_be_focused()
    keys.press("ArrowRight")
    expect(page.locator(f"[data-key='{key}']")).not_to_be_focused()
    expect(page.locator(".cal-frame :focus")).to_have_count(1)


def _back_in_list(page: Any) -> None:
    page.wait_for_function(f"() => Boolean(({_FOCUSED})().at)")


def _turn_to(page: Any, key: str, what: str) -> None:
    """Day by day (or week by week) until there is such a thing; the focus comes along."""
    title = page.locator(".lead").first
    page.locator(".day-row:visible, .block:visible, .state:visible").first.wait_for()  # a Sunday has no hours
    for _ in range(12):
        before = title.inner_text()
        if not page.evaluate("() => Boolean(document.activeElement.closest('.day-row, .block'))"):
            page.locator(f".way-{'next' if key == 'PageDown' else 'previous'}").focus()
            page.keyboard.press("Enter")
        else:
            page.keyboard.press(key)
        title.filter(has_not_text=before).wait_for()
        if page.locator(what).count():
            return
    raise AssertionError(f"no {what}")


def _walk_to(page: Any, at: str) -> None:
    """Into the list by Tab, then down it to the line of this time."""
    for _ in range(60):
        if page.evaluate(_FOCUSED).get("at"):
            break
        page.keyboard.press("Tab")
    _focus_on(page, at)


def _focus_on(page: Any, at: str) -> None:
    for _ in range(60):
        here = page.evaluate(_FOCUSED).get("at")
        assert here, "the focus is in the list"
        if here == at:
            return
        page.keyboard.press("j" if here < at else "k")
    raise AssertionError(f"the arrows do not lead to {at}")


def _tab_to(page: Any, begins: str) -> None:
    """Press Tab until the focus is on what begins so; on anything to tick, with nothing."""
    words = "() => document.activeElement.type === 'radio' ? '' : document.activeElement.innerText.replace(/\\s+/g, ' ').trim() || '-'"
    for _ in range(40):
        page.keyboard.press("Tab")
        said = page.evaluate(words)
        if said == begins or (begins and re.match(begins, said)):
            return
    raise AssertionError(f"Tab does not lead to {begins}")
