"""Papers of a worker and the files they are kept in."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.security.crypto import EncryptedText

_LIVE = "renews_id IS NOT NULL AND replaced_at IS NULL AND removed_at IS NULL"
"""Of one paper there is one renewal; what was corrected or taken out no longer counts."""


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
    """One paper: a diploma, a certificate, an accreditation, a licence, a proof of employment.

    A correction replaces the row; a renewal is a paper of its own that names the one before. `generation` counts renewals: a paper
    stands one above the one it renews, and the key is of both, so that no circle of renewals can be written down.
    """

    __table_args__ = (
        sa.UniqueConstraint("id", "generation", name="ux_document_generation"),
        sa.ForeignKeyConstraint(
            ["renews_id", "renews_generation"], ["document.id", "document.generation"], name="fk_document_renews",
            deferrable=True, initially="DEFERRED",
        ),
        sa.CheckConstraint("(renews_id IS NULL) = (renews_generation IS NULL)", name="ck_document_renews"),
        sa.CheckConstraint("generation = coalesce(renews_generation + 1, 0)", name="ck_document_generation"),
        sa.Index(
            "ux_document_renews", "renews_id", unique=True, sqlite_where=sa.text(_LIVE), postgresql_where=sa.text(_LIVE)
        ),
    )  # fmt: skip

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
    renews_id: UUID | None = None
    renews_generation: int | None = None
    generation: int = 0
