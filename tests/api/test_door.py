"""What every request passes before a service is asked."""

import time
from datetime import timedelta

import pytest
from limits import parse
from sqlmodel import select

from medcab import audit, clock, db
from medcab.access import Action
from medcab.api import cookies, floods, http
from medcab.api.http import EVERY_REQUEST
from medcab.settings import get_settings
from tests.api.browser import Browser, forget_limits, journalled
from tests.api.conftest import PHONE

pytestmark = pytest.mark.one_database

BODY = {"login": PHONE, "password": "whatever it is"}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1.evil.example:8080"])
async def test_a_foreign_page_cannot_post(browser: Browser, origin: str) -> None:
    answer = await browser.post("/auth/sign-in", BODY, headers={"origin": origin})
    assert answer.status_code == 403
    assert await journalled() == [Action.REQUEST_REFUSED]


@pytest.mark.parametrize("token", ["", "0" * 64, "Ж"])
async def test_a_post_needs_the_forms_token(browser: Browser, token: str) -> None:
    answer = await browser.post("/auth/sign-in", BODY, headers={"x-csrf-token": token.encode()})
    assert answer.status_code == 403
    assert "errors" not in answer.json()  # so that the page fetches a new token and tries once more
    assert await journalled() == [Action.REQUEST_REFUSED]


async def test_a_token_is_worth_nothing_in_another_browser(browser: Browser, staff: object) -> None:
    stolen = (await browser.form("session"))["csrf"]
    answer = await Browser().post("/auth/sign-in", BODY, headers={"x-csrf-token": stolen})
    assert answer.status_code == 403


async def test_a_token_of_the_visit_ends_with_the_sign_in(doctor: Browser) -> None:
    other = Browser()
    before = (await other.form("session"))["csrf"]
    other.http.cookies = doctor.http.cookies
    assert (await other.post("/auth/sign-out", headers={"x-csrf-token": before})).status_code == 403
    assert (await other.post("/auth/sign-out")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"login": 1, "password": "x"}, {"login": PHONE, "password": None}, {"login": [PHONE], "password": "x"}, {"login": PHONE},
        {"login": {"$gt": ""}, "password": "x"}, {"login": "\x00", "password": "x"}, {"login": "x" * 301, "password": "x"},
    ],
)  # fmt: skip
async def test_wrong_types_are_refused_at_their_field(browser: Browser, body: dict[str, object]) -> None:
    answer = await browser.post("/auth/sign-in", body)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert set(answer.json()["errors"]) <= {"login", "password"}


@pytest.mark.parametrize("raw", [b"", b"[]", b"nonsense", b'"text"', b"[" * 60_000, b"\xff\xfe"])
async def test_what_is_not_a_json_object_is_refused(browser: Browser, raw: bytes) -> None:
    token = (await browser.form("session"))["csrf"]
    headers = {"origin": get_settings().origin, "x-csrf-token": token}
    assert (await browser.http.post("/auth/sign-in", content=raw, headers=headers)).status_code == 422


async def test_a_password_of_a_million_characters_is_not_even_read(browser: Browser) -> None:
    answer = await browser.post("/auth/sign-in", {"login": PHONE, "password": "x" * 1_000_000})
    assert answer.status_code == 413
    assert answer.json()["message"]


async def test_cookies_are_out_of_reach_of_scripts_and_foreign_pages(browser: Browser) -> None:
    answer = await browser.http.get("/auth/form/sign-in")
    [cookie] = answer.headers.get_list("set-cookie")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    ("public_url", "mode", "name"),
    [
        ("https://medcab.example", "production", "__Host-medcab"),
        ("https://medcab.example", "demo", "__Host-medcab"),
        ("http://localhost:8080", "demo", "medcab"),
        ("http://localhost:8080", "production", "__Host-medcab"),
        ("http://clinic.example", "demo", "__Host-medcab"),
    ],
)
def test_the_cookies_name_says_how_it_is_protected(
    monkeypatch: pytest.MonkeyPatch, public_url: str, mode: str, name: str
) -> None:
    monkeypatch.setattr(get_settings(), "public_url", public_url)
    monkeypatch.setattr(get_settings(), "mode", mode)
    assert cookies.name_of(cookies.SESSION) == name
    assert cookies.is_plain() is not name.startswith("__Host-")


async def test_a_flood_from_one_address_is_stopped_for_that_address_only(staff: object) -> None:
    flood, other = Browser(ip="203.0.113.5"), Browser(ip="203.0.113.6")
    answers = [await flood.http.get("/auth/form/sign-in") for _ in range(EVERY_REQUEST.amount + 1)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["retry_after"] > 0
    assert (await other.http.get("/auth/form/sign-in")).status_code == 200


@pytest.mark.parametrize(
    ("hops", "seen"), [(0, "198.51.100.7"), (1, "192.0.2.2"), (2, "192.0.2.1"), (3, "198.51.100.7")]
)
async def test_only_trusted_proxies_are_believed(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, hops: int, seen: str
) -> None:
    monkeypatch.setattr(get_settings(), "trusted_proxies", hops)
    await browser.post("/auth/sign-in", BODY, headers={"x-forwarded-for": "192.0.2.1, 192.0.2.2"})
    async with db.reading() as session:
        assert set((await session.exec(select(audit.AuditEntry.ip))).all()) == {seen}


async def test_an_unknown_form_is_not_found(browser: Browser) -> None:
    assert (await browser.http.get("/auth/form/nothing")).status_code == 404


async def test_next_never_leads_elsewhere(doctor: Browser) -> None:
    for evil in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert (await doctor.form("sign-in", next=evil))["next"] == "/"
    assert (await doctor.form("sign-in", next="/schedule?day=2026-11-22"))["next"] == "/schedule?day=2026-11-22"


async def test_signed_out_people_are_told_so(browser: Browser, now: clock.Clock) -> None:
    now.tick(timedelta(seconds=1))
    for path in ("/account/totp/begin", "/account/phone", "/account/consent", "/account/password", "/account/step-up"):
        body = {"phone": PHONE, "agree": True, "current": "a", "new": "b", "code": "1"}
        assert (await browser.post(path, body)).status_code == 401


async def test_an_address_is_forgotten_with_its_window(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_limits()
    kept = floods.limiter.storage
    for number in range(50):
        await http.limit(parse("5/second"), "a door", f"2001:db8:{number:x}::1")
    later = time.time() + 60
    monkeypatch.setattr("limits.storage.memory.time.time", lambda: later)
    kept._MemoryStorage__expire_events()  # type: ignore[attr-defined]  # what its own timer does
    assert (kept.storage, kept.expirations, kept.events) == ({}, {}, {})  # type: ignore[attr-defined]
