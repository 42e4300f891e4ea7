"""An administrator invites somebody by e-mail, who joins; is suspended, and loses the rights while a page is open; a list comes from a file."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from medcab.demo.accounts import DEMO_PASSWORD
from medcab.demo.clinic import identity
from medcab.demo.people import HALVED
from medcab.demo.staff import workers
from tests.journeys.access import agree, at, mail_of, name_and_password
from tests.journeys.conftest import Face, World, _awaited
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

Come = Callable[..., Any]
GUEST = "konsultacii3"
"""Works in the first clinic; the second one's administrator invites her."""


def link_of(clinic: World, address: str) -> str:
    """The way in the newest letter to this address."""
    letters = _awaited(lambda: [one for one in clinic.sandbox.mail(address) if "/invitation?key=" in one["text"]])
    return re.findall(r"(/invitation\?key=\S+)", letters[0]["text"])[0]


def enter_here(clinic: World, page: Any, phone: str) -> None:
    """Sign in on the page that one was sent to, to come back to where one was going."""
    before = len(clinic.sandbox.sms(phone))
    name, secret = name_and_password(page)
    name.fill(phone)
    secret.fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url("**/sign-in/code**")
    page.get_by_role("textbox", name="Код из SMS").fill(clinic.code(phone, after=before))
    page.wait_for_url(lambda url: "/sign-in" not in url)
    if "/consent" in page.url:
        page.get_by_role("button", name="Согласиться").click()
        page.wait_for_url(lambda url: "/consent" not in url)


def choose_clinic(page: Any, name: str) -> None:
    page.get_by_label("Организация").select_option(label=name)
    page.wait_for_function(
        "name => document.querySelector('header select')?.selectedOptions[0]?.text === name", arg=name
    )


def invite(page: Any, address: str, family: str, given: str) -> None:
    page.goto("/staff/invite")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Фамилия").fill(family)
    page.get_by_label("Имя").fill(given)
    page.get_by_label("Роль").select_option(label="Медсестра")
    page.get_by_label("Отделение").select_option(label="Отделение общей врачебной практики")
    page.get_by_label("Ставка").fill("0,5")
    page.get_by_role("button", name="Отправить приглашение").click()
    page.wait_for_url(at("/staff"))
    page.get_by_role("row").filter(has_text=family).get_by_text("Приглашён").wait_for()


def test_somebody_is_invited_joins_and_is_suspended(clinic: World, visitor: Come, worker: Come) -> None:
    guest = next(one for one in workers() if one.login == GUEST)
    administrator = worker("administrator2")
    invite(administrator, mail_of(GUEST), guest.name.family, guest.name.given)

    link = link_of(clinic, mail_of(GUEST))
    assert (
        httpx.get(clinic.url + link, follow_redirects=True, trust_env=False).status_code == 200
    )  # a mail scanner looks
    stranger = worker("sestra")
    stranger.goto(link)
    stranger.get_by_text("отправлено на другой адрес").wait_for()
    expect(stranger.get_by_text("Берёзовая роща")).to_have_count(0)

    page = visitor(Face(390, 844))
    page.goto(link)
    page.wait_for_url(at("/sign-in"))
    enter_here(clinic, page, guest.phone)
    page.get_by_role("heading", name="Берёзовая роща").wait_for()
    page.get_by_role("button", name="Принять").click()
    page.wait_for_url(at("/"))
    clinic.told(mail_of(GUEST), "вы приняли приглашение")
    row = administrator.get_by_role("row").filter(has_text=guest.name.family)
    row.wait_for(state="detached")  # no longer among the invited: the open page says so by itself
    administrator.goto("/staff?state=works&name=" + guest.name.family)
    row.get_by_text("0,5 ставки").wait_for()

    choose_clinic(page, "Берёзовая роща")
    page.goto("/schedule")
    page.get_by_label("Чьё расписание").wait_for()

    row.get_by_role("link", name=guest.name.family).click()
    administrator.get_by_role("link", name="Приостановить").click()
    administrator.get_by_label("Причина").fill("Служебная проверка")
    administrator.get_by_role("button", name="Приостановить").click()
    administrator.get_by_text("Права приостановлены").first.wait_for()
    clinic.told(mail_of(GUEST), "Служебная проверка")
    look = Look(administrator)
    look("suspended, with a history")
    look.judge()
    page.get_by_text("Поликлиника № 7").first.wait_for()  # the open page is in the other clinic at once
    page.goto("/schedule")
    page.get_by_role("heading", level=1).wait_for()
    expect(page.get_by_label("Организация")).to_have_count(0)

    administrator.get_by_role("button", name="Вернуть права").click()
    agree(administrator, "Вернуть")
    administrator.get_by_text("Работает", exact=True).first.wait_for()
    administrator.get_by_role("link", name="Уволить").click()
    administrator.get_by_label("Последний день работы").fill("22.11.2020")
    administrator.get_by_role("button", name="Оформить увольнение").click()
    administrator.get_by_text("сегодня или позже").wait_for()


def test_a_list_from_a_file(worker: Come) -> None:
    page = worker("administrator")
    page.goto("/staff/list")
    text = (
        "Фамилия;Имя;Отчество;E-mail;Отделение;Должность;Роль;Ставка;С какого дня\r\n"
        "Ромашкина;Инна;;romashkina@clinic.example;Хирургическое отделение;медсестра;Медсестра;1;\r\n"
        "Васильков;Пётр;;не адрес;Отделение чудес;;Врач;3;\r\n"
    )
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files({"name": "список.csv", "mimeType": "text/csv", "buffer": text.encode("cp1251")})
    page.get_by_text("2\u00a0строки, с ошибками: 1.").first.wait_for()
    wrong = page.get_by_role("row").filter(has_text="Васильков")
    for told in ("E-mail:", "Отделение: Такого", "Роль: Такой", "Ставка:"):
        wrong.get_by_text(told).wait_for()
    look = Look(page)
    look("a list with an error")
    look.judge()
    page.get_by_role("button", name="Пропустить ошибки и отправить").click()
    agree(page, "Отправить")
    page.wait_for_url(at("/staff"))
    page.get_by_role("row").filter(has_text="Ромашкина").wait_for()
    expect(page.get_by_role("row").filter(has_text="Васильков")).to_have_count(0)
    page.get_by_role("button", name="Отозвать приглашение: Ромашкина Инна").click()
    agree(page, "Отозвать")
    page.get_by_role("row").filter(has_text="Ромашкина").wait_for(state="detached")


def test_a_rate_holds_from_its_day_on(worker: Come) -> None:
    """What is typed for a day that has been is asked about first, and the days of each rate are told."""
    page = worker("administrator")
    page.goto(f"/staff/person?id={identity('person', HALVED)}")
    told = page.get_by_role("table", name="Должность и ставка по дням")
    expect(told.get_by_role("row")).to_have_count(3)
    page.get_by_role("link", name="Изменить роль").click()
    page.get_by_role("textbox", name="Ставка").fill("0,75")
    page.get_by_role("textbox", name="С какого дня").fill("01.06.2026")
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_text("отметьте «Исправление»").first.wait_for()
    look = Look(page)
    look("a rate for a day that has been")
    look.judge()
    page.get_by_role("checkbox", name="Исправление").check()
    page.get_by_role("button", name="Сохранить").click()
    told.get_by_role("row").filter(has_text="с 01.06.2026 по").get_by_text("0,75").wait_for()
    page.get_by_text("исправление; было: ").wait_for()
    look("rates by day")
    look.judge()
