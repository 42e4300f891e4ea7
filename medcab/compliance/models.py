"""What has been told of duties that come due, and how somebody wants to be told."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class DutyReminder(SQLModel, table=True):
    """That a person was told of a duty: each step once, also by two servers at once."""

    __tablename__ = "duty_reminder"  # pyright: ignore[reportAssignmentType]

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    subject: str = Field(max_length=500, primary_key=True)
    """A specialty, or the duty's own name."""
    valid_until: date = Field(primary_key=True)
    step: int = Field(primary_key=True)
    """Days ahead, one of the norm's `reminder_days`."""
    sent_at: datetime


class ReminderChoice(SQLModel, table=True):
    """Where somebody wants to be reminded; without a row everywhere. A letter about a permit always comes."""

    __tablename__ = "reminder_choice"  # pyright: ignore[reportAssignmentType]

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    by_mail: bool = True
    by_sms: bool = True
