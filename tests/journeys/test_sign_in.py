"""The way in: what is typed survives, what is wrong is said, an impatient finger costs nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab.demo.accounts import DEMO_PASSWORD
from tests.journeys.access import WRONG, at, enter, give_password, name_and_password, other_than, phone_of
from tests.journeys.conftest import Face, World

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

Come = Callable[..., Any]
LOGIN = "sestra5"


def test_signing_in_by_a_phone_in_any_notation(clinic: World, visitor: Come) -> None:
    phone, page = phone_of(LOGIN), visitor()
    spoken = f"8 ({phone[2:5]}) {phone[5:8]}-{phone[8:10]}-{phone[10:]}"
    before = len(clinic.sandbox.sms(phone))
    page.goto("/sign-in")
    name, password = name_and_password(page)
    name.fill(spoken)
    password.fill("Lipovaya-Alleya-39")
    page.reload()
    expect(name).to_have_value(spoken)
    expect(password).to_have_value("")

    password.fill("Lipovaya-Alleya-39")
    password.press("Enter")
    page.get_by_role("alert").get_by_text(WRONG).wait_for()
    expect(name).to_have_value(spoken)

    password.fill(DEMO_PASSWORD)
    click_until_the_next_page_is_there(page)
    page.get_by_text(f"Мы отправили код на +7 ••• •••-{phone[8:10]}-{phone[10:]}").wait_for()
    resend = page.get_by_role("button", name="Отправить код ещё раз")
    counts_down(resend)
    page.reload()
    counts_down(resend)
    resend.click(force=True)  # it says how long to wait, and does nothing until then

    code = clinic.code(phone, after=before)
    page.get_by_role("textbox", name="Код из SMS").fill(other_than(code))
    page.get_by_text("Код не подошёл: он неверный или устарел").wait_for()
    enter(page, "Код из SMS", code)
    assert len(clinic.sandbox.sms(phone)) == before + 1, "one sign-in, one SMS"

    telephone = visitor(Face(390, 844))
    give_password(telephone, phone)
    telephone.get_by_text("только что ушёл код для другого входа").wait_for()


def click_until_the_next_page_is_there(page: Any) -> None:
    """«Войти» again and again, also while the answer has come and the next page has not: it is one sign-in all the same."""
    given: list[str] = []
    page.on("request", lambda request: given.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Войти").evaluate("(button) => setInterval(() => button.click(), 5)")
    page.wait_for_url(at("/sign-in/code"))
    assert len([url for url in given if url.endswith("/auth/sign-in")]) == 1


def counts_down(resend: Any) -> None:
    """The seconds until another code may be asked for run."""
    expect(resend).to_have_text(re.compile(r"через \d+ (с|мин)"))
    shown = resend.inner_text()
    expect(resend).not_to_have_text(shown)
    expect(resend).to_have_text(re.compile(r"через \d+ с"))
