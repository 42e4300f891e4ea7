"""Free time of 50 doctors for 14 days, computed from hours and visits, beside a bare indexed read of as many stored rows."""

import asyncio
import shutil
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlmodel.ext.asyncio.session import AsyncSession

from bench import home as houses
from bench.report import Line, at_most, ratio
from bench.ward import AHEAD, Read, fill, in_turn

DOCTORS, DAYS, A_DAY = 50, 14, 16
"""As many places are free as are booked."""
BOUND = 3.0


def _reads(path: Path) -> tuple[Read, Read]:
    """The bare read of booked rows, and the free places beside them; there are as many of the one as of the other."""
    from medcab import clock
    from medcab.schedule.models import Appointment
    from medcab.schedule.rules.slots import bounds, week_of
    from medcab.schedule.vacant.queries import vacant

    monday = week_of(clock.today() + AHEAD)
    clinic, _, doctors = fill(path, monday, doctors=DOCTORS, weeks=DAYS // 7, a_day=A_DAY)
    span, table = bounds(monday, DAYS, clock.MOSCOW), Appointment.__table__  # pyright: ignore[reportAttributeAccessIssue]
    expected = DOCTORS * DAYS // 7 * 5 * A_DAY

    async def floor(session: AsyncSession) -> Any:
        starts = table.c.starts_at
        chosen = table.c.practitioner_id.in_(doctors), starts >= span.starts_at, starts < span.ends_at
        rows = (await (await session.connection()).execute(sa.select(table).where(*chosen))).all()
        assert len(rows) == expected

    async def found(session: AsyncSession) -> Any:
        slots = await vacant(session, clinic, doctors, span, clock.now(), clock.MOSCOW)
        assert len(slots) == expected, (len(slots), expected)

    return floor, found


def measure(home: Path) -> list[Line]:
    """The median of paired rounds, on SQLite."""
    houses.with_clinic(home / "clinic")
    path = home / "clinic" / "vacant.db"
    shutil.copy(home / "clinic" / "medcab.db", path)
    rounds = asyncio.run(in_turn(path, *_reads(path)))
    took, bare = (median(each for one in rounds for each in one[which]) * 1000 for which in (1, 0))
    places = DOCTORS * DAYS // 7 * 5 * A_DAY
    what = f"{places:,} free places of {DOCTORS} doctors in {DAYS} days / a bare read of as many rows".replace(",", " ")
    return [at_most(what, ratio(rounds), BOUND, detail=f"{took:.0f} / {bare:.0f} ms")]
