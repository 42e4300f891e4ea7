"""What was measured each morning; a day that was not measured cannot be measured later."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class ThirdNext(SQLModel, table=True):
    """When the third free time of a specialty in a department was, as of one morning; `third_at` None: not within the days looked at."""

    __tablename__ = "third_next"  # pyright: ignore[reportAssignmentType]

    department_id: UUID = Field(foreign_key="department.id", primary_key=True)
    day: date = Field(primary_key=True)
    specialty: str = Field(primary_key=True, max_length=500)
    measured_at: datetime
    third_at: datetime | None = None
