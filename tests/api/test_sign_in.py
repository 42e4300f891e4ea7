"""Signing in: two factors or nothing, refusals that tell nothing, codes that work once, locks that lock only strangers."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action
from medcab.accounts.models import LoginSession, OneTimeCode, PasswordRecord, SignInOutcome, SignInRecord
from medcab.accounts.rules import POLICY
from medcab.accounts.service import actor_for
from medcab.api import cookies
from tests.api.browser import Browser, journalled, last_code
from tests.api.conftest import EMAIL, PASSWORD, PHONE, enter
from tests.cast import Cast
from tests.outbox import sent

UNKNOWN = "+7 900 555-44-33"


async def _password(browser: Browser, login: str = PHONE, password: str = PASSWORD) -> dict[str, object]:
    return (await browser.post("/auth/sign-in", {"login": login, "password": password})).json()


@pytest.mark.parametrize("login", [PHONE, "8 (912) 000-00-01", "912 000 00 01", EMAIL, " Person1@MEDCAB.example "])
async def test_a_person_signs_in_by_any_of_their_names(browser: Browser, staff: Cast, login: str) -> None:
    await enter(browser, login)
    async with db.reading() as session:
        actor = await actor_for(session, browser.cookie(cookies.SESSION))
    assert actor
    assert actor.person_id == staff.doctor.person_id
    assert await journalled() == [Action.CODE_SEND, Action.SIGN_IN]


async def test_there_is_no_session_before_the_second_factor(browser: Browser) -> None:
    await _password(browser)
    assert browser.cookie(cookies.SESSION) == ""
    async with db.reading() as session:
        assert (await session.exec(select(LoginSession))).all() == []
        assert await actor_for(session, browser.cookie(cookies.SIGN_IN)) is None


async def test_the_sessions_token_is_new_and_kept_only_as_a_hash(browser: Browser) -> None:
    planted = "A" * 43
    browser.http.cookies.set(cookies.name_of(cookies.SESSION), planted, domain="127.0.0.1", path="/")
    browser.http.cookies.set(cookies.name_of(cookies.SIGN_IN), planted, domain="127.0.0.1", path="/")
    await enter(browser)
    token = browser.cookie(cookies.SESSION)
    assert token
    assert token != planted
    async with db.reading() as session:
        assert token not in (await session.exec(select(LoginSession.token_hash))).one()


async def test_a_wrong_password_and_an_unknown_name_look_the_same(staff: Cast) -> None:
    known, unknown = Browser(), Browser()
    for _ in range(6):  # through the locks as well
        answers = [
            await known.post("/auth/sign-in", {"login": PHONE, "password": "not it at all"}),
            await unknown.post("/auth/sign-in", {"login": UNKNOWN, "password": "not it at all"}),
        ]
        assert answers[0].status_code == answers[1].status_code
        assert answers[0].json() == answers[1].json()
        assert set(answers[0].headers) == set(answers[1].headers)
    assert set(await journalled()) == {Action.SIGN_IN_REFUSED}


async def test_a_password_is_hashed_exactly_once_whoever_it_is(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from medcab.security import passwords

    calls: list[str] = []
    real = passwords._argon2id.verify
    monkeypatch.setattr(passwords._argon2id, "verify", lambda *given: calls.append("x") or real(*given))
    for login in (PHONE, UNKNOWN, "nobody@medcab.example", "no name at all", "x" * 300):
        calls.clear()
        await _password(browser, login, "not it at all")
        assert calls == ["x"], login


async def test_the_right_password_is_refused_in_the_same_words_while_the_account_is_locked(
    browser: Browser, now: clock.Clock
) -> None:
    for _ in range(3):
        await _password(browser, password="wrong one here")
    wrong = await browser.post("/auth/sign-in", {"login": PHONE, "password": "wrong one here"})
    right = await browser.post("/auth/sign-in", {"login": PHONE, "password": PASSWORD})
    assert wrong.status_code == right.status_code == 429
    assert wrong.json() == right.json()
    assert right.json()["retry_after"] == 1
    now.tick(timedelta(seconds=1))
    assert await _password(browser) == {"next": "/sign-in/code"}


async def test_strangers_cannot_lock_the_owner_out_of_a_known_browser(doctor: Browser, now: clock.Clock) -> None:
    await doctor.post("/auth/sign-out")
    stranger = Browser(ip="203.0.113.9")
    for _ in range(8):
        await _password(stranger, password="guessing again")
    assert "retry_after" in await _password(stranger)
    now.tick(timedelta(minutes=2))
    await enter(doctor)


async def test_somebody_without_a_password_is_refused_like_anybody(browser: Browser, staff: Cast) -> None:
    async with db.transaction() as session:
        theirs = sa.delete(PasswordRecord).where(col(PasswordRecord.person_id) == staff.doctor.person_id)
        await session.execute(theirs)
    answer = await browser.post("/auth/sign-in", {"login": PHONE, "password": PASSWORD})
    assert answer.status_code == 422


async def test_failures_on_one_name_never_hold_another(browser: Browser, now: clock.Clock) -> None:
    for _ in range(4):
        await _password(browser, password="guessing again")
    assert await _password(Browser(ip="203.0.113.10"), "+79120000002") == {"next": "/sign-in/code"}


async def test_tries_at_once_cannot_slip_past_the_lock(staff: Cast) -> None:
    async def guess(number: int) -> int:
        browser = Browser(ip=f"203.0.113.{number}")
        return (await browser.post("/auth/sign-in", {"login": PHONE, "password": f"guess number {number}"})).status_code

    counts = Counter(await asyncio.gather(*(guess(number) for number in range(20))))
    assert counts == {422: 3, 429: 17}


async def test_tries_at_once_cannot_slip_past_the_limit_of_an_address(staff: Cast) -> None:
    async def guess(number: int) -> int:
        browser = Browser(ip="203.0.113.77")
        return (
            await browser.post("/auth/sign-in", {"login": f"+7912555{number:04}", "password": PASSWORD})
        ).status_code

    counts = Counter(await asyncio.gather(*(guess(number) for number in range(50))))
    assert counts == {422: POLICY.address_attempts.count, 429: 50 - POLICY.address_attempts.count}


async def test_one_address_trying_one_password_on_many_people_is_stopped(staff: Cast, now: clock.Clock) -> None:
    sprayer = Browser(ip="203.0.113.66")
    for number in range(10):
        await _password(sprayer, f"+7912000{1000 + number}", "Spring-2026-!!")
        now.tick(timedelta(seconds=10))
    held = await sprayer.post("/auth/sign-in", {"login": "+79120000002", "password": PASSWORD})
    assert held.status_code == 429
    assert held.json()["retry_after"] > 60
    assert await _password(Browser(ip="203.0.113.67"), "+79120000002") == {"next": "/sign-in/code"}


async def test_a_code_is_accepted_once_of_fifty_at_once(browser: Browser, now: clock.Clock) -> None:
    await _password(browser)
    code = await last_code(PHONE)
    token = (await browser.form("session"))["csrf"]
    headers = {"x-csrf-token": token}

    async def give() -> int:
        own = Browser(ip="203.0.113.20")
        own.http.cookies.update(browser.http.cookies)
        return (await own.post("/auth/sign-in/code", {"code": code}, headers=headers)).status_code

    from medcab.api import floods

    floods.limiter.storage.reset()
    counts = Counter([await one for one in asyncio.as_completed([give() for _ in range(30)])])
    assert counts[200] == 1
    async with db.reading() as session:
        assert len((await session.exec(select(LoginSession))).all()) == 1


async def test_a_wrong_code_is_told_at_its_field_and_five_end_the_sign_in(browser: Browser, staff: Cast) -> None:
    await _password(browser)
    code = await last_code(PHONE)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(4):
        answer = await browser.post("/auth/sign-in/code", {"code": wrong})
        assert answer.status_code == 422
        assert set(answer.json()["errors"]) == {"code"}
    assert (await browser.post("/auth/sign-in/code", {"code": wrong})).status_code == 409
    assert (await browser.post("/auth/sign-in/code", {"code": code})).status_code == 409
    assert await browser.form("sign-in-code") | {"csrf": ""} == {
        "values": {},
        "data": {},
        "csrf": "",
        "next": "/sign-in",
    }
    assert any("пароль верно" in letter["text"] for letter in await sent("mail"))
    async with db.reading() as session:
        outcomes = (await session.exec(select(SignInRecord.outcome))).all()
    assert outcomes == [SignInOutcome.WRONG_CODE] * 5
    assert (await journalled()).count(Action.CODE_REFUSED) == 5


async def test_a_code_of_one_sign_in_opens_no_other(browser: Browser, now: clock.Clock) -> None:
    await _password(browser)
    code_of_first = await last_code(PHONE)
    now.tick(timedelta(seconds=61))
    second = Browser()
    await _password(second)
    assert (await second.post("/auth/sign-in/code", {"code": code_of_first})).status_code == 422
    assert (await browser.post("/auth/sign-in/code", {"code": await last_code(PHONE)})).status_code == 422
    assert (await browser.post("/auth/sign-in/code", {"code": code_of_first})).status_code == 200


async def test_a_code_lives_five_minutes(browser: Browser, now: clock.Clock) -> None:
    await _password(browser)
    now.tick(timedelta(minutes=5))
    assert (await browser.post("/auth/sign-in/code", {"code": await last_code(PHONE)})).status_code == 422


async def test_only_the_newest_code_counts_and_another_must_wait_a_minute(browser: Browser, now: clock.Clock) -> None:
    await _password(browser)
    first = await last_code(PHONE)
    early = await browser.post("/auth/sign-in/resend")
    assert early.status_code == 429
    assert early.json()["retry_after"] == 60
    now.tick(timedelta(seconds=60))
    assert (await browser.post("/auth/sign-in/resend")).json()["data"] == {"sent": True, "resend_in": 60}
    newest = await last_code(PHONE)
    if first != newest:
        assert (await browser.post("/auth/sign-in/code", {"code": first})).status_code == 422
    assert (await browser.post("/auth/sign-in/code", {"code": f" {newest[:3]} {newest[3:]}"})).status_code == 200


async def test_a_number_gets_at_most_five_messages_an_hour(browser: Browser, now: clock.Clock) -> None:
    for _ in range(7):
        await _password(browser)
        now.tick(timedelta(seconds=61))
    assert len(await sent("sms")) == 5


async def test_messages_name_no_secret_but_the_code(browser: Browser) -> None:
    await _password(browser)
    [message] = await sent("sms")
    assert message["to"] == PHONE
    assert message["text"].endswith("Никому не сообщайте код.")
    assert len(message["text"]) <= 70  # one SMS in Cyrillic
    async with db.reading() as session:
        [row] = (await session.exec(select(OneTimeCode))).all()
    assert (await last_code(PHONE)) not in row.code_hash


async def test_the_screen_of_the_second_factor_shows_a_masked_number(browser: Browser) -> None:
    await _password(browser)
    data = (await browser.form("sign-in-code"))["data"]
    assert data["sent_to"] == "+7 ••• •••-00-01"
    assert data["methods"] == ["sms"]
    assert data["resend_in"] == 60


async def test_the_screen_does_not_speak_of_a_code_that_the_limits_kept_back(
    browser: Browser, staff: Cast, now: clock.Clock
) -> None:
    """A second browser within the minute: its code is not sent, and can be asked for when the minute is over."""
    await _password(browser)
    other = Browser()
    await _password(other)
    shown = [(await one.form("sign-in-code"))["data"]["sent"] for one in (browser, other)]
    assert shown == [True, False]
    now.tick(POLICY.send_interval)
    assert (await other.post("/auth/sign-in/resend", {})).json()["data"]["sent"]
    assert (await other.form("sign-in-code"))["data"]["sent"]


async def test_the_sixth_session_ends_the_oldest(staff: Cast, now: clock.Clock) -> None:
    browsers = [Browser() for _ in range(6)]
    for browser in browsers:
        await enter(browser)
        now.tick(timedelta(minutes=13))
        for other in browsers:  # somebody works in each
            if other.cookie(cookies.SESSION):
                await other.form("security")
    signed_in = [await _is_signed_in(browser) for browser in browsers]
    assert signed_in == [False, True, True, True, True, True]


async def test_a_new_browser_is_told_to_the_owner_and_a_known_one_is_not(doctor: Browser, now: clock.Clock) -> None:
    assert not any("нового устройства" in letter["subject"] for letter in await sent("mail"))
    await doctor.post("/auth/sign-out")
    await enter(doctor)
    assert not any("нового устройства" in letter["subject"] for letter in await sent("mail"))
    now.tick(timedelta(minutes=2))
    await enter(Browser(ip="203.0.113.30"))
    [letter] = [letter for letter in await sent("mail") if "нового устройства" in letter["subject"]]
    assert letter["to"] == EMAIL
    assert "203.0.113.30" in letter["text"]


async def test_sign_out_ends_the_session_on_the_server(doctor: Browser) -> None:
    token = doctor.cookie(cookies.SESSION)
    answer = await doctor.post("/auth/sign-out")
    assert answer.json() == {"next": "/sign-in"}
    assert answer.headers["clear-site-data"] == '"storage"'
    assert doctor.cookie(cookies.SESSION) == ""
    async with db.reading() as session:
        assert await actor_for(session, token) is None
    assert (await doctor.post("/auth/sign-out")).status_code == 200  # twice is no error
    assert (await journalled()).count(Action.SIGN_OUT) == 1


async def test_signing_in_again_in_the_same_browser_ends_the_former_session(doctor: Browser) -> None:
    former = doctor.cookie(cookies.SESSION)
    await enter(doctor, "+79120000002", "+79120000002")
    async with db.reading() as session:
        assert await actor_for(session, former) is None


async def test_a_session_ends_when_idle_and_after_half_a_day(doctor: Browser, now: clock.Clock) -> None:
    for minutes in (20, 29, 29):
        now.tick(timedelta(minutes=minutes))
        assert await _is_signed_in(doctor)
    now.tick(timedelta(minutes=30))
    assert not await _is_signed_in(doctor)
    await enter(doctor)
    for _ in range(25):
        now.tick(timedelta(minutes=29))
        await _is_signed_in(doctor)
    assert not await _is_signed_in(doctor)


async def test_a_blocked_person_does_not_get_in(browser: Browser, staff: Cast, now: clock.Clock) -> None:
    from medcab.accounts.models import Person

    async with db.transaction() as session:
        person = await session.get_one(Person, staff.doctor.person_id)
        person.blocked_at, person.blocked_reason = clock.now(), "Обратитесь к администратору."
    await _password(browser)
    answer = await browser.post("/auth/sign-in/code", {"code": await last_code(PHONE)})
    assert answer.status_code == 403
    assert "Обратитесь к администратору." in answer.json()["message"]


async def _is_signed_in(browser: Browser) -> bool:
    return (await browser.http.get("/auth/form/security")).status_code == 200


async def test_an_outdated_hash_is_made_anew_without_anybody_noticing(browser: Browser, staff: Cast) -> None:
    from passlib.hash import argon2

    from medcab.accounts.models import PasswordRecord

    weak = argon2.using(type="ID", memory_cost=8192, time_cost=1, parallelism=1).hash(PASSWORD)
    mine = select(PasswordRecord).where(PasswordRecord.person_id == staff.doctor.person_id)
    async with db.transaction() as session:
        (await session.exec(mine)).one().hash = weak
    assert await _password(browser) == {"next": "/sign-in/code"}
    async with db.reading() as session:
        assert "m=19456" in (await session.exec(mine)).one().hash
    await enter(Browser(ip="203.0.113.90"), "+79120000002", "+79120000002")
