"""A forgotten password: back in by the linked phone, everybody else out, and no hint of who has a cabinet."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab.demo.accounts import DEMO_PASSWORD
from tests.journeys.access import AT_ONCE_MS, OUT, WRONG, at, give_password, mail_of, other_than, phone_of, seen, ticks
from tests.journeys.conftest import Face, World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

Come = Callable[..., Any]
LOGIN = "farmacevt2"
NEW_PASSWORD = "тихий океан по вторникам"


def test_a_forgotten_password(clinic: World, visitor: Come) -> None:
    desk, telephone, stranger = visitor(), visitor(Face(390, 844)), visitor()
    sign_in(clinic, desk, LOGIN)
    desk.goto("/profile")
    desk.get_by_role("heading", name="Профиль").wait_for()
    before = len(clinic.sandbox.sms(phone_of(LOGIN)))

    ask_for_a_code(telephone, mail_of(LOGIN))
    ask_for_a_code(stranger, "nobody-here@medcab.example")
    assert seen(stranger) == seen(telephone), "nothing tells whether there is such a cabinet"
    code = clinic.code(phone_of(LOGIN), after=before)
    for page in (telephone, stranger):
        page.get_by_role("textbox", name="Код из SMS").fill(other_than(code))
        page.get_by_text("Код не подошёл").wait_for()
    assert seen(stranger) == seen(telephone)
    telephone.get_by_role("textbox", name="Код из SMS").fill(code)
    telephone.wait_for_url(at("/recovery/password"))

    choose_a_new_password(telephone)
    desk.wait_for_url(OUT, timeout=AT_ONCE_MS)
    telephone.get_by_text("Пароль изменён. Войдите с новым.").wait_for()
    clinic.told(mail_of(LOGIN), "Пароль восстановлен")
    give_password(desk, mail_of(LOGIN))
    desk.get_by_role("alert").get_by_text(WRONG).wait_for()
    give_password(telephone, mail_of(LOGIN), NEW_PASSWORD)
    telephone.wait_for_url(at("/sign-in/code"))


def ask_for_a_code(page: Any, login: str) -> None:
    page.goto("/sign-in")
    page.get_by_role("link", name="Не получается войти").click()
    page.get_by_role("heading", name="Восстановление доступа").wait_for()
    name = page.get_by_label("Телефон или e-mail")
    name.fill(login)
    page.reload()
    expect(name).to_have_value(login)
    page.get_by_role("button", name="Получить код").click()
    page.wait_for_url(at("/recovery/code"))
    page.get_by_role("button", name="Отправить код ещё раз: через").wait_for()


def choose_a_new_password(page: Any) -> None:
    """The list ticks while one is typed; the old one is refused, whatever the list says of it."""
    password, save = (
        page.get_by_role("textbox", name="Новый пароль"),
        page.get_by_role("button", name="Сохранить пароль"),
    )
    assert not any(ticks(page).values())
    password.fill("Qwerty12345!")
    page.get_by_text("Это частый пароль или слово").wait_for()
    assert ticks(page)["От 12 до 128 знаков"]
    password.fill("Игнатьева-и-щука-7")
    page.get_by_text("Уберите «игнатьева»").wait_for()
    password.fill(DEMO_PASSWORD)
    page.get_by_text("Уберите «игнатьева»").wait_for(state="hidden")
    assert all(ticks(page).values())
    save.click()
    page.get_by_text("Этот пароль у вас уже был").wait_for()
    password.fill(NEW_PASSWORD)
    save.click()
    page.wait_for_url(at("/sign-in"))
