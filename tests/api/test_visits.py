"""The door of patients' links: what it tells, to whom, and that looking changes nothing."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.schedule import service as visits
from medcab.schedule.models import Appointment, AppointmentStatus
from medcab.schedule.reminders.sending import service as sending
from medcab.schedule.waiting.offers import service as offers
from medcab.security import tokens
from tests.api.browser import Browser, journalled
from tests.cast import Cast
from tests.outbox import sent
from tests.schedule.reception import at, book, monday, stored
from tests.schedule.waiting import free, token_in, wish


@pytest.fixture
async def link(staff: Cast) -> tuple[UUID, str]:
    """A visit of tomorrow and the secret that its patient was sent."""
    await monday(staff)
    visit = await book(staff, staff.head, 0, days=1, patient_id=staff.patient_id)
    async with db.transaction() as session:
        await sending.begin(session)
    await sending.remind_everybody(visit, {})
    return visit, token_in((await sent("sms"))[-1]["text"])


async def test_whoever_holds_the_link_sees_when_and_where_and_nothing_else(
    browser: Browser, link: tuple[UUID, str]
) -> None:
    visit, token = link
    before = await journalled()
    answer = await browser.http.get("/auth/form/visit", params={"t": token})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    data = answer.json()["data"]
    assert data == {
        "standing": "asked", "head": "Ждём вас", "words": "", "clinic": "ГК № 1", "when": "Вторник, 24 ноября, 09:00", "room": "Кабинет 214",
        "version": 1,
    }  # fmt: skip
    assert not [
        word for word in ("Сидоров", "Иванова", "терап") if word in json.dumps(answer.json(), ensure_ascii=False)
    ]
    assert ((await stored(visit)).version, await journalled()) == (1, before)


async def test_an_answer_needs_our_own_page(browser: Browser, link: tuple[UUID, str]) -> None:
    visit, token = link
    said = {"token": token, "answer": "no", "version": 1}
    for headers in ({"origin": "https://evil.example"}, {"x-csrf-token": "x"}):
        assert (await browser.post("/api/visit", said, headers=headers)).status_code == 403
    assert (await browser.http.get("/api/visit", params=said)).status_code == 405
    assert (await stored(visit)).status is AppointmentStatus.BOOKED
    assert (await browser.post("/api/visit", {**said, "answer": "maybe"})).status_code == 422
    answer = await browser.post("/api/visit", said)
    assert (answer.status_code, answer.json()["data"]["standing"]) == (200, "cancelled")
    assert (await stored(visit)).status is AppointmentStatus.CANCELLED


async def test_who_answers_what_they_have_not_seen_is_shown_how_it_stands(
    browser: Browser, link: tuple[UUID, str], staff: Cast
) -> None:
    visit, token = link
    async with db.transaction() as session:
        await visits.move(session, staff.head, appointment_id=visit, version=1, starts_at=at(60, days=1))
    answer = await browser.post("/api/visit", {"token": token, "answer": "yes", "version": 1})
    data = answer.json()["data"]
    assert (answer.status_code, data["standing"], data["version"]) == (200, "asked", 2)
    assert data["when"].endswith("10:00")
    assert data["words"].startswith("Пока страница была открыта, запись изменилась")


async def test_an_offer_that_is_declined_twice_is_nobody_s_guess(browser: Browser, staff: Cast) -> None:
    await monday(staff)
    await wish(staff)
    assert await free(staff, 0, days=1)
    async with db.transaction() as session:
        [visit] = (await session.exec(select(Appointment.id))).all()
        await offers._send(session, visit)  # pyright: ignore[reportPrivateUsage]
    token = token_in((await sent("sms"))[-1]["text"])
    for _ in range(8):
        answer = await browser.post("/api/visit", {"token": token, "answer": "no", "version": 1})
        assert (answer.status_code, answer.json()["data"]["standing"]) == (200, "passed")
        assert (await browser.form("visit", t=token))["data"]["head"] == "Спасибо за ответ"


async def test_wrong_and_old_links_are_told_alike_and_guessing_is_slowed_down(
    browser: Browser, link: tuple[UUID, str], now: clock.Clock
) -> None:
    told = (await browser.form("visit", t=tokens.make()))["data"]
    now.tick(timedelta(days=2))
    assert (await browser.form("visit", t=link[1]))["data"] == told
    assert told["standing"] == "dead"
    statuses = [(await browser.http.get("/auth/form/visit", params={"t": tokens.make()})).status_code for _ in range(6)]
    assert 429 in statuses
