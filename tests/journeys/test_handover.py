"""A colleague took somebody's list and nobody changed the plan: an administrator puts it right without a mouse, and takes it back."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab import clock
from medcab.demo.clinic import identity
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

DOCTOR, COLLEAGUE = identity("person", "terapiya5"), identity("person", "terapiya6")


def test_a_visit_goes_to_who_really_led_it_and_back(worker: Callable[..., Any]) -> None:
    page = worker("administrator")
    keys, look = page.keyboard, Look(page)
    last = clock.today()
    page.goto(f"/schedule?who={DOCTOR}&date={last - timedelta(days=1)}")
    page.get_by_role("button", name="Разделы").click()
    page.get_by_role("link", name="Приёмы провёл другой врач").press("Enter")
    written, receiver = (page.get_by_role("combobox", name=name) for name in ("Кто записан", "Кто принял"))
    expect(page.locator("select[name=who]")).to_have_value(str(DOCTOR))
    doctor = written.inner_text().splitlines()[0]
    expect(page.get_by_label("С какого дня")).to_have_value(f"{last - timedelta(days=1):%d.%m.%Y}")
    page.get_by_role("button", name="Показать приёмы").press("Enter")
    page.get_by_text("Выберите, кто принял на самом деле.").wait_for()
    receiver.press("Enter")
    page.get_by_role("option").first.wait_for()
    Look(page, whole=False)("doctors to choose from")
    name = page.locator(f"select[name=to] option[value='{COLLEAGUE}']").text_content()
    page.get_by_role("option", name=name).focus()
    keys.press("Enter")
    expect(page.locator("select[name=to]")).to_have_value(str(COLLEAGUE))
    expect(receiver).to_be_focused()  # the list is gone
    _write(page, "С какого дня", f"{last - timedelta(days=29):%d.%m.%Y}")
    _write(page, "По какой день", f"{last:%d.%m.%Y}")
    keys.press("Enter")
    summary = page.get_by_role("status").filter(has_text="перейдут")
    summary.wait_for()
    look("visits that another doctor led")

    page.get_by_role("button", name="Снять отметки").press("Enter")
    page.get_by_role("status").filter(has_not_text="перейдут ").filter(has_text="останутся").wait_for()
    page.get_by_label("Почему").focus()
    keys.press("Enter")
    page.get_by_text("Укажите, почему").wait_for()
    _first_that_can(page).press("Space")
    page.get_by_role("status").filter(has_text="перейдут 1,").wait_for()
    _write(page, "Почему", "Замена: Соколова на больничном, расписание не изменили")
    keys.press("Enter")
    back = page.get_by_role("link", name="Передать обратно")
    back.wait_for()
    page.get_by_text(re.compile(": 1.приём")).first.wait_for()
    assert not page.get_by_role("button", name="Передать отмеченные").count(), "a second press does nothing more"
    look("a visit handed over")

    back.press("Enter")
    expect(page.locator("select[name=who]")).to_have_value(str(COLLEAGUE))
    expect(receiver).to_contain_text(doctor)
    page.get_by_role("status").filter(has_text="перейдут 1,").wait_for()
    page.get_by_text(re.compile(r"Передан .*: Замена: Соколова")).wait_for()
    _write(page, "Почему", "Проверка: вернули как было")
    keys.press("Enter")
    back.wait_for()

    day = last - timedelta(days=11)  # the longest holidays have fewer days
    page.goto(f"/schedule/handover?who={DOCTOR}&to={COLLEAGUE}&since={day:%d.%m.%Y}&until={last:%d.%m.%Y}")
    page.get_by_role("heading", name=re.compile(" → ")).wait_for()
    expect(page.get_by_label("С какого дня")).to_have_value(f"{day:%d.%m.%Y}")
    page.get_by_label("Врачи поменялись").check()
    page.get_by_role("button", name="Показать приёмы").press("Enter")
    page.get_by_role("heading", name="⇄").wait_for()
    page.get_by_role("heading", name=re.compile(" → .*: ")).first.wait_for()
    look("two doctors who change places")
    _write(page, "Почему", "Поменялись днями")
    keys.press("Enter")
    back.wait_for()
    look("places changed")
    back.press("Enter")
    summary.wait_for()
    _write(page, "Почему", "Проверка: вернули как было")
    keys.press("Enter")
    back.wait_for()
    look.judge()


def _write(page: Any, label: str, text: str) -> None:
    page.get_by_label(label).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def _first_that_can(page: Any) -> Any:
    return page.locator(".absence-line input[type=checkbox]:enabled").first
