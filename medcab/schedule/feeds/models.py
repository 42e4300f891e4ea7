"""A worker's calendar for other programs, by a secret address."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.security.crypto import EncryptedText


class CalendarFeed(SQLModel, table=True):
    """One per person and clinic. Whoever knows the address reads it; it is made anew or taken back at any time."""

    __tablename__ = "calendar_feed"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    token_hash: str = Field(max_length=64, unique=True)
    with_names: bool = False
    """Patients' names stand in it: chosen by the person, against a warning."""
    made_at: datetime
    read_at: datetime | None = None
    revoked_at: datetime | None = None


class RotaSheet(SQLModel, table=True):
    """A rota that was read from a file and not applied yet; swept away after a day. `rows` is JSON."""

    __tablename__ = "rota_sheet"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    person_id: UUID = Field(foreign_key="person.id", index=True)
    name: str = Field(max_length=200)
    rows: str = Field(sa_column=sa.Column(EncryptedText("schedule.rota"), nullable=False))
    created_at: datetime = Field(index=True)
