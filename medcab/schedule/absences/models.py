"""A worker's absence dealt with in one go: what became of each visit, so that all of it can be taken back for a while."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words


class Outcome(StrEnum):
    """What was decided for a visit of somebody who will not be there."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    CALL = "call"
    """The patient is called; the visit waits as it was."""


class Absence(SQLModel, table=True):
    """Days on which a worker is away, as they were dealt with. Messages go out at `tell_at`; until then it can be taken back."""

    __table_args__ = (sa.CheckConstraint("until >= since", name="ck_absence_days"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    practitioner_id: UUID = Field(foreign_key="person.id", index=True)
    closed_id: UUID | None = Field(default=None, foreign_key="reception_closed.id")
    since: date
    until: date
    reason: str = Field(default="", max_length=200)
    made_by_id: UUID = Field(foreign_key="person.id")
    made_at: datetime
    tell_at: datetime
    told_at: datetime | None = None
    taken_back_at: datetime | None = None


class AbsenceVisit(SQLModel, table=True):
    """One visit of an absence: where it was, what was done, in which version it stands since."""

    __tablename__ = "absence_visit"  # pyright: ignore[reportAssignmentType]

    absence_id: UUID = Field(foreign_key="absence.id", primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointment.id", primary_key=True, index=True)
    outcome: Outcome = Field(sa_column=sa.Column(words(Outcome), nullable=False))
    from_practitioner_id: UUID = Field(foreign_key="person.id")
    from_department_id: UUID = Field(foreign_key="department.id")
    from_starts_at: datetime
    from_ends_at: datetime
    version: int
    """Of the visit once it was dealt with: whoever changed it since keeps what they did."""
    called_at: datetime | None = None
