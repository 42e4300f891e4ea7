"""Diagnoses of visits, kept with all that was corrected, and the weekly counts kept true beside them."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words
from medcab.schedule.diagnoses.rules.ages import AgeGroup
from medcab.schedule.diagnoses.rules.entry import Course, DiagnosisKind

_STANDS = sa.text("struck_at IS NULL")


class VisitDiagnosis(SQLModel, table=True):
    """What a doctor found. Nothing is changed in it later but that it was struck out: a correction is a new row. `age_group`
    alone goes with the visit's day.

    `chapter` (the class of МКБ-10) and `age_group` follow from the code and the patient's birth date, which is sealed: kept, so that
    cases can be counted where they lie.
    """

    __tablename__ = "visit_diagnosis"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.CheckConstraint("(struck_at IS NULL) = (struck_by_id IS NULL)", name="ck_visit_diagnosis_struck"),
        sa.Index("ix_visit_diagnosis_appointment", "appointment_id"),
        sa.Index(
            "uq_visit_diagnosis_code", "appointment_id", "code", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS
        ),
        sa.Index(
            "uq_visit_diagnosis_main", "appointment_id", unique=True,
            sqlite_where=sa.text("struck_at IS NULL AND kind = 'main'"), postgresql_where=sa.text("struck_at IS NULL AND kind = 'main'"),
        ),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointment.id")
    code: str = Field(max_length=8)
    chapter: str = Field(max_length=6)
    kind: DiagnosisKind = Field(sa_column=sa.Column(words(DiagnosisKind), nullable=False))
    course: Course = Field(sa_column=sa.Column(words(Course), nullable=False))
    age_group: AgeGroup = Field(sa_column=sa.Column(words(AgeGroup), nullable=False))
    made_by_id: UUID = Field(foreign_key="person.id")
    made_at: datetime
    struck_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    struck_at: datetime | None = None


class WeekCases(SQLModel, table=True):
    """How many cases a department had in a week, written by the transaction that changes a diagnosis or its visit.

    A week that lies in two months has its rows in each: both weeks and months are sums of whole rows.
    """

    __tablename__ = "week_cases"  # pyright: ignore[reportAssignmentType]
    __table_args__ = ({"sqlite_with_rowid": False},)

    department_id: UUID = Field(foreign_key="department.id", primary_key=True)
    week: date = Field(primary_key=True)
    """Its Monday."""
    month: date = Field(primary_key=True)
    """Its first day."""
    chapter: str = Field(primary_key=True, max_length=6)
    category: str = Field(primary_key=True, max_length=3)
    age_group: AgeGroup = Field(sa_column=sa.Column(words(AgeGroup), primary_key=True, nullable=False))
    organisation_id: UUID = Field(foreign_key="organisation.id")
    first_ever: int = 0
    registered: int = 0
