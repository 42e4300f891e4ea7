"""Reads for the desk that no single feature has."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor
from medcab.accounts.models import Membership, Person, SignInOutcome, SignInRecord
from medcab.accounts.queries import holds_on
from medcab.audit import AuditEntry
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule.models import Appointment, AppointmentStatus
from medcab.schedule.queries import within
from medcab.schedule.rules.slots import Span
from medcab.verification.models import VerificationCase
from medcab.verification.rules import CaseState

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Expected:
    """A visit to come in the department."""

    id: UUID
    starts_at: datetime
    doctor: str
    patient: str
    has_come: bool


async def expected(session: AsyncSession, actor: Actor, span: Span, *, limit: int) -> list[Expected]:
    """Visits in the actor's scope that are still to be held: who has come and waits, then the next ones.

    `span` is from now to the end of the day; who was booked for an earlier time and has not come is no longer expected.
    """
    doctor, status = orm.aliased(Person), col(Appointment.status)
    query = (
        sa.select(
            col(Appointment.id), col(Appointment.starts_at), status, col(doctor.family_name), col(doctor.given_name),
            col(doctor.patronymic), col(Patient.family_name), col(Patient.given_name), col(Patient.patronymic),
        )
        .join(doctor, col(doctor.id) == col(Appointment.practitioner_id))
        .join(Patient, col(Patient.id) == col(Appointment.patient_id))
        .where(
            within(actor, Appointment),
            col(Appointment.starts_at) > span.ends_at - _DAY,
            col(Appointment.starts_at) < span.ends_at,
            sa.or_(
                sa.and_(status == AppointmentStatus.BOOKED, col(Appointment.ends_at) > span.starts_at),
                sa.and_(status == AppointmentStatus.ARRIVED, col(Appointment.started_at).is_(None)),
            ),
        )
        .order_by(status, col(Appointment.starts_at), col(Appointment.id))  # "arrived" stands before "booked"
        .limit(limit)
    )  # fmt: skip
    return [
        Expected(
            row[0],
            row[1],
            person_name.short(*row[3:6]),
            person_name.short(*row[6:9]),
            row[2] is AppointmentStatus.ARRIVED,
        )
        for row in await session.execute(query)
    ]


def _staff(organisation_id: UUID | None) -> sa.Select[UUID]:
    """Who works there today."""
    here = col(Membership.organisation_id) == organisation_id
    return sa.select(col(Membership.person_id)).where(here, holds_on(clock.today()))


@dataclass(frozen=True)
class Trouble:
    """What happened to the accounts of an organisation's staff since some moment."""

    failed: int
    new_devices: int
    disowned: int
    refused: int


async def trouble(session: AsyncSession, organisation_id: UUID | None, since: datetime) -> Trouble:
    """Failed sign-ins, sign-ins from new devices, those people disowned, and requests the guard refused."""
    failures = (SignInOutcome.WRONG_PASSWORD, SignInOutcome.WRONG_CODE, SignInOutcome.LOCKED)

    def count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count().filter(condition)

    query = sa.select(
        count(col(SignInRecord.outcome).in_(failures)),
        count(sa.and_(col(SignInRecord.new_device), col(SignInRecord.outcome) == SignInOutcome.SUCCESS)),
        count(col(SignInRecord.disowned_at).is_not(None)),
    ).where(col(SignInRecord.at) >= since, col(SignInRecord.person_id).in_(_staff(organisation_id)))
    failed, new_devices, disowned = (await session.execute(query)).one()
    refusals = sa.select(sa.func.count()).where(
        col(AuditEntry.at) >= since,
        col(AuditEntry.outcome) == "refused",
        col(AuditEntry.organisation_id) == organisation_id,
    )
    return Trouble(failed, new_devices, disowned, (await session.execute(refusals)).scalar_one())


async def blocked(session: AsyncSession, organisation_id: UUID | None) -> int:
    """Accounts of the staff that are locked."""
    query = sa.select(sa.func.count()).where(
        col(Person.blocked_at).is_not(None), col(Person.id).in_(_staff(organisation_id))
    )
    return (await session.execute(query)).scalar_one()


async def cases_in(session: AsyncSession, organisation_id: UUID | None, *states: CaseState) -> int:
    """How many of the staff stand there with their verification."""
    query = sa.select(sa.func.count()).where(
        col(VerificationCase.state).in_([state.value for state in states]),
        col(VerificationCase.person_id).in_(_staff(organisation_id)),
    )
    return (await session.execute(query)).scalar_one()
