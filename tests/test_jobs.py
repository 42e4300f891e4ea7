"""Durable work: whatever happens to the server, each message has its effect, once."""

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from medcab import clock, db, jobs, outbox
from medcab.settings import get_settings

MESSAGES = 12


def _work(database: str, home: Path, *, die_after: int = 0) -> int:
    """Run a worker until it ends or dies; its exit code."""
    environment = {
        **os.environ, "MEDCAB_DATABASE_URL": database, "MEDCAB_DATA_DIR": str(home), "DIE_AFTER": str(die_after), **_keys(home),
    }  # fmt: skip
    program = [sys.executable, "-m", "tests.jobs_worker", str(home / "effects")]
    return subprocess.run(program, env=environment, timeout=60, check=False, capture_output=True).returncode


def _keys(home: Path) -> dict[str, str]:
    """The worker opens what the test sealed."""
    settings = get_settings()
    names = ("secret_key", "index_key", "encryption_keys")
    return {f"MEDCAB_{name.upper()}": getattr(settings, name).get_secret_value() for name in names}


async def _ask(count: int, **payload: object) -> list[UUID]:
    async with db.transaction() as session:
        return [outbox.add(session, "note", {"n": n, **payload}) for n in range(count)]


def _effects(home: Path) -> list[str]:
    return sorted((home / "effects").read_text().split())


async def test_a_killed_server_goes_on_and_does_nothing_twice(database: str, tmp_path: Path) -> None:
    """Killed before, between and right after an effect, again and again, until a last one is left alone."""
    asked = await _ask(MESSAGES)
    killed = [_work(database, tmp_path, die_after=after) for after in (1, 2, 3)]
    assert killed == [9, 9, 9]
    assert _work(database, tmp_path) == 0
    assert _effects(tmp_path) == sorted(map(str, asked))


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
