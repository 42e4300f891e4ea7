"""A worker does not agree with the register: two operators believe the diploma, and the worker's page changes by itself."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Face
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

WHY = "В дипломе номер именно такой. В регистре переставлены две цифры, скан приложен."


def test_a_dispute_from_the_worker_to_the_second_pair_of_eyes(worker: Callable[..., Any]) -> None:
    page, first, second = worker("sporit", Face(390, 844)), worker("podderzhka"), worker("podderzhka2")
    _dispute_anew(page)
    _propose_by_keyboard(first)
    _confirm(second)
    page.get_by_role("heading", name="Кабинет активирован").wait_for()  # nobody has touched this window
    page.get_by_text("Диплом: принято двумя операторами").wait_for()
    page.get_by_role("link", name="Ход проверки").click()
    page.get_by_text("Принято двумя операторами").wait_for()
    page.get_by_role("button", name="История: Диплом").click()
    page.get_by_text("решение операторов").wait_for()
    look = Look(page)
    look("dispute accepted")
    look.judge()
    first.get_by_text("Второй оператор подтвердил").wait_for()


def _dispute_anew(page: Any) -> None:
    """Takes the open one back, and says it better; then waits on the page of the check."""
    page.goto("/activation?step=check")
    page.get_by_role("link", name="Спорный вопрос: Диплом").click()
    page.get_by_role("button", name="Отозвать").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Отозвать спор").click()
    page.get_by_role("heading", name="Оспорить").wait_for()
    page.get_by_label("Почему регистр ошибается").fill(WHY)
    page.get_by_role("button", name="Оспорить").click()
    page.get_by_text("Приложите хотя бы один документ").first.wait_for()
    assert page.get_by_label("Почему регистр ошибается").input_value() == WHY, "a refusal loses nothing"
    page.get_by_label("Диплом об образовании").check()
    page.get_by_role("button", name="Оспорить").click()
    page.get_by_text("Оператор посмотрит ваше объяснение").wait_for()
    page.goto("/activation?step=check")
    page.get_by_text("ждёт оператора").wait_for()


def _propose_by_keyboard(page: Any) -> None:
    page.get_by_role("link", name="Спорные вопросы").first.click()
    page.get_by_role("heading", name="Очередь").wait_for()
    page.locator("[data-place]").nth(1).wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("следующий и предыдущий вопрос").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    at = [place.inner_text().splitlines()[0] for place in page.locator("[data-place]").all()].index("Дроздова Л. М.")
    for _ in range(at + 1):
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Что сравниваем").wait_for()
    sheet = page.locator(".sheet-picture")
    page.wait_for_function("(one) => one.complete && one.naturalWidth > 0", arg=sheet.element_handle())
    page.keyboard.press("a")
    page.get_by_label("Почему документы весят больше регистра").wait_for()
    look = Look(page)
    look("dispute proposal")
    look.judge()
    page.get_by_label("Почему документы весят больше регистра").focus()
    page.keyboard.type("Номер на скане совпадает с указанным.")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Это ваше предложение").wait_for()
    expect(page.get_by_role("button", name="Подтвердить вдвоём")).to_have_count(0)


def _confirm(page: Any) -> None:
    page.goto("/disputes")
    page.locator("[data-place]", has_text="Дроздова").click()
    page.get_by_text("Предложение первого оператора").wait_for()
    look = Look(page)
    look("dispute of two")
    look.judge()
    page.get_by_role("button", name="Подтвердить вдвоём").click()
    page.get_by_text("Вы второй, кто смотрел документы").wait_for()
    page.get_by_role("button", name="Подтвердить вдвоём").click()
    page.get_by_text("Принято вдвоём").first.wait_for()
