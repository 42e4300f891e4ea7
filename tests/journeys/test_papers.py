"""A worker adds a certificate: what stands in the file is offered, corrected, kept, found again, and who opened it is told."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.documents.making import written
from tests.journeys.conftest import Face
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

OFFERED = "Подставлено из файла: проверьте."


def test_what_stands_in_a_file_is_offered_and_found(worker: Callable[..., Any], tmp_path: Path) -> None:
    page = worker("farmacevt", Face(390, 844))
    look = Look(page)
    scan = tmp_path / "удостоверение.pdf"
    scan.write_bytes(written(
        "УДОСТОВЕРЕНИЕ о повышении квалификации", "№ 7725 031234567 выдано 22.11.2025", "Сидорову Петру Ильичу",
        "Фармаконадзор в стационаре, в объёме 36 часов", blank=1,
    ))  # fmt: skip
    page.goto("/documents?edit=paper&kind=course")
    page.get_by_label("Дата выдачи").fill("20.11.2025")
    page.locator("input[type=file]").first.set_input_files(scan)
    page.get_by_text("вашей фамилии нет").wait_for()
    assert page.get_by_label("Номер удостоверения").input_value() == "7725 031234567"
    assert page.get_by_label("Зачтено часов").input_value() == "36"
    assert page.get_by_label("Дата выдачи").input_value() == "20.11.2025", "what was typed stays"
    assert page.get_by_text(OFFERED).count() == 2
    look("paper-offered")

    page.get_by_label("Зачтено часов").fill("38")
    assert page.get_by_text(OFFERED).count() == 1
    page.get_by_label("Тема программы").fill("Фармаконадзор")
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_role("heading", name="Документы").wait_for()

    page.get_by_role("searchbox").fill("стационаре")
    page.get_by_role("link", name="Удостоверение о повышении квалификации").first.click()
    page.get_by_role("img", name="Страница 1").wait_for()
    page.get_by_text(re.compile(r"38\sчасов")).first.wait_for()
    page.reload()
    page.get_by_role("region", name="Кто открывал файл").or_(page.get_by_text("Кто открывал файл")).first.wait_for()
    look("paper-shown")
    leaf_through(page)
    look.judge()


def leaf_through(page: Any) -> None:
    """By keys alone: the next page, larger, the page before, as it was."""
    sheet = page.get_by_role("img", name=re.compile("Страница"))
    page.get_by_role("region", name=re.compile("Страница 1")).focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("Страница 2 из 2", exact=True).wait_for()
    page.keyboard.press("+")
    expect(sheet).to_have_attribute("src", re.compile("large=1"))
    page.wait_for_function("() => document.querySelector('.sheet-picture')?.naturalHeight > 2000")
    page.reload()
    page.get_by_text("Страница 2 из 2", exact=True).wait_for()
    page.get_by_role("region", name=re.compile("Страница 2")).focus()
    page.keyboard.press("+")
    page.keyboard.press("PageUp")
    page.get_by_text("Страница 1 из 2", exact=True).wait_for()
    page.keyboard.press("0")
    expect(sheet).not_to_have_attribute("src", re.compile("large=1"))


def test_papers_are_sorted_out_by_their_term(worker: Callable[..., Any]) -> None:
    page = worker("terapevt")
    page.goto("/documents?order=ends")
    page.get_by_role("table").wait_for()
    first = page.get_by_role("row").nth(1).inner_text()
    page.goto("/documents")
    page.get_by_label("Порядок").select_option("ends")
    page.wait_for_url("**order=ends**")
    page.wait_for_function("text => document.querySelectorAll('tbody tr')[0]?.innerText === text", arg=first)
    page.get_by_label("Срок").select_option("endless")
    page.wait_for_url("**state=endless**")
    page.get_by_role("row").filter(has_text="Диплом").first.wait_for()
    expect(page.get_by_role("row").filter(has_text="Выписка об аккредитации")).to_have_count(0)

    page.get_by_label("Кем выдан").select_option(label="Портал НМО (6)")
    page.wait_for_url("**issuer=**")
    page.get_by_role("row").filter(has_text="Диплом").first.wait_for(state="detached")
    page.reload()
    page.get_by_role("row").filter(has_text="Портал НМО").first.wait_for()
    expect(page.get_by_label("Срок").locator("option:checked")).to_have_text("Без срока (6)")


def test_a_paper_is_renewed_and_the_earlier_one_comes_back(worker: Callable[..., Any]) -> None:
    page = worker("terapevt", Face(390, 844))
    look = Look(page)
    page.goto("/documents?kind=accreditation")
    page.get_by_role("link", name="Выписка об аккредитации").first.click()
    page.get_by_role("link", name="Продлить").click()
    page.get_by_text("Подставлено из прежнего документа: проверьте.").first.wait_for()
    assert page.get_by_label("Специальность").input_value()
    look("paper-renewing")
    page.get_by_label("Номер").fill("7726 000777")
    page.get_by_label("Дата аккредитации").fill("20.11.2026")
    page.get_by_role("button", name="Сохранить").click()

    page.get_by_role("link", name="ещё 1").first.click()
    page.get_by_text("Прежние документы").wait_for()
    page.get_by_text("7726 000777").first.wait_for()
    look("paper-renewed")
    page.get_by_role("button", name="Убрать").click()
    page.get_by_role("button", name="Убрать документ").click()
    page.get_by_text("Документ убран.").wait_for()
    expect(page.get_by_role("link", name="ещё 1")).to_have_count(0)
    look.judge()
