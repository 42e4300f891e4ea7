"""What stands before the application for every HTTP request and every socket: plain ASGI wrappers, each with one job."""

import asyncio
import base64
import hashlib
import re
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.responses import PlainTextResponse

from medcab.security.addresses import address_of, network_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.+?)</script>", re.S)
_TAB_TOKEN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_CLOSED = ("/_upload",)
_WRITING = {"POST", "PUT", "PATCH", "DELETE"}
POLICY_VIOLATION = 4400
_CROSS_ORIGIN = b"access-control-"
"""The framework allows other origins by these; nobody but our own pages has any business here."""
MESSAGES_A_SECOND = 60
"""From one socket: more than a person can cause; a long message counts as several."""
_LONG = 10_000
SOCKETS_AN_ADDRESS = 500
"""Open at once: a whole clinic may share one address."""
NOT_A_PAGE = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The policy of a script, a picture, an answer in JSON: shown as a page by itself, it may do nothing. A page's own is kilobytes of hashes."""
SILENT = b"camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self)"
CALLING = SILENT.replace(b"()", b"(self)", 2)
"""What a page may ask of the device: camera and microphone only where people talk to each other."""
CALLS = ("/identity/video", "/identity/desk")
PATIENCE_SECONDS, SLOWEST = 20, 20_000
"""A body may take this long, and longer at so many bytes a second of what its path allows."""


def content_policy(pages: Path, origins: list[str]) -> str:
    """The Content-Security-Policy: own scripts and the hashes of the inline ones in the built pages; no eval."""
    hashes = {
        base64.b64encode(hashlib.sha256(script).digest()).decode()
        for page in pages.rglob("*.html")
        for script in _INLINE_SCRIPT.findall(page.read_bytes())
    }
    scripts = " ".join(f"'sha256-{value}'" for value in sorted(hashes))
    sockets = " ".join(origin.replace("http", "ws", 1) for origin in origins)
    return (
        f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self'; connect-src 'self' {sockets}; worker-src 'self'; "
        "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"
    )


class SecurityHeaders:
    """The same protective headers on every answer; assets named by their content never expire, everything else is never kept."""

    def __init__(self, app: ASGI, policy: str, *, https: bool) -> None:
        self.app, self.policy, self.https = app, policy.encode(), https
        self.headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"x-frame-options", b"DENY"),
            (b"server", b"medcab"),  # or the server names itself
        ]
        if https:
            self.headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._dressed(message.get("headers", []), scope["path"], message["status"])
            await send(message)

        if self.https:
            scope = {**scope, "scheme": "https"}  # the proxy ends it: a redirect to a folder must not lead out of it
        await self.app(scope, receive, sending)

    def _dressed(self, given: list[tuple[bytes, bytes]], path: str, status: int) -> list[tuple[bytes, bytes]]:
        own = {name for name, _ in self.headers} | {b"permissions-policy"}
        named = {name.lower(): value for name, value in given}
        kept = [pair for pair in given if pair[0].lower() not in own and not pair[0].lower().startswith(_CROSS_ORIGIN)]
        extra = [*self.headers, (b"permissions-policy", CALLING if path.rstrip("/") in CALLS else SILENT)]
        if b"content-security-policy" not in named:  # a file answers with a stricter one of its own
            is_page = named.get(b"content-type", b"text/html").startswith(b"text/html")
            extra = [(b"content-security-policy", self.policy if is_page else NOT_A_PAGE), *extra]
        if b"cache-control" not in named:
            forever = path.startswith("/assets/") and status in (200, 304)
            value = b"public, max-age=31536000, immutable" if forever else b"no-store"
            extra = [*extra, (b"cache-control", value)]
        return [*kept, *extra]


class BodyLimit:
    """Refuses bodies over the limit of their path, declared or streamed; closes the framework's own upload door."""

    def __init__(self, app: ASGI, limits: dict[str, int], default: int = 64 * 1024) -> None:
        self.app, self.limits, self.default = app, limits, default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path: str = scope["path"]
        if path.startswith(_CLOSED):
            return await _refuse(404, "Not found")(scope, receive, send)
        if scope["method"] not in _WRITING:
            return await self.app(scope, receive, send)
        limit = next((size for prefix, size in self.limits.items() if path.startswith(prefix)), self.default)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > limit:
            return await _refuse(413, "Too large")(scope, receive, send)
        await self.app(scope, self._counted(receive, limit), send)

    def _counted(self, receive: Receive, limit: int) -> Receive:
        """The body up to its limit of bytes and of time; then the sender is treated as gone."""
        seen, last = 0, monotonic() + PATIENCE_SECONDS + limit / SLOWEST
        is_whole = False

        async def receiving() -> MutableMapping[str, Any]:
            nonlocal seen, is_whole
            if is_whole:
                return await receive()  # an application that waits for the browser to leave may wait long
            try:
                message = await asyncio.wait_for(receive(), last - monotonic())
            except TimeoutError:
                return {"type": "http.disconnect"}
            seen += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            return message if seen <= limit else {"type": "http.disconnect"}

        return receiving


class KnownHost:
    """Answers only under its own name (a page of another name could otherwise be made to point here)."""

    def __init__(self, app: ASGI, origins: list[str]) -> None:
        self.app = app
        self.hosts = {urlsplit(origin).netloc.encode() for origin in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and scope["path"] != "/ping":
            host = dict(scope["headers"]).get(b"host", b"")
            if host not in self.hosts:
                if scope["type"] == "websocket":
                    return await _refuse_socket(receive, send)
                return await _refuse(421, "Unknown host")(scope, receive, send)
        await self.app(scope, receive, send)


class SocketToken:
    """A socket must come from our own page (exact Origin) and bring a browser tab's token, never a made-up one.

    What it then sends is taken in at a person's pace: a flood waits in its sender's own buffers and costs nobody else anything.
    """

    def __init__(self, app: ASGI, origins: list[str]) -> None:
        self.app = app
        self.origins = {origin.encode() for origin in origins}
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            return await self.app(scope, receive, send)
        token = (parse_qs(scope["query_string"].decode("latin-1")).get("token") or [""])[0]
        origin = dict(scope["headers"]).get(b"origin", b"")
        address = network_of(address_of(scope))
        is_ours = _TAB_TOKEN.fullmatch(token) and origin in self.origins
        if not is_ours or self._open[address] >= SOCKETS_AN_ADDRESS:
            return await _refuse_socket(receive, send)
        self._open[address] += 1
        try:
            await self.app(scope, _unhurried(receive), send)
        finally:
            self._open[address] -= 1
            self._open += Counter()  # forget addresses without a socket


def _unhurried(receive: Receive) -> Receive:
    began, spent = monotonic(), 0

    async def receiving() -> MutableMapping[str, Any]:
        nonlocal began, spent
        message = await receive()
        now = monotonic()
        if now - began >= 1:
            began, spent = now, 0
        spent += 1 + len(message.get("text") or message.get("bytes") or b"") // _LONG
        if spent > MESSAGES_A_SECOND:
            await asyncio.sleep(began + 1 - now)
        return message

    return receiving


def _refuse(status: int, text: str) -> PlainTextResponse:
    """An answer of the wrappers themselves: it does nothing in a browser, whatever stands outside of them."""
    inert = {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
    }  # fmt: skip
    return PlainTextResponse(text, status, inert)


async def _refuse_socket(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": POLICY_VIOLATION})
