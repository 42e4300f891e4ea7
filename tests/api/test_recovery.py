"""Recovery: through the linked phone, never around the second factor, the same for a name that nobody has."""

from datetime import timedelta

import pyotp
import pytest

from medcab import clock, db
from medcab.access import Action
from medcab.accounts.models import RecoveryCode, TotpFactor
from medcab.accounts.rules import POLICY, make_recovery_codes, new_secret, recovery_code_hash
from medcab.api import cookies
from medcab.security import tokens
from tests.api.browser import Browser, journalled, last_code
from tests.api.conftest import EMAIL, PASSWORD, PHONE
from tests.cast import MORNING, Cast
from tests.outbox import sent

NEW = "Granite-Window-41-rain"


async def _recover(browser: Browser, login: str = PHONE) -> None:
    assert (await browser.post("/auth/recovery", {"login": login})).json() == {"next": "/recovery/code"}
    answer = await browser.post("/auth/recovery/code", {"code": await last_code(PHONE)})
    assert answer.json() == {"next": "/recovery/password"}


async def _with_app(staff: Cast) -> str:
    secret = new_secret()
    async with db.transaction() as session:
        session.add(
            TotpFactor(person_id=staff.doctor.person_id, secret=secret, created_at=MORNING, confirmed_at=MORNING)
        )
    return secret


@pytest.mark.parametrize("login", [PHONE, EMAIL])
async def test_a_new_password_ends_every_session_and_is_told_everywhere(doctor: Browser, login: str) -> None:
    browser = Browser(ip="203.0.113.40")
    await _recover(browser, login)
    answer = await browser.post("/auth/recovery/password", {"password": NEW})
    assert answer.json() == {"next": "/sign-in?after=recovery"}
    assert browser.cookie(cookies.SESSION) == ""  # a code is asked for as always
    assert (await doctor.http.get("/auth/form/security")).status_code == 401
    told = [one for one in await sent() if "восстановлен" in one["text"]]
    assert {one["to"] for one in told} == {PHONE, EMAIL}
    assert (await journalled())[-1] == Action.PASSWORD_RECOVER
    assert (await browser.post("/auth/sign-in", {"login": PHONE, "password": PASSWORD})).status_code == 422
    assert (await browser.post("/auth/sign-in", {"login": PHONE, "password": NEW})).json() == {"next": "/sign-in/code"}


@pytest.mark.parametrize("by", ["recovery", "password", "phone"])
async def test_what_was_begun_with_the_former_password_or_phone_leads_nowhere(
    doctor: Browser, now: clock.Clock, by: str
) -> None:
    thief, guesser = Browser(ip="203.0.113.42"), Browser(ip="203.0.113.43")
    await _recover(thief)  # one step away from a password of the thief's own
    now.tick(timedelta(minutes=1))
    await guesser.post("/auth/sign-in", {"login": PHONE, "password": PASSWORD})
    code = await last_code(PHONE)
    if by == "recovery":
        owner = Browser(ip="203.0.113.44")
        now.tick(timedelta(minutes=1))
        await _recover(owner)
        assert (await owner.post("/auth/recovery/password", {"password": NEW})).status_code == 200
    elif by == "password":
        assert (await doctor.post("/account/password", {"current": PASSWORD, "new": NEW})).status_code == 200
    else:
        await doctor.post("/account/phone", {"phone": "+79991112233"})
        code_there = await last_code("+79991112233")
        assert (await doctor.post("/account/phone/confirm", {"code": code_there})).status_code == 200
    answer = await thief.post("/auth/recovery/password", {"password": "Another-Roof-52-snow"})
    assert answer.status_code == 409
    assert (await guesser.post("/auth/sign-in/code", {"code": code})).status_code == 409


@pytest.mark.parametrize("unknown", ["+7 900 555-44-33", "nobody@medcab.example", "?"])
async def test_a_name_nobody_has_sees_the_same_screens(staff: Cast, unknown: str) -> None:
    real, stranger = Browser(), Browser()
    for browser, login in ((real, PHONE), (stranger, unknown)):
        browser.answers = [await browser.post("/auth/recovery", {"login": login})]  # type: ignore[attr-defined]
        browser.answers += [await browser.http.get("/auth/form/recovery-code")]  # type: ignore[attr-defined]
        for _ in range(6):
            browser.answers += [await browser.post("/auth/recovery/code", {"code": "000000"})]  # type: ignore[attr-defined]
        browser.answers += [await browser.post("/auth/recovery/resend")]  # type: ignore[attr-defined]
    for one, other in zip(real.answers, stranger.answers, strict=True):  # type: ignore[attr-defined]
        assert one.status_code == other.status_code
        assert {**one.json(), "csrf": ""} == {**other.json(), "csrf": ""}
    assert [message["to"] for message in await sent("sms")] == [PHONE]


