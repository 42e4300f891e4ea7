"""SQLite's asynchronous driver with one trip to the connection's thread for each statement.

aiosqlite makes a trip for every step of a cursor: open, execute, fetch, close. On a busy machine a trip costs more than an indexed read
itself, and every click reads. Here a statement is run, fetched from and closed in one trip; only a large result takes more.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Self

import aiosqlite
import sqlalchemy as sa

BATCH = 500
"""Rows that come with the statement; the rest of a larger result is fetched as it is asked for."""

Row = tuple[Any, ...]


class Cursor:
    """What SQLAlchemy asks of a driver's cursor. `_cursor` is only used in the connection's thread, but for its plain attributes."""

    arraysize = 1

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: list[Row] = []
        self._is_open = False

    @property
    def description(self) -> Any:
        return self._cursor and self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount if self._cursor else -1

    @property
    def lastrowid(self) -> int | None:
        return self._cursor and self._cursor.lastrowid

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "Cursor":
        await self._connection._execute(self._run, statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> "Cursor":
        self._cursor = await self._connection._execute(self._connection._conn.executemany, statement, parameters)
        return self

    def _run(self, statement: str, parameters: Sequence[Any]) -> None:
        self._cursor = self._connection._conn.execute(statement, parameters)
        self._is_open = True
        self._rows = self._fetch(BATCH)

    def _fetch(self, size: int) -> list[Row]:
        """Up to `size` rows more; a result that has ended is closed, so that it holds no lock."""
        assert self._cursor is not None
        rows = self._cursor.fetchmany(size) if self._cursor.description else []
        if len(rows) < size:
            self._end()
        return rows

    def _end(self) -> None:
        assert self._cursor is not None
        self._cursor.close()
        self._is_open = False

    async def fetchall(self) -> list[Row]:
        while self._is_open:
            self._rows += await self._connection._execute(self._fetch, 100 * BATCH)
        rows, self._rows = self._rows, []
        return rows

    async def fetchmany(self, size: int | None = None) -> list[Row]:
        wanted = size or self.arraysize
        if self._is_open and len(self._rows) < wanted:
            self._rows += await self._connection._execute(self._fetch, max(wanted, BATCH))
        rows, self._rows = self._rows[:wanted], self._rows[wanted:]
        return rows

    async def fetchone(self) -> Row | None:
        return next(iter(await self.fetchmany(1)), None)

    async def close(self) -> None:
        if self._is_open:
            await self._connection._execute(self._end)


class Connection(aiosqlite.Connection):
    """aiosqlite's, with the cursor above."""

    def cursor(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return Cursor(self)


def open_file(path: str, pragmas: Mapping[str, str], *, one_thread: bool = True) -> sqlite3.Connection:
    """A plain connection: no transaction begins by itself, and every connection has these pragmas."""
    made = sqlite3.connect(path, isolation_level=None, check_same_thread=one_thread)
    for name, value in pragmas.items():
        made.execute(f"PRAGMA {name}={value}")
    return made


def connector(path: str, pragmas: Mapping[str, str]) -> Callable[[], Awaitable[aiosqlite.Connection]]:
    """How SQLAlchemy is to open the file at `path`."""

    async def connect() -> aiosqlite.Connection:
        connection = Connection(lambda: open_file(path, pragmas), iter_chunk_size=BATCH)
        connection._thread.daemon = True  # one that was forgotten must not keep the program from ending
        return await connection

    return connect


class Question:
    """A SELECT that is asked at every click: compiled once, with SQLAlchemy's own conversion of parameters and columns."""

    def __init__(self, statement: sa.Select[Any], dialect: sa.Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        columns = list(statement.selected_columns)
        self._text = str(compiled)
        self._fixed = dict(compiled.params)
        self._in = [
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()
        ]
        self._out = [column.type.dialect_impl(dialect).result_processor(dialect, None) or _as_is for column in columns]
        self._row = namedtuple("Answer", [column.key for column in columns])  # noqa: PYI024  (its fields are the statement's)

    def ask(self, connection: sqlite3.Connection, known: Mapping[str, Any]) -> list[Any]:
        """The rows, with the columns as attributes."""
        values = {**self._fixed, **known}
        parameters = [convert(values[name]) if convert else values[name] for name, convert in self._in]
        rows = connection.execute(self._text, parameters).fetchall()
        return [self._row(*(convert(value) for convert, value in zip(self._out, row, strict=True))) for row in rows]


def _as_is(value: Any) -> Any:
    return value
