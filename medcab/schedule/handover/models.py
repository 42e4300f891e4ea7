"""Which visits were handed over last, so that they, and no others, are handed back."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class HandedOver(SQLModel, table=True):
    """A visit that another doctor led than the plan said; what went before is in the journal."""

    __tablename__ = "handed_over"  # pyright: ignore[reportAssignmentType]

    appointment_id: UUID = Field(foreign_key="appointment.id", primary_key=True)
    from_practitioner_id: UUID = Field(foreign_key="person.id")
    to_practitioner_id: UUID = Field(foreign_key="person.id")
    reason: str = Field(max_length=200)
    made_by_id: UUID = Field(foreign_key="person.id")
    made_at: datetime
