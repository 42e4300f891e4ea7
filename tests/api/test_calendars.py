"""The doors of calendars: a link is shown once; the secret in the address is all that a program needs, and tells a stranger nothing."""

import logging
from datetime import timedelta

import httpx
import icalendar
import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.schedule.feeds import service
from medcab.schedule.feeds.models import CalendarFeed
from medcab.schedule.rules.away import days_in, unpack
from medcab.security import logs, tokens
from medcab.settings import get_settings
from tests.api.browser import Browser, forget_limits, journalled
from tests.cast import Cast
from tests.schedule.away import BAD, ics, whole
from tests.schedule.reception import book, monday

NEW = {"name": "Телефон", "with_names": False, "with_hours": False}


@pytest.fixture
async def program(staff: Cast) -> Browser:
    """A calendar program: it knows an address and no cookies."""
    return Browser(ip="203.0.113.9", agent="iOS/26 dataaccessd/1.0")


async def made(doctor: Browser, **changed: object) -> str:
    """The path of a new link."""
    answer = await doctor.post("/api/calendar", NEW | changed)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["links"][0].removeprefix(get_settings().origin)


async def test_a_link_is_shown_once_with_ways_to_open_it(doctor: Browser) -> None:
    answer = (await doctor.post("/api/calendar", NEW)).json()
    [address] = answer["data"]["links"]
    assert address.startswith(f"{get_settings().origin}/api/calendar/")
    assert answer["data"]["opening"] == "webcal" + address[address.index("://") :]
    assert answer["data"]["qr_svg"].startswith("<svg")
    secret = address.rpartition("/")[2].removesuffix(".ics")
    assert secret not in str(await doctor.form("calendar"))
    again = await doctor.post("/api/calendar", NEW)
    assert (again.status_code, set(again.json()["errors"])) == (422, {"name"}), "a second click makes no second link"


async def test_names_lead_to_the_second_factor_first(doctor: Browser, now: clock.Clock) -> None:
    now.tick(timedelta(minutes=10))
    answer = await doctor.post(
        "/api/calendar", NEW | {"with_names": True}, headers={"referer": f"{get_settings().origin}/schedule/calendar"}
    )
    assert (answer.status_code, answer.json()["next"]) == (403, "/security/confirm?next=/schedule/calendar")
    for odd in ("yes", 1, None):  # only the box itself is a choice
        await doctor.post("/api/calendar", NEW | {"name": f"Телефон {odd}", "with_names": odd})
    async with db.reading() as session:
        assert not [feed for feed in await session.exec(select(CalendarFeed)) if feed.with_names]


