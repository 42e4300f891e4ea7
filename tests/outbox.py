"""What the outbox was asked to send, in the order in which this process asked.

Under a stopped clock many messages are of one moment, and a table has no order of its own.
"""

import itertools
import json
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlmodel import select

from medcab import db
from medcab.outbox import OutboxMessage

_numbers = itertools.count()
_placed: dict[UUID, int] = {}


@event.listens_for(OutboxMessage, "before_insert")
def _place(_mapper: Any, _connection: Any, message: OutboxMessage) -> None:
    _placed[message.id] = next(_numbers)


async def sent(kind: str = "") -> list[dict[str, Any]]:
    """Payloads of one kind, or of all, oldest first."""
    async with db.reading() as session:
        rows = [row for row in (await session.exec(select(OutboxMessage))).all() if not kind or row.kind == kind]
    return [json.loads(row.payload) for row in sorted(rows, key=lambda row: (row.created_at, _placed.get(row.id, 0)))]
