"""Getting much into the database fast: text rows by COPY or executemany, with the table's guards put back and checked after it.

Everything is one transaction, guards included: a load that is killed leaves an empty database as it was.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import sqlalchemy as sa
from pydantic_core import PydanticUndefined
from sqlmodel import SQLModel

from medcab.errors import Conflict

_LOCK = 6073462  # any constant: two loaders take turns on PostgreSQL
_NO_OVERLAP = """
SELECT count(*) FROM (
  SELECT ends_at > lead(starts_at) OVER (PARTITION BY practitioner_id ORDER BY starts_at) AS is_double
  FROM appointment WHERE status NOT IN ('cancelled', 'no_show')) AS neighbours
WHERE is_double
"""
"""What the triggers of the second migration hold, for the whole table at once."""

Columns = Mapping[str, Any]
"""Name to a constant, or to a sequence of text (None: no value) as long as the others."""


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """The only writer, until the commit at the end."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        else:
            connection.exec_driver_sql("PRAGMA busy_timeout=60000")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()


def insert(connection: sa.Connection, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Plain rows: sealed and typed by their columns, with the model's defaults."""
    defaults = {
        name: field.default for name, field in model.model_fields.items() if field.default is not PydanticUndefined
    }
    if rows:
        connection.execute(sa.insert(model), [defaults | row for row in rows])


def pour(connection: sa.Connection, table: str, columns: Columns) -> None:
    """Text straight into the table: a twentieth of the time of `insert`."""
    length = next(len(values) for values in columns.values() if not _is_constant(values))
    filled = [[values] * length if _is_constant(values) else values for values in columns.values()]
    rows, names = zip(*filled, strict=True), ", ".join(columns)
    cursor = connection.connection.cursor()
    if connection.dialect.name == "postgresql":
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:  # pyright: ignore[reportAttributeAccessIssue]
            for row in rows:
                copy.write_row(row)
    else:
        cursor.executemany(  # pyright: ignore[reportCallIssue]
            f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608  (our own names)
            list(rows),
        )
    cursor.close()


def _is_constant(values: object) -> bool:
    return values is None or isinstance(values, (str, int))


def moments(connection: sa.Connection, minutes: np.ndarray, never: int) -> list[str | None]:
    """Minutes since 1970 in UTC as the database writes moments; None for `never`."""
    zone = "+00" if connection.dialect.name == "postgresql" else ".000000"
    text = np.datetime_as_string(np.where(minutes == never, 0, minutes).astype("datetime64[m]").astype("datetime64[s]"))
    known = (minutes != never).tolist()
    return [
        moment.replace("T", " ") + zone if is_known else None
        for moment, is_known in zip(text.tolist(), known, strict=True)
    ]


def new_ids(rng: np.random.Generator, count: int) -> list[str]:
    """Random UUIDs as 32 hex digits, growing: rows that come in the order of their key are quicker to store."""
    raw = rng.bytes(16 * count).hex()
    drawn = (raw[start : start + 32] for start in range(0, 32 * count, 32))
    return sorted(f"{hexes[:12]}4{hexes[13:16]}8{hexes[17:]}" for hexes in drawn)


@contextmanager
def unguarded(connection: sa.Connection, table: str) -> Iterator[None]:
    """Take the table's indexes, triggers and foreign keys away, and put them back checked: built at once they cost a third."""
    take_away, put_back = (
        _postgres_guards(connection, table)
        if connection.dialect.name == "postgresql"
        else _sqlite_guards(connection, table)
    )
    for statement in take_away:
        connection.exec_driver_sql(statement)
    yield
    for statement in put_back:
        connection.exec_driver_sql(statement)
    if overlapping := connection.exec_driver_sql(_NO_OVERLAP).scalar():
        raise Conflict(f"{overlapping} visits overlap")


def _sqlite_guards(connection: sa.Connection, table: str) -> tuple[list[str], list[str]]:
    """SQLite keeps the statements themselves."""
    query = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL AND type IN ('index', 'trigger')"
    kept = connection.exec_driver_sql(query, (table,)).all()
    return [f"DROP {kind} {name}" for kind, name, _ in kept], [statement for _, _, statement in kept]


def _postgres_guards(connection: sa.Connection, table: str) -> tuple[list[str], list[str]]:
    """Foreign keys and exclusions; its other indexes are quick as they are."""
    query = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('f', 'x')"
    kept = connection.exec_driver_sql(query, (table,)).all()
    now = "SET CONSTRAINTS ALL IMMEDIATE"  # what is still to be checked of earlier rows would hold the table
    return (
        [now, *(f"ALTER TABLE {table} DROP CONSTRAINT {name}" for name, _ in kept)],
        [f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for name, definition in kept],
    )
