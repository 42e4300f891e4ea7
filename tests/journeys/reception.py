"""What a person does at «Расписание», whoever it is."""

import re
from datetime import date
from typing import Any

from medcab.ui import formats

DOCTOR = "Соколова"
_SEEN = ".day-row:has(.status:text-is('Принят'))"
_FAR = 10
"""Days to look through for reception: the New Year's holidays are the longest without."""
_AT_ONCE_MS = 1500
"""Until a colleague's page shows what was done elsewhere: a second, and what the test itself takes."""


def soon(locator: Any) -> None:
    """It is shown at once."""
    locator.wait_for(timeout=_AT_ONCE_MS)


def turn(page: Any, way: str) -> None:
    """The next or previous day."""
    title = page.locator(".day-head h2")
    before = title.inner_text()
    page.get_by_role("link", name=way, exact=True).click()
    title.filter(has_not_text=before).wait_for()


def open_day_with_free_slots(page: Any) -> str:
    """One's own schedule on the next day on which somebody can be booked; its date."""
    page.goto("/schedule")
    turn(page, "Позже")
    return _turn_until(page, "Позже", "[data-what=free]")


def open_day_that_was(page: Any) -> str:
    """One's own schedule on the newest day on which somebody has been seen; its date."""
    page.goto("/schedule")
    page.locator(".day-head h2").wait_for()
    return _turn_until(page, "Раньше", _SEEN)


def seen_visit(page: Any) -> Any:
    """The first line of the day whose patient has been seen, whatever becomes of it."""
    first = page.locator(_SEEN).first
    return line_at(page, time_of(first), "visit").filter(has_text=first.locator("strong").inner_text())


def _turn_until(page: Any, way: str, what: str) -> str:
    for _ in range(_FAR):
        if page.locator(what).count():
            return page.get_by_label("Перейти к дню").input_value()
        turn(page, way)
    raise AssertionError(f"no day with {what}")


def look_at_doctor(page: Any, day: str) -> None:
    """A colleague opens the doctor's schedule on this day."""
    page.goto("/schedule")
    who = page.get_by_label("Чьё расписание")
    name = who.locator("option", has_text=DOCTOR)
    name.wait_for(state="attached")
    who.select_option(label=name.inner_text())
    page.get_by_text(DOCTOR).and_(page.locator(".lead, p")).first.wait_for()
    page.get_by_label("Перейти к дню").fill(day)
    shown = formats.day_words(date.fromisoformat(day), year=True)
    page.get_by_text(DOCTOR).filter(has_text=shown).first.wait_for()


def line_at(page: Any, time: str, what: str) -> Any:
    """The line of the day that begins then: `free`, or `visit`."""
    starts = page.locator(".row-time", has_text=re.compile(f"^{time}"))
    return page.locator(f".day-row[data-what={what}]").filter(has=starts)


def free_at(page: Any, time: str) -> Any:
    return line_at(page, time, "free")


def visit_at(page: Any, time: str, standing: str) -> Any:
    return marked(line_at(page, time, "visit"), standing)


def marked(line: Any, standing: str) -> Any:
    """The line while its visit stands so; the same words may stand on its buttons."""
    return line.filter(has=line.page.locator(".status", has_text=re.compile(f"^{standing}$")))


def time_of(line: Any) -> str:
    return line.locator(".row-time").inner_text()[:5]


def choose_patient(page: Any, name: str) -> None:
    page.get_by_role("searchbox", name="Поиск пациента").fill(name)
    page.locator(".patient").first.click()
    page.locator(".patient-chosen").wait_for()


def book(page: Any, time: str, name: str) -> None:
    """Somebody of this name into the free slot."""
    free_at(page, time).get_by_role("button").click()
    choose_patient(page, name)
    page.get_by_role("dialog").get_by_role("button", name="Записать", exact=True).click()
    wait_until_booked(page)


def wait_until_booked(page: Any) -> None:
    _wait_until(page, "Записали:", "Записать всё равно")


def wait_until_moved(page: Any) -> None:
    _wait_until(page, "Перенесли:", "Перенести всё равно")


def _wait_until(page: Any, told: str, anyway: str) -> None:
    """Another journey may have booked the same patient on that day: then it is meant twice."""
    done, twice = page.get_by_text(told).first, page.get_by_role("button", name=anyway)
    done.or_(twice).first.wait_for()
    if twice.count():
        twice.click()
    done.wait_for()


def deed(page: Any, line: Any, name: str) -> None:
    """Open everything that can be done with the visit, and take one."""
    line.get_by_role("button", name="все действия").click()
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def take_all_marks_back(page: Any, line: Any) -> None:
    """Step by step, from «Принят» to «Записан»."""
    while (mark := line.locator(".status").inner_text()) != "Записан":
        deed(page, line, "Вернуть как было")
        marked(line, mark).wait_for(state="detached")
