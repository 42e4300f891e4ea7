"""A worker's objection to one refusal, its story, and the papers that answer it."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words
from medcab.security.crypto import EncryptedText
from medcab.verification.disputes.rules import DisputeState, EntryKind

_OPEN = sa.text("state IN ('waiting', 'asked', 'proposed')")


class Dispute(SQLModel, table=True):
    """One at a time about an item. That two different people decide, and none of them about themselves, the database holds too."""

    __table_args__ = (
        sa.Index("ux_dispute_open", "case_id", "item", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_dispute_queue", "state", "waiting_since"),
        sa.CheckConstraint("confirmed_by_id <> proposed_by_id", name="ck_dispute_four_eyes"),
        sa.CheckConstraint("proposed_by_id <> person_id", name="ck_dispute_not_own_proposal"),
        sa.CheckConstraint("confirmed_by_id <> person_id", name="ck_dispute_not_own_confirmation"),
        sa.CheckConstraint(
            "state <> 'accepted' OR (proposed_by_id IS NOT NULL AND confirmed_by_id IS NOT NULL AND review_on IS NOT NULL)",
            name="ck_dispute_accepted_by_two",
        ),
        sa.CheckConstraint("state <> 'proposed' OR proposed_by_id IS NOT NULL", name="ck_dispute_proposed_by_one"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    case_id: UUID = Field(foreign_key="verification_case.id")
    person_id: UUID = Field(foreign_key="person.id", index=True)
    item: str = Field(max_length=20)
    code: str = Field(max_length=60)
    """The refusal that is disputed, as it stands now."""
    state: DisputeState = Field(sa_column=sa.Column(words(DisputeState), nullable=False))
    opened_at: datetime
    waiting_since: datetime
    """Since when it is somebody's turn."""
    closed_at: datetime | None = None
    answer: str = Field(default="", sa_column=sa.Column(EncryptedText("dispute.answer"), nullable=False))
    """What is asked for, why it was refused, or why it closed by itself."""
    proposed_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    proposal: str = Field(default="", sa_column=sa.Column(EncryptedText("dispute.proposal"), nullable=False))
    """The first operator's reason."""
    finding_mark: str = Field(default="", max_length=64)
    """A hash of what the register said when the first operator proposed: the second believes the papers against the very same."""
    review_on: date | None = None
    """The last day of what was accepted."""
    confirmed_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    ended_at: datetime | None = None
    """When what was accepted ceased to count."""
    reminded_at: datetime | None = None
    version: int = 1
    """Grows with each change; a decision names the version it saw."""


class DisputePaper(SQLModel, table=True):
    """A paper that the worker has laid before the operators: exactly these may be opened, while the dispute is."""

    __tablename__ = "dispute_paper"  # pyright: ignore[reportAssignmentType]

    dispute_id: UUID = Field(foreign_key="dispute.id", primary_key=True)
    document_id: UUID = Field(foreign_key="document.id", primary_key=True)
    added_at: datetime


class DisputeEntry(SQLModel, table=True):
    """One line of the dispute's story: who said or did what."""

    __tablename__ = "dispute_entry"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (sa.Index("ix_dispute_entry_dispute", "dispute_id", "at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    dispute_id: UUID = Field(foreign_key="dispute.id")
    at: datetime
    kind: EntryKind = Field(sa_column=sa.Column(words(EntryKind), nullable=False))
    by_id: UUID | None = Field(default=None, foreign_key="person.id")
    text: str = Field(default="", sa_column=sa.Column(EncryptedText("dispute_entry.text"), nullable=False))
