"""Every HTTP route that exists, asked by everybody who must not, in every way that it must not be asked."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from medcab import api
from medcab.api import cookies
from tests.abuse.conftest import FOREIGN, FOREIGN_NAME, contents, enter, refusals
from tests.abuse.matrix import FORMS, GETS, NOBODY_IN_PARTICULAR, POSTS, SIGNED, Door
from tests.abuse.wire import Site, fresh_address
from tests.cast import Cast

pytestmark = pytest.mark.one_database

ROUTES = {(route.path, method) for route in api.routes for method in (route.methods or ()) if method != "HEAD"}
DOORS = pytest.mark.parametrize("path", POSTS)
LEAKS = ("Иванова", "Чужакова", FOREIGN_NAME, "+7912", "00000000001")


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert {
        *((path, "POST") for path in POSTS),
        *((path, "GET") for path in GETS),
        *((path, "POST") for path in SIGNED),
    } == ROUTES


def test_every_form_has_a_row_and_every_row_a_form() -> None:
    assert {name for room in api._ROOMS for name in room.forms} == {*FORMS}


class Outsider:
    """A program with a browser's cookies and none of its manners."""

    def __init__(self, site: Site, cookie: str = "") -> None:
        self.site, self.ip = site, fresh_address()
        jar = {cookies.name_of(cookies.SESSION): cookie} if cookie else {}
        self.http = httpx.AsyncClient(base_url=site.origin, cookies=jar, headers={"X-Forwarded-For": self.ip})

        self._csrf = ""

    async def csrf(self) -> str:
        self._csrf = self._csrf or (await self.http.get("/auth/form/session")).json()["csrf"]
        return self._csrf

    async def post(self, path: str, body: Any = None, *, drop: str = "", **headers: str) -> httpx.Response:
        """As our page does, but for `drop` and the headers given."""
        given = {
            "origin": self.site.origin,
            "x-csrf-token": await self.csrf(),
            "content-type": "application/json",
            **headers,
        }
        given.pop(drop, None)
        return await self.http.post(
            path, content=body if isinstance(body, bytes) else json.dumps(body or {}), headers=given
        )


@pytest.fixture
async def visitor(site: Site) -> AsyncIterator[Outsider]:
    made = Outsider(site)
    yield made
    await made.http.aclose()


@pytest.fixture
async def doctor(site: Site, cast: Cast) -> AsyncIterator[Outsider]:
    made = Outsider(site, await enter(cast.doctor))
    yield made
    await made.http.aclose()


def _tells_nothing(answer: httpx.Response) -> bool:
    return not any(leak in answer.text for leak in LEAKS) and "Traceback" not in answer.text


@pytest.mark.parametrize("path", [path for path, door in POSTS.items() if not door.is_open])
async def test_without_a_session_nothing_is_done(visitor: Outsider, path: str) -> None:
    before = contents()
    answer = await visitor.post(path, POSTS[path].body)
    assert answer.status_code == 401
    assert _tells_nothing(answer)
    assert contents() == before


@DOORS
async def test_only_our_own_page_may_ask(doctor: Outsider, visitor: Outsider, path: str) -> None:
    """No form token, another's token, no Origin, a foreign, similar or null one: refused and written down, for signed-in people too."""
    before = contents()
    stolen = await visitor.csrf()
    wrong: list[dict[str, str]] = [
        {"drop": "x-csrf-token"}, {"x-csrf-token": ""}, {"x-csrf-token": "0" * 64}, {"x-csrf-token": stolen},
        {"drop": "origin"}, {"origin": "null"}, {"origin": "https://evil.example"}, {"origin": f"{doctor.site.origin}.evil.example"},
    ]  # fmt: skip
    for each in wrong:
        answer = await doctor.post(path, POSTS[path].body, **each)
        assert answer.status_code in (401, 403), (each, answer.text)
        assert answer.headers.get("access-control-allow-origin") in (None, doctor.site.origin)
        assert _tells_nothing(answer)
    assert contents() == before
    assert len([entry for entry in await refusals(doctor.ip) if entry.action == "security:request:refuse"]) == len(
        wrong
    )


@DOORS
async def test_other_methods_are_no_way_round(doctor: Outsider, path: str) -> None:
    before = contents()
    for method in ("GET", "PUT", "PATCH", "DELETE", "TRACE"):
        answer = await doctor.http.request(
            method, path, headers={"origin": doctor.site.origin, "x-csrf-token": await doctor.csrf()}
        )
        assert answer.status_code in (404, 405), method
    assert contents() == before


