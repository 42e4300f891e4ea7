"""What the waiting list hears of every change of a visit: time that is free again, and somebody who has what they waited for."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, db, live, outbox
from medcab.access import Action, Actor
from medcab.errors import Conflict
from medcab.schedule.absences.models import AbsenceVisit
from medcab.schedule.models import Appointment
from medcab.schedule.reminders.models import VisitLink
from medcab.schedule.resources.models import AppointmentResource
from medcab.schedule.resources.taking import service as taking
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import MISTAKE, AppointmentStatus, Visit
from medcab.schedule.rules.waiting import OPEN, WishState
from medcab.schedule.waiting import queries
from medcab.schedule.waiting.models import Wish

FREED = "waiting.freed"
GRACE = timedelta(seconds=10)
"""As long as a change can be taken back from its message; the patient's own answer needs none."""


def topic(organisation_id: UUID | str) -> str:
    """What a tab watches to learn of changes in a clinic's waiting list."""
    return f"waiting:{organisation_id}"


class OfferGone(Conflict):
    """It was answered, has run out, or went to somebody else."""

    message = "Это предложение больше не действует: время вышло или на него уже ответили."


async def change(
    session: AsyncSession, actor: Actor | None, appointment_id: UUID, before: Visit | None, after: Visit, *, wish_id: UUID | None = None
) -> None:  # fmt: skip
    """Called once for each change, in its transaction. Costs a look by an index when nobody waits in the clinic."""
    status = before.status if before else AppointmentStatus.CANCELLED
    if status is AppointmentStatus.CANCELLED and after.status is AppointmentStatus.BOOKED:
        await _fulfil(session, actor, appointment_id, after, wish_id)
    if before is None:
        return
    if after.status is AppointmentStatus.CANCELLED and after.cancel_reason == MISTAKE:
        await _reopen(session, actor, appointment_id, after)
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
    return bool(await db.ask(session, _WAITED, here=organisation_id))


_WAITED = (
    sa.select(sa.literal(1))
    .where(col(Wish.organisation_id) == sa.bindparam("here"), col(Wish.state) == WishState.WAITING)
    .limit(1)
)


async def _fulfil(
    session: AsyncSession, actor: Actor | None, appointment_id: UUID, visit: Visit, wish_id: UUID | None
) -> None:
    """Whoever waited for this worker and is booked with them waits no longer, nor has another time of theirs offered; `wish_id` comes first."""
    whose = sa.select(col(Appointment.patient_id)).where(col(Appointment.id) == appointment_id).scalar_subquery()
    for_worker = sa.and_(col(Wish.practitioner_id) == visit.practitioner_id, col(Wish.state).in_(OPEN))
    chosen = sa.and_(col(Wish.id) == wish_id, col(Wish.state) == WishState.WAITING)
    query = select(Wish).where(
        Wish.organisation_id == visit.organisation_id, col(Wish.patient_id) == whose, sa.or_(for_worker, chosen)
    )
    order = sa.case((col(Wish.id) == wish_id, 0), else_=1), col(Wish.created_at)
    found = (await session.exec(query.order_by(*order).execution_options(populate_existing=True))).all()
    if found:
        await taking.turn(session, visit.organisation_id)
    state, booked = WishState.BOOKED, appointment_id
    for wish in found:
        offer_id = wish.appointment_id
        if state is WishState.WAITING and offer_id is None:
            continue
        if not await queries.set_state(
            session, wish.id, before=wish.state, version=wish.version, state=state, appointment_id=booked, offers=wish.offers
        ):  # fmt: skip
            continue
        if offer_id:
            await let_go(session, actor, offer_id, wish.id, state=state, grace=GRACE if actor else timedelta())
        if state is WishState.BOOKED:
            audit.record(session, actor, Action.WISH_FULFIL, wish.id, appointment=appointment_id)
        live.publish(session, topic(visit.organisation_id))
        state, booked = WishState.WAITING, None


async def _reopen(session: AsyncSession, actor: Actor | None, appointment_id: UUID, visit: Visit) -> None:
    """The booking was a mistake: the patient waits as before, in the same place."""
    put = (
        sa.update(Wish)
        .where(col(Wish.appointment_id) == appointment_id, col(Wish.state) == WishState.BOOKED)
        .values(state=WishState.WAITING, appointment_id=None, version=col(Wish.version) + 1)
        .returning(col(Wish.id))
        .execution_options(synchronize_session=False)
    )
    for wish_id in (await session.execute(put)).scalars().all():
        audit.record(session, actor, Action.WISH_REOPEN, wish_id, appointment=appointment_id)
        live.publish(session, topic(visit.organisation_id))


async def let_go(
    session: AsyncSession, actor: Actor | None, appointment_id: UUID, wish_id: UUID, *, state: WishState, grace: timedelta = timedelta()
) -> None:  # fmt: skip
    """Take an offered visit away as if it had never been one, and let its time go to the next. Under the turns of the worker and the rooms."""
    row = await session.get(Appointment, appointment_id)
    if row is None:
        raise OfferGone
    for table in (VisitLink, AppointmentResource, AbsenceVisit):
        await session.execute(sa.delete(table).where(col(table.appointment_id) == row.id))
    gone = sa.delete(Appointment).where(
        col(Appointment.id) == row.id, col(Appointment.status) == AppointmentStatus.OFFERED
    )
    if (await session.execute(gone)).rowcount != 1:  # pyright: ignore[reportAttributeAccessIssue]
        raise OfferGone
    audit.record(
        session, actor, Action.WISH_PASS, wish_id, practitioner=row.practitioner_id, starts_at=row.starts_at.isoformat(), state=state.value
    )  # fmt: skip
    live.publish(session, taking.topic(row.organisation_id))
    live.publish(session, topic(row.organisation_id))
    free(session, row.organisation_id, row.practitioner_id, Span(row.starts_at, row.ends_at), grace=grace)
