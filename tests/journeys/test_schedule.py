"""A day of appointments in two browsers at once: the doctor's desktop and a colleague's phone."""

import re
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Face
from tests.journeys.reception import (
    book,
    choose_patient,
    deed,
    free_at,
    line_at,
    look_at_doctor,
    marked,
    open_day_that_was,
    open_day_with_free_slots,
    seen_visit,
    soon,
    take_all_marks_back,
    time_of,
    turn,
    visit_at,
    wait_until_booked,
    wait_until_moved,
)

pytestmark = pytest.mark.browser

Come = Callable[..., Any]
PHONE, NARROW = Face(390, 844), Face(360, 740)
_FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def test_a_visit_is_booked_moved_cancelled_and_brought_back_under_a_colleagues_eyes(worker: Come) -> None:
    doctor, colleague = worker("terapevt"), worker("administrator", PHONE)
    look_at_doctor(colleague, open_day_with_free_slots(doctor))
    free = doctor.locator("[data-what=free]").first
    time = time_of(free)
    free_at(colleague, time).wait_for()
    colleague.evaluate("window.sameDocument = true")

    free.locator("button").click()
    choose_patient(doctor, "Воробьёв")
    doctor.get_by_role("dialog").get_by_role("button", name="Записать", exact=True).dblclick()
    wait_until_booked(doctor)
    soon(visit_at(colleague, time, "Записан"))
    booked = visit_at(doctor, time, "Записан")
    booked.wait_for()
    assert booked.count() == 1, "a double click books once"
    patient = booked.locator("strong").inner_text()

    deed(doctor, booked, "Перенести")
    doctor.get_by_label("Свободное время, ближайшее сначала").get_by_role("button").first.click()
    wait_until_moved(doctor)
    soon(free_at(colleague, time))
    moved = marked(doctor.locator(".day-row", has_text=patient), "Записан")
    moved.wait_for()
    time = time_of(moved)
    soon(visit_at(colleague, time, "Записан"))

    deed(doctor, moved, "Отменить приём")
    doctor.get_by_label("Пациент заболел").check()
    doctor.get_by_role("dialog").get_by_role("button", name="Отменить приём").click()
    soon(visit_at(colleague, time, "Отменён").filter(has_text="пациент заболел"))
    soon(free_at(colleague, time))
    doctor.get_by_role("button", name="Вернуть", exact=True).click()
    soon(visit_at(colleague, time, "Записан"))
    expect(free_at(colleague, time)).to_have_count(0)
    assert colleague.evaluate("window.sameDocument"), "nothing was loaded anew"


def test_of_two_who_want_one_slot_the_slower_takes_another_in_a_click(worker: Come) -> None:
    doctor, colleague = worker("terapevt"), worker("sestra", PHONE)
    look_at_doctor(colleague, open_day_with_free_slots(doctor))
    time = time_of(doctor.locator("[data-what=free]").first)
    for page, name in ((doctor, "Петров"), (colleague, "Сидоров")):
        free_at(page, time).get_by_role("button").click()
        choose_patient(page, name)
    doctor.get_by_role("dialog").get_by_role("button", name="Записать", exact=True).click()
    wait_until_booked(doctor)

    dialog = colleague.get_by_role("dialog")
    dialog.get_by_role("button", name="Записать", exact=True).click()
    soon(dialog.get_by_text("Это время только что заняли"))
    assert dialog.locator(".patient-chosen").is_visible(), "what was chosen is kept"
    dialog.get_by_role("button", name=re.compile("^Записать на ")).first.click()
    wait_until_booked(colleague)


