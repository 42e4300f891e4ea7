"""The picture of a video session: taken by the one who talks, sealed, drawn anew, shown to the same one only."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image
from sqlmodel import select

from medcab import clock, db, deliveries, storage
from medcab.access import Action
from medcab.documents import service as documents
from medcab.outbox import OutboxMessage
from medcab.proofs.video.models import VideoSession
from medcab.proofs.video.rules import SessionState
from medcab.settings import get_settings
from tests.api.browser import Browser, journalled
from tests.api.conftest import enter
from tests.cast import Cast
from tests.documents.making import jpeg, pdf, photo

pytestmark = pytest.mark.one_database

SUPPORT = "+79120000009"
PERFORMERS = deliveries


@pytest.fixture
async def operator(staff: Cast, now: clock.Clock) -> AsyncIterator[Browser]:
    """The operator's browser."""
    made = Browser()
    await enter(made, SUPPORT, SUPPORT)
    now.tick(timedelta(minutes=2))
    yield made
    await made.http.aclose()


@pytest.fixture
async def call(staff: Cast) -> UUID:
    """The operator talks to the doctor just now."""
    held = VideoSession(
        person_id=staff.doctor.person_id, operator_id=staff.support.person_id, starts_at=clock.now(), state=SessionState.RUNNING,
        booked_at=clock.now(), arrived_at=clock.now(), began_at=clock.now(), word="1234", call=1,
    )  # fmt: skip
    async with db.transaction() as session:
        session.add(held)
    return held.id


async def taken(browser: Browser, call: UUID | str, content: bytes, **headers: str) -> httpx.Response:
    token = (await browser.http.get("/api/files/form")).json().get("csrf", "")
    given = {"origin": get_settings().origin, "x-csrf-token": token, **headers}
    return await browser.http.post(f"/api/video/{call}/still", files={"file": ("still.jpg", content)}, headers=given)


def objects() -> set[str]:
    return {str(one) for one in storage.stored_ids()}


async def test_a_picture_is_sealed_and_shown_to_whoever_took_it(operator: Browser, call: UUID) -> None:
    before, picture = objects(), jpeg(photo())
    answer = await taken(operator, call, picture + b"<script>hidden</script>")
    assert answer.status_code == 200, answer.text
    assert objects() - before == {answer.json()["id"]}
    [path] = (get_settings().data_dir / "files").glob(f"??/{UUID(answer.json()['id']).hex}")
    assert b"\xff\xd8\xff" not in path.read_bytes()[:64]
    shown = await operator.http.get(f"/api/video/{call}/still")
    assert shown.headers["content-type"] == "image/jpeg"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert b"hidden" not in shown.content
    assert Image.open(io.BytesIO(shown.content)).size[0] > 100
    assert (await journalled())[-2:] == [Action.VIDEO_STILL_TAKE, Action.VIDEO_STILL_VIEW]


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\xff\xd8\xff broken", pdf(), b"\xff\xd8\xff" + b"x" * 4 * 1024 * 1024], ids=["empty", "gif", "broken", "pdf", "large"])  # fmt: skip
async def test_what_is_no_picture_is_not_kept(operator: Browser, call: UUID, content: bytes) -> None:
    before, answer = objects(), await taken(operator, call, content)
    assert answer.status_code == 422
    assert answer.json()["errors"]["file"]
    assert objects() == before


async def test_others_neither_take_nor_see_it(operator: Browser, doctor: Browser, call: UUID) -> None:
    await taken(operator, call, jpeg(photo()))
    before = objects()
    assert (await taken(doctor, call, jpeg(photo()))).status_code in (403, 404)
    assert (await doctor.http.get(f"/api/video/{call}/still")).status_code in (403, 404)
    nobody = Browser()
    assert (await taken(nobody, call, jpeg(photo()))).status_code in (401, 403)
    assert (await nobody.http.get(f"/api/video/{call}/still")).status_code == 401
    for wrong in (uuid4(), "x"):
        assert (await taken(operator, wrong, jpeg(photo()))).status_code == 404
        assert (await operator.http.get(f"/api/video/{wrong}/still")).status_code == 404
    assert (await taken(operator, call, jpeg(photo()), origin="https://evil.example")).status_code == 403
    assert objects() == before


async def test_nothing_is_taken_of_a_call_that_is_over(operator: Browser, call: UUID) -> None:
    async with db.transaction() as session:
        held = await session.get(VideoSession, call)
        assert held
        held.state, held.ended_at = SessionState.DROPPED, clock.now()
    before = objects()
    assert (await taken(operator, call, jpeg(photo()))).status_code == 404
    assert objects() == before


async def test_the_hourly_sweep_leaves_a_picture_that_is_kept(operator: Browser, call: UUID, now: clock.Clock) -> None:
    """A kill between the row and the word that it is kept must not lose it."""
    still = (await taken(operator, call, jpeg(photo()))).json()["id"]
    orphan = str(uuid4())
    for mark in (still, orphan):
        (storage._announcements() / UUID(mark).hex).touch()
    now.tick(timedelta(days=3650))  # the marks' own times are the machine's
    async with db.transaction() as session:
        await documents.forget_orphans(session)
    async with db.reading() as session:
        asked = (await session.exec(select(OutboxMessage).where(OutboxMessage.kind == storage.FORGET))).all()
    payloads = " ".join(one.payload for one in asked)
    assert (orphan in payloads, still in payloads) == (True, False)
    assert still in await asyncio.to_thread(objects)
