"""«Доступность записи»: measured each morning for every department and specialty, read by heads."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db, jobs
from medcab.accounts.models import Department
from medcab.accounts.queries import rights_of
from medcab.accounts.rules.right import Right
from medcab.dashboards.rules.period import Period
from medcab.dashboards.rules.third_next import Wait, third_of
from medcab.dashboards.third_next import queries
from medcab.dashboards.third_next.models import ThirdNext
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.waiting import Free
from medcab.schedule.service import zone
from medcab.schedule.vacant.queries import vacant

MORNING = time(7)
"""Before anybody calls; the same hour each day, so that days can be compared."""
_WEEKS = 17
"""How far is looked, a week at a time: further only while some specialty has fewer than three free times nearer."""
_BATCH = 40
"""Departments of one hourly round."""
ANY = "Без специальности"
"""Hours that name no specialty, of somebody whose specialties are not known."""


@jobs.hourly
async def measure(session: AsyncSession) -> None:
    """Once a day, from seven in the morning."""
    now = clock.now().astimezone(zone())
    if now.time() < MORNING:
        return
    async with db.reading() as beside:  # nobody's write waits while it is counted
        await measure_due(session, beside, now)


async def measure_due(session: AsyncSession, beside: AsyncSession, now: datetime) -> None:
    """Some of the departments that were not looked at on the day of `now` (clinic's time); read `beside` the session that writes."""
    due = await queries.unmeasured(beside, now.date(), _BATCH)
    session.add_all([row for department in due for row in await _measured(beside, department, now)])


async def _measured(session: AsyncSession, department: Department, now: datetime) -> list[ThirdNext]:
    """A row for each specialty of those who work there; one without a specialty, so that the day is known to be measured, where nobody has any."""
    people = await queries.people(session, department.id, now.date())
    rights = await rights_of(session, people)
    wanted = {name for right in rights.values() for name in right.specialties if right.holds_on(now.date(), name)}
    found: dict[str, list[datetime]] = defaultdict(list)
    for week in range(_WEEKS):
        span = Span(now + timedelta(weeks=week), now + timedelta(weeks=week + 1))
        for slot in await vacant(session, department.organisation_id, people, span, now, zone()):
            if slot.department_id == department.id:
                for name in _subjects(slot, rights[slot.practitioner_id]):
                    found[name].append(slot.span.starts_at)
        if all(third_of(found[name]) for name in wanted or {ANY}):
            break
    return [
        ThirdNext(department_id=department.id, day=now.date(), specialty=name, measured_at=now, third_at=third_of(found[name]))
        for name in sorted(wanted | set(found)) or [ANY]
    ]  # fmt: skip


def _subjects(slot: Free, right: Right) -> list[str]:
    """What can be asked for there: what the hours are for, or whatever the worker may."""
    return [slot.specialty] if slot.specialty else sorted(right.specialties) or [ANY]


async def waits(session: AsyncSession, department_id: UUID, period: Period) -> dict[str, list[Wait]]:
    """By specialty and day; who may see the department's figures has been asked before."""
    found: dict[str, list[Wait]] = defaultdict(list)
    for row in await queries.of_period(session, department_id, period):
        third = row.third_at.astimezone(zone()) if row.third_at else None
        found[row.specialty].append(Wait(row.specialty, row.measured_at.astimezone(zone()), third))
    return dict(found)
