"""The administrator sees what was billed and what was refused, opens the visits of a reason, and takes them along."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab.tables.writer import MARK
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
TITLES = (
    "От выставленного к принятому", "Отклонено по причинам", "План и факт по месяцам", "План и факт по отделениям", "Приёмы по плательщикам",
)  # fmt: skip


def chart(page: Any, title: str) -> Any:
    return page.locator(".section", has=page.get_by_role("heading", name=title))


def test_from_what_was_refused_to_its_visits_and_their_file(worker: Callable[..., Any]) -> None:
    page = worker("administrator")
    page.get_by_role("link", name="Финансы").first.click()
    for title in TITLES:
        chart(page, title).locator("svg.main-svg .point").first.wait_for()
    chart(page, TITLES[1]).locator(".barlayer .point path").last.click(force=True)
    which = page.get_by_label("Какие приёмы показать")
    expect(which).to_have_value(re.compile("^reason:"))
    lines = page.get_by_role("region", name="Приёмы в реестрах").locator("tbody tr")
    expect(lines.filter(has_not_text="Отклонено")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="Скачать CSV").click()
    content = Path(download.value.path()).read_bytes().decode().removeprefix(MARK)
    rows = list(csv.DictReader(content.splitlines(), delimiter=";"))
    assert {row["Ответ"] for row in rows} == {"Отклонено"}
    summary = page.locator(".pager-summary").inner_text()
    assert re.sub(r"\D", "", summary.split("приём")[0]) == str(len(rows))
    page.get_by_role("combobox", name="Плательщик").select_option(label="ДМС")
    page.wait_for_url("**payer=dms**")
    expect(chart(page, TITLES[4]).locator(".conclusion")).to_contain_text("ДМС: 100")
    look = Look(page)
    look("finance of one payer")
    look.judge()


def test_money_is_closed_to_a_therapist_and_a_head_has_the_own_department(worker: Callable[..., Any]) -> None:
    therapist, head = worker("terapevt"), worker("zaveduyushchaya")
    expect(therapist.get_by_role("link", name="Финансы")).to_have_count(0)
    therapist.goto("/finance")
    therapist.get_by_text("Финансы видят администратор клиники").wait_for()
    head.goto("/finance")
    chart(head, TITLES[0]).locator("svg.main-svg .point").first.wait_for()
    look = Look(head)
    look("finance of a head")
    look.judge()
