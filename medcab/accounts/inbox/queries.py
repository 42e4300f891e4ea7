"""A person's notices, a page at a time, and how many are unread."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import db
from medcab.accounts.inbox.models import Notice

PAGE, MOST_COUNTED = 20, 100
_UNREAD = sa.select(sa.func.count()).select_from(
    sa.select(col(Notice.id)).where(col(Notice.person_id) == sa.bindparam("whose"), col(Notice.read_at).is_(None)).limit(MOST_COUNTED).subquery()
)  # fmt: skip


class Found(NamedTuple):
    """One page, the newest first; `page` is the nearest there is to the one that was asked for."""

    rows: Sequence[Notice]
    total: int
    page: int
    pages: int


async def unread(session: AsyncSession, person_id: UUID) -> int:
    """Counted up to `MOST_COUNTED`: every page of the cabinet asks."""
    [[count]] = await db.ask(session, _UNREAD, whose=person_id)
    return count


async def listed(session: AsyncSession, person_id: UUID, *, is_unread: bool, page: int) -> Found:
    """All of them, or those that were not read."""
    here: list[Any] = [Notice.person_id == person_id, *([col(Notice.read_at).is_(None)] if is_unread else [])]
    total = (await session.exec(select(sa.func.count()).select_from(Notice).where(*here))).one()
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    query = select(Notice).where(*here).order_by(col(Notice.told_at).desc(), col(Notice.id))
    rows = (await session.exec(query.offset((page - 1) * PAGE).limit(PAGE))).all()
    return Found(rows, total, page, pages)