async def test_strangers_do_not_use_up_the_codes_of_the_owners_browser(doctor: Browser, now: clock.Clock) -> None:
    for number in range(POLICY.sends_per_contact[1].count):
        await Browser(ip=f"203.0.113.{number}").post("/auth/recovery", {"login": PHONE})
        now.tick(timedelta(minutes=1))
    before, stranger = await last_code(PHONE), Browser(ip="203.0.113.99")
    await stranger.post("/auth/recovery", {"login": PHONE})
    assert await last_code(PHONE) == before
    await _recover(doctor)
    assert await last_code(PHONE) != before


async def test_the_screen_of_the_code_looks_nobody_up(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be asked for without end: reading the person's row would show in the time it takes."""
    await browser.post("/auth/recovery", {"login": PHONE})
    monkeypatch.delattr("medcab.accounts.queries.person")
    assert (await browser.form("recovery-code"))["data"] == {"resend_in": 60}


async def test_whoever_has_an_app_proves_that_too(browser: Browser, staff: Cast) -> None:
    secret = await _with_app(staff)
    await browser.post("/auth/recovery", {"login": PHONE})
    answer = await browser.post("/auth/recovery/code", {"code": await last_code(PHONE)})
    assert answer.json() == {"next": "/recovery/factor"}
    assert (await browser.post("/auth/recovery/password", {"password": NEW})).status_code == 409
    assert (await browser.form("recovery-password"))["next"] == "/recovery/factor"
    assert (await browser.post("/auth/recovery/factor", {"code": "000000"})).status_code == 422
    right = pyotp.TOTP(secret).at(clock.now())
    assert (await browser.post("/auth/recovery/factor", {"code": right})).json() == {"next": "/recovery/password"}


async def test_a_recovery_code_serves_instead_of_the_app(browser: Browser, staff: Cast) -> None:
    await _with_app(staff)
    code = make_recovery_codes()[0]
    async with db.transaction() as session:
        kept = recovery_code_hash(code, tokens.key("recovery code"))
        session.add(RecoveryCode(person_id=staff.doctor.person_id, code_hash=kept, created_at=MORNING))
    await browser.post("/auth/recovery", {"login": PHONE})
    await browser.post("/auth/recovery/code", {"code": await last_code(PHONE)})
    answer = await browser.post("/auth/recovery/factor", {"code": code.lower().replace("-", " ")})
    assert answer.json() == {"next": "/recovery/password"}
    assert Action.RECOVERY_CODE_USE in await journalled()


async def test_the_password_cannot_be_set_before_the_code(browser: Browser) -> None:
    await browser.post("/auth/recovery", {"login": PHONE})
    assert (await browser.post("/auth/recovery/password", {"password": NEW})).status_code == 409


async def test_neither_a_bad_nor_a_former_password_is_taken(browser: Browser) -> None:
    await _recover(browser)
    for password in ("short", PASSWORD, "Ivanova-1985-03!!"):
        answer = await browser.post("/auth/recovery/password", {"password": password})
        assert answer.status_code == 422
        assert "password" in answer.json()["errors"]


async def test_recovery_opens_an_account_that_guessers_had_closed(browser: Browser, now: clock.Clock) -> None:
    stranger = Browser(ip="203.0.113.41")
    for _ in range(8):
        await stranger.post("/auth/sign-in", {"login": PHONE, "password": "guessing again"})
    assert (await browser.post("/auth/sign-in", {"login": PHONE, "password": PASSWORD})).status_code == 429
    now.tick(timedelta(seconds=1))
    await _recover(browser)
    await browser.post("/auth/recovery/password", {"password": NEW})
    assert (await browser.post("/auth/sign-in", {"login": PHONE, "password": NEW})).json() == {"next": "/sign-in/code"}


async def test_a_recovery_ends_after_ten_wrong_codes(browser: Browser, now: clock.Clock) -> None:
    await browser.post("/auth/recovery", {"login": PHONE})
    for _ in range(9):
        assert (await browser.post("/auth/recovery/code", {"code": "000000"})).status_code == 422
    assert (await browser.post("/auth/recovery/code", {"code": "000000"})).status_code == 409
    assert (await browser.form("recovery-code"))["next"] == "/recovery"
