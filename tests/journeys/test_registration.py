"""Registration as one types it: sentences at the fields, nothing lost by a reload or a step back, and no word of what is taken.

The whole way to an activated cabinet is in test_activation.py.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab.identifiers import inn, snils
from tests.journeys.access import at, mail_of, phone_of, seen, ticks
from tests.journeys.conftest import World

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

Come = Callable[..., Any]
PASSWORD = "зимний трамвай везёт рентгенолога"
LABELS = ("Фамилия", "Имя", "Отчество", "Дата рождения", "СНИЛС", "ИНН")


def newcomer(number: int) -> dict[str, str]:
    """What stands in the papers; identifying numbers follow from `number`."""
    own = snils.formatted(snils.with_check_digits(f"223344{number:03}"))
    values = ("Ветрова", "Инна", "Львовна", "14.03.1985", own, inn.with_check_digits(f"77010073{number:02}"))
    return dict(zip(LABELS, values, strict=True))


def test_what_is_typed_is_checked_and_kept(visitor: Come) -> None:
    page, who = visitor(), newcomer(61)
    page.goto("/register/person")
    fill(page, who | {"ИНН": "7707083893", "СНИЛС": "00000000000"})
    page.get_by_text("не бывает из одних нулей").wait_for()
    page.get_by_text("Это ИНН организации, нужен ваш личный ИНН").wait_for()
    fill(page, {"СНИЛС": who["СНИЛС"], "ИНН": who["ИНН"]})
    page.get_by_text("Это ИНН организации").wait_for(state="hidden")
    page.reload()
    holds(page, who)
    forward(page, "/register/contacts")

    contacts = {"Мобильный телефон": "+7 701 234-56-78", "E-mail": "vetrovа@mail.ru"}  # the second «а» is Cyrillic
    fill(page, contacts)
    page.get_by_text("Это номер Казахстана").wait_for()
    page.get_by_text("Буква «а» в адресе русская").wait_for()
    contacts = {"Мобильный телефон": "+7 916 111-00-61", "E-mail": "vetrova61@medcab.example"}
    fill(page, contacts)
    page.reload()
    holds(page, contacts)
    page.go_back()
    page.wait_for_url(at("/register/person"))
    holds(page, who)
    fill(page, {"Имя": "Нина"})
    forward(page, "/register/contacts")
    holds(page, contacts)
    forward(page, "/register/password")

    choose_a_password(page)
    page.go_back()
    page.wait_for_url(at("/register/contacts"))
    holds(page, contacts)
    forward(page, "/register/password")
    expect(page.get_by_label("Придумайте пароль")).to_have_value("")


def choose_a_password(page: Any) -> None:
    """The list ticks while it is typed, knowing who types."""
    password = page.get_by_label("Придумайте пароль")
    assert not any(ticks(page).values())
    password.press_sequentially("Ветрова7")
    page.get_by_text("Не меньше 12 знаков, сейчас 8").wait_for()
    page.get_by_text("Уберите «ветрова»").wait_for()
    page.get_by_text("Не хватает знака").wait_for()
    password.fill(PASSWORD)
    page.get_by_text("Без имени, телефона, почты и других данных о вас").wait_for()
    assert all(ticks(page).values())


def test_a_taken_phone_or_address_looks_like_a_free_one(clinic: World, visitor: Come) -> None:
    first, second = "istekla", "bezopasnost"
    stranger, free = visitor(), visitor()
    reach_the_phone(free, newcomer(62), "+79161110062", "vetrova62@medcab.example")
    reach_the_phone(stranger, newcomer(63), phone_of(first), "vetrova63@medcab.example")
    assert seen(stranger) == seen(free)
    clinic.told(phone_of(first), "на этот номер уже есть кабинет")
    clinic.told(mail_of(first), "Кто-то пытался зарегистрироваться с вашими данными")

    stranger.get_by_role("link", name="Изменить телефон или почту").click()
    stranger.wait_for_url(at("/register/contacts"))
    holds(stranger, {"E-mail": "vetrova63@medcab.example"})
    fill(stranger, {"Мобильный телефон": "+79161110063", "E-mail": mail_of(second)})
    forward(stranger, "/register/phone")
    for page, phone in ((stranger, "+79161110063"), (free, "+79161110062")):
        page.get_by_role("textbox", name="Код из SMS").fill(clinic.code(phone))
        page.wait_for_url(at("/register/email"))
        page.get_by_role("button", name="Отправить код ещё раз: через").wait_for()
    assert seen(stranger) == seen(free)
    clinic.told(mail_of(second), "Кто-то пытался зарегистрироваться с вашими данными")


def reach_the_phone(page: Any, who: dict[str, str], phone: str, mail: str) -> None:
    page.goto("/register/person")
    fill(page, who)
    forward(page, "/register/contacts")
    fill(page, {"Мобильный телефон": phone, "E-mail": mail})
    forward(page, "/register/password")
    page.get_by_label("Придумайте пароль").fill(PASSWORD)
    forward(page, "/register/phone")
    page.get_by_role("button", name="Отправить код ещё раз: через").wait_for()


def fill(page: Any, given: dict[str, str]) -> None:
    for label, text in given.items():
        page.get_by_label(label).first.fill(text)
    page.keyboard.press("Tab")


def holds(page: Any, given: dict[str, str]) -> None:
    for label, text in given.items():
        expect(page.get_by_label(label).first).to_have_value(text)


def forward(page: Any, path: str) -> None:
    page.get_by_role("button", name="Продолжить").click()
    page.wait_for_url(at(path))
