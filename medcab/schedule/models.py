"""Receptions, the visits booked into them, and the daily figures kept true beside them."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words
from medcab.identifiers.day_time import DAY_MINUTES
from medcab.schedule.rules.figures import FigureKind
from medcab.schedule.rules.templates import Weeks
from medcab.schedule.rules.visits import AppointmentStatus, Payer, VisitKind


class Reception(SQLModel, table=True):
    """Hours on one day in which a worker sees patients; slots of `slot_minutes` are computed from it, never stored."""

    __table_args__ = (
        sa.UniqueConstraint("practitioner_id", "starts_at"),
        sa.CheckConstraint("ends_at > starts_at", name="ck_reception_order"),
        sa.Index("ix_reception_department", "department_id", "starts_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    department_id: UUID = Field(foreign_key="department.id")
    practitioner_id: UUID = Field(foreign_key="person.id")
    starts_at: datetime
    ends_at: datetime
    slot_minutes: int
    room: str = Field(default="", max_length=20)
    specialty: str = Field(default="", max_length=500)
    """What is practised in these hours; empty: whatever the worker may."""


class ReceptionTemplate(SQLModel, table=True):
    """Hours that come again week by week. A change ends one and begins another: what held stays to be seen.

    Days up to `written_until` have become receptions; those after it are computed.
    """

    __tablename__ = "reception_template"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.CheckConstraint("ends > starts", name="ck_reception_template_order"),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name="ck_reception_template_weekdays"),
        sa.CheckConstraint("(break_starts IS NULL) = (break_ends IS NULL)", name="ck_reception_template_break"),
        sa.CheckConstraint("until IS NULL OR until >= since", name="ck_reception_template_days"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    department_id: UUID = Field(foreign_key="department.id", index=True)
    practitioner_id: UUID = Field(foreign_key="person.id", index=True)
    weekdays: int
    """Bits, Monday the lowest."""
    weeks: Weeks = Field(sa_column=sa.Column(words(Weeks), nullable=False))
    starts: int
    ends: int
    break_starts: int | None = None
    break_ends: int | None = None
    slot_minutes: int
    room: str = Field(default="", max_length=20)
    specialty: str = Field(default="", max_length=500)
    since: date
    until: date | None = None
    on_holidays: bool = False
    written_until: date


class ReceptionClosed(SQLModel, table=True):
    """Time in which a worker sees nobody in a clinic, whatever the templates say: from `starts` of the first day to `ends` of the last."""

    __tablename__ = "reception_closed"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.CheckConstraint("until >= since", name="ck_reception_closed_days"),
        sa.CheckConstraint(
            "starts BETWEEN 0 AND 1439 AND ends BETWEEN 1 AND 1440 AND (until > since OR ends > starts)",
            name="ck_reception_closed_hours",
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    practitioner_id: UUID = Field(foreign_key="person.id", index=True)
    since: date
    until: date
    starts: int = 0
    ends: int = DAY_MINUTES
    reason: str = Field(default="", max_length=200)
    hours: str = "[]"
    """What was open day by day and was taken back, JSON: it comes back when the days are opened again."""


class Appointment(SQLModel, table=True):
    """A visit. That no worker has two living ones at once is a constraint of the database (see the migrations).

    One that is `is_over` was booked on top of the plan, with a reason: it neither holds the worker's time nor is kept out by others.
    """

    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ck_appointment_order"),
        sa.CheckConstraint("(status = 'offered') = (held_until IS NOT NULL)", name="ck_appointment_held"),
        sa.CheckConstraint("is_over = (over_reason <> '')", name="ck_appointment_over"),
        sa.Index("ix_appointment_practitioner", "practitioner_id", "starts_at"),
        sa.Index("ix_appointment_department", "department_id", "starts_at"),
        sa.Index("ix_appointment_patient", "patient_id", "starts_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    department_id: UUID = Field(foreign_key="department.id")
    practitioner_id: UUID = Field(foreign_key="person.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    kind: VisitKind = Field(sa_column=sa.Column(words(VisitKind), nullable=False))
    status: AppointmentStatus = Field(sa_column=sa.Column(words(AppointmentStatus), nullable=False))
    payer: Payer = Field(
        default=Payer.OMS, sa_column=sa.Column(words(Payer), nullable=False, server_default=Payer.OMS.value)
    )
    starts_at: datetime
    ends_at: datetime
    booked_at: datetime
    arrived_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = Field(default="", max_length=200)
    held_until: datetime | None = None
    """An offer from the waiting list holds its time until then."""
    confirmed_at: datetime | None = None
    """When the patient said that they will come."""
    is_over: bool = False
    over_reason: str = Field(default="", max_length=200)
    version: int = 1
    """Grows with each change; an edit names the version it saw."""
    changed_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    changed_at: datetime | None = None
    """When the version after the first was made; other programs ask what is new by it."""


class DayFigures(SQLModel, table=True):
    """Counts of one worker's day in one department, of all visits or of those of one kind, written by the same transaction that changes a visit
    or a reception. Whoever adds up chooses one `kind`: the whole is kept beside its parts.

    Rows lie in the order of their key, so that a department's year is one stretch however many visits there are. Waiting is from the planned time (or the arrival, when later) to the start, kept as a histogram so that a median of any period is a sum.
    """

    __tablename__ = "day_figures"  # pyright: ignore[reportAssignmentType]
    __table_args__ = ({"sqlite_with_rowid": False},)

    department_id: UUID = Field(foreign_key="department.id", primary_key=True)
    kind: FigureKind = Field(
        default=FigureKind.ALL, sa_column=sa.Column(words(FigureKind), primary_key=True, nullable=False)
    )
    day: date = Field(primary_key=True)
    practitioner_id: UUID = Field(foreign_key="person.id", primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    offered_minutes: int = 0
    booked_minutes: int = 0
    attended_minutes: int = 0
    planned: int = 0
    done: int = 0
    no_show: int = 0
    cancelled: int = 0
    late_cancelled: int = 0
    first_starts: int = 0
    """Whether the day has a first patient with a mark of the start; of a kind: whether that patient's visit is of it."""
    on_time_starts: int = 0
    waited: int = 0
    waited_minutes: int = 0
    wait_0_5: int = 0
    wait_5_15: int = 0
    wait_15_30: int = 0
    wait_30_45: int = 0
    wait_45: int = 0
    counted_at: datetime | None = None
    """When something of it changed last; None: not since figures are kept so."""


class FiguresRebuilt(SQLModel, table=True):
    """A department's month that the rebuild which is under way has counted anew already; a rebuild that ended leaves nothing."""

    __tablename__ = "figures_rebuilt"  # pyright: ignore[reportAssignmentType]

    department_id: UUID = Field(foreign_key="department.id", primary_key=True)
    month: date = Field(primary_key=True)
