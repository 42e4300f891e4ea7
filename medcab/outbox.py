"""What is to be done after the answer was given: written in the transaction of its cause, carried out by the jobs.

The id of a row is the id of its durable workflow, so an effect happens once however often a delivery is tried.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.security.crypto import EncryptedText


class OutboxMessage(SQLModel, table=True):
    """One effect to bring about. The payload is sealed: it holds codes and addresses."""

    __tablename__ = "outbox_message"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: str = Field(max_length=32)
    payload: str = Field(sa_column=sa.Column(EncryptedText("outbox.payload"), nullable=False))
    created_at: datetime
    started_at: datetime | None = None
    done_at: datetime | None = Field(default=None, index=True)


_listeners: list[Callable[[], Any]] = []


def add(session: AsyncSession, kind: str, payload: dict[str, Any]) -> UUID:
    """Ask for an effect, as part of the caller's transaction; `payload` must be JSON."""
    message = OutboxMessage(kind=kind, payload=json.dumps(payload, ensure_ascii=False), created_at=clock.now())
    session.add(message)
    db.after_commit(session, wake)
    return message.id


def wake() -> None:
    """Tell whoever carries messages out that there may be new ones."""
    for listener in _listeners:
        listener()


def on_wake(listener: Callable[[], Any]) -> None:
    """Called after each commit that added a message."""
    _listeners.append(listener)


def off_wake(listener: Callable[[], Any]) -> None:
    """Stop telling."""
    _listeners.remove(listener)
