"""The signed channel: a standard's own test vector, and a hostile other side."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from medcab.errors import Unavailable
from medcab.integrations.channel import SignedChannel
from medcab.integrations.signatures import (
    ANSWER_PARTS,
    BadSignature,
    content_digest,
    sign,
    signature_base,
    verify,
)

KEY = b"k" * 32


def test_the_signature_is_that_of_the_standard() -> None:
    """RFC 9421, appendix B.2.5."""
    import hashlib
    import hmac

    key = base64.b64decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
    values = {
        "date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "@authority": "example.com",
        "content-type": "application/json",
    }
    params = '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
    base = signature_base(list(values), values, params)
    mac = base64.b64encode(hmac.digest(key, base, hashlib.sha256)).decode()
    assert mac == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="


VALUES = {"@status": "200", "content-digest": content_digest(b"{}"), "x-request-id": "1"}


def signed(created: int = 1_000, key: bytes = KEY) -> dict[str, str]:
    return {name.lower(): value for name, value in sign(key, "us", ANSWER_PARTS, VALUES, created=created).items()}


def test_what_was_signed_is_verified() -> None:
    verify(KEY, signed(), ANSWER_PARTS, VALUES, at=1_000)


@pytest.mark.parametrize("part", ANSWER_PARTS)
def test_one_changed_part_is_noticed(part: str) -> None:
    with pytest.raises(BadSignature):
        verify(KEY, signed(), ANSWER_PARTS, VALUES | {part: "changed"}, at=1_000)


@pytest.mark.parametrize("at", [879, 1_121])
def test_an_old_or_future_signature_is_refused(at: int) -> None:
    with pytest.raises(BadSignature):
        verify(KEY, signed(), ANSWER_PARTS, VALUES, at=at)


def test_leaving_a_part_out_of_the_signature_is_refused() -> None:
    fewer = sign(KEY, "us", ANSWER_PARTS[:2], VALUES, created=1_000)
    with pytest.raises(BadSignature):
        verify(KEY, {name.lower(): value for name, value in fewer.items()}, ANSWER_PARTS, VALUES, at=1_000)


@pytest.mark.parametrize(
    "headers", [{}, {"signature-input": "sig=()", "signature": "sig=:AA==:"}, signed(key=b"other")]
)
def test_no_signature_or_anothers_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        verify(KEY, headers, ANSWER_PARTS, VALUES, at=1_000)


Answer = Callable[[dict[str, str]], bytes]


@asynccontextmanager
async def other_side(answer: Answer) -> AsyncIterator[tuple[str, list[str]]]:
    """A bare HTTP server that answers what the test says; yields its address and the request lines it saw."""
    seen: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.strip().split("\r\n")
        seen.append(line)
        writer.write(answer(dict(each.lower().split(": ", 1) for each in rest)))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield f"http://127.0.0.1:{port}", seen


def answered(body: bytes, request_id: str, status: str = "200", created: int = 1_000, **headers: str) -> bytes:
    """A well-signed answer."""
    values = {"@status": status, "content-digest": content_digest(body), "x-request-id": request_id}
    said = {
        "Content-Digest": values["content-digest"],
        "X-Request-Id": request_id,
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
        **sign(KEY, "them", ANSWER_PARTS, values, created=created),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + body


async def ask(url: str) -> object:
    async with SignedChannel(url, KEY, timeout=2, max_bytes=1_000, clock=lambda: 1_000) as channel:
        return (await channel.get("/things", "things.read")).body


async def test_a_good_answer_is_read() -> None:
    async with other_side(lambda asked: answered(b'{"a": 1}', asked["x-request-id"])) as (url, seen):
        assert await ask(url + "/prefix") == {"a": 1}
    assert seen == ["GET /prefix/things HTTP/1.1"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda asked: answered(b"{}", "another question"),
        lambda asked: answered(b"{}", asked["x-request-id"], created=1),
        lambda asked: answered(b'{"a": NaN}', asked["x-request-id"]),
        lambda asked: answered(b"[" * 900, asked["x-request-id"]),
        lambda asked: answered(b"[]", asked["x-request-id"]),
        lambda asked: answered(b"\xff\xfe", asked["x-request-id"]),
        lambda asked: answered(json.dumps({"a": "x" * 1_000}).encode(), asked["x-request-id"]),
        lambda asked: answered(b'{"a": 1}', asked["x-request-id"]).replace(b'"a"', b'"b"'),
        lambda asked: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        lambda asked: b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        lambda asked: b"not http at all\r\n\r\n",
        lambda asked: b"",
    ],
)
async def test_an_answer_that_cannot_be_trusted_is_unavailable(answer: Answer) -> None:
    async with other_side(answer) as (url, _):
        with pytest.raises(Unavailable):
            await ask(url)


async def test_a_redirect_is_never_followed() -> None:
    async with other_side(lambda asked: answered(b"{}", asked["x-request-id"])) as (inner, seen):

        def away(asked: dict[str, str]) -> bytes:
            return answered(b"{}", asked["x-request-id"], status="302", Location=f"{inner}/secret")

        async with other_side(away) as (url, _):
            await ask(url)
    assert seen == []


async def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with other_side(lambda asked: answered(b"{}", asked["x-request-id"])) as (url, _):
        assert await ask(url) == {}
