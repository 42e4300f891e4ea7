"""Two browsers talk: a doctor on a telephone is called, seen and proved by an operator at a desk; another chooses a time."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.access import agree
from tests.journeys.conftest import Face
from tests.journeys.look import Look

pytestmark = pytest.mark.browser

CALLED, REFUSED = "konsultacii7", "diagnostika3"
BOTH_MOVE = "() => [...document.querySelectorAll('.call video')].filter((one) => one.videoWidth > 0 && one.currentTime > 0).length === 2"


def looked_at(page: Any, name: str) -> None:
    look = Look(page)
    look(f"video {name}")
    look.judge()


def test_identity_is_proved_in_a_call(worker: Callable[..., Any]) -> None:
    doctor, operator = worker(CALLED, Face(390, 844)), worker("podderzhka")
    operator.get_by_role("link", name="Видеозвонки").first.click()
    operator.locator("[data-place]").first.click()
    operator.get_by_text("Человек ещё не подключился").wait_for()

    doctor.goto("/identity")
    doctor.get_by_role("link", name="К звонку").click()
    doctor.get_by_role("button", name="Проверить камеру и микрофон").click()
    doctor.get_by_role("button", name="Я на месте, можно звонить").click()
    doctor.get_by_text("Ждём оператора").wait_for()

    operator.get_by_text("Человек на связи и ждёт звонка").wait_for()
    looked_at(operator, "somebody waits")
    operator.keyboard.press("b")
    for page in (operator, doctor):
        page.wait_for_function(BOTH_MOVE)
        page.get_by_text("На связи", exact=True).first.wait_for()
    doctor.reload()  # a lost tab: the call goes on by itself
    doctor.wait_for_function(BOTH_MOVE)
    operator.wait_for_function(BOTH_MOVE)
    word = doctor.locator(".call-word").inner_text()
    assert operator.get_by_text(word, exact=True).count() == 1

    operator.keyboard.press("a")
    operator.get_by_text("Не отмечено: лицо видно целиком").wait_for()
    for number in range(1, 7):
        operator.keyboard.press(str(number))
    operator.keyboard.press("a")
    operator.get_by_text("Снимите кадр: без него подтвердить нельзя").wait_for()
    operator.keyboard.press("c")
    operator.get_by_role("img", name="Кадр разговора").wait_for()
    operator.wait_for_function("() => document.querySelector('.call-still')?.naturalWidth > 300")
    looked_at(operator, "in the call")
    looked_at(doctor, "called")
    operator.keyboard.press("a")
    operator.get_by_text("Личность подтверждена. Человеку сообщим.").wait_for()
    doctor.get_by_text("Звонок больше не нужен").wait_for()
    doctor.get_by_role("link", name="К подтверждению личности").click()
    doctor.get_by_text("Подтверждена по видеосвязи").wait_for()


@pytest.mark.one_database
def test_a_time_is_chosen_and_given_back(worker: Callable[..., Any]) -> None:
    page = worker(REFUSED, Face(390, 844))
    page.goto("/identity")
    page.get_by_text("не удалось разглядеть лицо или паспорт").wait_for()
    page.get_by_role("link", name="Выбрать время").click()
    page.get_by_role("list", name="День").get_by_role("button").last.click()
    page.get_by_role("list", name="Время").get_by_role("button").first.click()
    looked_at(page, "a time chosen")
    page.get_by_role("button", name="Записаться на").click()
    page.get_by_role("button", name="Отменить звонок").wait_for()
    page.get_by_role("button", name="Отменить звонок").click()
    agree(page, "Отменить звонок")
    page.get_by_role("heading", name="Когда позвонить").wait_for()


@pytest.mark.one_database
def test_an_operator_says_when(worker: Callable[..., Any]) -> None:
    page = worker("podderzhka2", Face(390, 844))
    page.goto("/identity/desk/hours")
    sunday = page.get_by_label("Воскресенье: с"), page.get_by_label("Воскресенье: до")
    sunday[0].fill("9:30")
    sunday[1].fill("9:00")
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_text("Приём должен заканчиваться позже").wait_for()
    sunday[1].fill("утром")
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_text("Воскресенье: «утром» не похоже на время. Напишите, например, 09:00.").wait_for()
    sunday[1].fill("")
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_text("Воскресенье: укажите и начало, и конец").wait_for()
    sunday[0].fill("")
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_text("Часы сохранены").wait_for()
    page.reload()
    expect(page.get_by_label("Воскресенье: с")).to_have_value("")
    expect(page.get_by_label("Суббота: с")).to_have_value("08:00")
