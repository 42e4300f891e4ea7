"""Reports of a month, made once and kept: what was reported stays as it was reported."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class MonthlyReport(SQLModel, table=True):
    """Of one department; `id` is that of the sealed file, `month` its first day."""

    __tablename__ = "monthly_report"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (sa.UniqueConstraint("department_id", "month"),)

    id: UUID = Field(primary_key=True)
    department_id: UUID = Field(foreign_key="department.id")
    month: date
    made_at: datetime
