"""A patient waits for a doctor, somebody cancels, the freed time is offered by SMS and taken on a telephone; the schedule shows it."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest

from medcab import clock
from medcab.demo.clinic import identity
from tests.journeys.conftest import Face, World, _awaited
from tests.journeys.look import Look
from tests.journeys.reception import deed, line_at, marked, time_of, turn

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

DOCTOR = identity("person", "terapiya9")
_BOOKED = ".day-row:has(.status:text-is('Записан'))"


def _booked_ahead(page: Any) -> tuple[str, str]:
    """Day and time of the first visit, from the day after tomorrow on, that can be cancelled."""
    page.goto(f"/schedule?who={DOCTOR}")
    for _ in range(10):
        turn(page, "Позже")
        if page.locator(_BOOKED).count():
            return page.get_by_label("Перейти к дню").input_value(), time_of(page.locator(_BOOKED).first)
    raise AssertionError("nobody is booked")


def _add(page: Any, day: str, at: str) -> str:
    """Somebody who waits for exactly this time; their telephone."""
    page.goto("/schedule/waiting")
    page.get_by_role("link", name="Добавить пациента").click()
    page.get_by_role("searchbox", name="Поиск пациента").fill("Кузнецов")
    page.locator(".patient").first.click()
    page.locator(".patient-chosen").wait_for()
    page.get_by_label("Кого ждёт").select_option(value=_option(page))
    typed = f"{date.fromisoformat(day):%d.%m.%Y}"
    for label, text in (("Время с", at), ("С какого дня", typed), ("По какой день", "завтра")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Добавить в лист").click()
    page.get_by_text("«завтра» не похоже на дату").wait_for()
    page.get_by_label("По какой день", exact=True).fill(typed)
    page.get_by_role("button", name="Добавить в лист").click()
    page.get_by_text("Добавили в лист ожидания").wait_for()
    page.get_by_role("row", name="Кузнецов").get_by_role("link").first.click()
    return re.sub(r"[^+\d]", "", page.locator("a[href^='tel:']").inner_text())


def _option(page: Any) -> str:
    option = page.locator(f"option[value^='doctor|'][value$='{DOCTOR}']").first
    option.wait_for(state="attached")
    return option.get_attribute("value")


def test_a_freed_time_is_taken_on_the_telephone_of_who_waits(
    clinic: World, worker: Callable[..., Any], visitor: Callable[..., Any]
) -> None:
    page = worker("administrator")
    look = Look(page)
    day, at = _booked_ahead(page)
    phone = _add(page, day, at)
    page.goto(f"/schedule?who={DOCTOR}&date={day}")
    deed(page, line_at(page, at, "visit").first, "Отменить приём")
    page.get_by_label("Пациент заболел").check()
    page.get_by_role("dialog").get_by_role("button", name="Отменить приём").click()
    marked(line_at(page, at, "visit"), "Отменён").wait_for()
    page.goto("/schedule/waiting")
    look("waiting")  # meanwhile the change could still be taken back
    offered = page.get_by_role("row", name="Кузнецов").get_by_text("Предложено")
    offered.wait_for()
    look.judge()
    if time(9) <= clock.now().astimezone(clock.MOSCOW).time() < time(21):
        _take_by_link(clinic, visitor(Face(390, 844)), phone)
    else:  # at night nobody gets an SMS: the patient is called in the morning
        page.get_by_role("button", name="Согласен: Кузнецов").click()
    offered.wait_for(state="detached")
    page.goto(f"/schedule?who={DOCTOR}&date={day}")
    marked(line_at(page, at, "visit"), "Записан").filter(has_text="Кузнецов").filter(has_text="подтвердил").wait_for()


def _take_by_link(clinic: World, telephone: Any, phone: str) -> None:
    newest = _awaited(lambda: [one for one in clinic.sandbox.sms(phone) if "Освободилось время" in one["text"]])[0]
    telephone.goto(re.findall(r"http\S+", newest["text"])[0])
    telephone.get_by_text("Для вас освободилось время").wait_for()
    look = Look(telephone)
    look("link")
    look.judge()
    telephone.get_by_role("button", name="Записаться").click()
    telephone.get_by_text("Вы придёте, спасибо").wait_for()


def test_who_has_another_visit_that_day_is_booked_by_who_has_been_told(
    clinic: World, worker: Callable[..., Any]
) -> None:
    page = worker("administrator")
    look = Look(page)
    slots = _add_any_time(page, "Волков").all_inner_texts()
    days = Counter(one.rpartition(",")[0] for one in slots)
    day = next(one for one, count in days.items() if count > 1)
    page.locator(".offers button", has_text=day).first.click()
    page.get_by_text("Записали: Волков").first.wait_for()
    _add_any_time(page, "Волков").filter(has_text=day).first.click()
    anyway = page.get_by_role("button", name=f"Записать всё равно: {day}")
    anyway.wait_for()
    look("anyway")
    look.judge()
    anyway.click()
    page.get_by_role("row", name="Волков").wait_for(state="detached")


def _add_any_time(page: Any, name: str) -> Any:
    """Somebody who waits for the doctor at any time; what is free for them."""
    page.goto("/schedule/waiting?do=add")
    page.get_by_role("searchbox", name="Поиск пациента").fill(name)
    page.locator(".patient").first.click()
    page.locator(".patient-chosen").wait_for()
    page.get_by_label("Кого ждёт").select_option(value=_option(page))
    page.get_by_label("По какой день", exact=True).fill(f"{clock.today() + timedelta(days=21):%d.%m.%Y}")
    page.get_by_role("button", name="Добавить в лист").click()
    page.get_by_text("Добавили в лист ожидания").first.wait_for()
    page.get_by_role("row", name=name).get_by_role("link").first.click()
    page.locator(".offers button").first.wait_for()
    return page.locator(".offers button")
