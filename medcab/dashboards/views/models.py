"""Views of the figures that a person keeps, and those that colleagues have sent. Both hold an address and no figure: whoever opens one sees what
their own role may."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.dashboards.rules.views import LONGEST_NAME, LONGEST_NOTE

LONGEST_ADDRESS = 500


class SavedView(SQLModel, table=True):
    """A person's own, in one clinic. The default one is opened where the address asks for nothing."""

    __tablename__ = "saved_view"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (sa.Index("ix_saved_view_owner", "person_id", "organisation_id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    organisation_id: UUID = Field(foreign_key="organisation.id")
    name: str = Field(max_length=LONGEST_NAME)
    address: str = Field(max_length=LONGEST_ADDRESS)
    is_default: bool = False
    made_at: datetime


class SentView(SQLModel, table=True):
    """Waits on the desk of `person_id` until it is opened or put away."""

    __tablename__ = "sent_view"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (sa.Index("ix_sent_view_owner", "person_id", "organisation_id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    sender_id: UUID = Field(foreign_key="person.id")
    organisation_id: UUID = Field(foreign_key="organisation.id")
    note: str = Field(default="", max_length=LONGEST_NOTE)
    address: str = Field(max_length=LONGEST_ADDRESS)
    sent_at: datetime
