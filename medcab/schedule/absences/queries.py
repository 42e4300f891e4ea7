"""Reads of absences, and of what one of them touches: each one query, however many visits."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor
from medcab.accounts.models import Organisation, Person
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule.absences.models import Absence, AbsenceVisit, Outcome
from medcab.schedule.models import Appointment
from medcab.schedule.queries import within
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.templates import Closed
from medcab.schedule.rules.visits import LIVING, AppointmentStatus

PAGE = 10


@dataclass(frozen=True)
class Dealt:
    """A visit of an absence as it stands now, with whom to call."""

    done: AbsenceVisit
    visit: Appointment
    patient: Patient
    doctor: str

    @property
    def is_there(self) -> bool:
        """It stands where it stood before."""
        was, now = self.done, self.visit
        is_same = (now.starts_at, now.practitioner_id) == (was.from_starts_at, was.from_practitioner_id)
        return is_same and now.status is not AppointmentStatus.CANCELLED

    def is_left(self, taken_back_at: datetime | None) -> bool:
        """It could not be put back when the rest was, and nobody has dealt with it since."""
        changed_at = self.visit.changed_at
        is_since = taken_back_at is None or changed_at is None or changed_at > taken_back_at
        return self.done.outcome is not Outcome.CALL and not self.is_there and not is_since


async def living(
    session: AsyncSession, organisation_id: UUID, practitioner_id: UUID, span: Span
) -> list[tuple[Appointment, Patient]]:
    """Visits of the worker in the clinic that take a part of the span, booked or with the patient there; in order."""
    query = (
        sa.select(Appointment, Patient)
        .join(Patient, col(Patient.id) == col(Appointment.patient_id))
        .where(
            col(Appointment.practitioner_id) == practitioner_id, col(Appointment.organisation_id) == organisation_id,
            col(Appointment.starts_at) < span.ends_at, col(Appointment.ends_at) > span.starts_at,
            col(Appointment.starts_at) > span.starts_at - timedelta(days=1),
            col(Appointment.status).in_((AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)),
        )
        .order_by(col(Appointment.starts_at), col(Appointment.id))
        .execution_options(populate_existing=True)
    )  # fmt: skip
    return [(visit, patient) for visit, patient in (await session.execute(query)).all()]


async def named(session: AsyncSession, actor: Actor, visits: Collection[UUID]) -> list[tuple[Appointment, Patient]]:
    """These visits as they stand now, as far as they are the actor's to see; in order."""
    query = (
        sa.select(Appointment, Patient)
        .join(Patient, col(Patient.id) == col(Appointment.patient_id))
        .where(col(Appointment.id).in_(visits), within(actor, Appointment))
        .order_by(col(Appointment.starts_at), col(Appointment.id))
        .execution_options(populate_existing=True)
    )
    return [(visit, patient) for visit, patient in (await session.execute(query)).all()]


async def elsewhere(session: AsyncSession, patients: Collection[UUID], since: datetime) -> dict[UUID, dict[UUID, Span]]:
    """When these patients are to be seen from then on: visit to time, by patient."""
    query = sa.select(
        col(Appointment.patient_id), col(Appointment.id), col(Appointment.starts_at), col(Appointment.ends_at)
    ).where(
        col(Appointment.patient_id).in_(patients),
        col(Appointment.starts_at) >= since,
        col(Appointment.status).in_(LIVING),
    )
    found: dict[UUID, dict[UUID, Span]] = defaultdict(dict)
    for patient_id, visit_id, starts, ends in await session.execute(query):
        found[patient_id][visit_id] = Span(starts, ends)
    return found


def time_of(row: Absence) -> Closed:
    """What the rules need of the row."""
    return Closed(row.since, row.until, row.starts, row.ends)


async def overlapping(
    session: AsyncSession, organisation_id: UUID, practitioner_id: UUID, time: Closed
) -> Sequence[Absence]:
    """Absences of the same worker on some of these days, as far as their hours have not been opened again."""
    query = select(Absence).where(
        Absence.organisation_id == organisation_id, Absence.practitioner_id == practitioner_id, col(Absence.taken_back_at).is_(None),
        col(Absence.closed_id).is_not(None), col(Absence.since) <= time.until, col(Absence.until) >= time.since,
    )  # fmt: skip
    return (await session.exec(query.order_by(col(Absence.since), col(Absence.starts)))).all()


async def absence(session: AsyncSession, actor: Actor, absence_id: UUID) -> Absence | None:
    """Of the actor's clinic, as it is now."""
    query = select(Absence).where(Absence.id == absence_id, Absence.organisation_id == actor.organisation_id)
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def listed(
    session: AsyncSession, organisation_id: UUID, people: Collection[UUID], page: int, *, closes: bool
) -> tuple[list[tuple[Absence, Person, int]], int]:
    """A page of the absences (or moves) of these people, the newest first, with how many patients are still to be called; and how many there are."""
    mine = (
        col(Absence.organisation_id) == organisation_id, col(Absence.practitioner_id).in_(people), col(Absence.closes) == closes,
    )  # fmt: skip
    total = (await session.execute(sa.select(sa.func.count()).select_from(Absence).where(*mine))).scalar_one()
    to_call = (
        sa.select(sa.func.count())
        .select_from(AbsenceVisit)
        .join(Appointment, col(Appointment.id) == col(AbsenceVisit.appointment_id))
        .where(
            col(AbsenceVisit.absence_id) == col(Absence.id), col(AbsenceVisit.outcome) == Outcome.CALL, col(AbsenceVisit.called_at).is_(None),
            col(Appointment.status) == AppointmentStatus.BOOKED, col(Absence.taken_back_at).is_(None),
        )
        .correlate(Absence)
        .scalar_subquery()
    )  # fmt: skip
    query = (
        sa.select(Absence, Person, to_call)
        .join(Person, col(Person.id) == col(Absence.practitioner_id))
        .where(*mine)
        .order_by(col(Absence.made_at).desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [(row, person, count) for row, person, count in (await session.execute(query)).all()], total


async def dealt(session: AsyncSession, actor: Actor | None, absence_id: UUID) -> list[Dealt]:
    """What was done with each visit, in the order of the former times; of those in scope (no actor: all)."""
    doctor = orm.aliased(Person)
    query = (
        sa.select(
            AbsenceVisit,
            Appointment,
            Patient,
            *(col(name) for name in (doctor.family_name, doctor.given_name, doctor.patronymic)),
        )
        .join(Appointment, col(Appointment.id) == col(AbsenceVisit.appointment_id))
        .join(Patient, col(Patient.id) == col(Appointment.patient_id))
        .join(doctor, col(doctor.id) == col(Appointment.practitioner_id))
        .where(col(AbsenceVisit.absence_id) == absence_id)
        .order_by(col(AbsenceVisit.from_starts_at), col(AbsenceVisit.appointment_id))
        .execution_options(populate_existing=True)
    )
    if actor is not None:
        query = query.where(within(actor, Appointment))
    rows = (await session.execute(query)).all()
    return [Dealt(done, visit, patient, person_name.short(*names)) for done, visit, patient, *names in rows]


async def clinic_name(session: AsyncSession, organisation_id: UUID) -> str:
    return (await session.get_one(Organisation, organisation_id)).short_name
