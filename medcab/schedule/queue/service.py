"""Today's patients of a department, or of one doctor, by where they are now: two reads of visits and hours, however many doctors."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, require
from medcab.errors import NotFound
from medcab.identifiers import person_name
from medcab.schedule.calendar import queries as many
from medcab.schedule.calendar.queries import Seen, Worker
from medcab.schedule.hours.queries import Hours
from medcab.schedule.rules.slots import bounds, day_of
from medcab.schedule.rules.stages import Stage, since, stage_of
from medcab.schedule.service import zone


@dataclass(frozen=True)
class Place:
    """A patient of today: in which stage and since when, with whom, in which room (empty: not known)."""

    seen: Seen
    stage: Stage
    since: datetime | None
    doctor: str
    room: str


@dataclass(frozen=True)
class Queue:
    """`places` in the order of time; `people` are those whose patients they are, `departments` those one may choose from."""

    places: list[Place]
    people: dict[UUID, str]
    departments: dict[UUID, str]
    department_id: UUID | None


async def today(session: AsyncSession, actor: Actor, *, department_id: UUID | None = None) -> Queue:
    """Of this department, of the actor's first one, or the actor's own patients; `NotFound` for a department out of scope.

    Whoever answers for one department and sees patients in another too has the own patients of the other.
    """
    require(actor, Permission.SCHEDULE_READ)
    day = clock.today(zone())
    workers = await _workers(session, actor, day)
    departments = {each.department_id: each.department for each in workers}
    chosen = department_id or next(
        (key for key in departments if key in actor.department_ids), next(iter(departments), None)
    )
    if chosen and chosen not in departments:
        raise NotFound("Такого отделения нет, или оно вам не открыто.")
    here = {
        each.id: person_name.short(each.family_name, each.given_name, each.patronymic)
        for each in workers
        if each.department_id == chosen
    }
    people = here or {actor.person_id: actor.name}
    span = bounds(day, 1, zone())
    seen = await many.visits(session, actor, list(people), span)
    hours = await many.receptions(session, actor, list(people), span)
    places = [
        _place(each, people, hours)
        for each in seen
        if each.facts.family_name and stage_of(each.visit) and day_of(each.visit.starts_at, zone()) == day
    ]
    return Queue(
        [place for place in places if not chosen or place.seen.visit.department_id == chosen],
        people,
        departments,
        chosen,
    )


async def _workers(session: AsyncSession, actor: Actor, day: date) -> list[Worker]:
    """Whose queues the actor sees, and the actor in departments of nobody else's."""
    theirs = await many.workers(session, actor, day)
    known = {each.department_id for each in theirs}
    own = await many.own_places(session, actor, day) if theirs else []
    return [*theirs, *(each for each in own if each.department_id not in known)]


def _place(seen: Seen, people: dict[UUID, str], hours: list[Hours]) -> Place:
    visit, stage = seen.visit, stage_of(seen.visit)
    own = (each for each in hours if each.practitioner_id == visit.practitioner_id and each.span.overlaps(visit.span))
    room = next((each.room for each in own), "")
    return Place(seen, stage or Stage.OVER, since(visit), people[visit.practitioner_id], room)
