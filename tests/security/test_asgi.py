"""The wrappers before the application, each alone."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from medcab.security import asgi

ORIGIN = "https://cabinet.example"
TOKEN = "0f8fad5b-d9cb-469f-a165-70867728950e"


class Inner:
    """The application: reads the whole body, or every message of a socket, then answers."""

    def __init__(self) -> None:
        self.body, self.end, self.calls = b"", "", 0

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        self.calls += 1
        more = True
        while more:
            message = await receive()
            self.body += message.get("body") or message.get("bytes") or b""
            self.end = message["type"]
            more = message.get("more_body", False) or message["type"] == "websocket.receive"
        if scope["type"] == "http":
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [(b"Server", b"x"), *scope.get("answers", [])],
                }
            )
            await send({"type": "http.response.body", "body": b"ok"})


async def ask(app: asgi.ASGI, messages: list[dict[str, Any]] | None = None, **scope: Any) -> list[Any]:
    """Run one request; what was sent back."""
    sent: list[Any] = []
    queue = [*(messages or [{"type": "http.request", "body": b""}])]

    async def receive() -> Any:
        if not queue:
            await asyncio.Event().wait()
        return queue.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    full = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [],
        "query_string": b"",
        "client": ("198.51.100.7", 1),
        **scope,
    }
    await app(full, receive, send)
    return sent


def headers(sent: list[Any]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


def chunk(size: int, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


@pytest.mark.parametrize(("path", "limit"), [("/auth/sign-in", 64 * 1024), ("/api/files", 100 * 1024)])
async def test_a_body_up_to_its_paths_limit_passes_and_not_a_byte_more(path: str, limit: int) -> None:
    for size, end in ((limit, "http.request"), (limit + 1, "http.disconnect")):
        inner = Inner()
        pieces = [chunk(size // 2, more=True), chunk(size - size // 2, more=False)]
        await ask(asgi.BodyLimit(inner, {"/api/files": 100 * 1024}), pieces, method="POST", path=path)
        assert inner.end == end


@pytest.mark.parametrize("declared", [b"65537", b"100000000000", b"-1", b"1e3", b"0x10", b" 5", "٥".encode()])
async def test_a_declared_length_that_is_too_much_or_no_number_is_refused_unread(declared: bytes) -> None:
    inner = Inner()
    sent = await ask(asgi.BodyLimit(inner, {}), method="POST", path="/auth/x", headers=[(b"content-length", declared)])
    assert (sent[0]["status"], inner.calls) == (413, 0)


async def test_a_body_that_dribbles_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender who never finishes does not hold a request for ever."""
    inner, now = Inner(), iter([0.0, 1.0, 10_000.0])
    monkeypatch.setattr(asgi, "monotonic", lambda: next(now))
    await ask(asgi.BodyLimit(inner, {}), [chunk(1, more=True), chunk(1, more=True)], method="POST", path="/auth/x")
    assert inner.end == "http.disconnect"


