"""A doctor writes a diagnosis; the head sees it counted at once, opens the cases, and takes the month's form."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.look import Look
from tests.journeys.reception import open_day_that_was, seen_visit

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
TITLES = (
    "Впервые выявленные случаи по неделям", "Впервые выявленные случаи по классам болезней", "Впервые выявленные случаи по возрасту",
)  # fmt: skip
_AT_ONCE_MS = 3000


def chart(page: Any, title: str) -> Any:
    return page.locator(".section", has=page.get_by_role("heading", name=title))


def count(page: Any) -> int:
    return int(
        re.sub(r"\D", "", page.locator(".figure", has_text="Выявлено впервые").locator("strong").first.inner_text())
    )


def test_from_a_diagnosis_to_the_form(worker: Callable[..., Any]) -> None:
    doctor, head = worker("terapevt"), worker("zaveduyushchaya")
    head.get_by_role("link", name="Заболеваемость").first.click()
    for title in TITLES:
        chart(head, title).locator("svg.main-svg .point").first.wait_for()
    above = head.locator(".section", has=head.get_by_role("heading", name="Что выше порога?"))
    expect(above.get_by_text("X. Болезни органов дыхания")).to_be_visible()
    look_at_head = Look(head)
    look_at_head("incidence of a department")
    before = count(head)

    open_day_that_was(doctor)
    seen_visit(doctor).get_by_role("button", name="все действия").click()
    written = doctor.get_by_role("dialog").get_by_label("Диагнозы", exact=True)
    written.get_by_role("searchbox").or_(written.get_by_role("textbox")).first.fill("J451")
    written.get_by_text("Не хватает точки").wait_for()
    written.get_by_role("button", name=re.compile("J45.1 Астма")).click()
    written.get_by_role("button", name=re.compile("Впервые в жизни")).wait_for()
    look_at_doctor = Look(doctor)
    look_at_doctor("a diagnosis is chosen")
    written.get_by_role("button", name=re.compile("Впервые в жизни")).click()
    written.get_by_role("button", name="Вычеркнуть J45.1").wait_for()
    expect(head.locator(".figure", has_text="Выявлено впервые").locator("strong").first).to_have_text(
        re.compile(r"^" + rf"{before + 1:,}".replace(",", r"\s") + "$"), timeout=_AT_ONCE_MS
    )
    look_at_doctor("diagnoses of a visit")

    above.get_by_role("link", name="Показать на графике").first.click()
    head.locator("#card-weeks:focus").wait_for()
    expect(chart(head, TITLES[0])).to_be_in_viewport()
    above.get_by_role("link", name="Показать случаи").first.click()
    lines = head.get_by_role("region", name="Впервые выявленные случаи", exact=True).locator("tbody tr")
    lines.first.wait_for()
    expect(lines.filter(has_not_text=re.compile("J[0-9]"))).to_have_count(0)
    head.get_by_label("Класс болезней", exact=True).select_option(label="X. Болезни органов дыхания")
    head.get_by_label("Какие случаи показать").select_option(label="J45 Астма")
    head.get_by_text("J45.1").first.wait_for()
    look_at_head("cases of a department")
    with head.expect_download() as download:
        head.get_by_role("button", name="Форма PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")

    written.get_by_role("button", name="Вычеркнуть J45.1").click()  # the next journey finds what this one found
    written.get_by_text("Исправления").click()
    written.get_by_text("вычеркнул").first.wait_for()
    look_at_doctor("a diagnosis is struck out")
    for look in (look_at_head, look_at_doctor):
        look.judge()


def test_incidence_is_closed_to_a_nurse(worker: Callable[..., Any]) -> None:
    nurse = worker("sestra")
    expect(nurse.get_by_role("link", name="Заболеваемость")).to_have_count(0)
    nurse.goto("/epidemiology")
    nurse.get_by_text("Заболеваемость видят руководитель отделения").wait_for()