@pytest.mark.one_database
def test_wrong_marks_of_a_day_that_was_are_put_right_on_a_narrow_phone(worker: Come) -> None:
    doctor, nurse = worker("terapevt"), worker("sestra", NARROW)
    look_at_doctor(nurse, open_day_that_was(doctor))
    line = seen_visit(doctor)
    patient = line.locator("strong").inner_text()
    of_nurse = line_at(nurse, time_of(line), "visit").filter(has_text=patient)
    of_nurse.wait_for()
    take_all_marks_back(nurse, of_nurse)
    soon(marked(line, "Записан"))
    line.get_by_role("button", name="Не пришёл").click()
    soon(marked(of_nurse, "Не пришёл"))
    doctor.get_by_role("button", name="Вернуть", exact=True).click()
    soon(marked(of_nurse, "Записан"))
    of_nurse.get_by_role("button", name="Пришёл", exact=True).dblclick()
    soon(marked(line, "Пришёл"))
    assert not nurse.get_by_text("Пока вы смотрели").count(), "a double click is no quarrel"
    of_nurse.get_by_role("button", name="Завершить").click()
    soon(marked(line, "Принят"))
    assert nurse.evaluate(_FITS), "360 pixels are enough"


@pytest.mark.one_database
def test_a_patient_is_booked_by_the_keyboard_alone(worker: Come) -> None:
    doctor = worker("terapevt")
    open_day_with_free_slots(doctor)
    time = time_of(doctor.locator("[data-what=free]").first)
    _tab_to(doctor, f"Свободно записать на {time}")
    doctor.keyboard.press("Enter")
    doctor.get_by_role("dialog").wait_for()
    doctor.keyboard.type("Фёдоров")  # the focus is in the search already
    doctor.locator(".patient").first.wait_for()
    _tab_to(doctor, "Фёдоров")
    doctor.keyboard.press("Enter")
    doctor.locator(".patient-chosen").wait_for()

    doctor.reload()
    doctor.locator(".patient-chosen").wait_for()  # an open dialog keeps what was chosen
    _tab_to(doctor, "Записать")
    doctor.keyboard.press("Enter")
    visit_at(doctor, time, "Записан").wait_for()
    doctor.get_by_role("dialog").wait_for(state="hidden")


def _tab_to(page: Any, name: str) -> None:
    """Press Tab until the focus is on what begins so."""
    words = "() => document.activeElement.innerText.replace(/\\s+/g, ' ').trim()"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(words).startswith(name):
            return
    raise AssertionError(f"Tab does not lead to {name}")


@pytest.mark.one_database
def test_the_address_holds_the_view_and_a_lost_connection_loses_nothing(worker: Come) -> None:
    doctor, colleague = worker("terapevt"), worker("administrator")
    day = open_day_with_free_slots(doctor)
    grid, title = doctor.get_by_role("region", name="Неделя по часам"), doctor.locator(".day-head h2")
    shown = title.inner_text()
    doctor.get_by_role("link", name="Неделя").click()
    grid.wait_for()
    doctor.reload()
    grid.wait_for()
    doctor.go_back()
    doctor.locator(".lists:not(.of-week)").wait_for()
    turn(doctor, "Позже")
    doctor.go_back()
    title.filter(has_text=shown).wait_for()
    assert f"date={day}" in doctor.url

    look_at_doctor(colleague, day)
    time = time_of(doctor.locator("[data-what=free]").last)
    doctor.context.set_offline(True)
    doctor.get_by_text("Нет соединения с интернетом").wait_for()
    book(colleague, time, "Кузнецов")
    assert free_at(doctor, time).count() == 1
    doctor.context.set_offline(False)
    visit_at(doctor, time, "Записан").wait_for()
    doctor.get_by_text("изменено").filter(has_text=f"{time} Кузнецов").wait_for()
    doctor.get_by_text("Нет соединения с интернетом").wait_for(state="hidden")


def test_a_week_fits_one_sheet_of_paper(worker: Come) -> None:
    doctor = worker("terapevt")
    doctor.goto("/schedule?view=week")
    doctor.locator(".block.visit").first.wait_for()
    head = doctor.locator(".page header p").first.inner_text()
    paper = pypdfium2.PdfDocument(doctor.pdf(prefer_css_page_size=True))
    assert len(paper) == 1
    words = paper[0].get_textpage().get_text_range()
    assert head in words
    assert words.count("Принят") == 0, "marks are drawn, words would not fit"
    assert len(re.findall(r"\d\d:\d\d [А-ЯЁ][а-яё]+ [А-ЯЁ]\.", words)) > 20
