"""The journal: what happened is in it, what was rolled back is not, and tampering shows."""

import pytest
import sqlalchemy as sa
from sqlmodel import select

from medcab import audit, db
from medcab.access import Action
from tests.cast import Cast


async def _write(cast: Cast, count: int) -> None:
    for _ in range(count):
        async with db.transaction() as session:
            audit.record(session, cast.doctor, Action.SIGN_IN, "x", note="Вход")
            audit.record(session, cast.nurse, Action.SIGN_OUT)


async def test_entries_form_an_unbroken_chain(cast: Cast) -> None:
    await _write(cast, 3)
    async with db.reading() as session:
        assert await audit.verify(session) == []
        assert len((await session.exec(select(audit.AuditEntry))).all()) == 6


async def test_a_rolled_back_change_leaves_no_entry(cast: Cast) -> None:
    async def record_and_fail() -> None:
        async with db.transaction() as session:
            audit.record(session, cast.doctor, Action.SIGN_IN)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await record_and_fail()
    async with db.reading() as session:
        assert (await session.exec(select(audit.AuditEntry))).all() == []


@pytest.mark.parametrize(
    ("tamper", "sentence"),
    [
        ("UPDATE audit_entry SET details = '{}' WHERE seq = 2", "entry 2 was changed"),
        ("DELETE FROM audit_entry WHERE seq IN (3, 4)", "entries 3…4 are missing"),
    ],
)
async def test_a_changed_or_removed_entry_is_found(cast: Cast, tamper: str, sentence: str) -> None:
    await _write(cast, 3)
    async with db.transaction() as session:
        await session.execute(sa.text(tamper.replace("'{}'", "'{\"a\": 1}'")))
    async with db.reading() as session:
        assert sentence in await audit.verify(session)
