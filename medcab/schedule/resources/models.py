"""Rooms and devices of a clinic: when they can be used, and which visits take them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words


class ResourceKind(StrEnum):
    """What can be taken beside a worker's time."""

    ROOM = "room"
    DEVICE = "device"


class Resource(SQLModel, table=True):
    """A room or a device that is used by one visit at a time. Hours of reception name their room by its `name`."""

    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "name"),
        sa.CheckConstraint("weekdays BETWEEN 0 AND 127", name="ck_resource_weekdays"),
        sa.CheckConstraint("ends > starts", name="ck_resource_order"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    department_id: UUID | None = Field(default=None, foreign_key="department.id", index=True)
    """None: of the whole clinic."""
    kind: ResourceKind = Field(sa_column=sa.Column(words(ResourceKind), nullable=False))
    name: str = Field(max_length=20)
    note: str = Field(default="", max_length=200)
    weekdays: int = 127
    """Bits, Monday the lowest: when it can be used, from `starts` to `ends` (minutes from midnight)."""
    starts: int = 0
    ends: int = 24 * 60
    removed_at: datetime | None = None


class ResourceClosed(SQLModel, table=True):
    """Service, repair, disinfection: a time in which nobody can use it."""

    __tablename__ = "resource_closed"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (sa.CheckConstraint("ends_at > starts_at", name="ck_resource_closed_order"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    resource_id: UUID = Field(foreign_key="resource.id", index=True)
    starts_at: datetime
    ends_at: datetime
    reason: str = Field(default="", max_length=200)


class AppointmentResource(SQLModel, table=True):
    """What a visit takes, and when: written with the visit. No resource is held twice at once, by a constraint (see the migration)."""

    __tablename__ = "appointment_resource"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (sa.Index("ix_appointment_resource_time", "resource_id", "starts_at"),)

    appointment_id: UUID = Field(foreign_key="appointment.id", primary_key=True)
    resource_id: UUID = Field(foreign_key="resource.id", primary_key=True)
    starts_at: datetime
    ends_at: datetime
    is_held: bool = True
    """The visit lives: a cancelled one keeps what it had, for when it is brought back."""
