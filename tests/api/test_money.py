"""A file of money over HTTP: taken in for the administrator, its faults as sentences at the file, nothing for anybody else."""

from datetime import timedelta

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.finance.bringing import service
from medcab.finance.models import FinanceSheet
from medcab.settings import get_settings
from tests.api.browser import Browser
from tests.api.conftest import enter
from tests.cast import CLINIC, Cast

ADMIN_PHONE, HEAD_PHONE = "+79120000006", "+79120000003"
PATH = "/api/finance/sheets"
TARIFFS = "Плательщик;Специальность;Вид приёма;Цена;С\nОМС;Терапия;Первичный;1;01.12.2026\n".encode("cp1251")


@pytest.fixture
async def admin(browser: Browser, now: clock.Clock) -> Browser:
    await enter(browser, ADMIN_PHONE, ADMIN_PHONE)
    now.tick(timedelta(minutes=2))
    return browser


async def upload(browser: Browser, data: bytes, register: str = "") -> tuple[int, dict]:
    csrf = (await browser.http.get("/auth/form/session")).json()["csrf"]
    headers = {"origin": get_settings().origin, "x-csrf-token": csrf}
    files = {"file": ("тарифы.csv", data)}
    answer = await browser.http.post(PATH, params={"register": register}, files=files, headers=headers)
    return answer.status_code, answer.json()


async def test_tariffs_are_taken_in(admin: Browser, cast: Cast) -> None:
    assert (await admin.http.get(f"{PATH}/form")).json()["csrf"]
    status, answer = await upload(admin, TARIFFS)
    assert (status, answer["warnings"]) == (200, [])
    async with db.reading() as session:
        kept = (await session.exec(select(FinanceSheet))).one()
    assert (str(kept.id), kept.organisation_id, kept.bill_id, kept.name) == (answer["id"], CLINIC, None, "тарифы.csv")


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\0", b"a;b\nc;d", b"x" * (service.BOUNDS.largest + 1), TARIFFS.splitlines()[0]]
)
async def test_what_is_no_such_table_is_told_at_the_file(admin: Browser, data: bytes) -> None:
    status, answer = await upload(admin, data)
    assert status == 422
    assert answer["errors"]["file"].endswith(".")


@pytest.mark.parametrize("register", ["x", "00000000-0000-0000-0000-0000000000f1"])
async def test_an_answer_to_a_register_that_is_not_there_is_not_read(admin: Browser, register: str) -> None:
    assert (await upload(admin, TARIFFS, register))[0] == 404


async def test_a_head_has_no_door_here(browser: Browser, now: clock.Clock) -> None:
    await enter(browser, HEAD_PHONE, HEAD_PHONE)
    now.tick(timedelta(minutes=2))
    assert (await browser.http.get(f"{PATH}/form")).status_code == 403
    assert (await upload(browser, TARIFFS))[0] == 403
