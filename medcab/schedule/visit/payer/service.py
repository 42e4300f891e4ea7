"""Who pays for a visit: chosen by whoever plans for others, until the visit stands in a register."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor, Permission, require
from medcab.errors import NotFound
from medcab.schedule import queries
from medcab.schedule.models import Appointment
from medcab.schedule.rules.visits import Payer
from medcab.schedule.service import BILLED, StaleVisit, VisitBilled, topic


async def choose(
    session: AsyncSession, actor: Actor, *, appointment_id: UUID, version: int, payer: Payer
) -> None:  # fmt: skip
    """Put another payer down; the one that stands already is no change. That a billed visit keeps its own is the database's word."""
    require(actor, Permission.SCHEDULE_DEPARTMENT)
    found = await queries.newest(session, actor, appointment_id)
    if found is None:
        raise NotFound("Приём не найден.")
    if found.version != version:
        raise StaleVisit(found.visit)
    before = (
        await session.execute(sa.select(col(Appointment.payer)).where(col(Appointment.id) == appointment_id))
    ).scalar_one()
    if before == payer:
        return
    is_newest = sa.and_(col(Appointment.id) == appointment_id, col(Appointment.version) == version)
    new = {"payer": payer, "version": version + 1, "changed_by_id": actor.person_id, "changed_at": clock.now()}
    try:
        written = await session.execute(
            sa.update(Appointment).where(is_newest).values(new).returning(col(Appointment.id))
        )
    except IntegrityError as problem:
        if BILLED not in str(problem.orig):
            raise
        raise VisitBilled from None
    if written.first() is None:
        raise StaleVisit(found.visit)
    audit.record(session, actor, Action.APPOINTMENT_PAYER, appointment_id, before=before.value, payer=payer.value)
    live.publish(session, topic(found.visit.practitioner_id))
