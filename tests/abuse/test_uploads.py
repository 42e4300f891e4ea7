"""Uploads over real HTTP: odd names come back as safe ones, and a connection that breaks leaves nothing."""

import asyncio
import re
from collections.abc import AsyncIterator
from email.message import Message
from urllib.parse import unquote, urlsplit

import httpx
import pikepdf
import pytest
from sqlalchemy import func
from sqlmodel import select

from medcab import db
from medcab.documents.models import StoredFile
from medcab.documents.rules import MAX_NAME
from tests.abuse.conftest import enter
from tests.abuse.test_routes import Outsider
from tests.abuse.wire import Site
from tests.cast import Cast
from tests.documents.making import pdf

pytestmark = pytest.mark.one_database

_CLASSIC = re.compile(r'attachment; filename="document\.(pdf|jpg)"; filename\*=UTF-8\'\'([\w.~%-]+)', re.ASCII)
"""RFC 6266 with RFC 5987: nothing of the sender's in the plain name, the real one percent-encoded."""

NAMES = {
    "диплом.pdf": "диплом.pdf",
    "../../../etc/passwd": "passwd.pdf",
    "..\\..\\Windows\\system32\\evil.pdf": "evil.pdf",
    "/абсолютный/путь.pdf": "путь.pdf",
    "ы" * 300 + ".pdf": "ы" * (MAX_NAME - 4) + ".pdf",
    "диплом\u202efdp.exe": "дипломfdp.exe.pdf",
    "\u200f\u2067שלום\u2069.pdf": "שלום.pdf",
    "строка%0D%0ASet-Cookie: a=b.pdf": "строкаSet-Cookie a=b.pdf",
    "нуль\0.pdf": "нуль.pdf",
    "....": "документ.pdf",
    "": "документ.pdf",
    "   ": "документ.pdf",
    "CON": "документ CON.pdf",
    "lpt1.pdf": "документ lpt1.pdf",
    "nul.tar.pdf": "документ nul.tar.pdf",
    "😀 диплом 🩺.pdf": "😀 диплом 🩺.pdf",
    'кавычки".pdf; filename=evil.exe': "кавычки .pdf; filename=evil.exe.pdf",
    "100%25.pdf": "100%25.pdf",
    "'; filename*=UTF-8''evil.exe": "'; filename =UTF-8''evil.exe.pdf",
}


def _body(name: str, content: bytes) -> bytes:
    """As a browser writes it: a quote in a name is percent-encoded, the rest is UTF-8."""
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name.replace(chr(34), "%22")}"\r\n'
    return head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--x--\r\n"


def _own_pdf(number: int) -> bytes:
    def number_it(made: pikepdf.Pdf) -> None:
        made.docinfo["/Title"] = f"{number}"

    return pdf(number_it)


@pytest.fixture
async def sender(site: Site, cast: Cast) -> AsyncIterator[Outsider]:
    made = Outsider(site, await enter(cast.doctor))
    yield made
    await made.http.aclose()


async def _send(sender: Outsider, body: bytes) -> httpx.Response:
    csrf = (await sender.http.get("/api/files/form")).json()["csrf"]
    headers = {"origin": sender.site.origin, "x-csrf-token": csrf, "content-type": "multipart/form-data; boundary=x"}
    return await sender.http.post("/api/files", content=body, headers=headers)


async def _kept() -> int:
    async with db.reading() as session:
        return (await session.exec(select(func.count()).select_from(StoredFile))).one()


async def test_every_name_comes_back_safe(sender: Outsider) -> None:
    wrong = []
    for number, (name, shown) in enumerate(NAMES.items()):
        answer = await _send(sender, _body(name, _own_pdf(number)))
        assert answer.status_code == 200, (name, answer.text)
        back = await sender.http.get(f"/api/files/{answer.json()['id']}")
        assert "set-cookie" not in back.headers
        header = back.headers["content-disposition"]
        match = _CLASSIC.fullmatch(header)
        parsed = Message()
        parsed["Content-Disposition"] = header
        if not match or unquote(match[2]) != shown or parsed.get_filename() is None:
            wrong.append((name, shown, header))
    assert wrong == []


async def test_a_line_break_in_a_name_is_no_header(sender: Outsider) -> None:
    """Raw, as no browser would send it."""
    answer = await _send(sender, _body("a\r\nX-Evil: 1\r\n\r\n.pdf", _own_pdf(1000)))
    assert 400 <= answer.status_code < 500
    assert answer.json()["errors"]["file"]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
async def test_a_connection_that_breaks_leaves_nothing(sender: Outsider, share: float) -> None:
    """And the next upload is served as ever."""
    before, content = await _kept(), _own_pdf(2000 + int(share * 100)) + b"\n" * 900_000
    csrf = (await sender.http.get("/api/files/form")).json()["csrf"]
    body = _body("диплом.pdf", content)
    jar = "; ".join(f"{cookie.name}={cookie.value}" for cookie in sender.http.cookies.jar)
    head = (
        f"POST /api/files HTTP/1.1\r\nHost: {urlsplit(sender.site.origin).netloc}\r\nOrigin: {sender.site.origin}\r\n"
        f"Cookie: {jar}\r\nX-CSRF-Token: {csrf}\r\nX-Forwarded-For: {sender.ip}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(*urlsplit(sender.site.origin).netloc.split(":"))
    writer.write(head.encode() + body[: int(len(body) * share)])
    await writer.drain()
    writer.transport.abort()
    del reader
    assert (await _send(sender, _body("следующий.pdf", _own_pdf(3000 + int(share * 100))))).status_code == 200
    assert await _kept() == before + 1
    async with asyncio.timeout(30):
        while _left(sender.site):
            await sender.http.get("/ping")


def _left(site: Site) -> list[str]:
    """What lies in clear, half-written or unsettled in the server's data folder."""
    home = site.log.parent
    return [str(path) for where in ("clear/*", "announced/*", "files/*/.partial*") for path in home.glob(where)]
