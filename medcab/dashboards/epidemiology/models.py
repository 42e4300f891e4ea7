"""Weeks of the years before the clinic kept diagnoses here, and what was told of weeks above their threshold."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class PastWeek(SQLModel, table=True):
    """Primary cases of a class in a week, as an earlier system counted them: without them there is no threshold for three years.

    A class that had none in a week has a row of zero: no row is no data.
    """

    __tablename__ = "past_week"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.CheckConstraint("first_ever >= 0", name="ck_past_week"),
        {"sqlite_with_rowid": False},
    )

    department_id: UUID = Field(foreign_key="department.id", primary_key=True)
    week: date = Field(primary_key=True)
    chapter: str = Field(primary_key=True, max_length=6)
    first_ever: int


class EpidemicAlert(SQLModel, table=True):
    """A finished week of a class that was above its threshold, as it stood when it was told: once, and not told anew when counts change."""

    __tablename__ = "epidemic_alert"  # pyright: ignore[reportAssignmentType]

    department_id: UUID = Field(foreign_key="department.id", primary_key=True)
    week: date = Field(primary_key=True)
    chapter: str = Field(primary_key=True, max_length=6)
    cases: int
    mean: float
    threshold: float
    told_at: datetime


class WeekWatched(SQLModel, table=True):
    """A department's week that was compared with its threshold, whatever came of it."""

    __tablename__ = "week_watched"  # pyright: ignore[reportAssignmentType]

    department_id: UUID = Field(foreign_key="department.id", primary_key=True)
    week: date = Field(primary_key=True)
