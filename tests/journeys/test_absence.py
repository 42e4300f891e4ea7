"""A doctor calls in sick: an administrator deals with every visit from a telephone, and takes it back."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab import clock
from medcab.demo.clinic import identity
from tests.journeys.conftest import Face, World
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

DOCTOR, COLLEAGUE = identity("person", "terapiya5"), identity("person", "terapiya9")


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


def test_whoever_was_called_back_from_leave_was_at_work(clinic: World, worker: Callable[..., Any]) -> None:
    page = worker("administrator", Face(390, 844))
    look, today = Look(page), clock.today()
    page.goto("/schedule/absence")
    page.get_by_label("Кого не будет").select_option(value=str(COLLEAGUE))
    page.get_by_label("С какого дня").fill(f"{today + timedelta(days=20):%d.%m.%Y}")
    page.get_by_label("Со скольки").fill("23:00")
    page.get_by_label("Причина").fill("Отпуск")
    page.get_by_role("button", name="Показать, кого это затронет").click()
    page.get_by_text("приём просто закроется").wait_for()
    page.get_by_role("button", name="Внести отсутствие").click()
    page.get_by_text("Сообщения пациентам уйдут в").wait_for()
    _was(clinic, page, today - timedelta(days=12), today - timedelta(days=3))
    page.reload()
    page.get_by_text("Врач всё-таки работал").click()
    page.get_by_label("Работал с").fill(f"{today - timedelta(days=7):%d.%m.%Y}")
    page.get_by_label("По какой день").last.fill(f"{today - timedelta(days=6):%d.%m.%Y}")
    page.get_by_role("button", name="Дальше").click()
    page.get_by_text("Укажите, почему").wait_for()
    look("an absence to be shortened")
    page.get_by_label("Почему").fill("Отозвана из отпуска: некому вести приём")
    page.get_by_role("button", name="Дальше").click()
    page.get_by_text("Останется отсутствие").wait_for()
    look("what shortening means")
    page.get_by_role("button", name="Не сокращать").click()
    expect(page.get_by_label("Почему")).to_have_value("Отозвана из отпуска: некому вести приём")
    page.get_by_role("button", name="Дальше").click()
    page.get_by_role("button", name="Сократить отсутствие").click()
    page.get_by_text("некому вести приём, отсутствие сокращено").wait_for()
    look("an absence shortened")
    look.judge()


def _was(clinic: World, page: Any, since: date, until: date) -> None:
    """The absence that is looked at is one of these days, and nobody can take it back any more: journeys cannot wait for that."""
    key = re.findall(r"id=([0-9a-f-]{36})", page.url)[0].replace("-", "")
    days = {"key": key, "since": f"{since}", "until": f"{until}"}
    change = "SET since = :since, until = :until, starts = 0, ends = 1440"
    with closing(sqlite3.connect(clinic.home / "medcab.db", timeout=20)) as database:
        database.execute(f"UPDATE absence {change}, tell_at = made_at, told_at = made_at WHERE id = :key", days)
        database.execute(
            f"UPDATE reception_closed {change} WHERE id = (SELECT closed_id FROM absence WHERE id = :key)", days
        )
        database.commit()
