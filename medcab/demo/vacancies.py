"""«Доступность записи» as it is when the clinic opens: measured, like each morning's; the mornings before were measured by nobody."""

import asyncio
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.dashboards.third_next import service
from medcab.settings import get_settings


def measure(now: datetime) -> None:
    """Of every department that has not been looked at on the day; blocks."""
    asyncio.run(_measure(now))


async def _measure(now: datetime) -> None:
    engine = db.make_engine(get_settings().database, "write")  # of this loop alone
    try:
        async with AsyncSession(engine) as session:
            await service.measure_due(session, session, now.astimezone(clock.MOSCOW))
            await session.commit()
    finally:
        await engine.dispose()
