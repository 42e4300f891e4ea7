"""A head of department plans a doctor's hours: a template changes from a day on, days are closed once it is known whom it leaves outside."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from medcab import clock
from medcab.demo.clinic import identity
from tests.journeys.access import agree
from tests.journeys.conftest import Face
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

DOCTOR = identity("person", "terapiya7")


def test_hours_are_planned(worker: Callable[..., Any]) -> None:
    page = worker("zaveduyushchaya", Face(390, 844))
    look = Look(page)
    page.goto(f"/schedule?who={DOCTOR}")
    page.get_by_role("button", name="Разделы").click()
    page.get_by_role("link", name="Часы приёма").click()
    page.get_by_role("heading", name="Каждую неделю").wait_for()
    page.get_by_role("link", name="Изменить").first.click()
    page.get_by_role("heading", name="Изменить с выбранного дня").wait_for()
    look("hours changing")
    page.get_by_label("до", exact=True).fill("обед")
    page.get_by_role("button", name="Изменить шаблон").click()
    page.get_by_text("«обед» не похоже на время").wait_for()
    page.get_by_label("до", exact=True).fill("15:00")
    page.get_by_label("Действует с", exact=True).fill(f"{clock.today() + timedelta(days=60):%d.%m.%Y}")
    page.get_by_role("button", name="Изменить шаблон").click()
    page.get_by_text("Часы приёма изменены").wait_for()
    page.get_by_text("08:00–15:00, перерыв 12:00–12:30").wait_for()

    page.get_by_role("link", name="Дни без приёма").click()
    first, last = clock.today() + timedelta(days=1), clock.today() + timedelta(days=25)
    page.get_by_label("Первый день").fill(f"{first:%d.%m.%Y}")
    page.get_by_label("Последний день").fill(f"{last:%d.%m.%Y}")
    page.get_by_label("Причина").fill("Отпуск")
    page.get_by_role("button", name="Закрыть приём").click()
    page.get_by_role("heading", name="Кого это затронет").wait_for()
    look("hours left outside")
    page.get_by_role("button", name="Всё равно изменить").click()
    page.get_by_text("Отпуск", exact=True).wait_for()
    look("hours closed")
    look.judge()
    page.goto(f"/schedule?who={DOCTOR}&date={last:%Y-%m-%d}")
    page.get_by_role("heading", name="Расписание").wait_for()
    page.goto(f"/schedule/hours?who={DOCTOR}")
    page.get_by_role("button", name="Открыть снова").click()
    page.get_by_text("Приём в эти дни снова открыт").wait_for()


def test_a_template_ends(worker: Callable[..., Any]) -> None:
    page = worker("zaveduyushchaya")
    page.goto(f"/schedule/hours?who={identity('person', 'terapiya8')}")
    lines = page.locator(".hours-line")
    lines.first.wait_for()
    before = lines.count()
    page.get_by_role("button", name="Закончить").first.click()
    agree(page, "Закончить")
    page.get_by_text("Часы приёма изменены").wait_for()
    page.wait_for_function("count => document.querySelectorAll('.hours-line').length < count", arg=before)
