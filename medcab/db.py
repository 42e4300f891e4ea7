"""The one place that opens a session, and the only commit.

SQLite runs in WAL mode with synchronous=FULL (an acknowledged write survives a power cut) and takes its write lock at the start of a
transaction, so that two writers wait for each other instead of failing half-way. PostgreSQL takes the same code. Reading has connections
of its own, on which the database itself refuses to write; each statement sees what is committed when it runs.
"""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
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
_READ_ONLY = {"query_only": "ON"}
_IMPATIENT = {"busy_timeout": "250"}

Purpose = Literal["read", "write"]
BeforeCommit = Callable[[AsyncSession], Awaitable[None]]
AfterCommit = Callable[[], Any]


_DISCREET: dict[str, Any] = {"hide_parameters": True}
"""An error must not carry personal data into the log."""


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
    path, pool = sa.make_url(url).database or "", {"pool_size": 30, "max_overflow": 0, "pool_timeout": 30}
    if purpose == "read":
        # No transaction around a read: BEGIN and ROLLBACK would cost as much as the read itself.
        alone: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
        return create_async_engine(
            url, async_creator=sqlite.connector(path, PRAGMAS | _READ_ONLY), **pool, **alone, **_DISCREET
        )
    engine = create_async_engine(url, async_creator=sqlite.connector(path, PRAGMAS), **pool, **_DISCREET)
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _postgres_engine(url: str, purpose: Purpose) -> AsyncEngine:
    options = {"options": "-c default_transaction_read_only=on"} if purpose == "read" else {}
    return create_async_engine(
        url, pool_size=10, max_overflow=10, pool_recycle=1800, pool_pre_ping=True, connect_args=options, **_DISCREET
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
    if _at_hand.cache_info().currsize:
        _at_hand().close()
    for cached in (engine, _sessions, _question, _at_hand):
        cached.cache_clear()


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
    session = _sessions("read")()
    try:
        yield session
    finally:
        await (
            session.close()
        )  # `async with session` closes in a task of its own, which waits behind everybody else's work


async def look_up(statement: sa.Select[Any], **known: Any) -> Sequence[Any]:
    """The few rows of a constant statement that is asked at every click, such as who is acting; as committed when it runs.

    On SQLite it is answered at once in the event loop, in a fifth of the time of a session: the statement must go by an index.
    """
    if engine("read").dialect.name == "sqlite":
        return _question(statement).ask(_at_hand(), known)
    async with engine("read").connect() as connection:
        return (await connection.execute(statement, known)).all()


@lru_cache
def _question(statement: sa.Select[Any]) -> sqlite.Question:
    return sqlite.Question(statement, engine("read").dialect)


@lru_cache
def _at_hand() -> sqlite3.Connection:
    path = engine("read").url.database or ""
    return sqlite.open_file(path, PRAGMAS | _READ_ONLY | _IMPATIENT, one_thread=False)


async def ask(session: AsyncSession, statement: sa.Executable, **known: Any) -> Sequence[Any]:
    """The rows of a constant statement, as the session's transaction sees them. Nothing is put together anew: half the time of a query that is."""
    await _settle(session)
    return (await (await session.connection()).execute(statement, known)).all()


async def change(session: AsyncSession, statement: sa.Update, **known: Any) -> int:
    """Run a constant change in the session's transaction; how many rows it met."""
    await _settle(session)
    return (await (await session.connection()).execute(statement, known)).rowcount


async def _settle(session: AsyncSession) -> None:
    """What the session was given before comes first."""
    if session.new or session.dirty or session.deleted:
        await session.flush()


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
