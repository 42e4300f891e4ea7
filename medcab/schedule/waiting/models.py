"""Patients who wait for a time that is not free yet."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words
from medcab.schedule.rules.visits import VisitKind
from medcab.schedule.rules.waiting import Urgency, WishState


class Wish(SQLModel, table=True):
    """Who waits for what. The offered visit holds its time by itself (`AppointmentStatus.OFFERED`)."""

    __tablename__ = "waiting_wish"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name="ck_waiting_wish_weekdays"),
        sa.CheckConstraint("ends > starts", name="ck_waiting_wish_order"),
        sa.CheckConstraint("until >= since", name="ck_waiting_wish_days"),
        sa.CheckConstraint("practitioner_id IS NOT NULL OR specialty <> ''", name="ck_waiting_wish_whom"),
        sa.CheckConstraint("(state IN ('offered', 'booked')) = (appointment_id IS NOT NULL)", name="ck_waiting_wish_offer"),
        sa.Index("ix_waiting_wish_state", "organisation_id", "state"),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    department_id: UUID = Field(foreign_key="department.id", index=True)
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    practitioner_id: UUID | None = Field(default=None, foreign_key="person.id")
    """None: whoever sees this specialty in the department."""
    specialty: str = Field(default="", max_length=500)
    kind: VisitKind = Field(sa_column=sa.Column(words(VisitKind), nullable=False))
    urgency: Urgency = Field(sa_column=sa.Column(words(Urgency), nullable=False))
    weekdays: int = 127
    """Bits, Monday the lowest."""
    starts: int = 0
    ends: int = 24 * 60
    since: date
    until: date
    note: str = Field(default="", max_length=200)
    state: WishState = Field(sa_column=sa.Column(words(WishState), nullable=False))
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", unique=True)
    offers: int = 0
    """How many times it was offered: who let three go by stands behind those who did not."""
    created_at: datetime
    created_by_id: UUID = Field(foreign_key="person.id")
    version: int = 1
