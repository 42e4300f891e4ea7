"""A rota's doors over HTTP: a file in, its errors as sentences, something to begin with out; nothing for who may not plan."""

from datetime import timedelta

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.schedule.rota import service
from medcab.schedule.rota.models import RotaSheet
from medcab.settings import get_settings
from medcab.tables import reader
from tests.api.browser import Browser
from tests.api.conftest import enter
from tests.cast import CLINIC, Cast
from tests.schedule.rotas import long, row

HEAD_PHONE, DOCTOR_PHONE = "+79120000003", "+79120000001"
PATH = "/api/schedule/rota"


@pytest.fixture
async def head(browser: Browser, now: clock.Clock) -> Browser:
    await enter(browser, HEAD_PHONE, HEAD_PHONE)
    now.tick(timedelta(minutes=2))
    return browser


async def upload(browser: Browser, data: bytes) -> tuple[int, dict]:
    csrf = (await browser.http.get(f"{PATH}/form")).json().get("csrf", "")
    headers = {"origin": get_settings().origin, "x-csrf-token": csrf}
    answer = await browser.http.post(PATH, files={"file": ("График.csv", data)}, headers=headers)
    return answer.status_code, answer.json()


async def test_a_file_is_taken_in(head: Browser, cast: Cast) -> None:
    status, answer = await upload(head, long(row()))
    assert (status, answer["warnings"]) == (200, [])
    async with db.reading() as session:
        kept = (await session.exec(select(RotaSheet))).one()
    assert (str(kept.id), kept.organisation_id, kept.name) == (answer["id"], CLINIC, "График.csv")


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\0", b"a;b\nc;d", b"x" * (service.BOUNDS.largest + 1), b"PK\x03\x04" + b"0" * 400]
)
async def test_what_is_no_rota_is_told_at_the_file(head: Browser, data: bytes) -> None:
    status, answer = await upload(head, data)
    assert status == 422
    assert answer["errors"]["file"].endswith(".")
    async with db.reading() as session:
        assert (await session.exec(select(RotaSheet))).all() == []


@pytest.mark.parametrize("form", ["", "?form=month", "?form=' OR 1=1"])
async def test_samples_open_as_tables(head: Browser, form: str) -> None:
    answer = await head.http.get(f"{PATH}/sample{form}")
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert "ФИО" in str(reader.read(answer.content))


async def test_who_plans_only_themselves_has_no_door_here(browser: Browser, now: clock.Clock) -> None:
    await enter(browser, DOCTOR_PHONE, DOCTOR_PHONE)
    now.tick(timedelta(minutes=2))
    for path in (f"{PATH}/form", f"{PATH}/sample", f"{PATH}/sample?form=month"):
        assert (await browser.http.get(path)).status_code == 403
    csrf = (await browser.http.get("/auth/form/session")).json()["csrf"]
    headers = {"origin": get_settings().origin, "x-csrf-token": csrf}
    answer = await browser.http.post(PATH, files={"file": ("x.csv", long(row()))}, headers=headers)
    assert answer.status_code == 403
