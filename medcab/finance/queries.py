"""Reads of the registers: every total is one pass over an index that holds all it adds up; names are read only for a page of lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor
from medcab.accounts.models import Person
from medcab.finance.models import BillLine, VolumePlan
from medcab.finance.rules.address import Cut
from medcab.finance.rules.sums import Amount, Outcome, Sums
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule.models import Appointment
from medcab.schedule.queries import within
from medcab.schedule.rules.visits import Payer


@dataclass(frozen=True, slots=True)
class View:
    """Which lines are looked at: of these departments, months from `start` to `end`, of one payer or all."""

    organisation_id: UUID
    departments: Sequence[UUID]
    start: date
    end: date
    payer: Payer | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that have all of this in common. `is_last`: no later one of the visit counts in their place; `is_first`: none was before them."""

    month: date
    department_id: UUID
    payer: Payer
    outcome: Outcome
    reason_code: str
    is_last: bool
    is_first: bool
    amount: Amount

    @property
    def sums(self) -> Sums:
        return Sums.of(self.outcome, self.amount)


@dataclass(frozen=True, slots=True)
class Plan:
    """What was planned for a department, a month and a payer."""

    month: date
    department_id: UUID
    payer: Payer
    amount: Amount


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a register with its visit; `patient` is empty where the actor may not know."""

    id: UUID
    starts_at: datetime
    department_id: UUID
    doctor: str
    patient: str
    payer: Payer
    kopecks: int
    outcome: Outcome
    reason_code: str
    reason: str


def _of(view: View, table: type[BillLine] | type[VolumePlan]) -> sa.ColumnElement[bool]:
    conditions = [
        col(table.organisation_id) == view.organisation_id,
        col(table.month).between(view.start, view.end),
        col(table.department_id).in_(view.departments),
    ]
    if view.payer:
        conditions.append(col(table.payer) == view.payer)
    return sa.and_(*conditions)


async def groups(session: AsyncSession, view: View) -> list[Group]:
    """The lines of the view, added up by all they can be cut by; also those in whose place later ones count: their first answers do."""
    is_last = col(BillLine.is_last)
    by = [
        col(BillLine.month), col(BillLine.department_id), col(BillLine.payer), col(BillLine.outcome), col(BillLine.reason_code), is_last,
        col(BillLine.is_first),
    ]  # fmt: skip
    query = sa.select(*by, sa.func.count(), sa.func.sum(col(BillLine.kopecks)))
    found = await session.execute(
        query.where(
            _of(view, BillLine), is_last.in_((True, False)), col(BillLine.outcome) != Outcome.WITHDRAWN
        ).group_by(*by)
    )
    rows: list[tuple[Any, ...]] = [tuple(row) for row in found]
    return [Group(*keys, amount=Amount(count, int(kopecks))) for *keys, count, kopecks in rows]


async def plans(session: AsyncSession, view: View) -> list[Plan]:
    """The plans of the same departments, months and payers."""
    query = sa.select(VolumePlan).where(_of(view, VolumePlan))
    return [
        Plan(plan.month, plan.department_id, plan.payer, Amount(plan.visits, plan.kopecks))
        for plan in (await session.execute(query)).scalars()
    ]


async def reasons(session: AsyncSession, view: View) -> dict[str, str]:
    """The words that payers gave to the codes they used."""
    code, words = col(BillLine.reason_code), col(BillLine.reason)
    query = (
        sa.select(code, sa.func.max(words)).where(_of(view, BillLine), col(BillLine.is_last), code != "").group_by(code)
    )
    return {str(code): str(words) for code, words in await session.execute(query)}


def _cut(view: View, cut: Cut) -> sa.ColumnElement[bool]:
    wanted: dict[Any, Any] = {
        col(BillLine.outcome): cut.outcome, col(BillLine.reason_code): cut.reason, col(BillLine.month): cut.month,
        col(BillLine.department_id): cut.department_id, col(BillLine.payer): cut.payer,
    }  # fmt: skip
    which = (
        sa.and_(col(BillLine.is_first), col(BillLine.is_last).in_((True, False)))
        if cut.is_first
        else col(BillLine.is_last)
    )
    return sa.and_(
        _of(view, BillLine), which, *(column == value for column, value in wanted.items() if value is not None)
    )


async def amount(session: AsyncSession, view: View, cut: Cut) -> Amount:
    """How many lines a mark has, and their sum."""
    sums = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(col(BillLine.kopecks)), 0))
    count, kopecks = (await session.execute(sums.where(_cut(view, cut)))).one()
    return Amount(count, int(kopecks))


async def rows(
    session: AsyncSession, actor: Actor, view: View, cut: Cut, *, limit: int | None = None, offset: int = 0
) -> list[Row]:
    """The lines of a mark, the newest first."""
    query = (
        sa.select(
            BillLine, col(Person.family_name), col(Person.given_name), col(Person.patronymic),
            col(Patient.family_name), col(Patient.given_name), col(Patient.patronymic),
        )
        .join(Appointment, col(Appointment.id) == col(BillLine.appointment_id))
        .join(Person, col(Person.id) == col(BillLine.practitioner_id))
        .outerjoin(Patient, sa.and_(col(Patient.id) == col(Appointment.patient_id), within(actor, Appointment)))
        .where(_cut(view, cut))
        .order_by(col(BillLine.month).desc(), col(BillLine.starts_at).desc(), col(BillLine.appointment_id))
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    return [
        Row(
            line.appointment_id, line.starts_at, line.department_id, person_name.short(*names[:3]), person_name.short(*names[3:]) if names[3] else "",
            line.payer, line.kopecks, line.outcome, line.reason_code, line.reason,
        )
        for line, *names in await session.execute(query)
    ]  # fmt: skip