@pytest.mark.parametrize("path", ["/_upload", "/_upload/x", "/_upload/../_upload"])
async def test_the_frameworks_upload_is_closed(path: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        inner = Inner()
        sent = await ask(asgi.BodyLimit(inner, {}), method=method, path=path)
        assert (sent[0]["status"], inner.calls) == (404, 0)


@pytest.mark.parametrize(
    "host",
    [b"", b"evil.example", b"cabinet.example:8443", b"cabinet.example.evil.example", b"cabinet.example@evil.example"],
)
async def test_other_names_are_not_answered(host: bytes) -> None:
    inner = Inner()
    app = asgi.KnownHost(inner, [ORIGIN])
    sent = await ask(app, headers=[(b"host", host)])
    assert (sent[0]["status"], inner.calls) == (421, 0)
    assert headers(sent)[b"content-security-policy"].startswith(b"default-src 'none'")
    sent = await ask(app, [{"type": "websocket.connect"}], type="websocket", headers=[(b"host", host)])
    assert [message["type"] for message in sent] == ["websocket.close"]


async def test_its_own_name_and_the_health_check_are_answered() -> None:
    inner = Inner()
    await ask(asgi.KnownHost(inner, [ORIGIN]), headers=[(b"host", b"cabinet.example")])
    await ask(asgi.KnownHost(inner, [ORIGIN]), path="/ping", headers=[(b"host", b"10.0.0.5")])
    assert inner.calls == 2


async def test_protective_headers_and_nothing_about_the_server() -> None:
    inner = Inner()
    app = asgi.SecurityHeaders(inner, "default-src 'self'", https=True)
    given = headers(await ask(app, answers=[(b"Access-Control-Allow-Origin", b"*")]))
    assert b"Server" not in given
    assert given[b"server"] == b"medcab"
    assert not [name for name in given if name.lower().startswith(b"access-control")]
    assert given[b"strict-transport-security"].startswith(b"max-age=31536000")
    assert given[b"x-content-type-options"] == b"nosniff"
    assert given[b"cache-control"] == b"no-store"
    assert b"strict-transport-security" not in headers(await ask(asgi.SecurityHeaders(inner, "x", https=False)))


async def test_a_file_keeps_its_stricter_policy_and_assets_never_expire() -> None:
    app = asgi.SecurityHeaders(Inner(), "default-src 'self'", https=True)
    strict = [(b"content-security-policy", b"sandbox"), (b"cache-control", b"private")]
    sent = await ask(app, answers=strict)
    policies = [value for name, value in sent[0]["headers"] if name == b"content-security-policy"]
    assert policies == [b"sandbox"]
    assert headers(sent)[b"cache-control"] == b"private"
    assert b"immutable" in headers(await ask(app, path="/assets/x-1a2b.js"))[b"cache-control"]


async def test_what_is_no_page_may_do_nothing_as_one() -> None:
    app = asgi.SecurityHeaders(Inner(), "default-src 'self'", https=True)
    for kind, policy in (
        (b"text/html; charset=utf-8", b"default-src 'self'"),
        (b"text/javascript", asgi.NOT_A_PAGE),
        (b"image/svg+xml", asgi.NOT_A_PAGE),
        (b"application/json", asgi.NOT_A_PAGE),
    ):
        assert headers(await ask(app, answers=[(b"Content-Type", kind)]))[b"content-security-policy"] == policy
    assert headers(await ask(app))[b"content-security-policy"] == b"default-src 'self'"


def test_the_policy_allows_inline_scripts_by_hash_only(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<script>alert(1)</script><script src='/x.js'></script>")
    policy = asgi.content_policy(tmp_path, [ORIGIN])
    [scripts] = [part for part in policy.split("; ") if part.startswith("script-src")]
    assert scripts == "script-src 'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    assert "wss://cabinet.example" in policy


SOCKET: dict[str, Any] = {
    "type": "websocket",
    "path": "/_event",
    "query_string": f"token={TOKEN}".encode(),
    "headers": [(b"origin", ORIGIN.encode())],
}
HELLO: list[dict[str, Any]] = [{"type": "websocket.connect"}]


@pytest.mark.parametrize(
    ("query", "origin"),
    [
        (f"token={TOKEN}", None), (f"token={TOKEN}", "null"), (f"token={TOKEN}", "https://evil.example"), (f"token={TOKEN}", f"{ORIGIN}.evil.example"),
        (f"token={TOKEN}", "http://cabinet.example"), (f"token={TOKEN}", f"{ORIGIN}/"), (f"token={TOKEN}", ORIGIN.upper()),
        ("", ORIGIN), ("token=", ORIGIN), ("token=user-admin", ORIGIN), (f"token={TOKEN}x", ORIGIN), (f"token={TOKEN.upper()}", ORIGIN),
        (f"token={TOKEN}%0a", ORIGIN), (f"token=x&token={TOKEN}", ORIGIN),
    ],
)  # fmt: skip
async def test_a_socket_needs_our_origin_and_a_tabs_token(query: str, origin: str | None) -> None:
    inner = Inner()
    given = [(b"origin", origin.encode())] if origin else []
    sent = await ask(
        asgi.SocketToken(inner, [ORIGIN]), HELLO, type="websocket", query_string=query.encode(), headers=given
    )
    assert ([message["type"] for message in sent], inner.calls) == (["websocket.close"], 0)


async def test_our_page_gets_its_socket() -> None:
    inner = Inner()
    await ask(asgi.SocketToken(inner, [ORIGIN]), HELLO, **SOCKET)
    assert inner.calls == 1


async def test_an_address_has_not_endless_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "SOCKETS_AN_ADDRESS", 2)
    inner, leave = Inner(), asyncio.Event()

    async def stays(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        await inner(scope, receive, send)
        await leave.wait()

    app = asgi.SocketToken(stays, [ORIGIN])
    open_ones = [asyncio.create_task(ask(app, HELLO, **SOCKET)) for _ in range(2)]
    await asyncio.sleep(0)
    assert (await ask(app, HELLO, **SOCKET))[0]["type"] == "websocket.close"
    other = asyncio.create_task(ask(app, HELLO, **{**SOCKET, "client": ("203.0.113.9", 1)}))
    leave.set()
    await asyncio.gather(*open_ones, other)
    assert inner.calls == 3
    assert app._open == Counter()


@pytest.mark.parametrize(("messages", "pauses"), [(asgi.MESSAGES_A_SECOND - 1, 0), (asgi.MESSAGES_A_SECOND + 4, 5)])
async def test_a_flood_is_read_at_a_persons_pace(monkeypatch: pytest.MonkeyPatch, messages: int, pauses: int) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asgi.asyncio, "sleep", wait)
    monkeypatch.setattr(asgi, "monotonic", lambda: 5.0)
    said = [{"type": "websocket.receive", "bytes": b"2"} for _ in range(messages)]
    await ask(asgi.SocketToken(Inner(), [ORIGIN]), [*said, {"type": "websocket.disconnect"}], **SOCKET)
    assert waited == [1.0] * pauses  # the last message of each is the goodbye


async def test_a_long_message_counts_as_several(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asgi.asyncio, "sleep", wait)
    monkeypatch.setattr(asgi, "monotonic", lambda: 5.0)
    await ask(
        asgi.SocketToken(Inner(), [ORIGIN]),
        [{"type": "websocket.receive", "bytes": b"x" * 1_000_000}, {"type": "websocket.disconnect"}],
        **SOCKET,
    )
    assert waited[0] == 1


@pytest.mark.parametrize(("https", "scheme"), [(True, "https"), (False, "http")])
async def test_a_redirect_stays_under_https(https: bool, scheme: str) -> None:
    """The proxy speaks plain http to us; an address made of that would lead the browser out of https."""
    seen: list[str] = []

    async def folder(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        seen.append(scope["scheme"])

    await ask(asgi.SecurityHeaders(folder, "x", https=https), scheme="http")
    assert seen == [scheme]
