"""The own account from two browsers: sessions that are ended elsewhere, an app with codes, recovery codes, another phone."""

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from medcab.demo.accounts import TOTP_LOGIN, TOTP_SECRET
from tests.journeys.access import AT_ONCE_MS, OUT, agree, app_code, at, enter, give_password, mail_of, phone_of
from tests.journeys.conftest import Face, World, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

Come = Callable[..., Any]
PHONE = Face(390, 844)
APP = "Код из приложения"


def test_a_session_ended_elsewhere_is_out_within_a_second(visitor: Come) -> None:
    desk, telephone, app = visitor(), visitor(PHONE), pyotp.TOTP(TOTP_SECRET)
    for page, steps in ((desk, -1), (telephone, 0)):
        give_password(page, mail_of(TOTP_LOGIN))
        enter(page, APP, app_code(app, steps=steps))
    telephone.goto("/profile")
    telephone.get_by_role("heading", name="Профиль").wait_for()

    desk.goto("/journal")
    desk.locator("li", has_not_text="Этот сеанс").get_by_role("button", name="Завершить", exact=True).click()
    agree(desk, "Завершить сеанс")
    telephone.wait_for_url(OUT, timeout=AT_ONCE_MS)
    telephone.go_back()
    telephone.get_by_role("heading", name="Вход").wait_for()
    assert "•••" not in telephone.content(), "nothing of the profile is left"
    desk.get_by_label("Событие").select_option(label="Завершённые")
    desk.get_by_role("row", name=re.compile("[Зз]аверш")).nth(0).wait_for()
    desk.get_by_role("row", name=re.compile("Вход выполнен")).first.wait_for(state="hidden")

    give_password(telephone, mail_of(TOTP_LOGIN))
    enter(telephone, APP, app_code(app, steps=1))
    desk.goto("/journal")
    desk.get_by_role("button", name="Это был не я").first.click()
    agree(desk, "Это был не я")
    telephone.wait_for_url(OUT, timeout=AT_ONCE_MS)
    desk.goto("/security")
    desk.get_by_text("Пароль нужно сменить").wait_for()


def test_an_app_with_codes_and_recovery_codes(clinic: World, visitor: Come) -> None:
    login = mail_of("sestra6")
    desk = visitor()
    sign_in(clinic, desk, "sestra6")
    desk.goto("/security/totp")
    desk.get_by_role("button", name="Показать QR-код").click()
    desk.get_by_role("img", name="QR-код для приложения").wait_for()
    assert desk.get_by_role("img", name="QR-код для приложения").evaluate("(one) => one.naturalWidth") > 100
    app = pyotp.TOTP(desk.locator("code").inner_text().replace(" ", ""))
    desk.get_by_role("textbox", name="Код из приложения").fill(app_code(app))
    desk.wait_for_url(at("/security"))
    desk.get_by_text("Подключено").wait_for()

    desk.get_by_role("button", name="Создать новые коды").click()
    agree(desk, "Создать новые коды")
    codes = desk.get_by_role("list", name="Резервные коды").get_by_role("listitem")
    codes.nth(9).wait_for()
    desk.get_by_text("Осталось кодов: 10").wait_for()
    spare = codes.first.inner_text()
    desk.reload()
    desk.get_by_text("Осталось кодов: 10").wait_for()
    assert spare not in desk.content(), "shown once"

    telephone = visitor(PHONE)
    give_password(telephone, login)
    code = telephone.get_by_role("textbox", name="Код из приложения")
    code.fill(app_code(app, steps=-6))
    telephone.get_by_text("проверьте часы телефона").wait_for()
    enter(telephone, APP, app_code(app, steps=1))

    other = visitor()
    give_password(other, login)
    other.get_by_role("button", name="Резервный код").click()
    other.get_by_role("textbox", name="Резервный код").fill(spare)
    other.get_by_role("button", name="Войти").click()
    other.wait_for_url(lambda url: "/sign-in" not in url)
    other.goto("/security")
    other.get_by_text("Осталось кодов: 9").wait_for()

    other.goto("/journal")
    other.get_by_role("button", name="Завершить все остальные").click()
    agree(other, "Завершить")
    for page in (desk, telephone):
        page.wait_for_url(OUT, timeout=AT_ONCE_MS)
    other.get_by_role("button", name="Завершить все остальные").wait_for(state="hidden")


def test_another_phone(clinic: World, visitor: Come) -> None:
    old, new = phone_of("chernovik"), "+79160007788"
    page = visitor(PHONE)
    sign_in(clinic, page, "chernovik")
    page.goto("/security/phone")
    page.get_by_label("Новый мобильный телефон").fill("8 (916) 000-77-88")
    page.get_by_role("button", name="Получить код").click()
    page.get_by_role("textbox", name="Код").fill(clinic.code(new))
    page.wait_for_url(at("/security"))
    clinic.told(old, "телефон")

    again = visitor()
    give_password(again, "+7 916 000-77-88")
    again.wait_for_url("**/sign-in/code**")
    enter(again, "Код из SMS", clinic.code(new, after=1))
    stranger = visitor()
    give_password(stranger, old)
    stranger.get_by_text(re.compile("не подош|неверн", re.IGNORECASE)).first.wait_for()
