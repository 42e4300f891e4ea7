"""Duties: a paper added in one window changes the board in another; an administrator sees who is late, and takes the list away."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Face

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

Come = Callable[..., Any]


def test_a_paper_in_one_window_mends_the_board_in_another(worker: Come) -> None:
    board, form = worker("istekaet", Face(390, 844)), worker("istekaet")
    board.goto("/compliance")
    training = board.locator("[data-duty^=training]")
    training.wait_for()
    before = training.inner_text()

    form.goto("/documents?edit=paper&kind=course")
    form.get_by_label("Номер удостоверения").fill("7819 0001234")
    form.get_by_label("Дата выдачи").fill("20.11.2026")
    form.get_by_label("Тема программы").fill("Неотложная помощь")
    form.get_by_label("Зачтено часов").fill("500")
    form.get_by_role("button", name="Сохранить").click()
    form.get_by_role("heading", name="Документы").wait_for()

    board.get_by_text(re.compile("для аккредитации достаточно")).first.wait_for()
    assert training.inner_text() != before
    board.get_by_label("Как напоминать").select_option("mail")
    board.get_by_text("Сохранено.").first.wait_for()
    board.reload()
    board.get_by_text("План обучения").wait_for()
    assert board.get_by_label("Как напоминать").input_value() == "mail"


def test_the_administrator_finds_who_is_late_and_takes_the_list_away(worker: Come, tmp_path: Path) -> None:
    page = worker("administrator")
    page.goto("/compliance/people")
    page.get_by_role("row").nth(5).wait_for()
    page.get_by_label("Показать").select_option("act")
    page.wait_for_url("**show=act**")
    page.get_by_label("Требование").select_option("permit")
    page.wait_for_url("**duty=permit**")
    late = page.get_by_role("row").filter(has_text=re.compile(r"\d\d\.\d\d\.\d\d"))
    late.first.wait_for()
    name = late.first.get_by_role("rowheader").inner_text().splitlines()[0]
    with page.expect_download() as download:
        page.get_by_role("button", name="Выгрузить").click()
    sheet = tmp_path / "list.csv"
    download.value.save_as(sheet)
    lines = sheet.read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Сотрудник;Отделение;Должность;Требование")
    assert any(line.startswith(name) and "Аккредитация" in line for line in lines[1:])
    assert all("Аккредитация" in line for line in lines[1:])
