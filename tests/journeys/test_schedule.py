"""A day of appointments in two browsers at once: the doctor's desktop and a colleague's phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Face

pytestmark = pytest.mark.browser

Come = Callable[..., Any]
PHONE = Face(390, 844)
SURNAME = "Соколова"
_AT_ONCE_MS = 1500
"""Until a colleague's page shows what was done elsewhere: a second, and what the test itself takes."""
_FAR = 10
"""Days to look through for reception: the New Year's holidays are the longest without."""


def to_day_with(page: Any, way: str, what: str) -> None:
    """Turn the days until there is a line of this kind."""
    title = page.locator(".day-head h2")
    for _ in range(_FAR):
        before = title.inner_text()
        page.get_by_role("link", name=way, exact=True).click()
        page.locator(".day-head h2").filter(has_not_text=before).wait_for()
        if page.locator(what).count():
            return
    raise AssertionError(f"no day with {what}")


def look_at_doctor(page: Any, day: str) -> None:
    """A colleague opens the doctor's schedule on this day."""
    page.goto("/schedule")
    who = page.get_by_label("Чьё расписание")
    name = who.locator("option", has_text=SURNAME)
    name.wait_for(state="attached")
    who.select_option(label=name.inner_text())
    page.get_by_text(SURNAME).and_(page.locator(".lead, p")).first.wait_for()
    page.get_by_label("Перейти к дню").fill(day)


def line_at(page: Any, time: str, state: str = "") -> Any:
    """The line of the day that begins at this time."""
    starts = page.locator(".day-row").filter(has=page.locator(".row-time", has_text=re.compile(f"^{time}")))
    return starts.filter(has_text=state) if state else starts


def choose_patient(page: Any, name: str) -> None:
    page.get_by_role("searchbox", name="Поиск пациента").fill(name)
    page.locator(".patient").first.click()
    page.locator(".patient-chosen").wait_for()


def deed(page: Any, line: Any, name: str) -> None:
    """Open everything that can be done with the visit, and take one."""
    line.get_by_role("button", name="все действия").click()
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def soon(locator: Any) -> None:
    locator.wait_for(timeout=_AT_ONCE_MS)


def test_a_visit_is_booked_moved_cancelled_and_brought_back_under_a_colleagues_eyes(worker: Come) -> None:
    doctor, colleague = worker("terapevt"), worker("administrator", PHONE)
    doctor.goto("/schedule")
    to_day_with(doctor, "Позже", "[data-what=free]")
    look_at_doctor(colleague, doctor.get_by_label("Перейти к дню").input_value())
    free = doctor.locator("[data-what=free]").first
    time = free.locator(".row-time").inner_text()[:5]
    line_at(colleague, time, "Свободно").wait_for()

    free.locator("button").click()
    choose_patient(doctor, "Иванов")
    doctor.get_by_role("dialog").get_by_role("button", name="Записать", exact=True).dblclick()
    doctor.get_by_text("Записали:").first.wait_for()
    soon(line_at(colleague, time, "Записан"))
    booked = line_at(doctor, time, "Записан")
    booked.wait_for()
    assert booked.count() == 1, "a double click books once"
    patient = booked.locator("strong").inner_text()

    deed(doctor, booked, "Перенести")
    doctor.get_by_label("Свободное время, ближайшее сначала").get_by_role("button").first.click()
    doctor.get_by_text("Перенесли:").first.wait_for()
    soon(line_at(colleague, time, "Свободно"))
    moved = doctor.locator(".day-row", has_text=patient).filter(has_text="Записан")
    moved.wait_for()
    time = moved.locator(".row-time").inner_text()[:5]

    deed(doctor, moved, "Отменить приём")
    doctor.get_by_label("Пациент заболел").check()
    doctor.get_by_role("dialog").get_by_role("button", name="Отменить приём").click()
    soon(line_at(colleague, time, "Отменён"))
    soon(line_at(colleague, time, "Свободно"))
    doctor.get_by_role("button", name="Вернуть", exact=True).click()
    soon(line_at(colleague, time, "Записан"))
    assert line_at(colleague, time, "Свободно").count() == 0


