"""Whom to remind of a day, in a few queries however many there are."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.accounts.models import Department, Organisation
from medcab.patients.models import Patient
from medcab.schedule.hours.queries import template_of
from medcab.schedule.models import Appointment, AppointmentStatus, Reception, ReceptionTemplate
from medcab.schedule.reminders.models import PatientReminder
from medcab.schedule.rules.slots import Span, day_of


@dataclass(frozen=True)
class Expected:
    """One visit to be reminded of."""

    appointment_id: UUID
    patient_id: UUID
    starts_at: datetime
    room: str
    clinic: str


def _due(day: date, span: Span, booked_before: datetime | None) -> list[sa.ColumnElement[bool]]:
    told = sa.select(sa.literal(1)).where(
        col(PatientReminder.patient_id) == col(Appointment.patient_id), col(PatientReminder.day) == day
    )
    chosen = [
        col(Appointment.department_id).in_(sa.select(col(Department.id))),  # visits are found by department and time
        col(Appointment.status) == AppointmentStatus.BOOKED, col(Appointment.starts_at) >= span.starts_at,
        col(Appointment.starts_at) < span.ends_at, ~told.exists(),
    ]  # fmt: skip
    return [*chosen, col(Appointment.booked_at) < booked_before] if booked_before else chosen


async def is_due(session: AsyncSession, day: date, span: Span, booked_before: datetime | None) -> bool:
    """Whether anybody is still to be reminded."""
    query = sa.select(sa.literal(1)).select_from(Appointment).where(*_due(day, span, booked_before))
    return (await session.execute(query.limit(1))).first() is not None


async def next_patients(
    session: AsyncSession, day: date, span: Span, booked_before: datetime | None, limit: int
) -> list[UUID]:
    """Those who are still to be reminded of the day, so many."""
    patient = col(Appointment.patient_id)
    query = sa.select(patient).where(*_due(day, span, booked_before)).distinct().order_by(patient).limit(limit)
    return list((await session.execute(query)).scalars())


async def claim(session: AsyncSession, day: date, patients: list[UUID]) -> set[UUID]:
    """Take it on to remind these; those whom another server has taken on are not among the answer."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [{"patient_id": key, "day": day, "sent_at": clock.now()} for key in patients]
    made = insert(PatientReminder).values(rows).on_conflict_do_nothing().returning(PatientReminder.patient_id)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return set((await session.execute(made)).scalars())


async def phones(session: AsyncSession, patients: set[UUID]) -> dict[UUID, str]:
    """By patient."""
    query = sa.select(col(Patient.id), col(Patient.phone)).where(col(Patient.id).in_(patients))
    return {row[0]: row[1] for row in await session.execute(query)}


async def expected(session: AsyncSession, patients: set[UUID], span: Span) -> dict[UUID, list[Expected]]:
    """Their visits in this time with the rooms of the workers' hours and the clinics' names, in order."""
    here = col(Organisation.id) == col(Appointment.organisation_id)
    query = select(Appointment, Organisation.short_name).join(Organisation, here).where(
        col(Appointment.patient_id).in_(patients), Appointment.status == AppointmentStatus.BOOKED,
        col(Appointment.starts_at) >= span.starts_at, col(Appointment.starts_at) < span.ends_at,
    )  # fmt: skip
    visits = (await session.exec(query.order_by(col(Appointment.starts_at)))).all()
    rooms = await _rooms(session, {row.practitioner_id for row, _ in visits}, span)
    found: dict[UUID, list[Expected]] = defaultdict(list)
    for row, clinic in visits:
        near = (room for starts, ends, room in rooms.get(row.practitioner_id, []) if starts <= row.starts_at < ends)
        found[row.patient_id].append(Expected(row.id, row.patient_id, row.starts_at, next(near, ""), clinic))
    return found


async def _rooms(
    session: AsyncSession, workers: set[UUID], span: Span
) -> dict[UUID, list[tuple[datetime, datetime, str]]]:
    """Where these workers are: by hours that are written down, else by what their templates say of the day."""
    written = select(Reception).where(
        col(Reception.practitioner_id).in_(workers), col(Reception.starts_at) < span.ends_at,
        col(Reception.starts_at) > span.starts_at - timedelta(days=1), col(Reception.ends_at) > span.starts_at,
    )  # fmt: skip
    day, until = day_of(span.starts_at, clock.MOSCOW), col(ReceptionTemplate.until)
    planned = select(ReceptionTemplate).where(
        col(ReceptionTemplate.practitioner_id).in_(workers), col(ReceptionTemplate.since) <= day, sa.or_(until.is_(None), until >= day)
    )  # fmt: skip
    found: dict[UUID, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for row in await session.exec(written):
        found[row.practitioner_id].append((row.starts_at, row.ends_at, row.room))
    for row in await session.exec(planned):
        template = template_of(row)
        spans = [block.on(day, clock.MOSCOW) for block in template.blocks()] if template.holds_on(day) else []
        found[row.practitioner_id] += [(each.starts_at, each.ends_at, row.room) for each in spans]
    return found
