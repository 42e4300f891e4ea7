"""The one place that opens a session, and the only commit.

SQLite runs in WAL mode with synchronous=FULL (an acknowledged write survives a power cut) and takes its write lock at the start of a
transaction, so that two writers wait for each other instead of failing half-way. PostgreSQL takes the same code. Reading has connections
of its own, on which the database itself refuses to write; each statement sees what is committed when it runs.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import sqlite
from medcab.settings import get_settings

PRAGMAS = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "busy_timeout": "10000"}

Purpose = Literal["read", "glance", "write"]
BeforeCommit = Callable[[AsyncSession], Awaitable[None]]
AfterCommit = Callable[[], Any]


def words(kind: type[StrEnum]) -> sa.Enum:
    """A column of an enum's values as text, with a check constraint in the database."""
    return sa.Enum(
        kind, native_enum=False, create_constraint=True, length=32, name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )  # fmt: skip


def make_engine(url: str, purpose: Purpose) -> AsyncEngine:
    """An engine with the house's guarantees; `url` names SQLite or PostgreSQL."""
    return _sqlite_engine(url, purpose) if url.startswith("sqlite") else _postgres_engine(url, purpose)


def _sqlite_engine(url: str, purpose: Purpose) -> AsyncEngine:
    path, pragmas = sa.make_url(url).database or "", PRAGMAS
    pool: dict[str, Any] = {"pool_size": 30, "max_overflow": 0, "pool_timeout": 30}
    if purpose == "write":
        engine = create_async_engine(url, async_creator=sqlite.connector(path, pragmas), **pool)
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return engine
    pragmas = PRAGMAS | {"query_only": "ON"}
    if purpose == "glance":
        # A glance waits for nobody, so there is never more than one; nor may it stop the loop for long, whatever happens.
        pool, pragmas = {"poolclass": sa.StaticPool}, pragmas | {"busy_timeout": "250"}
    # No transaction around a read: BEGIN and ROLLBACK would cost as much as the read itself.
    connect = sqlite.connector(path, pragmas, inline=purpose == "glance")
    return create_async_engine(
        url, async_creator=connect, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True, **pool
    )


def _postgres_engine(url: str, purpose: Purpose) -> AsyncEngine:
    if purpose == "glance":
        return engine("read")
    options = {} if purpose == "write" else {"options": "-c default_transaction_read_only=on"}
    return create_async_engine(
        url, pool_size=10, max_overflow=10, pool_recycle=1800, pool_pre_ping=True, connect_args=options
    )


@lru_cache
def engine(purpose: Purpose) -> AsyncEngine:
    """This process's engine for the purpose."""
    return make_engine(get_settings().database, purpose)


@lru_cache
def _sessions(purpose: Purpose) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine(purpose), class_=AsyncSession, expire_on_commit=False)


async def close() -> None:
    """Let go of every connection; the next use opens anew (tests switch databases so)."""
    if engine.cache_info().currsize:
        for purpose in get_args(Purpose):
            await engine(purpose).dispose()
    engine.cache_clear()
    _sessions.cache_clear()


@asynccontextmanager
async def transaction() -> AsyncIterator[AsyncSession]:
    """Commit when the block ends, roll back when it raises."""
    async with _sessions("write")() as session:
        async with session.begin():
            yield session
            for step in session.info.pop("before_commit", []):
                await step(session)
        for step in session.info.pop("after_commit", []):
            step()


@asynccontextmanager
async def reading() -> AsyncIterator[AsyncSession]:
    """A session for reading only: takes no write lock, never commits; the database refuses to write."""
    async with _closed(_sessions("read")()) as session:
        yield session


@asynccontextmanager
async def glance() -> AsyncIterator[AsyncSession]:
    """As `reading`, for one small look-up by an index, such as who is acting.

    On SQLite it runs at once in the event loop: it takes a tenth of the time that going to a thread and back would, but a statement
    that takes long would hold everybody up.
    """
    async with _closed(_sessions("glance")()) as session:
        yield session


@asynccontextmanager
async def _closed(session: AsyncSession) -> AsyncIterator[AsyncSession]:
    """Close at the end. `async with session` does it in a task of its own, which waits for its turn behind everybody else's work."""
    try:
        yield session
    finally:
        await session.close()


def may_write(session: AsyncSession) -> bool:
    """Whether this is a session of `transaction`."""
    return session.get_bind() is engine("write").sync_engine


def before_commit(session: AsyncSession, step: BeforeCommit) -> None:
    """Run once at the very end of the transaction, inside it."""
    steps = session.info.setdefault("before_commit", [])
    if step not in steps:
        steps.append(step)


def after_commit(session: AsyncSession, step: AfterCommit) -> None:
    """Run when the transaction has been committed; dropped when it was rolled back."""
    session.info.setdefault("after_commit", []).append(step)
