"""Video sessions, in which an operator sees a person and their passport, and the hours at which operators hold them."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from medcab.db import words
from medcab.proofs.video.rules import OPEN, SessionState

MOST_SDP = 10_000
"""Characters of a description of one side of a call (RFC 8866), and the longest text of an event; a browser's has a few thousand."""
_LIVING = sa.text(f"state IN ({', '.join(repr(state.value) for state in sorted(OPEN))})")


class VideoOperator(SQLModel, table=True):
    """When an operator holds sessions, week by week."""

    __tablename__ = "video_operator"  # pyright: ignore[reportAssignmentType]

    operator_id: UUID = Field(foreign_key="person.id", primary_key=True)
    week: str = Field(max_length=400)
    """JSON, Monday first: `[[from, to], …]` in minutes of the day, clinic's time; null where nothing is held."""
    away_until: date | None = None
    """Holds none up to this day, the day included."""


class VideoSession(SQLModel, table=True):
    """One session, from its booking to the operator's decision. An operator has one at a time, a person one that is not over."""

    __tablename__ = "video_session"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.Index("uq_video_session_slot", "operator_id", "starts_at", unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING),
        sa.Index("uq_video_session_open", "person_id", unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING),
        sa.CheckConstraint("operator_id <> person_id", name="ck_video_session_not_own"),
        sa.CheckConstraint("state <> 'proved' OR still_at IS NOT NULL", name="ck_video_session_still"),
        sa.CheckConstraint("(state IN ('booked', 'running')) = (ended_at IS NULL)", name="ck_video_session_ended"),
    )  # fmt: skip

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    operator_id: UUID = Field(foreign_key="person.id")
    starts_at: datetime = Field(index=True)
    state: SessionState = Field(sa_column=sa.Column(words(SessionState), nullable=False))
    version: int = 1
    """Grows with each step, so that nobody decides about what has changed meanwhile."""
    booked_at: datetime
    reminded_at: datetime | None = None
    arrived_at: datetime | None = None
    """Since when the person has been waiting to be called."""
    began_at: datetime | None = None
    ended_at: datetime | None = None
    identity_index: str = Field(default="", max_length=32)
    """Whom the operator was shown when the call began: nobody else may be proved by it."""
    word: str = Field(default="", max_length=8)
    """Digits that the person reads aloud, made when the call begins: no recording can know them."""
    told: str = Field(default="", max_length=600)
    """What the person is told of its end, where it proved nothing."""
    still_id: UUID | None = Field(default=None, unique=True)
    """The sealed picture in the storage, until its term is over."""
    still_at: datetime | None = None
    call: int = 0
    """Counts how often the person's browser has come to be called; what belongs to an earlier time is not listened to."""
    offer: str = Field(default="", max_length=MOST_SDP)
    answer: str = Field(default="", max_length=MOST_SDP)
    """The two sides of the call as they describe themselves; emptied when it is over."""
