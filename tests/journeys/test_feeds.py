"""A doctor takes the schedule along in a telephone, and closes the days of a leave that stands in her own calendar."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import icalendar
import pytest
from playwright.sync_api import expect

from medcab import clock
from medcab.ui import formats
from tests.journeys.conftest import Face, World
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

NAME = "Телефон, Samsung Galaxy A55 рабочий"


def test_a_calendar_in_the_telephone(worker: Callable[..., Any], clinic: World) -> None:
    page = worker("terapevt", Face(390, 844))
    look = Look(page)
    page.goto("/schedule/calendar")
    page.get_by_label("Название").fill(NAME)
    page.get_by_role("button", name="Создать ссылку").click()
    page.get_by_text("Ссылка показана один раз").wait_for()
    address = page.get_by_role("list", name="Ссылка на календарь").inner_text().strip()
    assert (
        page.get_by_role("link", name="Открыть в календаре").get_attribute("href")
        == "webcal" + address[address.index("://") :]
    )
    line = page.locator(".hours-line", has_text=NAME)
    line.get_by_text("последнее обновление: ещё не было").wait_for()
    look("calendar link")
    answer = httpx.get(address, trust_env=False)
    found = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert found, "the demo's doctor sees patients"
    assert {str(each["SUMMARY"]).removeprefix("Отменён: ").split()[1] for each in found} == {"приём"}, "and no names"
    page.reload()
    line.get_by_text("последнее обновление: сегодня").wait_for()
    expect(page.get_by_role("list", name="Ссылка на календарь")).to_have_count(0)
    line.get_by_role("button", name="Отозвать").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Отозвать").click()
    line.wait_for(state="detached")
    assert httpx.get(address, trust_env=False).status_code == 404
    look.judge()


def test_a_leave_out_of_ones_own_calendar(worker: Callable[..., Any]) -> None:
    today = clock.today()
    leave, soon = today + timedelta(days=250), today + timedelta(days=1)
    page = worker("terapevt")
    page.goto("/schedule/away")
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files(files=[_file("кот.ics", "мяу".encode())])
    page.get_by_role("list", name="Выбранные файлы").get_by_text("Это не календарь").wait_for()
    look = Look(page)
    events = [
        ("Отпуск в Кисловодске, санаторий «Горный воздух»", leave, 14),
        ("Конгресс терапевтов", soon, 7),
        ("Отпуск прошлый", today - timedelta(days=90), 9),
    ]
    chooser.set_input_files(files=[_file("мой.ics", _calendar(events))])
    page.get_by_text("Не показаны: прошедшее: 1").wait_for()
    row = page.locator(".hours-line", has_text="Отпуск в Кисловодске")
    box = row.get_by_role("checkbox")
    if not box.is_checked():
        box.click()
    page.get_by_text("Отмечено: 14 дней").wait_for()
    busy = page.locator(".hours-line", has_text="Конгресс терапевтов")
    expect(busy.get_by_role("checkbox")).to_be_disabled()
    look("away found")
    page.get_by_label("Причина, для своих").select_option("Отпуск")
    page.get_by_role("button", name="Внести отмеченные").click()
    row.get_by_text("уже внесено").wait_for()
    page.get_by_text("Внесено: 14 дней.").wait_for()
    page.get_by_role("button", name="Внести отмеченные").click()
    page.get_by_text("Отметьте, какие дни внести.").wait_for()
    look("away entered")
    look.judge()
    busy.get_by_role("link", name="Решить, что с приёмами").click()
    page.wait_for_url("**/schedule/absence?**")
    page.get_by_role("heading", name="Кого это затронет").wait_for()
    expect(page.get_by_label("С какого дня")).to_have_value(formats.day(soon))
    page.goto("/schedule/hours")
    page.locator(".hours-line", has_text=formats.day(leave)).get_by_role("button", name="Открыть снова").click()
    page.get_by_text("снова открыт").wait_for()


def _file(name: str, data: bytes) -> Any:
    return {"name": name, "mimeType": "text/calendar", "buffer": data}


def _calendar(events: list[tuple[str, Any, int]]) -> bytes:
    made = icalendar.Calendar()
    for title, since, days in events:
        event = icalendar.Event()
        for name, value in {"uid": title, "summary": title, "dtstart": since, "dtend": since + timedelta(days)}.items():
            event.add(name, value)
        made.add_component(event)
    return made.to_ical()
