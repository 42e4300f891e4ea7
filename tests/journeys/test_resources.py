"""Rooms, devices and exceptions: an administrator keeps the list, a head books with a device, on top of the plan and twice on purpose."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from medcab import clock
from medcab.demo.clinic import identity
from tests.journeys.conftest import Face
from tests.journeys.look import Look
from tests.journeys.reception import choose_patient, free_at, open_day_with_free_slots, time_of, wait_until_booked

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

WARD = identity("department", "терапия")


def test_rooms_and_devices_are_kept(worker: Callable[..., Any]) -> None:
    page = worker("administrator", Face(390, 844))
    look = Look(page)
    page.goto("/schedule/resources")
    page.get_by_role("heading", name="Занятость на семь дней").wait_for()
    page.get_by_role("link", name="Оборудование", exact=True).click()
    page.get_by_role("heading", name="Новое оборудование").wait_for()
    page.get_by_label("Название").fill("ЭКГ")
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_text("«ЭКГ» в клинике уже есть").wait_for()
    page.get_by_label("Название").fill("Спирограф")
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_text("Сохранили").wait_for()
    page.locator(".hours-line", has_text="Спирограф").wait_for()

    room = page.locator(".hours-line", has_text="Терапевтическое отделение").filter(has_text="Кабинет").first
    room.get_by_role("link", name="Обслуживание").click()
    page.get_by_label("Первый день").fill(f"{clock.today() + timedelta(days=1):%d.%m.%Y}")
    page.get_by_label("Последний день").fill(f"{clock.today() + timedelta(days=20):%d.%m.%Y}")
    page.get_by_label("Время начала").fill("07:00")
    page.get_by_label("Время окончания").fill("21:00")
    page.get_by_label("Причина").fill("Ремонт")
    page.get_by_role("button", name="Закрыть на это время").click()
    page.get_by_role("heading", name="Кого это затронет").wait_for()
    look("resources affected")
    page.get_by_role("button", name="Не менять").click()
    page.get_by_role("heading", name="Кого это затронет").wait_for(state="detached")
    look.judge()


def test_a_visit_takes_a_device_and_another_stands_on_top_of_the_plan(worker: Callable[..., Any]) -> None:
    doctor = worker("terapevt")
    look = Look(doctor, whole=False)
    open_day_with_free_slots(doctor)
    time = time_of(doctor.locator("[data-what=free]").first)
    dialog = doctor.get_by_role("dialog")
    free_at(doctor, time).get_by_role("button").click()
    choose_patient(doctor, "Иванов")
    dialog.get_by_label("ЭКГ").check()
    dialog.get_by_role("button", name="Записать", exact=True).click()
    wait_until_booked(doctor)

    free = doctor.locator("[data-what=free]").first
    free.get_by_role("button").click()
    choose_patient(doctor, "Иванов")
    dialog.get_by_role("button", name="Записать", exact=True).click()
    dialog.get_by_text("У этого пациента уже есть приём").wait_for()
    look("booking twice")
    dialog.get_by_role("button", name="Записать всё равно").wait_for()
    dialog.get_by_role("button", name="Выбрать другого").click()
    doctor.get_by_role("searchbox", name="Поиск пациента").fill("Золотарёв")
    doctor.locator(".patient", has_text="Золотарёв").first.click()
    dialog.get_by_role("button", name="Нет нужного времени").click()
    at = dialog.locator("input[name=at]")
    at.fill(f"{at.input_value()[:11]}{time}")
    dialog.get_by_label("Почему сверх плана").fill("Просьба заведующей")
    look("booking above")
    dialog.get_by_role("button", name="Записать сверх плана", exact=True).click()
    doctor.get_by_text("Записали: Золотарёв").first.wait_for()
    doctor.locator(".day-row", has_text="сверх плана").wait_for()
    look.judge()
