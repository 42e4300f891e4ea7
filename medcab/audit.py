"""The append-only journal of who did what, when, from where, in a chain that shows a changed or removed row.

Entries are part of the caller's transaction: both happen or neither does. The hash of an entry covers its content and the hash of the
one before it, so a change or a gap is found by `verify`; it is made with the installation's secret, so whoever can only write to the
database cannot make the chain anew. That the newest entries were cut off shows only against a hash noted elsewhere.
"""

import json
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import Action, Actor
from medcab.security import tokens

LONGEST_IP, LONGEST_USER_AGENT = 45, 200
_BREATH = 50
_CHAIN_LOCK = 0x6D65646361620001  # any constant: serialises the end of the chain on PostgreSQL


@dataclass(frozen=True)
class Origin:
    """Where a request came from, as short as the columns that keep it."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "ip", self.ip[:LONGEST_IP])
        object.__setattr__(self, "user_agent", self.user_agent[:LONGEST_USER_AGENT])


origin: ContextVar[Origin] = ContextVar("origin", default=Origin())


class AuditEntry(SQLModel, table=True):
    """One line of the journal. `seq` has no gaps."""

    __tablename__ = "audit_entry"  # pyright: ignore[reportAssignmentType]

    seq: int = Field(
        sa_column=sa.Column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False)
    )
    at: datetime
    action: str = Field(max_length=64, index=True)
    outcome: str = Field(default="ok", max_length=16)
    person_id: UUID | None = Field(default=None, index=True)
    session_id: UUID | None = None
    organisation_id: UUID | None = None
    subject: str = Field(default="", max_length=80, index=True)
    ip: str = Field(default="", max_length=LONGEST_IP)
    user_agent: str = Field(default="", max_length=LONGEST_USER_AGENT)
    request_id: str = Field(default="", max_length=40)
    details: str = "{}"
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)

    def fingerprint(self) -> str:
        """A keyed hash over the content and the previous hash."""
        content = [
            self.seq, self.at.isoformat(), self.action, self.outcome, str(self.person_id), str(self.session_id),
            str(self.organisation_id), self.subject, self.ip, self.user_agent, self.request_id, self.details, self.prev_hash,
        ]  # fmt: skip
        return tokens.keyed("journal", json.dumps(content, ensure_ascii=False))


def record(
    session: AsyncSession, actor: Actor | None, action: Action, subject: UUID | str | None = None, *,
    outcome: str = "ok", person_id: UUID | None = None, **details: Any,
) -> None:  # fmt: skip
    """Add an entry to the caller's transaction. `details` must hold no secret and no health data."""
    source = origin.get()
    entry = {
        "at": clock.now(),
        "action": action.value,
        "outcome": outcome,
        "person_id": actor.person_id if actor else person_id,
        "session_id": actor.session_id if actor else None,
        "organisation_id": actor.organisation_id if actor else None,
        "subject": str(subject or ""),
        "ip": source.ip,
        "user_agent": source.user_agent,
        "request_id": source.request_id,
        "details": json.dumps(details, ensure_ascii=False, default=str, sort_keys=True),
    }
    session.info.setdefault("audit", []).append(entry)
    db.before_commit(session, _append)


async def _append(session: AsyncSession) -> None:
    """Chain the transaction's entries to the end of the journal, as its last act."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    last = (
        await session.exec(select(AuditEntry.seq, AuditEntry.hash).order_by(col(AuditEntry.seq).desc()).limit(1))
    ).first()
    seq, previous = last or (0, "")
    for fields in session.info.pop("audit", []):
        seq += 1
        entry = AuditEntry(seq=seq, prev_hash=previous, hash="", **fields)
        entry.hash = previous = entry.fingerprint()
        session.add(entry)
        if seq % _BREATH == 0:
            await session.flush()  # others have their turn meanwhile
    await session.flush()


async def verify(session: AsyncSession) -> list[str]:
    """What is wrong with the journal, a sentence each; empty when the chain holds."""
    problems: list[str] = []
    seq, previous = 0, ""
    rows = await session.stream_scalars(
        sa.select(AuditEntry).order_by(col(AuditEntry.seq)).execution_options(yield_per=1000)
    )
    async for entry in rows:
        seq += 1
        if entry.seq != seq:
            problems.append(f"entries {seq}…{entry.seq - 1} are missing")
            seq = entry.seq
        elif entry.prev_hash != previous:
            problems.append(f"entry {seq} does not follow the one before it")
        if entry.hash != entry.fingerprint():
            problems.append(f"entry {seq} was changed")
        previous = entry.hash
    return problems
