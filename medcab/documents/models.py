"""Papers of a worker and the files they are kept in."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.security.crypto import EncryptedText


class StoredFile(SQLModel, table=True):
    """A file that passed the intake; its content lies sealed in the storage under `id`."""

    __tablename__ = "stored_file"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    name: str = Field(sa_column=sa.Column(EncryptedText("file.name"), nullable=False))
    mime: str = Field(max_length=40)
    size: int
    pages: int = 1
    sha256: str = Field(max_length=64, index=True)
    warnings: str = "[]"
    """JSON list of sentences the intake had for it."""
    text: str | None = Field(default="", sa_column=sa.Column(EncryptedText("file.text"), nullable=True))
    """The beginning of what stands in a PDF, for searching and for suggestions; None: taken in before it was read."""
    created_at: datetime
    removed_at: datetime | None = None


class Document(SQLModel, table=True):
    """One paper: a diploma, a certificate, an accreditation, a licence, a proof of employment. A correction replaces the row."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    kind: str = Field(max_length=20)
    series: str = Field(default="", max_length=20)
    number: str = Field(sa_column=sa.Column(EncryptedText("document.number"), nullable=False))
    issuer: str = Field(default="", max_length=300)
    specialty: str = Field(default="", max_length=160)
    issued_on: date | None = None
    expires_on: date | None = None
    file_id: UUID | None = Field(default=None, foreign_key="stored_file.id")
    hours: int | None = None
    category: str | None = Field(default=None, max_length=10)
    rate: float | None = None
    months: int | None = None
    created_at: datetime
    replaced_at: datetime | None = None
    replaced_by_id: UUID | None = Field(default=None, foreign_key="document.id")
    removed_at: datetime | None = None
