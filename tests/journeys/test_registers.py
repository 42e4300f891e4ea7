"""The administrator's month of money: tariffs with one bad row, what was refused goes again, the payer's answer comes in and is seen in the report."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab import clock
from medcab.finance.rules.address import months_back
from medcab.finance.rules.sheets import TARIFFS
from medcab.tables.writer import MARK
from tests.journeys.access import agree
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
MONTH = months_back(clock.today().replace(day=1), 3)
"""Answered long ago in the demo clinic."""
DRAFT = f"/finance/registers?month={MONTH:%Y-%m}&of=oms"


def bring(page: Any, text: str, name: str) -> None:
    page.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.wait_for_url("**/finance/sheet?sheet=*")


def test_a_month_of_money(worker: Callable[..., Any]) -> None:
    page = worker("administrator")
    look = Look(page)
    page.goto("/finance")
    page.get_by_role("link", name="Тарифы").click()
    page.get_by_role("heading", name="Цены").wait_for()
    look("tariffs")
    future = f"01.01.{clock.today().year + 1}"
    good = f"ОМС;Сурдология-оториноларингология;Первичный;1 250,40;{future};"
    bring(page, f"{';'.join(TARIFFS.values())}\n{good}\nОМС;Терапия;Заочный;100;{future};\n", "тарифы 2027.csv")
    page.get_by_text("Вид приёма «Заочный» неизвестен").wait_for()
    look("tariffs from a file with an error")
    page.get_by_role("button", name="Применить строки без ошибок").click()
    agree(page, "Применить")
    page.get_by_text(re.compile("Применено: 1.строка, пропущено с ошибками: 1")).first.wait_for()

    page.goto("/finance/registers?payer=oms")
    page.get_by_role("link", name=re.compile(f"^ОМС, .* {MONTH.year}$")).nth(2).click()
    page.get_by_label("Какие строки").select_option("rejected")
    page.wait_for_url("**only=rejected")
    page.get_by_label("Причина отказа").select_option(index=1)
    page.wait_for_url("**code=*")
    look("a register's refused lines")
    page.get_by_role("button", name="Подать все снова").click()
    agree(page, "Подать снова")
    page.get_by_text("В следующий реестр:").first.wait_for()

    page.goto(DRAFT)
    page.get_by_text("Из них подаются снова после отказа").wait_for()
    look("registers")
    page.get_by_role("button", name="Составить реестр").click()
    agree(page, "Составить")
    page.wait_for_url("**/finance/register?id=*")
    page.get_by_role("heading", level=1, name=re.compile("№ 2$")).wait_for()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Скачать CSV").click()
    rows = list(
        csv.DictReader(Path(taken.value.path()).read_bytes().decode().removeprefix(MARK).splitlines(), delimiter=";")
    )
    assert rows[0]["Полис"]
    assert {row["Специальность"] for row in rows} - {""}
    answers = [f"{row['№ строки']};отклонено;77.1;Полис прекращён, сведений нет" for row in rows[:1]]
    answers += [f"{row['№ строки']};принято;;" for row in rows[1:]]
    text = "\n".join(["№ строки;Результат;Код причины;Причина", *answers])
    bring(page, text, "ответ.csv")
    look("an answer from a file")
    page.get_by_role("button", name="Применить", exact=True).click()
    page.get_by_text("Применено:").first.wait_for()
    page.get_by_text("77.1. Полис прекращён, сведений нет").wait_for()
    look("a register with its answer")
    bring(page, text, "ответ.csv")
    page.get_by_text("Всё уже так, как в файле.").wait_for()

    page.goto(f"/finance?from={MONTH:%Y-%m}&to={MONTH:%Y-%m}&payer=oms")
    page.get_by_label("Какие приёмы показать").select_option(label="77.1. Полис прекращён, сведений нет")
    refused = page.get_by_role("region", name="Приёмы в реестрах").locator("tbody tr")
    expect(refused).to_have_count(1)

    page.goto("/finance/registers?payer=oms")
    page.get_by_role("link", name=re.compile("№ 2$")).first.click()
    page.get_by_role("button", name="Исправлено, подать снова: № 1").click()
    page.get_by_text("Исправлено, пойдёт снова").wait_for()
    page.goto(DRAFT)
    page.get_by_text("Из них подаются снова после отказа: 1.").wait_for()
    page.goto("/finance/plans?copy=year")
    page.get_by_role("heading", name="План на месяц").wait_for()
    look("plans")
    page.get_by_role("button", name="Сохранить план").click()
    page.get_by_text("План сохранён").first.wait_for()
    look.judge()
