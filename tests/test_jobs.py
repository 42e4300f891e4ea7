"""Durable work: whatever happens to the server, each message has its effect, once."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import select

from medcab import baton, clock, db, jobs, live, outbox
from medcab.settings import get_settings
from tests.conftest import POSTGRES

MESSAGES = 12


def _work(database: str, home: Path, *, die_after: int = 0) -> int:
    """Run a worker until it ends or dies; its exit code."""
    return _begin(database, home, DIE_AFTER=str(die_after)).wait(60)


def _begin(database: str, home: Path, **how: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "MEDCAB_DATABASE_URL": database, "MEDCAB_DATA_DIR": str(home), **_keys(home), **how}
    program = [sys.executable, "-m", "tests.jobs_worker", str(home / "effects")]
    return subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _keys(home: Path) -> dict[str, str]:
    """The worker opens what the test sealed."""
    settings = get_settings()
    names = ("secret_key", "index_key", "encryption_keys")
    return {f"MEDCAB_{name.upper()}": getattr(settings, name).get_secret_value() for name in names}


async def _ask(count: int, **payload: object) -> list[UUID]:
    async with db.transaction() as session:
        return [outbox.add(session, "note", {"n": n, **payload}) for n in range(count)]


def _effects(home: Path) -> list[str]:
    path = home / "effects"
    return sorted(path.read_text().split()) if path.exists() else []


async def test_a_killed_server_goes_on_and_does_nothing_twice(database: str, tmp_path: Path) -> None:
    """Killed before, between and right after an effect, again and again, until a last one is left alone."""
    asked = await _ask(MESSAGES)
    killed = [_work(database, tmp_path, die_after=after) for after in (1, 2, 3)]
    assert killed == [9, 9, 9]
    assert _work(database, tmp_path) == 0
    assert _effects(tmp_path) == sorted(map(str, asked))


async def test_of_two_servers_one_carries_out_and_the_other_takes_over_when_it_is_killed(
    database: str, tmp_path: Path
) -> None:
    asked = await _ask(MESSAGES)
    first = _begin(database, tmp_path, HANG_AFTER="3")
    await _until(lambda: len(_effects(tmp_path)) == 3)
    second = _begin(database, tmp_path)
    async with baton.held(get_settings().model_copy(update={"data_dir": tmp_path})) as lost:
        assert lost is None, "it is the first one's turn"
    assert len(_effects(tmp_path)) == 3
    first.kill()
    first.wait(10)
    assert await asyncio.to_thread(second.wait, 60) == 0
    assert _effects(tmp_path) == sorted(map(str, asked))


async def test_a_turn_is_given_back_and_not_shared(database: str, tmp_path: Path) -> None:
    settings = get_settings().model_copy(update={"data_dir": tmp_path})
    async with baton.held(settings) as mine, baton.held(settings) as others:
        assert mine is not None
        assert others is None
    async with baton.held(settings) as now_mine:
        assert now_mine is not None


@pytest.mark.skipif(not POSTGRES, reason="a file's lock cannot be taken away")
async def test_a_server_that_loses_its_turn_waits_for_another(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """PostgreSQL was restarted under it."""
    performed: list[UUID] = []

    async def perform(key: UUID, _payload: object) -> None:
        performed.append(key)

    monkeypatch.setitem(jobs._performers, "note", perform)
    settings = get_settings().model_copy(update={"data_dir": tmp_path})
    async with jobs.running(settings):
        async with db.transaction() as session:
            here = "(SELECT oid FROM pg_database WHERE datname = current_database())"
            holders = f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key AND database = {here}"
            assert (await session.execute(sa.text(holders), {"key": baton._KEY})).all() == [(True,)]
        await _until(lambda: "right to carry messages out" in caplog.text)
        await _until(lambda: "from now on" in caplog.text)
        asked = await _ask(2)
        await _until(lambda: len(performed) == len(asked))
    assert set(performed) == set(asked)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_what_has_to_wait_is_tried_again(database: str, tmp_path: Path) -> None:
    asked = await _ask(1, late=True)
    assert _work(database, tmp_path) == 0
    assert _effects(tmp_path) == [str(asked[0])]


async def test_a_bug_loses_nothing(database: str, tmp_path: Path) -> None:
    """What a mended program can do is still done."""
    [asked] = await _ask(1, broken=True)
    assert _work(database, tmp_path) == 0
    assert _effects(tmp_path) == [str(asked)]


async def test_many_at_once_wait_for_no_next_look(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clinic's whole staff is told something: the rest of a batch does not wait half a minute."""
    begun: set[str] = set()
    asked, all_begun = await _ask(5), asyncio.Event()

    async def begin(_workflow: object, message_id: str) -> None:
        begun.add(message_id)
        if begun == set(map(str, asked)):
            all_begun.set()

    monkeypatch.setattr(jobs.DBOS, "start_workflow_async", begin)
    monkeypatch.setattr(jobs, "_BATCH", 2)
    wake, stopping = asyncio.Event(), asyncio.Event()
    dispatcher = asyncio.create_task(jobs._dispatch(wake, stopping))
    await asyncio.wait_for(all_begun.wait(), 10)
    stopping.set()
    wake.set()
    await asyncio.wait_for(dispatcher, 10)


async def test_open_pages_are_told_of_a_new_day(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the look after midnight in Moscow, once."""
    told: list[datetime] = []
    looks = asyncio.Queue[datetime]()

    async def look() -> bool:
        looks.put_nowait(clock.now())
        return False

    async def looked(at: datetime) -> None:
        for _ in range(3):
            while await looks.get() != at:
                pass

    monkeypatch.setattr(jobs, "_start_waiting", look)
    wake, stopping = asyncio.Event(), asyncio.Event()
    midnight = datetime(2026, 11, 23, 21, tzinfo=UTC)
    with (
        clock.frozen(midnight - timedelta(seconds=1)) as now,
        live.listening(live.DAY, lambda: told.append(clock.now())),
    ):
        dispatcher = asyncio.create_task(jobs._dispatch(wake, stopping, look_every=0.001))
        await asyncio.wait_for(looked(clock.now()), 10)
        assert told == []
        now.tick(timedelta(seconds=1))
        await asyncio.wait_for(looked(midnight), 10)
        stopping.set()
        await asyncio.wait_for(dispatcher, 10)
    assert told == [midnight]


async def test_a_rolled_back_cause_has_no_effect(database: str) -> None:
    async def change_and_fail() -> None:
        async with db.transaction() as session:
            outbox.add(session, "note", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_and_fail()
    async with db.reading() as session:
        assert (await session.exec(select(outbox.OutboxMessage))).all() == []


async def test_a_message_is_forgotten_a_week_after_it_was_carried_out(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds codes and addresses; one that is still to be carried out is never forgotten."""
    forgotten: list[str] = []
    monkeypatch.setattr(jobs.DBOS, "delete_workflows", forgotten.extend)
    old, fresh, waiting = await _ask(3)
    async with db.transaction() as session:
        for key, days in ((old, 8), (fresh, 6)):
            (await session.get_one(outbox.OutboxMessage, key)).done_at = clock.now() - timedelta(days=days)
        (await session.get_one(outbox.OutboxMessage, waiting)).created_at = clock.now() - timedelta(days=30)
    await jobs.sweep()
    async with db.reading() as session:
        left = set((await session.exec(select(outbox.OutboxMessage.id))).all())
    assert (left & {old, fresh, waiting}, forgotten) == ({fresh, waiting}, [str(old)])