async def test_a_program_reads_it_and_asks_again_cheaply(
    doctor: Browser, program: Browser, staff: Cast, now: clock.Clock
) -> None:
    await monday(staff)
    await book(staff, staff.head, 60)
    path = await made(doctor)
    answer = await program.http.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert "set-cookie" not in answer.headers
    assert len(icalendar.Calendar.from_ical(answer.content).walk("VEVENT")) == 1
    tag = answer.headers["etag"]
    for known in (tag, f'"x", W/{tag}', "*"):
        same = await program.http.get(path, headers={"if-none-match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    head = await program.http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    await book(staff, staff.head, 75)
    changed = await program.http.get(path, headers={"if-none-match": tag})
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)
    async with db.reading() as session:
        assert (await session.exec(select(CalendarFeed.read_at))).one() == clock.now()


async def test_names_are_journalled_before_they_are_read(doctor: Browser, program: Browser, now: clock.Clock) -> None:
    path = await made(doctor, with_names=True)
    for _ in range(3):
        await program.http.get(path)
    assert (await journalled()).count("schedule:calendar:read") == 1


async def test_unknown_and_revoked_are_one_and_the_same(doctor: Browser, program: Browser, staff: Cast) -> None:
    path = await made(doctor)
    async with db.transaction() as session:
        feed = (await session.exec(select(CalendarFeed))).one()
        await service.revoke(session, staff.doctor, feed_id=feed.id)
    before = await journalled()
    told = {
        (answer.status_code, answer.text, answer.headers["cache-control"])
        for wrong in (
            path,
            f"/api/calendar/{tokens.make()}.ics",
            "/api/calendar/x.ics",
            "/api/calendar/%2e%2e.ics",
            f"/api/calendar/{'A' * 5000}.ics",
        )
        for answer in [await program.http.get(wrong)]
    }
    assert len(told) == 1, told
    assert next(iter(told))[0] == 404
    assert await journalled() == before


async def test_guessing_is_slowed_down_and_a_known_link_is_not(
    doctor: Browser, program: Browser, now: clock.Clock
) -> None:
    path = await made(doctor)
    statuses = [(await program.http.get(f"/api/calendar/{tokens.make()}.ics")).status_code for _ in range(35)]
    assert (statuses[0], statuses[-1]) == (404, 429)
    answer = await program.http.get(path)
    assert answer.status_code == 200
    forget_limits()
    statuses = [(await program.http.get(path)).status_code for _ in range(22)]
    assert (statuses[19], statuses[-1]) == (200, 429), "who asks for all of it again and again waits"
    assert (await program.http.get(path, headers={"if-none-match": answer.headers["etag"]})).status_code == 304
    forget_limits()


async def test_nobody_writes_through_a_link(doctor: Browser, program: Browser) -> None:
    path = await made(doctor)
    for method in ("POST", "PUT", "DELETE", "PROPFIND", "REPORT"):
        assert (await program.http.request(method, path)).status_code == 405


async def test_a_program_gets_its_calendar_though_writing_fails(
    doctor: Browser, program: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it was read is written after the answer has gone."""
    path = await made(doctor)

    async def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(service, "touch", broken)
    with pytest.raises(OSError, match="disk full"):  # the server logs it; the transport of tests passes it on
        await program.http.get(path)
    transport = httpx.ASGITransport(
        app=program.http._transport.app, client=("203.0.113.9", 1), raise_app_exceptions=False
    )  # type: ignore[attr-defined]
    async with httpx.AsyncClient(transport=transport, base_url=get_settings().origin) as other:
        assert (await other.get(path)).status_code == 200


def test_no_log_has_the_secret() -> None:
    for secret in (tokens.make(), "a" * 43):
        line = logs.redacted(f'GET "https://cabinet.example/api/calendar/{secret}.ics HTTP/1.1" 200')
        assert secret not in line
        assert "HTTP/1.1" in line
    assert logging.getLogger("granian.access").handlers == []


async def upload(browser: Browser, data: bytes, **headers: str) -> httpx.Response:
    csrf = (await browser.http.get("/api/away/form")).json().get("csrf", "")
    given = {"origin": get_settings().origin, "x-csrf-token": csrf} | headers
    return await browser.http.post("/api/away", files={"file": ("мой.ics", data)}, headers=given)


async def test_a_calendar_is_read_told_back_and_not_kept(doctor: Browser, staff: Cast) -> None:
    before = await journalled()
    answer = await upload(doctor, ics(whole("Отпуск в Сочи", 7, 21), whole("Праздник", 30, 31, "TRANSP:TRANSPARENT")))
    assert (answer.status_code, answer.json()["warnings"]) == (200, [])
    found = unpack(answer.json()["id"])
    assert [(each.title, each.is_busy, len(days_in(each.closed))) for each in found.away] == [
        ("Отпуск в Сочи", True, 14),
        ("Праздник", False, 1),
    ]
    assert await journalled() == before


async def test_only_our_own_page_sends_a_calendar(doctor: Browser, browser: Browser) -> None:
    data = ics(whole("x", 1, 2))
    assert (await upload(doctor, data, origin="https://evil.example")).status_code == 403
    assert (await upload(doctor, data, **{"x-csrf-token": "x"})).status_code == 403
    stranger = Browser()
    assert (await upload(stranger, data)).status_code == 401


@pytest.mark.parametrize("name", BAD)
async def test_a_wrong_file_is_told_at_the_file(doctor: Browser, name: str) -> None:
    answer = await upload(doctor, BAD[name])
    assert (answer.status_code, set(answer.json()["errors"])) == (422, {"file"}), answer.text
