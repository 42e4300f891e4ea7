"""What somebody with time and a terminal tries: handshakes, stolen tokens, floods, headers, files, logs."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable
from contextlib import suppress
from datetime import date
from pathlib import Path
from statistics import median
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import col

from medcab import api, db, frontend
from medcab.accounts.models import Membership
from medcab.api import cookies
from tests.abuse.conftest import contents, enter, refusals
from tests.abuse.test_events import HANDLERS
from tests.abuse.wire import HYDRATE, ROOT, Site, fresh_address
from tests.cast import Cast

pytestmark = pytest.mark.one_database

PROFILE = HANDLERS["accounts.identity.profile.load"]
NAME = "Иванова"
SNILS, PHONE, PASSWORD, CODE = "112-233-445 95", "+7 (912) 345-67-89", "Correct-horse-7-staple", "491826"


@pytest.mark.parametrize(
    "how",
    [
        {"headers": {"Origin": "https://evil.example"}}, {"headers": {"Origin": "null"}}, {"headers": {"Origin": ""}},
        {"headers": {"Host": "evil.example"}}, {"token": "user-admin"}, {"token": "x" * 36}, {"token": "39A589E9-B7E7-4F61-AFAF-7C9C6CB583AF"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_foreign_handshake_is_refused(site: Site, cast: Cast, how: dict) -> None:
    assert await site.refuses_socket(cookie=await enter(cast.doctor), **how)


async def test_long_polling_is_no_way_round_the_handshake(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.origin) as http:
        for method in ("GET", "POST"):
            answer = await http.request(
                method, f"/_event/?EIO=4&transport=polling&token={uuid4()}", headers={"origin": site.origin}
            )
            assert answer.status_code in (400, 404, 405)
            assert '"sid"' not in answer.text


async def test_a_tabs_token_is_worth_nothing_online_or_after(site: Site, cast: Cast) -> None:
    async with site.socket(await enter(cast.doctor)) as owner:
        assert NAME in await owner.ask(PROFILE, {})
        async with site.socket("", token=owner.token) as thief:
            assert thief.token != owner.token
            assert NAME not in await thief.ask(HYDRATE, {})
        token = owner.token
    for cookie in ("", await enter(cast.nurse)):
        async with site.socket(cookie, token=token) as thief:
            assert NAME not in await thief.ask(HYDRATE, {})
            assert NAME not in await thief.settle()


async def test_two_tabs_and_sign_out_in_one(site: Site, cast: Cast) -> None:
    cookie = await enter(cast.doctor)
    async with site.socket(cookie) as one, site.socket(cookie) as other:
        for tab in (one, other):
            assert NAME in await tab.ask(PROFILE, {})
        jar = {cookies.name_of(cookies.SESSION): cookie}
        async with httpx.AsyncClient(base_url=site.origin, cookies=jar, headers={"origin": site.origin}) as http:
            csrf = (await http.get("/auth/form/session")).json()["csrf"]
            began = time.monotonic()
            answer = await http.post("/auth/sign-out", content="{}", headers={"x-csrf-token": csrf})
        assert answer.status_code == 200
        for tab in (one, other):
            assert "/sign-in" in await tab.until("_redirect")
        assert time.monotonic() - began < 1
        for tab in (one, other):
            assert NAME not in await tab.ask(HYDRATE, {})
            assert NAME not in await tab.ask(PROFILE, {})
    assert await site_refuses(site, cookie)


async def site_refuses(site: Site, cookie: str) -> bool:
    async with site.socket(cookie) as late:
        return NAME not in await late.ask(PROFILE, {})


async def test_a_role_that_was_taken_away_bites_at_the_next_click(site: Site, cast: Cast) -> None:
    figures = HANDLERS["dashboards.figures.choose_rows"]
    async with site.socket(await enter(cast.head)) as caller:
        assert "нет доступа" not in await caller.ask(figures, {"rows": ""})
        async with db.transaction() as session:
            mine = sa.update(Membership).where(col(Membership.person_id) == cast.head.person_id)
            await session.execute(mine.values(until=date(2020, 2, 1)))
        try:
            assert "нет доступа" in await caller.ask(figures, {"rows": ""})
            assert [entry.person_id for entry in await refusals(caller.ip)][-1] == cast.head.person_id
        finally:
            async with db.transaction() as session:
                await session.execute(mine.values(until=None))


@pytest.mark.parametrize(
    "message",
    [
        "42/_event,[", "42/_event,[]", '42/_event,["event"]', '42/_event,["event",[1]]', '42/_event,["event","{"]', '42/_event,["event",7]',
        '42/_event,["event",{}]', '42/_event,["event",{"name":1}]', '42/_event,["event",{"name":"x","payload":"y"}]',
        '42/_event,["event",{"name":"' + ROOT + 'hydrate","payload":null}]', '42/_event,["nothing",{}]', "42/other,[]", "9", "", "45-/_event,",
        '42/_event,["client_error",{"message":{}}]', '451-/_event,["event",{"_placeholder":true,"num":0}]',
    ],
)  # fmt: skip
async def test_broken_messages_break_nothing(site: Site, cast: Cast, message: str) -> None:
    """At worst the sender loses its own socket."""
    before, cookie = contents(), await enter(cast.doctor)
    async with site.socket(cookie) as sender:
        await sender.raw(message)
        with suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(1):
                await sender.settle()
    async with site.socket(cookie) as other:
        assert NAME in await other.ask(PROFILE, {})
    assert {name for name, value in contents().items() if value != before[name]} <= {
        "login_session",
        "device",
        "sign_in_record",
        "outbox_message",
    }


async def test_a_browser_cannot_make_up_its_own_handshake(site: Site, cast: Cast) -> None:
    """A message called "connect" would let it choose its address in the journal, and any token."""
    made_up = {"QUERY_STRING": "token=made-up", "asgi.scope": {"client": ["6.6.6.6", 1], "headers": []}}
    async with site.socket(await enter(cast.doctor)) as caller:
        await caller.raw(f"42/_event,{json.dumps(['connect', made_up])}")
        assert "нет доступа" in await caller.ask(HANDLERS["dashboards.figures.turn"], {"by": 1})
        assert [entry.ip for entry in await refusals(caller.ip)] == [caller.ip]


async def test_a_browser_cannot_end_its_connection_and_stay(site: Site) -> None:
    """Without a tab behind it each of its messages would be a line in the log."""
    async with site.socket() as caller:
        await caller.raw('42/_event,["disconnect"]')
        assert await caller.settle()


async def test_a_message_over_the_limit_costs_the_sender_its_socket(site: Site) -> None:
    async with site.socket() as sender:
        await sender.raw("42/_event," + json.dumps(["event", {"name": "x", "payload": {"a": "x" * 1_500_000}}]))
        with pytest.raises((ConnectionError, TimeoutError)):
            await sender.settle()


async def test_the_frameworks_upload_is_closed(site: Site, cast: Cast) -> None:
    before = contents()
    async with httpx.AsyncClient(base_url=site.origin) as http:
        for path in ("/_upload", "/_upload/", "/_upload/x", "/%5fupload"):
            asking = http.post(
                path, files={"files": ("../../x.svg", b"<svg/>")}, headers={"reflex-client-token": str(uuid4())}
            )
            assert await _is_cut_off(asking, 404), path
    assert contents() == before


async def test_bodies_over_the_limit(site: Site, cast: Cast) -> None:
    """Declared: refused unread. Streamed without a length: cut off."""
    async with httpx.AsyncClient(base_url=site.origin, headers={"origin": site.origin}) as http:
        csrf = (await http.get("/auth/form/session")).json()["csrf"]
        for path, size in (("/auth/sign-in", 70_000), ("/api/files", 33_000_000), ("/nowhere", 70_000)):
            assert await _is_cut_off(http.post(path, content=b"x" * size, headers={"x-csrf-token": csrf})), path

        async def pieces():
            for _ in range(70):
                yield b" " * 1000

        assert await _is_cut_off(http.post("/auth/sign-in", content=pieces(), headers={"x-csrf-token": csrf}))


async def _is_cut_off(asking: Awaitable[httpx.Response], status: int = 413) -> bool:
    """Refused in words, or the line closed while the body was still on its way."""
    try:
        return (await asking).status_code == status
    except (httpx.ReadError, httpx.WriteError):
        return True


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sign-in", 200), ("GET", "/nowhere-at-all", 404), ("GET", "/auth/form/session", 200), ("GET", "/account/password", 404),
        ("POST", "/auth/sign-in", 403), ("GET", "/api/files/x", 401), ("POST", "/_upload", 404), ("GET", "/ping", 200),
    ],
)  # fmt: skip
async def test_protective_headers_on_every_kind_of_answer(site: Site, method: str, path: str, status: int) -> None:
    async with httpx.AsyncClient(base_url=site.origin, follow_redirects=True) as http:
        answer = await http.request(
            method, path, headers={"origin": "https://evil.example", "access-control-request-method": "POST"}
        )
    assert answer.status_code == status, answer.text[:200]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["server"] == "medcab"
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    scripts = policy.get("script-src", policy["default-src"])
    assert "unsafe" not in scripts
    assert "*" not in answer.headers["content-security-policy"]
    assert policy["frame-ancestors"] == "'none'"


async def test_no_other_origin_may_read_or_ask(site: Site) -> None:
    """The framework answers preflights itself, before our wrappers: to ours alone it says yes."""
    async with httpx.AsyncClient(base_url=site.origin) as http:
        for origin in ("https://evil.example", "null", f"{site.origin}.evil.example"):
            answer = await http.options(
                "/auth/sign-in", headers={"origin": origin, "access-control-request-method": "POST"}
            )
            assert answer.status_code == 400
            assert "access-control-allow-origin" not in answer.headers


async def test_other_hosts_are_not_answered(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.origin) as http:
        answer = await http.get("/sign-in", headers={"host": "evil.example"})
        assert answer.status_code == 421
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.origin) as http:
        answer = await http.get("/auth/form/session")
    given = answer.headers.get_list("set-cookie")
    assert given
    for cookie in given:
        flags = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=strict", "path=/"} <= flags
        assert not any(flag.startswith("domain") for flag in flags)


async def test_the_session_is_not_echoed_to_the_page(site: Site, cast: Cast) -> None:
    cookie = await enter(cast.doctor)
    async with site.socket(cookie) as caller:
        assert cookie not in await caller.ask(HYDRATE, {}) + await caller.ask(PROFILE, {})


def test_the_built_pages_hold_no_secrets(site: Site) -> None:
    """Neither this machine's paths nor anybody's data nor keys, in pages, scripts and their compressed copies' sources."""
    forbidden = re.compile(
        rb"secret_key|index_key|encryption_keys|BEGIN [A-Z ]*PRIVATE KEY|postgresql\+psycopg|/site-packages/|hunter2|medcab\.db"
    )
    texts = [
        path for path in frontend.client_dir().rglob("*") if path.suffix in {".html", ".js", ".json", ".css", ".map"}
    ]
    assert texts
    assert [path.name for path in texts if forbidden.search(path.read_bytes())] == []
    assert [path.name for path in texts if path.suffix == ".map"] == []


