"""Lines of one register with their visits: names are read only for a page of them, or for the payer's file."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor
from medcab.accounts.models import Department, Person
from medcab.finance.models import Bill, BillLine
from medcab.finance.rules.sums import Outcome
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule.models import Appointment
from medcab.schedule.queries import within


class Only(StrEnum):
    """Which lines of a register are looked at."""

    ALL = "all"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CORRECTED = "corrected"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it was sent, with names; the patient's is empty where the actor may not know. `policy`: only for the payer's file."""

    line: BillLine
    doctor: str
    department: str
    patient: str
    policy: str = ""


def _of(bill_id: UUID, only: Only, code: str) -> sa.ColumnElement[bool]:
    is_last, outcome = col(BillLine.is_last), col(BillLine.outcome)
    conditions = {
        Only.ALL: sa.true(), Only.WAITING: outcome == Outcome.WAITING, Only.ACCEPTED: outcome == Outcome.ACCEPTED,
        Only.REJECTED: sa.and_(is_last, outcome == Outcome.REJECTED, col(BillLine.again_at).is_(None)),
        Only.CORRECTED: sa.and_(is_last, col(BillLine.again_at).is_not(None)), Only.REPLACED: sa.not_(is_last),
    }  # fmt: skip
    found = sa.and_(col(BillLine.bill_id) == bill_id, conditions[only])
    return sa.and_(found, col(BillLine.reason_code) == code) if code else found


async def count(session: AsyncSession, bill_id: UUID, only: Only, code: str = "") -> int:
    """How many lines there are of this sort."""
    query = sa.select(sa.func.count()).select_from(BillLine).where(_of(bill_id, only, code))
    return (await session.execute(query)).scalar_one()


_NAMES = (
    col(Department.name), col(Person.family_name), col(Person.given_name), col(Person.patronymic), col(Patient.family_name), col(Patient.given_name),
    col(Patient.patronymic),
)  # fmt: skip


def _named(actor: Actor, *more: Any) -> sa.Select[*tuple[Any, ...]]:
    """Lines in the order of their numbers."""
    return (
        sa.select(BillLine, *more, *_NAMES)
        .join(Appointment, col(Appointment.id) == col(BillLine.appointment_id))
        .join(Person, col(Person.id) == col(BillLine.practitioner_id))
        .join(Department, col(Department.id) == col(BillLine.department_id))
        .outerjoin(Patient, sa.and_(col(Patient.id) == col(Appointment.patient_id), within(actor, Appointment)))
        .order_by(col(BillLine.number))
    )


async def rows(
    session: AsyncSession, actor: Actor, bill_id: UUID, only: Only, code: str, *, limit: int, offset: int
) -> list[Row]:
    """Lines of one sort, for a page."""
    found = await session.execute(_named(actor).where(_of(bill_id, only, code)).limit(limit).offset(offset))
    return [_row(line, *names) for line, *names in found]


async def to_send(session: AsyncSession, actor: Actor, bill_id: UUID, *, after: int, limit: int) -> list[Row]:
    """Lines for the payer's file from the one after a number on, with policies; not what was taken back."""
    wanted = sa.and_(
        _of(bill_id, Only.ALL, ""), col(BillLine.number) > after, col(BillLine.outcome) != Outcome.WITHDRAWN
    )
    found = await session.execute(_named(actor, col(Patient.policy)).where(wanted).limit(limit))
    return [_row(line, *names, policy=policy or "") for line, policy, *names in found]


def _row(line: BillLine, department: str, *names: str, policy: str = "") -> Row:
    return Row(line, person_name.short(*names[:3]), department, " ".join(filter(None, names[3:])), policy)


async def line(session: AsyncSession, organisation_id: UUID, line_id: UUID) -> BillLine | None:
    """One of the clinic, held until the transaction ends."""
    query = sa.select(BillLine).where(col(BillLine.id) == line_id, col(BillLine.organisation_id) == organisation_id)
    return (await session.execute(query.with_for_update())).scalar_one_or_none()


async def refused(session: AsyncSession, bill_id: UUID, code: str) -> list[UUID]:
    """Refused lines of a register that nobody has put right yet, of one reason or of all."""
    query = sa.select(col(BillLine.id)).where(_of(bill_id, Only.REJECTED, code))
    return list((await session.execute(query.with_for_update())).scalars())


async def put_right(session: AsyncSession, ids: list[UUID], at: datetime) -> None:
    """Let the next register take these."""
    await session.execute(sa.update(BillLine), [{"id": key, "again_at": at} for key in ids])


async def reasons(session: AsyncSession, bill_id: UUID) -> dict[str, tuple[str, int]]:
    """Codes of what was refused and not put right: the payer's words and how many lines, the commonest first."""
    code, count = col(BillLine.reason_code), sa.func.count()
    query = (
        sa.select(code, sa.func.max(col(BillLine.reason)), count).where(_of(bill_id, Only.REJECTED, "")).group_by(code)
    )
    return {row[0]: (row[1], row[2]) for row in await session.execute(query.order_by(count.desc(), code))}


async def former(session: AsyncSession, of: BillLine) -> BillLine | None:
    """The refused line in whose place this one went, the newest of them."""
    query = (
        sa.select(BillLine)
        .join(Bill, col(Bill.id) == col(BillLine.bill_id))
        .where(col(BillLine.appointment_id) == of.appointment_id, col(BillLine.id) != of.id, col(BillLine.outcome) == Outcome.REJECTED)
        .order_by(col(Bill.made_at).desc())
        .limit(1)
    )  # fmt: skip
    return (await session.execute(query)).scalar_one_or_none()
