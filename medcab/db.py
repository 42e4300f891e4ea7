"""The one place that opens a session, and the only commit.

SQLite runs in WAL mode with synchronous=FULL (an acknowledged write survives a power cut) and takes its write lock at the start of a
transaction, so that two writers wait for each other instead of failing half-way. PostgreSQL takes the same code.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.settings import get_settings

PRAGMAS = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "busy_timeout": "10000"}
_WRITES = "sqlite_begin"

BeforeCommit = Callable[[AsyncSession], Awaitable[None]]
AfterCommit = Callable[[], Any]


def words(kind: type[StrEnum]) -> sa.Enum:
    """A column of an enum's values as text, with a check constraint in the database."""
    return sa.Enum(
        kind, native_enum=False, create_constraint=True, length=32, name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )  # fmt: skip


def make_engine(url: str) -> AsyncEngine:
    """An engine with the house's guarantees; `url` names SQLite or PostgreSQL."""
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_size=10, max_overflow=10, pool_recycle=1800, pool_pre_ping=True)
    engine = create_async_engine(url, pool_size=10, max_overflow=20, pool_timeout=30)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not open transactions of its own
    cursor = connection.cursor()
    for name, value in PRAGMAS.items():
        cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    mode = connection.get_execution_options().get(_WRITES, "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


@lru_cache
def engine() -> AsyncEngine:
    """The engine of this process."""
    return make_engine(get_settings().database)


@lru_cache
def _writers() -> async_sessionmaker[AsyncSession]:
    bind = engine().execution_options(**{_WRITES: "IMMEDIATE"})
    return async_sessionmaker(bind, class_=AsyncSession, expire_on_commit=False)


@lru_cache
def _readers() -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine(), class_=AsyncSession, expire_on_commit=False)


async def close() -> None:
    """Let go of every connection; the next use opens anew (tests switch databases so)."""
    if engine.cache_info().currsize:
        await engine().dispose()
    for cached in (engine, _writers, _readers):
        cached.cache_clear()


@asynccontextmanager
async def transaction() -> AsyncIterator[AsyncSession]:
    """Commit when the block ends, roll back when it raises."""
    async with _writers()() as session:
        async with session.begin():
            yield session
            for step in session.info.pop("before_commit", []):
                await step(session)
        for step in session.info.pop("after_commit", []):
            step()


@asynccontextmanager
async def reading() -> AsyncIterator[AsyncSession]:
    """A session for reading only: takes no write lock, never commits."""
    async with _readers()() as session:
        yield session


def before_commit(session: AsyncSession, step: BeforeCommit) -> None:
    """Run once at the very end of the transaction, inside it."""
    steps = session.info.setdefault("before_commit", [])
    if step not in steps:
        steps.append(step)


def after_commit(session: AsyncSession, step: AfterCommit) -> None:
    """Run when the transaction has been committed; dropped when it was rolled back."""
    session.info.setdefault("after_commit", []).append(step)
