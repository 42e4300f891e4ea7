"""Hours of single days as facts: what a template said when the day came, what was opened for one day, what was taken back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, jobs, live
from medcab.schedule import queries
from medcab.schedule.hours import queries as hours
from medcab.schedule.hours.queries import Hours
from medcab.schedule.models import Reception
from medcab.schedule.rules.figures import Counts, total
from medcab.schedule.rules.slots import bounds
from medcab.schedule.service import topic, zone

_DAY = timedelta(days=1)
_BATCH = 500
"""Workers whose day is written in one transaction."""


@jobs.hourly
async def write_days(session: AsyncSession) -> None:
    """What templates say of a day that has come becomes a fact, and counts as offered; days missed while nothing ran are made up for."""
    today = clock.today(zone())
    rows = await hours.unwritten(session, today, _BATCH)
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
    """Make hours facts of their day."""
    made = [Reception(id=uuid4(), **asdict(each)) for each in found]
    session.add_all(made)
    await session.flush()
    await queries.add_figures(session, total([queries.offered(row, zone()) for row in made]))
    return [row.id for row in made]


async def erase(session: AsyncSession, *rows: Reception) -> None:
    """Take back what was offered."""
    offered = total([queries.offered(row, zone()) for row in rows])
    await queries.add_figures(session, {key: _negative(counts) for key, counts in offered.items()})
    for row in rows:
        await session.delete(row)


def _negative(counts: Counts) -> Counts:
    return Counter({name: -count for name, count in counts.items()})


async def write_day(session: AsyncSession, practitioner_id: UUID, organisation_id: UUID, day: date) -> None:
    """Hours of its own begin with what the templates have on the day."""
    found = await hours.computed(session, practitioner_id, bounds(day, 1, zone()))
    await write(session, [each for each in found if each.organisation_id == organisation_id])


def tell(session: AsyncSession, practitioner_id: UUID, departments: set[UUID]) -> None:
    live.publish(session, topic(practitioner_id))
    for department_id in departments:
        live.publish(session, f"figures:{department_id}")
