"""A head of department brings next month's rota: an error is left out, the rest is applied and stands in the schedule; and goes out as a file."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from medcab import clock
from medcab.demo.clinic import identity
from tests.journeys.access import agree
from tests.journeys.look import Look

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

DOCTOR = identity("person", "terapiya9")
_LISTEN = """words => new MutationObserver(() => {
    window.wasSaid = window.wasSaid || document.body.innerText.includes(words)
}).observe(document.body, { childList: true, subtree: true, characterData: true })"""
"""A message goes by itself after some seconds: that it was there is remembered, however slow the machine is."""


def choose(page: Any, text: str, name: str = "график.csv") -> None:
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode("cp1251")})


def name_of(page: Any) -> str:
    page.goto(f"/schedule/hours?who={DOCTOR}")
    chosen = page.get_by_label("Врач", exact=True).locator("option:checked")
    chosen.wait_for(state="attached")
    return chosen.inner_text().replace("\u00a0", " ")


def test_a_rota_from_a_file(worker: Callable[..., Any]) -> None:
    page = worker("zaveduyushchaya")
    look = Look(page)
    name = name_of(page)
    page.goto("/schedule")
    page.get_by_role("button", name="Разделы").click()
    page.get_by_role("link", name="График из файла").click()
    page.get_by_role("heading", name="Загрузить").wait_for()
    look("rota")
    first = clock.today() + timedelta(days=70)
    while first.weekday() > 2:
        first += timedelta(days=1)
    days = [first + timedelta(days=number) for number in range(3)]
    choose(page, f"ФИО;{';'.join(f'{day:%d.%m.%Y}' for day in days)}\r\n{name};13-15;О;6-утра\r\n")
    page.get_by_text("с ошибками 1.").first.wait_for()
    page.get_by_text("«6-утра» не похоже на часы").wait_for()
    look("rota with an error")
    page.get_by_role("button", name="Применить без ошибочных дней").click()
    page.evaluate(_LISTEN, "График применён")
    agree(page, "Применить")
    page.wait_for_url("**/schedule?view=people&date=*")
    page.wait_for_function("() => window.wasSaid")
    page.goto(f"/schedule?who={DOCTOR}&date={days[0]:%Y-%m-%d}")
    expect(page.locator(".row-time").first).to_have_text(re.compile("^13:00"))

    with page.expect_download() as taken:
        page.get_by_role("button", name="Скачать").click()
        page.get_by_role("button", name="CSV").click()
    assert taken.value.suggested_filename.startswith("priemy-")

    page.goto("/schedule/rota")
    page.get_by_label("Первый день").fill(f"{days[0]:%d.%m.%Y}")
    page.get_by_label("Последний день").fill(f"{days[2]:%d.%m.%Y}")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Скачать").click()
    page.locator("input[type=file]").first.set_input_files(
        taken.value.path().rename(taken.value.path().with_suffix(".xlsx"))
    )
    page.get_by_text("Расписание уже такое, как в файле").wait_for()
    look("rota that changes nothing")
    look.judge()
