"""A worker's calendar for other programs, by a secret address."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from medcab.schedule.rules.feeds import LONGEST_NAME


class CalendarFeed(SQLModel, table=True):
    """One for each device: of a person, in the clinic in which it was made. Whoever knows the address reads it; taken back, it is deleted."""

    __tablename__ = "calendar_feed"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    secret_hash: str = Field(max_length=64, unique=True)
    """Keyed: whoever has the database alone can neither read a feed nor make one."""
    name: str = Field(max_length=LONGEST_NAME)
    with_names: bool = False
    """Patients' names stand in it: chosen by the person, against a warning."""
    with_hours: bool = False
    made_at: datetime
    read_at: datetime | None = None
    """Written once an hour at most."""
    journalled_on: date | None = None
    """The last day on which a reading with names went into the journal."""
