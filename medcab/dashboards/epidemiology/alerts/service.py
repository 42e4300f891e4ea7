"""The alert: a finished week is compared with its threshold once, early on Monday; heads and administrators are told, once for a week and class.

What is told has classes and counts and nobody's name. Cases that are written into the week later do not tell it anew: the page shows them.
"""

from datetime import date, datetime, time
from typing import NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db, jobs
from medcab.access import Actor, Permission
from medcab.accounts.models import Department
from medcab.accounts.notices import service as notices
from medcab.dashboards.epidemiology import queries as cases
from medcab.dashboards.epidemiology.alerts import queries
from medcab.dashboards.epidemiology.models import EpidemicAlert, WeekWatched
from medcab.dashboards.epidemiology.rules import words
from medcab.dashboards.epidemiology.rules.address import PATH
from medcab.dashboards.epidemiology.rules.weeks import WEEK, Week, by_class, finished, needed
from medcab.dashboards.service import departments
from medcab.schedule.service import zone

MORNING = time(7)
"""Of Monday: what doctors wrote on Sunday evening is in."""
_BATCH = 40
"""Departments of one hourly round."""


class NewAlert(NamedTuple):
    """What the desk says: a department's finished week was above its threshold."""

    department_id: UUID
    department: str
    week: date
    chapters: tuple[str, ...]


@jobs.hourly
async def watch(session: AsyncSession) -> None:
    """Compare the last finished week, a batch of departments at a time."""
    today = clock.today(zone())
    week = finished(today)
    if clock.now() < datetime.combine(week + WEEK, MORNING, zone()):
        return
    async with db.reading() as beside:  # nobody's write waits while it is counted
        due = await queries.unwatched(beside, week, _BATCH)
        found = [(department, await _above(beside, department, week)) for department in due]
    for department, above in found:
        session.add(WeekWatched(department_id=department.id, week=week))
        if above:
            await _tell(session, department, above)


async def _above(session: AsyncSession, department: Department, week: date) -> list[Week]:
    known = await cases.known(session, [department.id], needed([week]))
    return [each for each in by_class(known, week) if each.is_above]


async def _tell(session: AsyncSession, department: Department, above: list[Week]) -> None:
    for each in above:
        if each.usual:
            session.add(
                EpidemicAlert(
                    department_id=department.id, week=each.monday, chapter=each.chapter, cases=each.cases or 0, mean=each.usual.mean,
                    threshold=each.usual.threshold, told_at=clock.now(),
                )
            )  # fmt: skip
    said = words.letter(department.name, above[0].monday, above)
    for person in await queries.told_of(session, department, clock.today(zone())):
        notices.informed(
            session,
            person,
            "заболеваемость выше порога",
            said,
            href=f"{PATH}?department={department.id}&rows=week:{above[0].monday}",
        )


async def ready(session: AsyncSession, actor: Actor) -> list[NewAlert]:
    """What the desk says until the next week has ended: of the departments whose figures are open to the actor."""
    if not actor.may(Permission.FIGURES_DEPARTMENT):
        return []
    week = finished(clock.today(zone()))
    places = {place.id: place.name for place in await departments(session, actor)}
    found: dict[UUID, list[str]] = {}
    for each in await queries.alerts(session, list(places), week):
        found.setdefault(each.department_id, []).append(each.chapter)
    return [NewAlert(place, places[place], week, tuple(chapters)) for place, chapters in found.items()]
