"""What is asked before a visit is written: where else the patient is to be, and how much of a day is booked on top of the plan."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor
from medcab.accounts.models import Person
from medcab.identifiers import person_name
from medcab.schedule.models import Appointment, AppointmentStatus
from medcab.schedule.queries import within
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import LIVING, Visit


@dataclass(frozen=True, slots=True)
class Other:
    """Another visit of the same patient; `doctor` is empty when it is not the actor's to see."""

    id: UUID
    starts_at: datetime
    department_id: UUID
    doctor: str


async def others_of_patient(
    session: AsyncSession, actor: Actor, patient_id: UUID, visit: Visit, day: Span, *, but: UUID
) -> list[Other]:
    """Living visits of the patient in this clinic at the same time, or with the same worker on the day; in order."""
    starts, ends = col(Appointment.starts_at), col(Appointment.ends_at)
    at_once = sa.and_(starts < visit.ends_at, ends > visit.starts_at, starts > visit.starts_at - timedelta(days=1))
    same_day = sa.and_(
        col(Appointment.practitioner_id) == visit.practitioner_id, starts >= day.starts_at, starts < day.ends_at
    )
    query = (
        sa.select(
            col(Appointment.id), starts, col(Appointment.department_id), within(actor, Appointment),
            col(Person.family_name), col(Person.given_name), col(Person.patronymic),
        )
        .join(Person, col(Person.id) == col(Appointment.practitioner_id))
        .where(
            col(Appointment.patient_id) == patient_id, col(Appointment.organisation_id) == visit.organisation_id, col(Appointment.id) != but,
            col(Appointment.status).in_(LIVING), sa.or_(at_once, same_day),
        )
        .order_by(starts, col(Appointment.id))
    )  # fmt: skip
    return [
        Other(key, at, department, person_name.short(*names) if is_seen else "")
        for key, at, department, is_seen, *names in (await session.execute(query)).all()
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
