"""A worker's absence, or a move of many visits, dealt with in one go: what became of each visit, so that all of it can be taken back for a while."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words
from medcab.identifiers.day_time import DAY_MINUTES


class Outcome(StrEnum):
    """What was decided for a visit of somebody who will not be there."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    CALL = "call"
    """The patient is called; the visit waits as it was."""


class Absence(SQLModel, table=True):
    """Visits of a worker that were dealt with in one go. Messages go out at `tell_at`; until then it can be taken back.

    The worker is away then (`closes`), or sees others: visits are moved, the hours stay.
    """

    __table_args__ = (
        sa.CheckConstraint("until >= since", name="ck_absence_days"),
        sa.CheckConstraint(
            "starts BETWEEN 0 AND 1439 AND ends BETWEEN 1 AND 1440 AND (until > since OR ends > starts)",
            name="ck_absence_hours",
        ),
        sa.CheckConstraint("closes OR closed_id IS NULL", name="ck_absence_closed"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    practitioner_id: UUID = Field(foreign_key="person.id", index=True)
    closes: bool = True
    closed_id: UUID | None = Field(default=None, foreign_key="reception_closed.id")
    """What it closed, until that is open again."""
    since: date
    until: date
    starts: int = 0
    ends: int = DAY_MINUTES
    """Minutes of the first day from which, and of the last day until which."""
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
    from_confirmed_at: datetime | None = None
    from_over_reason: str = Field(default="", max_length=200)
    """Not empty: it stood on top of the plan."""
    version: int
    """Of the visit once it was dealt with: whoever changed it since keeps what they did."""
    called_at: datetime | None = None
