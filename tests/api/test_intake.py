"""Photographs and repeated files over HTTP: several become one, the same is kept once, nothing is half-kept."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from sqlmodel import select

from medcab import clock, db, deliveries, jobs, storage
from medcab.documents import service
from medcab.documents.rules import MAX_BYTES, MAX_PHOTOS, MAX_TOGETHER
from medcab.outbox import OutboxMessage
from medcab.settings import get_settings
from medcab.storage import FORGET
from tests.api.browser import Browser
from tests.api.conftest import enter
from tests.api.test_files import COLLEAGUE, left_in_clear, stored, upload
from tests.api.test_papers import PAPER
from tests.cast import Cast
from tests.documents import labelled
from tests.documents.bad import heic
from tests.documents.making import darker, jpeg, pdf, photo

pytestmark = pytest.mark.one_database

PERFORMERS = deliveries

_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from uuid import UUID
from medcab import storage
async def main():
    file_id = UUID(sys.argv[1])
    with storage.announced(file_id):
        await storage.write(file_id, Path(sys.argv[2]))
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
"""An upload that is killed between the sealed object and the commit."""


async def send(browser: Browser, *contents: bytes, **fields: str) -> httpx.Response:
    token = (await browser.http.get("/api/files/form")).json()["csrf"]
    files = [("file", (f"снимок {number}.jpg", content)) for number, content in enumerate(contents, 1)]
    headers = {"origin": get_settings().origin, "x-csrf-token": token}
    return await browser.http.post("/api/files", files=files, data=fields, headers=headers)


def shot(seed: int) -> bytes:
    return jpeg(labelled.scene(seed).picture)


async def test_several_photographs_become_one_file(doctor: Browser) -> None:
    answer = await send(doctor, shot(1), shot(2), shot(3))
    assert answer.status_code == 200, answer.text
    assert answer.json()["straightened"]
    [file] = await stored()
    assert (str(file.id), file.mime, file.pages, file.name) == (
        answer.json()["id"],
        "application/pdf",
        3,
        "снимок 1.pdf",
    )
    for page in (1, 2, 3):
        shown = await doctor.http.get(f"/api/files/{file.id}/preview", params={"page": page})
        assert shown.headers["content-type"] == "image/png"
    assert left_in_clear() == []


async def test_a_photograph_of_an_iphone_is_taken_shown_and_joined(doctor: Browser) -> None:
    apple = heic(labelled.scene(5).picture)
    alone = (await upload(doctor, apple, "IMG_0001.HEIC")).json()
    back = await doctor.http.get(f"/api/files/{alone['id']}")
    assert (back.headers["content-type"], back.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    shown = await doctor.http.get(f"/api/files/{alone['id']}/preview")
    assert shown.content.startswith(b"\x89PNG")
    assert (await send(doctor, apple, shot(6))).status_code == 200
    assert sorted(file.pages for file in await stored()) == [1, 2]


async def test_a_bad_one_is_named_and_nothing_is_kept(doctor: Browser) -> None:
    answer = await send(doctor, shot(1), jpeg(darker(photo(), 0.15)))
    assert answer.json()["errors"]["file"].startswith("Снимок 2. Темно")
    answer = await send(doctor, shot(1), pdf())
    assert answer.json()["errors"]["file"].startswith("Снимок 2. Вместе отправляются только снимки")
    assert await stored() == []
    assert left_in_clear() == []


async def test_the_limits_hold_for_all_of_them(doctor: Browser) -> None:
    large = b"\xff\xd8\xff" + bytes(MAX_BYTES - 3)
    for contents, words in (
        ([b"\xff"] * (MAX_PHOTOS + 1), f"больше {MAX_PHOTOS}"),
        ([large] * (MAX_TOGETHER // MAX_BYTES) + [b"\xff"], "вместе больше 30 МБ"),
        ([b"\xff", large + b"\0"], "больше 10 МБ"),
    ):
        answer = await send(doctor, *contents)
        assert words in answer.json()["errors"]["file"]
    assert await stored() == []
    assert left_in_clear() == []


async def test_a_photograph_can_stay_as_it_was_taken(doctor: Browser) -> None:
    cut, whole = await send(doctor, shot(1)), await send(doctor, shot(1), straighten="no")
    assert (cut.json()["straightened"], whole.json()["straightened"]) == (True, False)
    assert len(await stored()) == 2


@pytest.mark.parametrize("content", [pdf(pages=2), shot(4)], ids=["pdf", "photograph"])
async def test_the_same_document_is_kept_once(doctor: Browser, now: clock.Clock, content: bytes) -> None:
    first = (await upload(doctor, content, "диплом.pdf")).json()
    assert "again" not in first
    now.tick(timedelta(minutes=10))
    second = (await upload(doctor, content, "копия.pdf")).json()
    assert second["id"] == first["id"]
    assert "Такой файл уже есть: «диплом." in second["again"]
    assert "загружен 23.11.2026 в 09:02" in second["again"]
    assert len(await stored()) == 1

    await doctor.post("/api/verification/paper", {**PAPER, "file_id": first["id"]})
    third = (await upload(doctor, content)).json()
    assert "приложен к документу «Выписка об аккредитации»" in third["again"]


async def test_one_that_is_about_to_go_is_kept_anew(doctor: Browser, now: clock.Clock) -> None:
    """Or the paper that is being written would lose its file."""
    first = (await upload(doctor, pdf())).json()["id"]
    now.tick(timedelta(hours=23))
    await enter(doctor)
    second = (await upload(doctor, pdf())).json()
    assert second["id"] != first
    now.tick(timedelta(hours=2))
    await jobs.sweep()
    assert {str(file.id): bool(file.removed_at) for file in await stored()} == {first: True, second["id"]: False}


async def test_anothers_same_file_is_nobodys_business(doctor: Browser, staff: Cast) -> None:
    other = Browser(ip="198.51.100.9")
    await enter(other, COLLEAGUE, COLLEAGUE)
    mine, theirs = (await upload(doctor, pdf())).json(), (await upload(other, pdf())).json()
    assert mine["id"] != theirs["id"]
    assert "again" not in theirs


async def test_a_double_click_keeps_one(doctor: Browser) -> None:
    answers = await asyncio.gather(*(upload(doctor, pdf(pages=3)) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await stored()) == 1
    assert left_in_clear() == []


def _killed(content: bytes) -> UUID:
    """Seal an object in another process, which is killed before the row is written."""
    path = get_settings().data_dir / "killed.pdf"
    path.write_bytes(content)
    file_id = uuid4()
    secrets = get_settings().encryption_keys.get_secret_value()
    environment = {**os.environ, "MEDCAB_ENCRYPTION_KEYS": secrets}
    ended = subprocess.run([sys.executable, "-c", _KILLED, str(file_id), str(path)], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    return file_id


def _age(file_id: UUID, now: clock.Clock, by: timedelta) -> None:
    at = (now.now() - by).timestamp()
    os.utime(get_settings().data_dir / "announced" / file_id.hex, (at, at))


async def test_what_a_kill_left_without_a_row_is_removed(doctor: Browser, now: clock.Clock) -> None:
    orphan, fresh = _killed(pdf(pages=4)), _killed(pdf(pages=5))
    kept = UUID((await upload(doctor, pdf())).json()["id"])
    (get_settings().data_dir / "announced" / kept.hex).touch()  # killed after the commit
    for file_id, age in ((orphan, 2), (kept, 2), (fresh, 0)):
        _age(file_id, now, timedelta(hours=age))
    assert {orphan, fresh, kept} <= set(storage.stored_ids())
    await jobs.sweep()
    async with db.reading() as session:
        found = (await session.exec(select(OutboxMessage).where(OutboxMessage.kind == FORGET))).all()
    for message in found:
        assert await jobs.perform(message.id) is None
    assert {orphan, fresh, kept} & set(storage.stored_ids()) == {fresh, kept}
    assert storage.left_announced(before=now.now() - service._UNDER_WAY) == []
    await storage.delete(fresh)


async def test_nothing_stays_announced(doctor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    await upload(doctor, pdf())

    async def broken(*_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr("medcab.documents.service.keep_file", broken)
    with pytest.raises(ConnectionResetError):
        await upload(doctor, pdf(pages=2))
    assert storage.left_announced(before=clock.now() + timedelta(days=9000)) == []
