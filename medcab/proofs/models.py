"""What has proved that a cabinet belongs to the person whose names it bears."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words
from medcab.security.crypto import EncryptedText


class Way(StrEnum):
    """How identity was proved."""

    BANK = "bank"
    VIDEO = "video"


class IdentityProof(SQLModel, table=True):
    """One proof. It holds for the names, birth date and SNILS that were proved: a cabinet whose person is corrected afterwards has none."""

    __tablename__ = "identity_proof"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.CheckConstraint("(way = 'video') = (operator_id IS NOT NULL)", name="ck_identity_proof_operator"),
        sa.CheckConstraint("operator_id <> person_id", name="ck_identity_proof_not_own"),
        sa.CheckConstraint("(way = 'bank') = (subject_index <> '')", name="ck_identity_proof_subject"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    way: Way = Field(sa_column=sa.Column(words(Way), nullable=False))
    proved_at: datetime
    identity_index: str = Field(max_length=32)
    """Whom it proves: a keyed hash of names, birth date and SNILS."""
    issuer: str = Field(default="", max_length=200)
    """The bank, by the address that it signs with."""
    subject_index: str = Field(default="", max_length=32, index=True)
    """A keyed hash of who answers for this person at the bank."""
    operator_id: UUID | None = Field(default=None, foreign_key="person.id")


class BankAttempt(SQLModel, table=True):
    """One way to the bank and back, of one session. It is used once; what is sealed here never leaves the server."""

    __tablename__ = "bank_attempt"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    session_id: UUID
    state_hash: str = Field(max_length=64, unique=True)
    nonce: str = Field(sa_column=sa.Column(EncryptedText("bank_attempt.nonce"), nullable=False))
    verifier: str = Field(sa_column=sa.Column(EncryptedText("bank_attempt.verifier"), nullable=False))
    began_at: datetime
    used_at: datetime | None = None
    refusal: str = Field(default="", max_length=300)
    """Why it proved nothing, a sentence for the person; empty: it proved, or is still under way."""