def test_of_two_who_want_one_slot_the_slower_takes_another_in_a_click(worker: Come) -> None:
    doctor, colleague = worker("terapevt"), worker("sestra", PHONE)
    doctor.goto("/schedule")
    to_day_with(doctor, "Позже", "[data-what=free]")
    look_at_doctor(colleague, doctor.get_by_label("Перейти к дню").input_value())
    time = doctor.locator("[data-what=free] .row-time").first.inner_text()[:5]
    for page, name in ((doctor, "Петров"), (colleague, "Сидоров")):
        line_at(page, time, "Свободно").get_by_role("button").click()
        choose_patient(page, name)
    doctor.get_by_role("dialog").get_by_role("button", name="Записать", exact=True).click()
    doctor.get_by_text("Записали:").first.wait_for()

    dialog = colleague.get_by_role("dialog")
    dialog.get_by_role("button", name="Записать", exact=True).click()
    dialog.get_by_text("Это время только что заняли").wait_for()
    assert dialog.locator(".patient-chosen").is_visible(), "what was chosen is kept"
    dialog.get_by_role("button", name=re.compile("^Записать на ")).first.click()
    colleague.get_by_text("Записали:").first.wait_for()


def test_a_day_that_was_is_put_right(worker: Come) -> None:
    """A wrong mark of yesterday: taken back step by step, and the visit marked as missed."""
    doctor, colleague = worker("terapevt"), worker("zaveduyushchaya")
    doctor.goto("/schedule")
    to_day_with(doctor, "Раньше", ".day-row:has-text('Принят')")
    look_at_doctor(colleague, doctor.get_by_label("Перейти к дню").input_value())
    seen = doctor.locator(".day-row", has_text="Принят").first
    time, patient = seen.locator(".row-time").inner_text()[:5], seen.locator("strong").inner_text()
    line = line_at(doctor, time).filter(has_text=patient)
    deed(doctor, line, "Вернуть как было")
    soon(line_at(colleague, time, "На приёме").or_(line_at(colleague, time, "Пришёл")))
    while not line.filter(has_text="Записан").count():
        deed(doctor, line, "Вернуть как было")
        doctor.get_by_role("dialog").wait_for(state="hidden")
        line.filter(has_not_text="На приёме").wait_for()
    line.get_by_role("button", name="Не пришёл").click()
    soon(line_at(colleague, time, "Не пришёл"))


def test_the_address_holds_the_view_and_a_lost_connection_loses_nothing(worker: Come) -> None:
    doctor, colleague = worker("terapevt"), worker("administrator")
    doctor.goto("/schedule")
    to_day_with(doctor, "Позже", "[data-what=free]")
    day = doctor.get_by_label("Перейти к дню").input_value()
    doctor.get_by_role("link", name="Неделя").click()
    doctor.get_by_role("region", name="Неделя по часам").wait_for()
    doctor.reload()
    doctor.get_by_role("region", name="Неделя по часам").wait_for()
    doctor.go_back()
    doctor.get_by_role("region", name="Неделя по часам").wait_for(state="hidden")
    assert f"date={day}" in doctor.url

    look_at_doctor(colleague, day)
    time = doctor.locator("[data-what=free] .row-time").last.inner_text()[:5]
    doctor.context.set_offline(True)
    doctor.get_by_text("Нет соединения с интернетом").wait_for()
    line_at(colleague, time, "Свободно").get_by_role("button").click()
    choose_patient(colleague, "Кузнецов")
    colleague.get_by_role("dialog").get_by_role("button", name="Записать", exact=True).click()
    colleague.get_by_text("Записали:").first.wait_for()
    doctor.context.set_offline(False)
    line_at(doctor, time, "Записан").wait_for()
    doctor.get_by_text("Нет соединения с интернетом").wait_for(state="hidden")