def _wrong(door: Door) -> list[Any]:
    bodies: list[Any] = [b"", b"{", b"\xff\xfe", b"[]", b'"x"', b"1e999", b"[" * 20_000, b'{"a":' * 5_000, b"null"]
    bodies = bodies[1:] if not door.body else bodies
    for name in door.body:
        for other in (None, {"$gt": ""}, ["x"], 7, "a\0b", "\ud800", "x" * 60_000):
            bodies.append({**door.body, name: other})
    return bodies


@pytest.mark.parametrize("path", [path for path in POSTS if path != "/api/files"])
async def test_wrong_bodies_do_nothing_and_break_nothing(doctor: Outsider, visitor: Outsider, path: str) -> None:
    door = POSTS[path]
    caller = visitor if door.is_open else doctor
    before = contents()
    for body in _wrong(door):
        caller.http.headers["X-Forwarded-For"] = fresh_address()
        answer = await caller.post(path, body)
        is_text = isinstance(body, dict) and any(
            isinstance(value, str) and len(value) == 60_000 for value in body.values()
        )
        assert 400 <= answer.status_code < 500 or (is_text and answer.status_code == 200), (
            path,
            str(body)[:120],
            answer.text,
        )
        assert _tells_nothing(answer)
    counted = {"throttle", "flow", "sign_in_record"}  # tries are counted: that is their protection
    assert {name for name, value in contents().items() if value != before[name]} <= counted


@pytest.mark.parametrize("name", FORMS)
async def test_forms_show_a_stranger_nothing(visitor: Outsider, name: str) -> None:
    before = contents()
    answer = await visitor.http.get(f"/auth/form/{name}")
    assert (answer.status_code == 401) is not FORMS[name], answer.text
    assert _tells_nothing(answer)
    assert contents() == before


async def test_an_unknown_form_is_not_found(visitor: Outsider) -> None:
    for name in ("x", "..", "session%00", "__class__"):
        assert (await visitor.http.get(f"/auth/form/{name}")).status_code == 404, name


@pytest.mark.parametrize("path", ["/api/files/{}", "/api/files/{}/preview"])
async def test_anothers_file_is_like_none(doctor: Outsider, visitor: Outsider, path: str) -> None:
    foreign = await doctor.http.get(path.format(FOREIGN["file_id"]))
    none = await doctor.http.get(path.format(NOBODY_IN_PARTICULAR))
    assert (foreign.status_code, foreign.text) == (none.status_code, none.text)
    assert foreign.status_code == 404
    for bad in ("x", "..%2F..%2Fsecrets.json", "1 OR 1=1", "%00"):
        assert (await doctor.http.get(path.format(bad))).status_code in (404, 422), bad
    assert (await visitor.http.get(path.format(FOREIGN["file_id"]))).status_code == 401
    assert (await visitor.http.get("/api/files/form")).status_code == 401


async def test_papers_of_disputes_are_for_operators(doctor: Outsider, visitor: Outsider) -> None:
    """Whether it exists or not makes no difference to who has no desk."""
    for paper in (str(FOREIGN["document_id"]), NOBODY_IN_PARTICULAR, "x", "%00"):
        path = f"/api/disputes/{NOBODY_IN_PARTICULAR}/papers/{paper}/preview"
        assert (await doctor.http.get(path)).status_code in (403, 404)
        assert (await visitor.http.get(path)).status_code == 401


@pytest.mark.parametrize("field", ["id", "file_id"])
async def test_a_paper_cannot_take_over_anothers(doctor: Outsider, field: str) -> None:
    before = contents()
    door = POSTS["/api/verification/paper"]
    own = {"id": "document_id", "file_id": "file_id"}[field]
    foreign = await doctor.post("/api/verification/paper", {**door.body, field: str(FOREIGN[own])})
    none = await doctor.post("/api/verification/paper", {**door.body, field: NOBODY_IN_PARTICULAR})
    assert (foreign.status_code, foreign.text) == (none.status_code, none.text)
    assert 400 <= foreign.status_code < 500
    assert (await doctor.http.get("/auth/form/paper", params={"id": str(FOREIGN["document_id"])})).status_code == 404
    assert contents() == before
