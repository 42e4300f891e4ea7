"""What the cabinet has told a person, kept for a year: a letter may be lost, and a phone changes hands."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.security.crypto import EncryptedText

LONGEST_SUBJECT, LONGEST_HREF = 120, 500


class Notice(SQLModel, table=True):
    """One message; `href` is where it is looked after (empty: nowhere in the cabinet)."""

    __tablename__ = "notice"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.Index("ix_notice_person", "person_id", "told_at"),
        sa.Index(
            "ix_notice_unread", "person_id", sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        ),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    subject: str = Field(max_length=LONGEST_SUBJECT)
    text: str = Field(sa_column=sa.Column(EncryptedText("notice.text"), nullable=False))
    href: str = Field(default="", max_length=LONGEST_HREF)
    told_at: datetime = Field(index=True)
    read_at: datetime | None = None
