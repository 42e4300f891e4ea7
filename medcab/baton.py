"""Which of several servers of one database does its durable work: one at a time, and another as soon as that one is gone.

The lock is the operating system's (a file beside SQLite's) or PostgreSQL's own, so it ends with its holder however that one ends.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import psycopg
from psycopg import AsyncConnection

from medcab.settings import Settings

FAILURES = (OSError, psycopg.Error, TimeoutError)
_KEY = 0x6D656463  # any number, the same in every server of the database
_LOOKS, _PATIENCE = 2, 5
"""Seconds between looks whether PostgreSQL still holds the lock for us, and until it is taken for gone."""
_PROMPT = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
"""How soon PostgreSQL notices that a machine has vanished."""

Lost = Callable[[], Awaitable[None]]
"""Returns when the baton is no longer ours."""


@asynccontextmanager
async def held(settings: Settings) -> AsyncIterator[Lost | None]:
    """Hold the baton during the block; None when another server does. Raises one of `FAILURES` when nobody can tell."""
    if settings.database.startswith("sqlite"):
        async with _file(settings.data_dir.resolve() / "jobs.lock") as lost:
            yield lost
    else:
        async with _row_of_postgres(settings.database) as lost:
            yield lost


@asynccontextmanager
async def _file(path: Path) -> AsyncIterator[Lost | None]:
    with closing(os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield asyncio.Event().wait  # pyright: ignore[reportReturnType]  # never: a file's lock is not taken away


@asynccontextmanager
async def _row_of_postgres(url: str) -> AsyncIterator[Lost | None]:
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    line = await AsyncConnection.connect(plain, autocommit=True, connect_timeout=_PATIENCE, options=_PROMPT)

    async def lost() -> None:
        with suppress(*FAILURES):
            while True:
                await asyncio.sleep(_LOOKS)
                await asyncio.wait_for(line.execute("SELECT 1"), _PATIENCE)

    try:
        answer = await line.execute("SELECT pg_try_advisory_lock(%s)", (_KEY,))
        is_ours = (await answer.fetchone() or (False,))[0]
        yield lost if is_ours else None
    finally:
        await line.close()
