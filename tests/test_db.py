"""Reading never writes, whatever runs in it; large results come whole through SQLite's own door; a write shows to the next reader."""

from contextlib import AbstractAsyncContextManager

import pytest
import sqlalchemy as sa
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import db, sqlite
from medcab.accounts.models import Department
from tests.cast import WARD, Cast

MANY = 3 * sqlite.BATCH + 1
NUMBERS = sa.text(
    f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}) SELECT i FROM n ORDER BY i"
)


@pytest.mark.parametrize("door", [db.reading, db.glance])
class TestReading:
    async def test_the_database_refuses_to_write(
        self, door: type[AbstractAsyncContextManager[AsyncSession]], cast: Cast
    ):
        with pytest.raises(sa.exc.DBAPIError, match=r"readonly|read-only"):
            async with door() as session:
                await session.execute(sa.update(Department).values(name="другое"))

    async def test_what_was_just_committed_is_seen(
        self, door: type[AbstractAsyncContextManager[AsyncSession]], cast: Cast
    ):
        async with db.transaction() as session:
            (await session.get_one(Department, WARD)).name = "Новое имя"
            async with door() as early:
                assert (await early.get_one(Department, WARD)).name == "Терапевтическое отделение"
        async with door() as late:
            assert (await late.get_one(Department, WARD)).name == "Новое имя"

    async def test_a_large_result_comes_whole(
        self, door: type[AbstractAsyncContextManager[AsyncSession]], database: str
    ):
        async with door() as session:
            assert list((await session.execute(NUMBERS)).scalars()) == list(range(1, MANY + 1))

    async def test_a_large_result_can_be_read_bit_by_bit_and_left(
        self, door: type[AbstractAsyncContextManager[AsyncSession]], database: str
    ):
        async with door() as session:
            stream = await session.stream_scalars(NUMBERS)
            assert [await anext(aiter(stream)) for _ in range(3)] == [1, 2, 3]
            assert len(await stream.all()) == MANY - 3
            left = await session.stream_scalars(NUMBERS)
            assert await left.first() == 1


async def test_a_write_says_how_many_rows_it_changed(cast: Cast):
    async with db.transaction() as session:
        changed = await session.execute(sa.update(Department).where(sa.column("name") != "").values(name="то же"))
        gone = await session.execute(
            sa.delete(Department).where(sa.column("name") == "нет такого").returning(Department.id)
        )
    assert changed.rowcount == 3
    assert gone.all() == []
