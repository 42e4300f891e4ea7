"""Files over HTTP: what a person, a careless program and an attacker would try."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from PIL import Image
from sqlmodel import select

from medcab import clock, db, deliveries, jobs, storage
from medcab.access import Action
from medcab.api import floods, uploads
from medcab.documents import intake, queries
from medcab.documents.models import StoredFile
from medcab.documents.rules import MAX_BYTES, QUOTA_FILES
from medcab.errors import Unavailable
from medcab.outbox import OutboxMessage
from medcab.settings import get_settings
from medcab.storage import FORGET
from tests.api.browser import Browser, journalled
from tests.api.conftest import enter
from tests.api.test_papers import PAPER
from tests.cast import MORNING, Cast
from tests.documents.making import ACTIVE, jpeg, pdf, photo

pytestmark = pytest.mark.one_database

COLLEAGUE = "+79120000002"
PERFORMERS = deliveries


async def upload(browser: Browser, content: bytes, name: str = "диплом.pdf", **headers: str) -> httpx.Response:
    token = (await browser.http.get("/api/files/form")).json().get("csrf", "")
    given = {"origin": get_settings().origin, "x-csrf-token": token, **headers}
    return await browser.http.post("/api/files", files={"file": (name, content)}, headers=given)


async def stored() -> list[StoredFile]:
    async with db.reading() as session:
        return list((await session.exec(select(StoredFile))).all())


def left_in_clear() -> list[str]:
    return [path.name for path in (get_settings().data_dir / "clear").glob("*")]


async def test_a_file_comes_back_as_it_was(doctor: Browser) -> None:
    content = pdf(pages=2)
    answer = await upload(doctor, content)
    assert answer.status_code == 200, answer.text
    assert answer.json()["warnings"] == []
    back = await doctor.http.get(f"/api/files/{answer.json()['id']}")
    assert back.content == content
    assert back.headers["content-type"] == "application/pdf"
    assert "attachment" in back.headers["content-disposition"]
    assert "filename*=UTF-8''%D0%B4%D0%B8%D0%BF%D0%BB%D0%BE%D0%BC.pdf" in back.headers["content-disposition"]
    assert back.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in back.headers["content-security-policy"]
    assert back.headers["cache-control"] == "no-store"
    assert (await journalled())[-2:] == [Action.FILE_ADD, Action.FILE_READ]
    assert left_in_clear() == []


async def test_it_lies_sealed(doctor: Browser) -> None:
    file_id = (await upload(doctor, pdf())).json()["id"]
    [path] = (get_settings().data_dir / "files").glob(f"*/{file_id.replace('-', '')}")
    assert b"Diploma" not in path.read_bytes()
    assert b"%PDF" not in path.read_bytes()


async def test_a_photograph_is_kept_without_its_past(doctor: Browser) -> None:
    answer = await upload(doctor, jpeg(photo()), "IMG_1.jpg")
    back = await doctor.http.get(f"/api/files/{answer.json()['id']}")
    assert back.headers["content-type"] == "image/jpeg"
    assert not Image.open(io.BytesIO(back.content)).getexif()


async def test_pages_are_shown_as_pictures(doctor: Browser) -> None:
    file_id = (await upload(doctor, pdf(pages=2))).json()["id"]
    for page in (1, 2):
        shown = await doctor.http.get(f"/api/files/{file_id}/preview", params={"page": page})
        assert shown.headers["content-type"] == "image/png"
        assert max(Image.open(io.BytesIO(shown.content)).size) <= 1200
    large = await doctor.http.get(f"/api/files/{file_id}/preview", params={"page": 2, "large": "1"})
    assert large.headers["content-type"] == "image/jpeg"
    assert 1200 < max(Image.open(io.BytesIO(large.content)).size) <= 2600
    for page in ("3", "0", "-1", "x", "9" * 20, "9" * 5000):
        assert (await doctor.http.get(f"/api/files/{file_id}/preview", params={"page": page})).status_code in (404, 422)
    assert left_in_clear() == []


async def test_many_heavy_files_of_one_person_hold_up_nobody_else(
    doctor: Browser, staff: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heavy ones are looked at one after another; the colleague's file does not wait for them."""
    other, examine, done, at_work, most = Browser(ip="198.51.100.9"), intake.examine, asyncio.Event(), 0, 0
    await enter(other, COLLEAGUE, COLLEAGUE)

    async def examining(path: Path, name: str, *, straighten: bool) -> intake.Accepted:
        nonlocal at_work, most
        at_work, most = at_work + 1, max(most, at_work + 1)
        if name == "heavy.pdf":
            await done.wait()
        at_work -= 1
        return await examine(path, name, straighten=straighten)

    monkeypatch.setattr(intake, "examine", examining)
    heavy = [asyncio.create_task(upload(doctor, pdf(), "heavy.pdf")) for _ in range(4)]
    assert (await upload(other, pdf())).status_code == 200
    done.set()
    assert [(await task).status_code for task in heavy] == [200] * 4
    assert most <= len((doctor, other))


