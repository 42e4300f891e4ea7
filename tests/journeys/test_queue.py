"""A nurse at the desk of a ward marks who has come by the keyboard; the doctor's page follows; the hall sees no names."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]


def test_the_queue_of_a_ward(worker: Callable[..., Any]) -> None:
    nurse, head = worker("sestra"), worker("zaveduyushchaya")
    look = Look(nurse)
    for page in (nurse, head):
        page.goto("/schedule/queue")
        page.locator(".queue-stage").first.wait_for()
    rows = nurse.locator("[data-queue-row]")
    if rows.count():  # nobody is seen on a Sunday
        one = nurse.locator("[data-queue-row]:has([data-act])").first
        if one.count():
            key = one.get_attribute("data-queue-row")
            act = one.locator("[data-act]").first.get_attribute("data-act")
            words = one.locator(".queue-since, .note").inner_text()
            one.focus()
            nurse.keyboard.press({"arrived": "a", "started": "s", "done": "d", "no_show": "x"}[act or ""])
            nurse.get_by_role("button", name="Вернуть").wait_for()
            head.locator(f"[data-queue-row='{key}']").filter(has_not_text=words).wait_for()
            nurse.get_by_role("button", name="Вернуть").click()
            nurse.get_by_text("Вернули как было.").wait_for()
        names = rows.locator("strong").all_inner_texts()
        look("queue")
        nurse.goto("/schedule/queue?screen=1")
        nurse.locator(".queue-screen").wait_for()
        shown = nurse.locator(".queue-screen").inner_text()
        assert not any(name in shown for name in names)
    look("queue screen")
    look.judge()
