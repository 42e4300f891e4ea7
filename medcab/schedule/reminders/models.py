"""What a patient is told of a visit, and the link by which they answer. The link names nothing."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words


class LinkPurpose(StrEnum):
    """What the patient is asked."""

    CONFIRM = "confirm"
    OFFER = "offer"


class VisitLink(SQLModel, table=True):
    """A way to answer for one visit, until that begins. Only the hash of its secret is kept, at least until `expires_at`."""

    __tablename__ = "visit_link"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointment.id", index=True)
    purpose: LinkPurpose = Field(sa_column=sa.Column(words(LinkPurpose), nullable=False))
    token_hash: str = Field(max_length=64, unique=True)
    made_at: datetime
    expires_at: datetime
    answered_at: datetime | None = None
    """Not written any more; the visit and the journal say what was answered."""


class PatientReminder(SQLModel, table=True):
    """That a patient has been reminded of a day: once, whatever is restarted or booked on top."""

    __tablename__ = "patient_reminder"  # pyright: ignore[reportAssignmentType]

    patient_id: UUID = Field(foreign_key="patient.id", primary_key=True)
    day: date = Field(primary_key=True)
    sent_at: datetime

    __table_args__ = (sa.Index("ix_patient_reminder_day", "day"),)