async def test_a_flood_from_one_socket_does_not_stop_anybody_else(site: Site, cast: Cast) -> None:
    async with site.socket() as loud, site.socket(await enter(cast.doctor)) as quiet:
        await quiet.ask(PROFILE, {})
        flood = asyncio.create_task(_shout(loud, 2_000))
        waits = []
        for _ in range(10):
            began = time.monotonic()
            assert NAME in await quiet.ask(PROFILE, {})
            waits.append(time.monotonic() - began)
        flood.cancel()
    assert median(waits) < 0.3, waits


async def _shout(loud, times: int) -> None:
    for _ in range(times):
        await loud.call(PROFILE, {})


async def test_fresh_sockets_leave_nothing_behind(site: Site) -> None:
    async def visit(times: int) -> None:
        for _ in range(times):
            async with site.socket() as caller:
                await caller.call(HYDRATE, {})
                await caller.until('"delta"')

    async def crowd() -> int:
        await asyncio.gather(*(visit(25) for _ in range(4)))
        await asyncio.sleep(2.5)  # what the last event was still holding is let go a little later
        return _memory(site)

    before = await crowd()  # caches fill, and the heap is as large as a crowd needs
    for _ in range(2):
        after = await crowd()
    assert after - before < 4_000, "a tab's state is some 50 KB, so two hundred that stay are 10 MB"


