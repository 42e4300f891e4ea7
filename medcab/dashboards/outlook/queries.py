"""Reads of the daily roll-up that reach behind and ahead of the chosen period."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.schedule.models import DayFigures


async def planned(session: AsyncSession, department_id: UUID, since: date) -> dict[date, int]:
    """Visits of each day from `since` on, those that are only booked included."""
    day = col(DayFigures.day)
    query = (
        sa.select(day, sa.func.sum(col(DayFigures.planned)))
        .where(col(DayFigures.department_id) == department_id, day >= since)
        .group_by(day)
        .order_by(day)
    )
    return {at: int(count) for at, count in await session.execute(query)}
