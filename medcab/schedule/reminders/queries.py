"""Whom to remind of a day, in a few queries however many there are."""

from collections import defaultdict
from collections.abc import Collection
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
from medcab.schedule.absences.models import Absence, AbsenceVisit
from medcab.schedule.hours.queries import Hours, computed_of, written
from medcab.schedule.models import Appointment, AppointmentStatus, Reception
from medcab.schedule.reminders.models import PatientReminder
from medcab.schedule.rules.slots import Span


@dataclass(frozen=True)
class Expected:
    """One visit to be reminded of."""

    appointment_id: UUID
    patient_id: UUID
    starts_at: datetime
    room: str
    clinic: str


def _due(day: date, span: Span, booked_before: datetime | None) -> list[sa.ColumnElement[bool]]:
    """Not of those whose visits an absence has just dealt with: it may be taken back yet, and afterwards they are told of it."""
    unsettled = (
        sa.select(col(Appointment.patient_id))
        .join(AbsenceVisit, col(AbsenceVisit.appointment_id) == col(Appointment.id))
        .join(Absence, col(Absence.id) == col(AbsenceVisit.absence_id))
        .where(col(Absence.told_at).is_(None), col(Absence.taken_back_at).is_(None))
    )
    told = sa.select(sa.literal(1)).where(
        col(PatientReminder.patient_id) == col(Appointment.patient_id), col(PatientReminder.day) == day
    )
    chosen = [
        col(Appointment.department_id).in_(sa.select(col(Department.id))),  # visits are found by department and time
        col(Appointment.status) == AppointmentStatus.BOOKED, col(Appointment.starts_at) >= span.starts_at,
        col(Appointment.starts_at) < span.ends_at, ~told.exists(), col(Appointment.patient_id).not_in(unsettled),
    ]  # fmt: skip
    return [*chosen, col(Appointment.booked_at) < booked_before] if booked_before else chosen


async def is_due(session: AsyncSession, day: date, span: Span, booked_before: datetime | None) -> bool:
    """Whether anybody is still to be reminded."""
    query = sa.select(sa.literal(1)).select_from(Appointment).where(*_due(day, span, booked_before))
    return (await session.execute(query.limit(1))).first() is not None


async def next_patients(
    session: AsyncSession, day: date, span: Span, booked_before: datetime | None, after: UUID | None, limit: int
) -> list[UUID]:
    """Those who are still to be reminded of the day, so many, in an order; `after` whom the last ones ended with."""
    patient = col(Appointment.patient_id)
    query = sa.select(patient).where(*_due(day, span, booked_before)).distinct().order_by(patient).limit(limit)
    return list((await session.execute(query.where(patient > after) if after else query)).scalars())


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


async def expected(session: AsyncSession, patients: Collection[UUID], span: Span) -> dict[UUID, list[Expected]]:
    """Their visits in this time with the rooms of the hours that they stand in and the clinics' names, in order.

    A visit outside of all hours (the worker is away, the days were closed) is not expected: somebody calls the patient.
    """
    here = col(Organisation.id) == col(Appointment.organisation_id)
    query = select(Appointment, Organisation.short_name).join(Organisation, here).where(
        col(Appointment.patient_id).in_(patients), Appointment.status == AppointmentStatus.BOOKED,
        col(Appointment.starts_at) >= span.starts_at, col(Appointment.starts_at) < span.ends_at,
    )  # fmt: skip
    visits = (await session.exec(query.order_by(col(Appointment.starts_at)))).all()
    hours = await _hours(session, {row.practitioner_id for row, _ in visits}, span)
    found: dict[UUID, list[Expected]] = defaultdict(list)
    for row, clinic in visits:
        theirs = hours[row.practitioner_id, row.organisation_id]
        if inside := next((each for each in theirs if each.starts_at <= row.starts_at < each.ends_at), None):
            found[row.patient_id].append(Expected(row.id, row.patient_id, row.starts_at, inside.room, clinic))
    return found


async def _hours(session: AsyncSession, workers: set[UUID], span: Span) -> dict[tuple[UUID, UUID], list[Hours]]:
    """When these see patients, by worker and clinic: what is written down, and what their templates say."""
    query = select(Reception).where(
        col(Reception.practitioner_id).in_(workers), col(Reception.starts_at) < span.ends_at,
        col(Reception.starts_at) > span.starts_at - timedelta(days=1), col(Reception.ends_at) > span.starts_at,
    )  # fmt: skip
    facts = [written(row) for row in (await session.exec(query)).all()]
    found: dict[tuple[UUID, UUID], list[Hours]] = defaultdict(list)
    for each in [*facts, *await computed_of(workers, session, span)]:
        found[each.practitioner_id, each.organisation_id].append(each)
    return found
