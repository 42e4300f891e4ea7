"""Rotas that were read from files."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.security.crypto import EncryptedText


class RotaSheet(SQLModel, table=True):
    """A rota that was read and not applied yet; swept away after a day."""

    __tablename__ = "rota_sheet"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    person_id: UUID = Field(foreign_key="person.id")
    name: str = Field(max_length=200)
    content: str = Field(sa_column=sa.Column(EncryptedText("rota.sheet"), nullable=False))
    """The table as it was read, JSON."""
    month: date | None = None
    """Chosen by hand for columns that are bare numbers."""
    created_at: datetime = Field(index=True)