async def test_anothers_file_is_like_none(doctor: Browser, staff: Cast) -> None:
    file_id = (await upload(doctor, pdf())).json()["id"]
    other = Browser(ip="198.51.100.9")
    await enter(other, COLLEAGUE, COLLEAGUE)
    for path in (f"/api/files/{file_id}", f"/api/files/{file_id}/preview"):
        foreign, none = await other.http.get(path), await other.http.get(path.replace(file_id, "0" * 32))
        assert (foreign.status_code, foreign.json()) == (none.status_code, none.json())
        assert foreign.status_code == 404
    assert (await other.http.get("/api/files/not-an-id")).status_code == 404


async def test_without_a_session_nothing_is_read(browser: Browser) -> None:
    assert (await upload(browser, pdf())).status_code == 401
    assert (await browser.http.get("/api/files/form")).status_code == 401
    assert (await browser.http.get(f"/api/files/{'0' * 32}")).status_code == 401


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"x-csrf-token": "0" * 64}])
async def test_another_page_cannot_upload(doctor: Browser, headers: dict[str, str]) -> None:
    """And not a byte of the body is asked for."""

    async def body() -> AsyncIterator[bytes]:
        pytest.fail("the body was read")
        yield b""

    token = (await doctor.http.get("/api/files/form")).json()["csrf"]
    given = {
        "origin": get_settings().origin,
        "x-csrf-token": token,
        "content-type": "multipart/form-data; boundary=x",
        **headers,
    }
    assert (await doctor.http.post("/api/files", content=body(), headers=given)).status_code == 403
    assert Action.REQUEST_REFUSED in await journalled()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "пустой"), (b"MZ" + b"\0" * 400, "принять нельзя"), (pdf()[:-200], "повреждён"), (pdf(ACTIVE["script at opening"][1]), "JavaScript"),
        (jpeg(photo(width=500, height=700)), "мелко"), (b"%PDF-1.7" + b"0" * MAX_BYTES, "больше 10"),
    ],
    ids=["empty", "program", "cut", "script", "small photo", "too large"],
)  # fmt: skip
async def test_a_refused_file_is_told_why_and_leaves_nothing(doctor: Browser, content: bytes, words: str) -> None:
    answer = await upload(doctor, content)
    assert 400 <= answer.status_code < 500
    assert words in answer.json()["errors"]["file"]
    assert await stored() == []
    assert left_in_clear() == []
    assert (await journalled())[-1] == Action.FILE_REFUSED


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense", b"--x\r\n\r\n", b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-',
     b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\n1\r\n--x--\r\n'],
    ids=["nothing", "no multipart", "no headers", "cut short", "another part"],
)  # fmt: skip
async def test_half_a_body_is_no_file(doctor: Browser, body: bytes) -> None:
    token = (await doctor.http.get("/api/files/form")).json()["csrf"]
    headers = {
        "origin": get_settings().origin,
        "x-csrf-token": token,
        "content-type": "multipart/form-data; boundary=x",
    }
    answer = await doctor.http.post("/api/files", content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"]["file"]
    assert await stored() == []


async def test_a_body_that_stops_is_given_up(doctor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "SILENCE_SECONDS", 0.05)

    async def body() -> AsyncIterator[bytes]:
        yield b"--x\r\n"
        await asyncio.Event().wait()

    token = (await doctor.http.get("/api/files/form")).json()["csrf"]
    headers = {
        "origin": get_settings().origin,
        "x-csrf-token": token,
        "content-type": "multipart/form-data; boundary=x",
    }
    answer = await doctor.http.post("/api/files", content=body(), headers=headers)
    assert "прервалась" in answer.json()["errors"]["file"]
    assert left_in_clear() == []


async def test_a_file_that_no_paper_shows_goes_after_a_day(doctor: Browser, now: clock.Clock) -> None:
    """Tried again with a sharper photograph, or given up; what a paper shows, or once showed, stays."""
    given_up, shown, replaced = [UUID((await upload(doctor, pdf(pages=n))).json()["id"]) for n in (1, 2, 3)]
    first = await doctor.post("/api/verification/paper", {**PAPER, "file_id": str(replaced)})
    await doctor.post("/api/verification/paper", {**PAPER, "id": first.json()["data"]["id"], "file_id": str(shown)})
    now.tick(timedelta(hours=23))
    await jobs.sweep()
    assert {given_up, shown, replaced} <= set(storage.stored_ids())
    now.tick(timedelta(hours=2))
    await jobs.sweep()
    async with db.reading() as session:
        [message] = (await session.exec(select(OutboxMessage).where(OutboxMessage.kind == FORGET))).all()
    assert await jobs.perform(message.id) is None
    assert {given_up, shown, replaced} & set(storage.stored_ids()) == {shown, replaced}
    async with db.reading() as session:
        assert await queries.used(session, (await stored())[0].person_id) == (len(pdf(pages=2)) + len(pdf(pages=3)), 2)
    assert (await journalled())[-1] == Action.FILE_REMOVE


async def test_the_share_is_asked_first(doctor: Browser, staff: Cast) -> None:
    async with db.transaction() as session:
        session.add_all(
            StoredFile(
                person_id=staff.doctor.person_id,
                name="x.pdf",
                mime="application/pdf",
                size=1,
                sha256="0",
                created_at=MORNING,
            )
            for _ in range(QUOTA_FILES)
        )
    answer = await upload(doctor, pdf())
    assert answer.status_code == 409
    assert "уберутся сами" in answer.json()["errors"]["file"]


async def test_a_note_that_fails_takes_the_object_with_it(doctor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise Unavailable

    before = set(storage.stored_ids())
    monkeypatch.setattr("medcab.documents.service.keep_file", broken)
    assert (await upload(doctor, pdf())).status_code == 503
    assert set(storage.stored_ids()) == before
    assert left_in_clear() == []


async def test_a_damaged_object_is_told_and_not_half_sent(doctor: Browser) -> None:
    file_id = (await upload(doctor, pdf())).json()["id"]
    [path] = (get_settings().data_dir / "files").glob(f"*/{file_id.replace('-', '')}")
    spoiled = bytearray(path.read_bytes())
    spoiled[-1] ^= 1
    path.write_bytes(bytes(spoiled))
    answer = await doctor.http.get(f"/api/files/{file_id}")
    assert answer.status_code == 503
    assert "повреждён" in answer.json()["message"]


async def test_a_flood_of_uploads_is_slowed(doctor: Browser) -> None:
    answers = [(await upload(doctor, b"", origin="https://evil.example")).status_code for _ in range(31)]
    assert answers[-1] == 429
    floods.limiter.storage.reset()