def _memory(site: Site) -> int:
    """Kilobytes of the server and its workers."""
    pids = [site.pid, *(int(pid) for pid in Path(f"/proc/{site.pid}/task/{site.pid}/children").read_text().split())]
    return sum(int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) for pid in pids)  # type: ignore[index]


async def test_nothing_secret_reaches_the_log(site: Site, cast: Cast) -> None:
    """Typed in the wrong place, sent to handlers that do not exist, in broken messages, with a session's cookie at hand."""
    cookie, device = await enter(cast.doctor), "A" * 20 + "q1Zz" + "B" * 19
    typed = {"snils": SNILS, "x": PHONE, "y": PASSWORD, "z": [CODE], "password": PASSWORD, "code": CODE}
    names = [
        "x",
        f"{ROOT}no.such_handler",
        f"{ROOT}handle",
        SNILS,
        PASSWORD,
        PROFILE,
        HANDLERS["guard.tab.tell"],
        f"{ROOT}setvar",
    ]
    async with site.socket(
        cookie, headers={"Cookie": f"{api.SESSION_COOKIE}={cookie}; medcab-device={device}"}
    ) as caller:
        for name in names:
            await caller.call(name, typed)
        await caller.raw(f'42/_event,["client_error",{{"error_type":"x","message":"password={PASSWORD} {SNILS}"}}]')
        complaint = f"{ROOT}reflex___state____frontend_event_exception_state.handle_frontend_exception"
        await caller.call(complaint, {"info": f"code: {CODE} {PHONE}", "component_stack": f"password='{PASSWORD}'"})
        await caller.settle()
    for broken in (
        [PASSWORD, CODE],
        f'{{"name": "{PASSWORD}", {CODE}',
        {"name": [PASSWORD], "payload": typed, "router_data": CODE},
        CODE,
    ):
        async with site.socket(cookie) as caller:
            await caller.raw(f"42/_event,{json.dumps(['event', broken])}")
            with suppress(ConnectionError, TimeoutError):
                await caller.settle()
    await _post_secrets(site, cookie)
    log = site.log.read_text()
    assert "no.such_handler" in log  # the log works, and says what an operator needs
    found = [
        secret
        for secret in (SNILS, PHONE, PASSWORD, CODE, cookie, device, "11223344595", "79123456789")
        if secret in log
    ]
    assert found == [], [line[:300] for line in log.splitlines() if any(secret in line for secret in found)]


async def _post_secrets(site: Site, cookie: str) -> None:
    jar = {cookies.name_of(cookies.SESSION): cookie}
    headers = {"origin": site.origin, "X-Forwarded-For": fresh_address()}
    async with httpx.AsyncClient(base_url=site.origin, cookies=jar, headers=headers) as http:
        csrf = {"x-csrf-token": (await http.get("/auth/form/session")).json()["csrf"]}
        for path, body in (
            ("/auth/sign-in", {"login": PHONE, "password": PASSWORD}), ("/account/step-up", {"code": CODE, "method": PASSWORD}),
            ("/auth/check", {"field": "snils", "value": SNILS}), ("/account/phone", {"phone": PHONE}), (f"/{PASSWORD}", {}),
        ):  # fmt: skip
            await http.post(path, content=json.dumps(body), headers=csrf)
            await http.post(path, content=f'{{"password": "{PASSWORD}", "snils": "{SNILS}"', headers=csrf)
