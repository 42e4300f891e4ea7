"""Days away out of a worker's own calendar become days without reception: looked through first, then entered all at once or not at all.

A day on which somebody is booked is not closed from here: what becomes of the visits is decided in «Отсутствие врача».
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.models import Organisation
from medcab.accounts.queries import take_turns
from medcab.errors import Conflict, Invalid, NotFound
from medcab.identifiers import person_name
from medcab.schedule import queries
from medcab.schedule.absences import queries as absences
from medcab.schedule.hours import queries as hours
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.hours.service import Affected, clinic_of, require_worker
from medcab.schedule.rules import away as rules
from medcab.schedule.rules.away import Candidates, Found, days_in, left_of
from medcab.schedule.rules.slots import Span, bounds, day_of
from medcab.schedule.rules.templates import Closed
from medcab.schedule.service import topic, zone
from medcab.ui import formats


@dataclass(frozen=True)
class Looked:
    """Days wanted as they stand now: what of them is not closed yet, who is booked then, whether there are hours to close."""

    left: list[Closed]
    visits: list[Affected]
    has_hours: bool


async def candidates(session: AsyncSession, actor: Actor, found: Found) -> Candidates:
    """Which whole days of a file may become days without reception of the actor."""
    require(actor, Permission.SCHEDULE_EDIT)
    here, today = await _own_clinic(session, actor), clock.today(zone())
    by_day = await _hours(session, actor.person_id, here, today)
    return await asyncio.to_thread(rules.candidates, found, by_day, today, zone())  # a file can be full of long events


async def look(session: AsyncSession, actor: Actor, *, wanted: Sequence[Closed]) -> list[Looked]:
    """How each of these stands, in their order."""
    require(actor, Permission.SCHEDULE_EDIT)
    here, today = await _own_clinic(session, actor), clock.today(zone())
    by_day = await _hours(session, actor.person_id, here, today)
    booked = await _booked(session, actor.person_id, here)
    closed = await _closed(session, actor.person_id, here)
    return await asyncio.to_thread(lambda: [_looked(each, closed, booked, by_day) for each in wanted])


def _looked(
    wanted: Closed, closed: list[Closed], booked: dict[date, list[Affected]], by_day: dict[date, list[Span]]
) -> Looked:
    left = left_of(wanted, closed)
    days = [day for period in left for day in days_in(period)]
    visits = [visit for day in days for visit in booked.get(day, ())]
    return Looked(left, visits, any(by_day.get(day) for day in days))


async def bring_in(session: AsyncSession, actor: Actor, *, wanted: Sequence[Closed], reason: str) -> list[Closed]:
    """Close the actor's days, as far as they are not; the periods that were. All or nothing: `Conflict` when somebody is booked then."""
    require(actor, Permission.SCHEDULE_EDIT)
    here = await _own_clinic(session, actor)
    if not wanted or len(wanted) > rules.MOST:
        raise Invalid("Отметьте, какие дни внести.")
    for each in wanted:
        closing.demand_days(each)
    await take_turns(session, topic(actor.person_id))
    closed, booked = await _closed(session, actor.person_id, here), await _booked(session, actor.person_id, here)
    made: list[Closed] = []
    for each in wanted:
        made += left_of(each, [*closed, *made])
    if not made:
        raise Conflict("Все отмеченные дни уже внесены.")
    _demand_nobody(made, booked)
    for each in made:
        await closing.write_closed(session, actor, practitioner_id=actor.person_id, closed=each, reason=reason)
    days = [f"{each.since}/{each.until}" for each in made]
    audit.record(session, actor, Action.ABSENCES_BRING, actor.person_id, days=days)
    return made


async def clinic(session: AsyncSession, actor: Actor) -> str:
    """Where the days will be closed."""
    return (await session.get_one(Organisation, clinic_of(actor))).short_name


async def _own_clinic(session: AsyncSession, actor: Actor) -> UUID:
    """The chosen clinic, when the actor has hours of reception there to plan."""
    try:
        await require_worker(session, actor, actor.person_id)
    except NotFound:
        raise NotFound("В этой клинике вам не назначено отделение: своих часов приёма у вас здесь нет.") from None
    return clinic_of(actor)


def _demand_nobody(made: Sequence[Closed], booked: dict[date, list[Affected]]) -> None:
    for day in (day for each in made for day in days_in(each)):
        if day in booked:
            raise Conflict(
                f"На {formats.day(day)} есть записанные пациенты. Ничего не внесено: снимите отметку или разберите приёмы."
            )


async def _hours(session: AsyncSession, person_id: UUID, here: UUID, today: date) -> dict[date, list[Span]]:
    """What is left of the worker's hours, by day."""
    now, found = clock.now(), defaultdict[date, list[Span]](list)
    for each in await queries.hours_at(session, person_id, here, bounds(today, rules.AHEAD, zone())):
        if each.ends_at > now:
            found[day_of(each.starts_at, zone())].append(Span(max(each.starts_at, now), each.ends_at))
    return found


async def _booked(session: AsyncSession, person_id: UUID, here: UUID) -> dict[date, list[Affected]]:
    """Visits to come, by day."""
    ahead = Span(clock.now(), clock.now() + timedelta(days=rules.AHEAD + 1))
    found = defaultdict[date, list[Affected]](list)
    for visit, patient in await absences.living(session, here, person_id, ahead):
        name = person_name.short(patient.family_name, patient.given_name, patient.patronymic)
        found[day_of(visit.starts_at, zone())].append(Affected(visit.id, visit.starts_at, name))
    return found


async def _closed(session: AsyncSession, person_id: UUID, here: UUID) -> list[Closed]:
    rows = await hours.closed_days(session, person_id, here, clock.today(zone()))
    return [hours.closed_of(row) for row in rows]
