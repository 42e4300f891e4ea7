"""Reading never writes, whatever runs in it; large results come whole through SQLite's own door; a write shows to the next reader."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from medcab import db, sqlite
from medcab.accounts.models import Department, Organisation
from medcab.patients.models import Patient
from tests.cast import MORNING, WARD, Cast

MANY = 3 * sqlite.BATCH + 1
NUMBERS = sa.text(
    f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}) SELECT i FROM n ORDER BY i"
)
WARDS_NAME = sa.select(col(Department.name)).where(col(Department.id) == sa.bindparam("id"))
EVERYTHING = (
    sa.select(*Patient.__table__.c)  # pyright: ignore[reportAttributeAccessIssue]
    .where(col(Patient.created_at) >= sa.bindparam("since"), col(Patient.family_name) != "Никто")
    .order_by(col(Patient.id))
)
"""Sealed text, dates, moments, ids; parameters of its own and of the caller."""


async def test_the_database_refuses_to_write_where_one_only_reads(cast: Cast):
    with pytest.raises(sa.exc.DBAPIError, match=r"readonly|read-only"):
        async with db.reading() as session:
            await session.execute(sa.update(Department).values(name="другое"))


async def test_what_was_committed_is_seen_at_once_and_nothing_before(cast: Cast):
    async def names() -> set[str]:
        async with db.reading() as session:
            return {(await session.get_one(Department, WARD)).name, (await db.look_up(WARDS_NAME, id=WARD))[0].name}

    async with db.transaction() as session:
        (await session.get_one(Department, WARD)).name = "Новое имя"
        await session.flush()
        assert await names() == {"Терапевтическое отделение"}
    assert await names() == {"Новое имя"}


async def test_a_look_up_finds_what_a_session_finds(cast: Cast):
    async with db.reading() as session:
        found = (await session.execute(EVERYTHING, {"since": MORNING})).all()
    assert [tuple(row) for row in await db.look_up(EVERYTHING, since=MORNING)] == [tuple(row) for row in found]
    assert len(found) == 3
    assert await db.look_up(EVERYTHING, since=MORNING + timedelta(days=1)) == []


async def test_a_large_result_comes_whole(database: str):
    async with db.reading() as session:
        assert list((await session.execute(NUMBERS)).scalars()) == list(range(1, MANY + 1))


async def test_a_large_result_can_be_read_bit_by_bit_and_left(database: str):
    async with db.reading() as session:
        stream = await session.stream_scalars(NUMBERS)
        assert [await anext(aiter(stream)) for _ in range(3)] == [1, 2, 3]
        assert len(await stream.all()) == MANY - 3
        left = await session.stream_scalars(NUMBERS)
        assert await left.first() == 1


async def test_a_write_says_how_many_rows_it_changed(cast: Cast):
    async with db.transaction() as session:
        changed = await session.execute(sa.update(Organisation).where(sa.column("name") != "").values(address="тот же"))
        gone = await session.execute(
            sa.delete(Department).where(sa.column("name") == "нет такого").returning(Department.id)
        )
    assert changed.rowcount == 2
    assert gone.all() == []
