"""The case of one worker's professional status, and what the register said to each of its items."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words
from medcab.security.crypto import EncryptedText
from medcab.verification.rules.items import Source


class VerificationCase(SQLModel, table=True):
    """One worker's case. `claim` is what the worker gives beside the documents (register number, specialisations, place of work), JSON."""

    __tablename__ = "verification_case"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", unique=True)
    state: str = Field(max_length=20, index=True)
    claim: str = Field(default="{}", sa_column=sa.Column(EncryptedText("case.claim"), nullable=False))
    checked_claim: str = Field(default="", sa_column=sa.Column(EncryptedText("case.checked_claim"), nullable=False))
    """The whole claim as it was sent last, JSON: only what differs from it is checked again."""
    version: int = 0
    """Grows with each sending; an answer to an older one changes nothing."""
    code_confirmed_at: datetime | None = None
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    postponed_until: datetime | None = None
    created_at: datetime
    updated_at: datetime


class CaseItem(SQLModel, table=True):
    """The newest answer to one item of a case."""

    __tablename__ = "case_item"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (sa.UniqueConstraint("case_id", "item"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    case_id: UUID = Field(foreign_key="verification_case.id", index=True)
    item: str = Field(max_length=20)
    state: str = Field(max_length=20)
    code: str = Field(default="", max_length=60)
    finding: str = Field(default="{}", sa_column=sa.Column(EncryptedText("case_item.finding"), nullable=False))
    """JSON of `rules.Finding`: what was given, what the register says, who mends it."""
    checked_at: datetime | None = None


class CaseItemEvent(SQLModel, table=True):
    """What became of one item, and by whom: history that stays, and the only one. Written where the newest answer is (`checking.write`)."""

    __tablename__ = "case_item_event"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (sa.Index("ix_case_item_event_item", "case_id", "item", "at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    case_id: UUID = Field(foreign_key="verification_case.id")
    item: str = Field(max_length=20)
    at: datetime
    source: Source = Field(sa_column=sa.Column(words(Source), nullable=False))
    by_id: UUID | None = Field(default=None, foreign_key="person.id")
    """The operator who decided; nobody where the register, the clock or the worker's own sending did."""
    state: str = Field(max_length=20)
    code: str = Field(default="", max_length=60)
    finding: str = Field(sa_column=sa.Column(EncryptedText("case_item.finding"), nullable=False))
    """Sealed as `CaseItem.finding` is: the first event of an older item is its copy."""


class CheckRun(SQLModel, table=True):
    """One question to the register: history that stays."""

    __tablename__ = "check_run"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    case_id: UUID = Field(foreign_key="verification_case.id", index=True)
    case_version: int
    items: str
    """JSON list of items asked."""
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = Field(default="", max_length=40)


class SupervisionNotice(SQLModel, table=True):
    """What the supervision service told of. `subject` is the number of a licence, or somebody's SNILS; `number` is the service's own."""

    __tablename__ = "supervision_notice"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    number: str = Field(max_length=60, unique=True)
    kind: str = Field(max_length=30)
    subject: str = Field(sa_column=sa.Column(EncryptedText("supervision_notice.subject"), nullable=False))
    subject_index: str = Field(max_length=32, index=True)
    basis: str = Field(max_length=300)
    issued_at: datetime
    received_at: datetime


class RegisterRound(SQLModel, table=True):
    """One comparison of everybody with the register, or of those whom a notice concerns: how far it has come.

    `after` is the last person done; people go by id.
    """

    __tablename__ = "register_round"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.Index("ux_register_round_open", "is_open", unique=True, sqlite_where=sa.text("is_open"), postgresql_where=sa.text("is_open")),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    started_at: datetime = Field(index=True)
    finished_at: datetime | None = None
    is_open: bool = True
    after: UUID | None = None
    people: int
    done: int = 0
    changed: int = 0
    unanswered: int = 0
    asked: int = 0
    lost: int = 0
    """How many of them have lost everything."""
    halted: str = Field(default="", max_length=300)
    """Why it stopped by itself; empty: it did not."""
    trusted: bool = False
    """Somebody has looked, and the register is right however many it denies."""
    notice_id: UUID | None = Field(default=None, foreign_key="supervision_notice.id", unique=True)


class StandingChange(SQLModel, table=True):
    """What the register said otherwise about one item of a case, on a day: history that stays."""

    __tablename__ = "standing_change"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    case_id: UUID = Field(foreign_key="verification_case.id", index=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    noticed_at: datetime = Field(index=True)
    item: str = Field(max_length=20)
    was: str = Field(sa_column=sa.Column(EncryptedText("standing_change.was"), nullable=False))
    now: str = Field(sa_column=sa.Column(EncryptedText("standing_change.now"), nullable=False))
    closes: str = Field(default="", max_length=500)
    """Specialties that it closed, as shown; the same for all items of one comparison."""
    opens: str = Field(default="", max_length=500)
    notice_id: UUID | None = Field(default=None, foreign_key="supervision_notice.id")
    """Whose word was the reason to ask; None: it was night."""
