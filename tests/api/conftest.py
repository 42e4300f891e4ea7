"""Browsers with people in front of them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from medcab import clock, db
from medcab.accounts.models import PasswordRecord, SignatureConsent
from medcab.security.passwords import hash_password
from tests.api.browser import Browser, forget_limits, last_code
from tests.cast import MORNING, Cast

PASSWORD = "Sunny-Ward-77-north"
PHONE, EMAIL = "+79120000001", "person1@medcab.example"
"""The doctor's."""


@pytest.fixture(scope="session")
def password_hash() -> str:
    return asyncio.run(hash_password(PASSWORD))


@pytest.fixture
def now() -> Iterator[clock.Clock]:
    """A stopped clock; `now.tick(...)` moves it."""
    with clock.frozen(MORNING) as stopped:
        yield stopped


@pytest.fixture
async def staff(cast: Cast, password_hash: str, now: clock.Clock) -> Cast:
    """The cast with passwords; everyone has answered about the signature."""
    forget_limits()
    async with db.transaction() as session:
        for actor in cast.everyone().values():
            session.add(PasswordRecord(person_id=actor.person_id, hash=password_hash, set_at=MORNING))
            session.add(SignatureConsent(person_id=actor.person_id, version="x", agreed=False, at=MORNING))
    return cast


@pytest.fixture
async def browser(staff: Cast) -> AsyncIterator[Browser]:
    """Nobody is signed in."""
    made = Browser()
    yield made
    await made.http.aclose()


@pytest.fixture
async def doctor(browser: Browser, now: clock.Clock) -> Browser:
    """The doctor's browser, signed in by SMS."""
    await enter(browser)
    now.tick(timedelta(minutes=2))
    return browser


async def enter(browser: Browser, login: str = PHONE, phone: str = PHONE) -> None:
    """Sign in by password and SMS."""
    answer = await browser.post("/auth/sign-in", {"login": login, "password": PASSWORD})
    assert answer.json() == {"next": "/sign-in/code"}, answer.text
    answer = await browser.post("/auth/sign-in/code", {"code": await last_code(phone)})
    assert answer.json() == {"next": "/"}, answer.text
