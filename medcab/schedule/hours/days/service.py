"""Hours of single days as facts: what a template said when the day came, what was opened for one day, what was taken back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, jobs, live
from medcab.accounts.queries import take_turns
from medcab.schedule.figures import queries as figures
from medcab.schedule.hours import queries as hours
from medcab.schedule.hours.queries import Hours
from medcab.schedule.models import Reception
from medcab.schedule.rules.figures import Figures
from medcab.schedule.rules.slots import bounds
from medcab.schedule.service import topic, zone

_DAY = timedelta(days=1)
_ROWS = 500
"""Of one statement."""
_BATCH = 500
"""Workers whose day is written in one transaction."""


@jobs.hourly
async def write_days(session: AsyncSession) -> None:
    """What templates say of a day that has come becomes a fact, and counts as offered; days missed while nothing ran are made up for."""
    today = clock.today(zone())
    who = await hours.due(session, today, _BATCH)
    for practitioner_id in who:
        await take_turns(session, topic(practitioner_id))  # somebody may be closing the very day
    rows = await hours.unwritten(session, today, who)
    for practitioner_id, organisation_id in sorted({(row.practitioner_id, row.organisation_id) for row in rows}):
        mine = {
            row.id: row
            for row in rows
            if (row.practitioner_id, row.organisation_id) == (practitioner_id, organisation_id)
        }
        first = min(row.written_until for row in mine.values()) + _DAY
        plan = await hours.plan_of(session, practitioner_id, organisation_id, list(mine.values()), first, today)
        await write(session, hours.hours_of(plan, mine, first, today))
        for row in mine.values():
            row.written_until = today
        tell(session, practitioner_id, {row.department_id for row in mine.values()})


async def write(session: AsyncSession, found: Sequence[Hours]) -> list[UUID]:
    """Make hours facts of their day; as many as a month of a ward has are a few statements."""
    rows = [{"id": uuid4(), **{name: getattr(each, name) for name in Hours.__slots__}} for each in found]
    for first in range(0, len(rows), _ROWS):
        await session.execute(sa.insert(Reception), rows[first : first + _ROWS])
    await figures.add(session, figures.all_offered(found, zone()))
    return [row["id"] for row in rows]


async def erase(session: AsyncSession, row: Reception) -> None:
    """Take back what was offered."""
    await figures.add(session, _negative(figures.offered(row, zone())))
    await session.delete(row)


async def clear(session: AsyncSession, found: Mapping[UUID, Hours]) -> None:
    """The same of many, by id."""
    await figures.add(session, _negative(figures.all_offered(found.values(), zone())))
    ids = list(found)
    for first in range(0, len(ids), _ROWS):
        gone = sa.delete(Reception).where(col(Reception.id).in_(ids[first : first + _ROWS]))
        await session.execute(gone.execution_options(synchronize_session=False))


def _negative(found: Figures) -> Figures:
    return {key: Counter({name: -count for name, count in counts.items()}) for key, counts in found.items()}


async def write_day(session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, day: date) -> None:
    """Hours of its own begin with what the templates have on the day."""
    found = await hours.computed(session, practitioner_id, bounds(day, 1, zone()))
    await write(session, [each for each in found if each.organisation_id == organisation_id])


def tell(session: AsyncSession, practitioner_id: UUID, departments: set[UUID]) -> None:
    live.publish(session, topic(practitioner_id))
    for department_id in departments:
        live.publish(session, f"figures:{department_id}")
