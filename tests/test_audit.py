"""The journal: what happened is in it, what was rolled back is not, and tampering shows."""

import hashlib
import json
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from medcab import audit, db, schema
from medcab.access import Action
from tests.cast import Cast
from tests.migrations import downgrade


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


def _unkeyed(entry: audit.AuditEntry) -> str:
    """What anybody can compute who reads the source."""
    content = [
        entry.seq, entry.at.isoformat(), entry.action, entry.outcome, str(entry.person_id), str(entry.session_id),
        str(entry.organisation_id), entry.subject, entry.ip, entry.user_agent, entry.request_id, entry.details, entry.prev_hash,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


async def _make_anew(change: Callable[[audit.AuditEntry], None]) -> None:
    """The whole chain without the installation's secret, changed on the way."""
    previous = ""
    async with db.transaction() as session:
        for entry in await session.exec(select(audit.AuditEntry).order_by(col(audit.AuditEntry.seq))):
            change(entry)
            entry.prev_hash = previous
            entry.hash = previous = _unkeyed(entry)


async def test_a_chain_made_anew_without_the_secret_is_found(cast: Cast) -> None:
    def other_address(entry: audit.AuditEntry) -> None:
        entry.ip = "10.0.0.1"

    await _write(cast, 2)
    await _make_anew(other_address)
    async with db.reading() as session:
        assert await audit.verify(session) == [f"entry {number} was changed" for number in (1, 2, 3, 4)]


async def test_an_older_journal_is_taken_over_with_its_wounds(cast: Cast) -> None:
    """Before 0003 the chain had no key."""
    await _write(cast, 4)
    await db.close()
    downgrade("0002")
    async with db.transaction() as session:
        await session.execute(sa.text("UPDATE audit_entry SET ip = '10.0.0.1' WHERE seq = 2"))
        await session.execute(sa.text("DELETE FROM audit_entry WHERE seq = 6"))
    await db.close()
    schema.upgrade()
    async with db.reading() as session:
        found = await audit.verify(session)
    assert [int(re.findall(r"\d+", problem)[0]) for problem in found] == [2, 6]
