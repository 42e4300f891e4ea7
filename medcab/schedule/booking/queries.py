"""What is asked before a visit is written: where else the patient is to be, and how much of a day is booked on top of the plan."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import db
from medcab.access import Actor
from medcab.accounts.models import Person
from medcab.identifiers import person_name
from medcab.schedule.models import Appointment, AppointmentStatus
from medcab.schedule.queries import in_reach, reach
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import LIVING, Visit


@dataclass(frozen=True, slots=True)
class Other:
    """Another visit of the same patient; `doctor` is empty when it is not the actor's to see."""

    id: UUID
    starts_at: datetime
    department_id: UUID
    doctor: str


def _others() -> sa.Executable:
    """Under way at the same time, or on the same day with the same worker; the longest lasts a day, so that an index finds them."""
    starts, ends, at = col(Appointment.starts_at), col(Appointment.ends_at), sa.bindparam
    at_once = sa.and_(starts < at("ends"), ends > at("starts"), starts > at("day_before"))
    same_day = sa.and_(
        col(Appointment.practitioner_id) == at("whose"), starts >= at("day_starts"), starts < at("day_ends")
    )
    return (
        sa.select(
            col(Appointment.id), starts, col(Appointment.department_id), in_reach(Appointment), col(Person.family_name), col(Person.given_name),
            col(Person.patronymic),
        )
        .join(Person, col(Person.id) == col(Appointment.practitioner_id))
        .where(
            col(Appointment.patient_id) == at("patient"), col(Appointment.organisation_id) == at("clinic"), col(Appointment.id) != at("but"),
            col(Appointment.status).in_(LIVING), sa.or_(at_once, same_day),
        )
        .order_by(starts, col(Appointment.id))
    )  # fmt: skip


_OTHERS = _others()


async def others_of_patient(
    session: AsyncSession, actor: Actor, patient_id: UUID, visit: Visit, day: Span, *, but: UUID
) -> list[Other]:
    """Living visits of the patient in this clinic at the same time, or with the same worker on the day; in order."""
    found = await db.ask(
        session, _OTHERS, patient=patient_id, clinic=visit.organisation_id, whose=visit.practitioner_id, but=but, starts=visit.starts_at,
        ends=visit.ends_at, day_before=visit.starts_at - timedelta(days=1), day_starts=day.starts_at, day_ends=day.ends_at, **reach(actor),
    )  # fmt: skip
    return [
        Other(key, at, department, person_name.short(*names) if is_seen else "")
        for key, at, department, is_seen, *names in found
    ]


async def booked_over(session: AsyncSession, practitioner_id: UUID, day: Span, *, but: UUID | None = None) -> int:
    """How many visits of the day stand on top of the worker's plan, wherever; called off ones do not count."""
    query = sa.select(sa.func.count()).where(
        col(Appointment.practitioner_id) == practitioner_id, col(Appointment.starts_at) >= day.starts_at,
        col(Appointment.starts_at) < day.ends_at, col(Appointment.is_over), col(Appointment.status) != AppointmentStatus.CANCELLED,
    )  # fmt: skip
    if but:
        query = query.where(col(Appointment.id) != but)
    return (await session.execute(query)).scalar_one()
