"""The register is out while somebody waits for its answer: switched off and on by hand, on the sandbox's own page."""

from collections.abc import Callable
from typing import Any

import pytest

from medcab.demo.staff import workers
from tests.journeys.conftest import World

pytestmark = pytest.mark.browser

_BACK_MS = 60_000
"""Until the durable work tries again by itself."""


def test_a_check_is_postponed_and_goes_on_by_itself(
    clinic: World, worker: Callable[..., Any], visitor: Callable[..., Any]
) -> None:
    phone = next(one.phone for one in workers() if one.login == "gotov")
    switches = visitor()
    switches.goto(clinic.sandbox.url)
    switches.locator("[name='*:mode']").select_option(label="недоступен")
    switches.get_by_role("button", name="Применить").click()
    switches.get_by_text("⚠ изменено").first.wait_for()

    page = worker("gotov")
    page.goto("/activation")
    before = len(clinic.sandbox.sms(phone))
    page.get_by_role("button", name="Отправить на проверку").click()
    page.get_by_role("textbox", name="Код из SMS").fill(clinic.code(phone, after=before))
    page.get_by_text("Проверка отложена").first.wait_for()

    switches.get_by_role("button", name="Всё исправно").click()
    switches.get_by_text("⚠ изменено").wait_for(state="hidden")
    page.get_by_role("heading", name="Кабинет активирован").wait_for(timeout=_BACK_MS)
