"""Absences of a part of a day and bulk moves, as tests plan, apply and take them back."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import select

from medcab import clock, db
from medcab.access import Actor
from medcab.schedule import service as schedule
from medcab.schedule.absences import service
from medcab.schedule.absences.models import Outcome
from medcab.schedule.absences.planning.service import Line, Plan, Task, plan
from medcab.schedule.absences.service import Decision
from medcab.schedule.models import Appointment, DayFigures, Reception, ReceptionClosed, ReceptionTemplate
from medcab.schedule.resources.models import AppointmentResource
from medcab.schedule.rules.proposals import Aim
from medcab.schedule.rules.slots import MINUTE, bounds
from medcab.schedule.rules.templates import Closed
from tests.cast import CLINIC, WARD, Cast
from tests.schedule.reception import NINE, at

TODAY = NINE.date()
TOMORROW = TODAY + timedelta(days=1)
AFTERNOON = Closed(TODAY, TODAY, 13 * 60)
"""The doctor leaves at one."""
DEVICE = Closed(TODAY, TODAY, 10 * 60, 11 * 60)
_ANY = Aim()
MORNING = Closed(TODAY, TODAY, 0, 12 * 60)


async def planned(actor: Actor, cast: Cast, time: Closed, aim: Aim = _ANY, *, closes: bool = True, **more: Any) -> Plan:
    async with db.reading() as session:
        return await plan(session, actor, task=Task(cast.doctor.person_id, time, closes), aim=aim, **more)


def moved(line: Line) -> Decision:
    best = line.offers[0]
    return Decision(line.visit.version, Outcome.MOVED, (best.practitioner_id, best.span.starts_at))


def as_proposed(found: Plan) -> dict[UUID, Decision]:
    return {line.visit.id: moved(line) for line in found.lines}


async def applied(
    actor: Actor, cast: Cast, time: Closed, decisions: dict[UUID, Decision], *, closes: bool = True, key: UUID | None = None
) -> UUID:  # fmt: skip
    async with db.transaction() as session:
        task = Task(cast.doctor.person_id, time, closes)
        return await service.apply(session, actor, key=key or uuid4(), task=task, reason="", decisions=decisions)


async def taken_back(actor: Actor, key: UUID) -> list[str]:
    async with db.transaction() as session:
        return await service.take_back(session, actor, absence_id=key)


async def everything() -> dict[str, list[Any]]:
    """All that an absence may touch, but for versions, when and by whom they were changed, and the ids of hours."""
    tables = (Appointment, AppointmentResource, Reception, ReceptionTemplate, ReceptionClosed, DayFigures)
    out: dict[str, list[Any]] = {}
    async with db.reading() as session:
        for table in tables:
            rows = [row.model_dump() for row in await session.exec(select(table))]
            for row in rows:
                for name in (
                    "version",
                    "changed_by_id",
                    "changed_at",
                    "counted_at",
                    *(("id",) if table is Reception else ()),
                ):
                    row.pop(name, None)
            alive = [
                row for row in rows if table is not DayFigures or any(isinstance(v, int) and v for v in row.values())
            ]
            out[table.__name__] = sorted(alive, key=str)
    return out


async def free(cast: Cast, who: Actor | None = None, day: Any = TODAY) -> list[int]:
    """Minutes after nine of the slots that can be booked."""
    async with db.reading() as session:
        found = await schedule.queries.free_slots(
            session,
            cast.head,
            (who or cast.doctor).person_id,
            bounds(day, 1, schedule.zone()),
            clock.now(),
            schedule.zone(),
        )
    return [(slot.starts_at - at(0)) // MINUTE for slot in found]


async def weekly(cast: Cast) -> None:
    """The doctor's nine to three with a break at twelve, every day; and the colleague's."""
    for actor in (cast.doctor, cast.colleague):
        async with db.transaction() as session:
            session.add(ReceptionTemplate(
                organisation_id=CLINIC, department_id=WARD, practitioner_id=actor.person_id, weekdays=127, weeks="all", starts=540, ends=900,
                break_starts=720, break_ends=780, slot_minutes=20, room="214", since=TODAY, written_until=TODAY - timedelta(days=1),
            ))  # fmt: skip
