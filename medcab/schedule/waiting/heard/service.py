"""What the waiting list hears of every change of a visit: time that is free again, and somebody who has what they waited for."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live, outbox
from medcab.access import Action, Actor
from medcab.schedule.models import Appointment
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import AppointmentStatus, Visit
from medcab.schedule.rules.waiting import WishState
from medcab.schedule.waiting.models import Wish

FREED = "waiting.freed"
GRACE = timedelta(seconds=10)
"""As long as a change can be taken back from its message; the patient's own answer needs none."""


def topic(organisation_id: UUID | str) -> str:
    """What a tab watches to learn of changes in a clinic's waiting list."""
    return f"waiting:{organisation_id}"


async def change(
    session: AsyncSession, actor: Actor | None, appointment_id: UUID, before: Visit | None, after: Visit
) -> None:
    """Called once for each change, in its transaction. Costs a look by an index when nobody waits in the clinic."""
    if before is None:
        if after.status is AppointmentStatus.BOOKED:
            await _fulfil(session, actor, appointment_id, after)
        return
    stays = after.holds_time and (after.practitioner_id, after.span) == (before.practitioner_id, before.span)
    is_freed = before.holds_time and not stays and before.starts_at > clock.now()
    if is_freed and await _is_waited(session, before.organisation_id):
        free(
            session,
            before.organisation_id,
            before.practitioner_id,
            before.span,
            grace=GRACE if actor else timedelta(),
        )


def free(
    session: AsyncSession, organisation_id: UUID, practitioner_id: UUID, span: Span, *, grace: timedelta = timedelta()
) -> None:
    """Have what is free of this time offered to whoever waits for it, after the commit."""
    asked = {
        "organisation_id": str(organisation_id), "practitioner_id": str(practitioner_id), "starts_at": span.starts_at.isoformat(),
        "ends_at": span.ends_at.isoformat(), "after": (clock.now() + grace).isoformat(),
    }  # fmt: skip
    outbox.add(session, FREED, asked)


async def _is_waited(session: AsyncSession, organisation_id: UUID) -> bool:
    query = sa.select(sa.literal(1)).where(
        col(Wish.organisation_id) == organisation_id, col(Wish.state) == WishState.WAITING
    )
    return (await session.execute(query.limit(1))).first() is not None


async def _fulfil(session: AsyncSession, actor: Actor | None, appointment_id: UUID, visit: Visit) -> None:
    """Whoever waited for this worker and is booked with them waits no longer."""
    whose = sa.select(col(Appointment.patient_id)).where(col(Appointment.id) == appointment_id).scalar_subquery()
    of_worker = sa.select(col(Wish.id)).where(
        col(Wish.organisation_id) == visit.organisation_id, col(Wish.state) == WishState.WAITING,
        col(Wish.practitioner_id) == visit.practitioner_id, col(Wish.patient_id) == whose,
    )  # fmt: skip
    found = (await session.execute(of_worker.order_by(col(Wish.created_at)).limit(1))).scalar()
    if found is None:
        return
    put = (
        sa.update(Wish)
        .where(col(Wish.id) == found, col(Wish.state) == WishState.WAITING)
        .values(state=WishState.BOOKED, appointment_id=appointment_id, version=col(Wish.version) + 1)
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(put)).rowcount:  # pyright: ignore[reportAttributeAccessIssue]
        audit.record(session, actor, Action.WISH_FULFIL, found, appointment=appointment_id)
        live.publish(session, topic(visit.organisation_id))
