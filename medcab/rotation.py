"""Sealing everything anew with the current key, while the cabinet serves.

What is still under an older key is found by the head of each value, so an interrupted run simply goes on where it stopped, and a row
changed meanwhile (and thus sealed with the current key already) is left alone.
"""

import asyncio
from collections.abc import Callable, Iterator

import sqlalchemy as sa
from sqlmodel import SQLModel

from medcab import audit, db, schema, storage
from medcab.access import Action
from medcab.security import crypto

_BATCH = 500


def sealed_columns() -> Iterator[tuple[sa.Table, sa.Column]]:
    """Every sealed column of every table."""
    schema.load()
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, crypto.SealedColumn):
                yield table, column


async def run(say: Callable[[str], None]) -> None:
    """Reseal all columns and all files; tells its progress."""
    for table, column in sealed_columns():
        while count := await _reseal_batch(table, column):
            say(f"{table.name}.{column.name}: {count} resealed")
    changed = 0
    for file_id in await asyncio.to_thread(lambda: list(storage.stored_ids())):
        changed += await storage.reseal(file_id)
    say(f"files: {changed} resealed")
    async with db.transaction() as session:
        audit.record(session, None, Action.KEYS_ROTATE, f"key {crypto.keyring().current}")


async def _reseal_batch(table: sa.Table, column: sa.Column) -> int:
    """How many values were under an older key and are not any more; 0: none left."""
    raw = sa.type_coerce(column, sa.LargeBinary)
    old = column.is_not(None) & (sa.func.substr(raw, 1, 3, type_=sa.LargeBinary) != crypto.current_head())
    keys = list(table.primary_key.columns)
    bound = column.type.bound  # pyright: ignore[reportAttributeAccessIssue]
    async with db.transaction() as session:
        rows = (await session.execute(sa.select(*keys, raw.label("sealed")).where(old).limit(_BATCH))).all()
        for row in rows:
            anew = crypto.reseal(bytes(row.sealed), bound=bound)
            same = sa.and_(*(key == value for key, value in zip(keys, row, strict=False)))
            change = sa.update(table).where(same, raw == bytes(row.sealed))
            await session.execute(change.values({column.name: sa.type_coerce(anew, sa.LargeBinary)}))
    return len(rows)


def main(say: Callable[[str], None]) -> None:
    asyncio.run(run(say))
