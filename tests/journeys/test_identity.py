"""A doctor proves on a telephone who they are: the bank knows somebody else first, then them."""

from collections.abc import Callable
from typing import Any

import pytest

from medcab.demo.staff import workers
from tests.journeys.access import at
from tests.journeys.conftest import Face, World
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

LOGIN, STRANGER = "konsultacii5", "konsultacii6"


def to_the_bank(page: Any) -> None:
    page.get_by_role("button", name="Подтвердить через банк").click()
    page.get_by_role("heading", name="Вход в банк").wait_for()


def sign_in_as(page: Any, login: str) -> None:
    who = next(one for one in workers() if one.login == login)
    page.get_by_role("searchbox", name="Фамилия или СНИЛС").fill(who.snils)
    page.get_by_role("button", name="Найти").click()
    page.get_by_role("link", name=who.name.family).click()


def looked_at(page: Any, name: str) -> None:
    look = Look(page)  # a new one each time: a refusal in between is what the browser complains of, and is meant
    look(f"identity {name}")
    look.judge()


def test_identity_is_proved_through_the_bank(clinic: World, worker: Callable[..., Any]) -> None:
    page = worker(LOGIN, Face(390, 844))
    page.goto("/profile")
    page.get_by_role("link", name="Подтвердить личность").click()
    page.get_by_text("не подтверждена", exact=True).wait_for()

    to_the_bank(page)
    sign_in_as(page, STRANGER)
    page.get_by_text("В банке другой человек: не совпадает фамилия, имя или отчество").wait_for()
    assert "code=" not in page.url
    looked_at(page, "another's bank")
    page.get_by_role("link", name="К подтверждению личности").click()
    page.get_by_role("heading", name="Что не получилось").wait_for()
    looked_at(page, "not proved yet")

    to_the_bank(page)
    page.get_by_role("link", name="Отказаться и вернуться").click()
    page.get_by_text("вход отменён").wait_for()
    page.get_by_role("link", name="К подтверждению личности").click()

    to_the_bank(page)
    sign_in_as(page, LOGIN)
    page.wait_for_url(at("/identity"))
    page.get_by_text("Подтверждена через банк").wait_for()
    looked_at(page, "proved")
