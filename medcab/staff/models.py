"""Who is asked to join a clinic, and lists of such people that are still being looked through."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.access import Role
from medcab.accounts.models import LONGEST_POST
from medcab.db import words
from medcab.security.crypto import EncryptedText


class Invitation(SQLModel, table=True):
    """A place in a clinic, offered to whoever holds an e-mail address. The link is a token, of which only a hash is kept."""

    __table_args__ = (
        sa.Index(
            "ux_invitation_open", "organisation_id", "email_index", unique=True,
            sqlite_where=sa.text("is_open"), postgresql_where=sa.text("is_open"),
        ),
        sa.CheckConstraint("rate BETWEEN 5 AND 200", name="ck_invitation_rate"),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    department_id: UUID | None = Field(default=None, foreign_key="department.id", index=True)
    email: str = Field(sa_column=sa.Column(EncryptedText("invitation.email"), nullable=False))
    email_index: str = Field(max_length=32, index=True)
    """The same blind index as a person's address has, so that the two find each other."""
    family_name: str = Field(max_length=80)
    given_name: str = Field(max_length=80)
    patronymic: str = Field(default="", max_length=80)
    role: Role = Field(sa_column=sa.Column(words(Role), nullable=False))
    post: str = Field(default="", max_length=LONGEST_POST)
    rate: int = 100
    since: date | None = None
    """The first day at work; None: the day of accepting."""
    token_hash: str = Field(max_length=64, unique=True)
    invited_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    sent_at: datetime
    letters: int = 1
    expires_at: datetime
    is_open: bool = True
    outcome: str = Field(default="", max_length=16)
    """How it ended: accepted, declined, revoked."""
    ended_at: datetime | None = None


class StaffSheet(SQLModel, table=True):
    """A list that was read from a file and not applied yet; swept away after a day."""

    __tablename__ = "staff_sheet"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    person_id: UUID = Field(foreign_key="person.id")
    name: str = Field(max_length=200)
    rows: str = Field(sa_column=sa.Column(EncryptedText("staff.sheet"), nullable=False))
    created_at: datetime = Field(index=True)
