"""A doctor calls in sick: an administrator deals with every visit from a telephone, and takes it back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab import clock
from medcab.demo.clinic import identity
from tests.journeys.conftest import Face
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

DOCTOR = identity("person", "terapiya5")


def test_a_doctor_is_away_for_two_weeks(worker: Callable[..., Any]) -> None:
    page = worker("administrator", Face(390, 844))
    look = Look(page)
    first = clock.today() + timedelta(days=1)
    page.goto("/schedule/absence")
    page.get_by_label("Кого не будет").select_option(value=str(DOCTOR))
    page.get_by_label("С какого дня").fill("когда-нибудь")
    page.get_by_role("button", name="Показать, кого это затронет").click()
    page.get_by_text("не похоже на дату").wait_for()
    page.get_by_label("С какого дня").fill(f"{first:%d.%m.%Y}")
    page.get_by_label("По какой день").fill(f"{first + timedelta(days=13):%d.%m.%Y}")
    page.get_by_role("button", name="Показать, кого это затронет").click()
    page.get_by_role("heading", name="Кого это затронет").wait_for()
    lines = page.locator(".absence-line")
    lines.first.wait_for()
    count = lines.count()
    look("absence planned")
    onwards = page.get_by_role("button", name="Следующие")
    if onwards.count():  # the demo's fortnight has about fifty visits, more or fewer by the day of the week
        onwards.click()
        page.get_by_role("status").filter(has_text="Показаны 51–").wait_for()
        count += lines.count()
    choice = lines.first.get_by_role("combobox")
    choice.select_option(value="call")
    page.get_by_role("status").filter(has_text="позвонить 1").wait_for()
    page.get_by_role("button", name="Внести отсутствие").click()
    page.get_by_text("Сообщения пациентам уйдут в").wait_for()
    assert lines.count() == count, "every visit is accounted for"
    page.get_by_label("Позвонили").click()
    expect(page.get_by_label("Позвонили")).to_be_checked()
    look("absence entered")
    look.judge()
    page.get_by_role("button", name="Вернуть как было").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Вернуть", exact=True).click()
    page.get_by_text("Отсутствие отменено, всё возвращено.").wait_for()
    assert not page.get_by_text("Не вернулись").count()


def test_half_of_a_list_goes_to_others(worker: Callable[..., Any]) -> None:
    page = worker("administrator")
    look = Look(page)
    first = clock.today() + timedelta(days=1)
    page.goto(f"/schedule?who={DOCTOR}&date={first}")
    page.get_by_role("button", name="Разделы").click()
    page.get_by_role("link", name="Перенос приёмов").click()
    expect(page.get_by_label("С какого дня")).to_have_value(f"{first:%d.%m.%Y}")
    expect(page.get_by_label("Чьи приёмы")).to_have_value(str(DOCTOR))
    page.get_by_label("Со скольки").fill("в час")
    page.get_by_role("button", name="Показать приёмы").click()
    page.get_by_text("не похоже на время").wait_for()
    page.get_by_label("Со скольки").fill("07:00")
    page.get_by_label("По какой день").fill(f"{first + timedelta(days=2):%d.%m.%Y}")
    page.get_by_label("Причина").fill("Кабинет залило")
    page.get_by_role("button", name="Показать приёмы").click()
    page.locator(".absence-line").first.wait_for()
    page.get_by_role("checkbox").first.click()
    page.get_by_role("status").filter(has_text="оставить 1").wait_for()
    look("moves planned")
    page.get_by_role("button", name="Перенести отмеченных").click()
    page.get_by_text("Сообщения пациентам уйдут в").wait_for()
    page.get_by_text("Кабинет залило", exact=True).first.wait_for()
    page.go_back()  # whoever comes to the plan again is told that it is done
    page.wait_for_url("**id=**")
    page.get_by_role("button", name="Вернуть как было").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Вернуть", exact=True).click()
    page.get_by_text("Перенос отменён, всё возвращено.").wait_for()
    assert not page.get_by_text("Не вернулись").count()
    look.judge()
