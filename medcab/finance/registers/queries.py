"""What a register is made of, and the registers that stand."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.accounts.models import Department, Person
from medcab.accounts.queries import practised
from medcab.finance.models import Bill, BillLine, Tariff
from medcab.finance.rules.sums import Amount, Outcome, Sums
from medcab.finance.rules.tariffs import Price, PriceList, What, only_on
from medcab.identifiers import person_name
from medcab.schedule.models import Appointment, Reception
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import AppointmentStatus, Payer, VisitKind

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Done:
    """A visit that is to be billed, with the specialty of its hours; `former`: its line that was refused and put right; `is_guessed`: hours
    name no specialty, and it is the only one that its doctor might have had on that day.
    """

    id: UUID
    department_id: UUID
    practitioner_id: UUID
    starts_at: datetime
    kind: VisitKind
    former: UUID | None
    specialty: str
    is_guessed: bool = False

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(clock.MOSCOW).date()


@dataclass(frozen=True, slots=True)
class Standing:
    """A register and what became of its lines, whether or not they went again since: what was sent does not change. Without those taken back."""

    bill: Bill
    sums: Sums
    made_by: str


def _wards(organisation_id: UUID) -> sa.Select[Any]:
    return sa.select(col(Department.id)).where(col(Department.organisation_id) == organisation_id)


def _to_bill(organisation_id: UUID, payer: Payer, span: Span) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(Appointment.department_id).in_(_wards(organisation_id)), col(Appointment.organisation_id) == organisation_id, col(Appointment.payer) == payer,
        col(Appointment.status) == AppointmentStatus.DONE, col(Appointment.starts_at) >= span.starts_at, col(Appointment.starts_at) < span.ends_at,
    )  # fmt: skip


async def hold(session: AsyncSession, organisation_id: UUID, payer: Payer, span: Span) -> None:
    """Nobody takes these visits back while they are put into a register."""
    query = sa.select(col(Appointment.id)).where(_to_bill(organisation_id, payer, span))
    await session.execute(query.order_by(col(Appointment.id)).with_for_update())


class Specialties:
    """What was practised in the hours of a month: read once, found by worker and place; a join would look through them for every visit."""

    def __init__(self, hours: Iterable[tuple[UUID, UUID, datetime, datetime, str]]) -> None:
        self._of: dict[tuple[UUID, UUID], list[tuple[datetime, datetime, str]]] = defaultdict(list)
        for worker, ward, starts_at, ends_at, specialty in hours:
            self._of[worker, ward].append((starts_at, ends_at, specialty))

    def at(self, worker: UUID, ward: UUID, moment: datetime) -> str:
        """Empty where no hours are, or none say it."""
        found = (
            specialty
            for starts_at, ends_at, specialty in self._of.get((worker, ward), ())
            if starts_at <= moment < ends_at
        )
        return max(found, default="")


async def specialties(session: AsyncSession, organisation_id: UUID, span: Span) -> Specialties:
    """Of all hours of the clinic in the span; a night before it may reach into it."""
    names = (
        Reception.practitioner_id,
        Reception.department_id,
        Reception.starts_at,
        Reception.ends_at,
        Reception.specialty,
    )
    query = sa.select(*(col(name) for name in names)).where(
        col(Reception.department_id).in_(_wards(organisation_id)), col(Reception.organisation_id) == organisation_id,
        col(Reception.starts_at) >= span.starts_at - _DAY, col(Reception.starts_at) < span.ends_at,
    )  # fmt: skip
    rows = await session.execute(query)
    return Specialties((who, ward, starts, ends, words) for who, ward, starts, ends, words in rows)


async def unbilled(session: AsyncSession, organisation_id: UUID, payer: Payer, span: Span) -> list[Done]:
    """Done visits of the span that stand in no register, or whose line was refused and has been put right.

    The specialty is that of the hours; where these say none, the only one that the doctor might practise on the day.
    """
    hours = await specialties(session, organisation_id, span)
    query = (
        sa.select(
            col(Appointment.id), col(Appointment.department_id), col(Appointment.practitioner_id), col(Appointment.starts_at), col(Appointment.kind),
            col(BillLine.id),
        )
        .outerjoin(BillLine, sa.and_(col(BillLine.appointment_id) == col(Appointment.id), col(BillLine.is_last)))
        .where(_to_bill(organisation_id, payer, span), sa.or_(col(BillLine.id).is_(None), col(BillLine.again_at).is_not(None)))
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    )  # fmt: skip
    rows = (await session.execute(query)).all()
    found = await asyncio.to_thread(
        lambda: [
            Done(key, ward, who, at, kind, former, hours.at(who, ward, at)) for key, ward, who, at, kind, former in rows
        ]
    )
    return await _by_right(session, found)


async def _by_right(session: AsyncSession, found: list[Done]) -> list[Done]:
    nameless = {visit.practitioner_id for visit in found if not visit.specialty}
    if not nameless:
        return found
    had = await practised(session, nameless)

    def by_right(visit: Done) -> Done:
        name = only_on(had[visit.practitioner_id], visit.day)
        return replace(visit, specialty=name, is_guessed=bool(name))

    return [visit if visit.specialty else by_right(visit) for visit in found]


async def prices(session: AsyncSession, organisation_id: UUID, payer: Payer | None = None) -> PriceList:
    """All tariffs, or those of one payer."""
    query = select(Tariff).where(Tariff.organisation_id == organisation_id)
    found = await session.exec(query.where(Tariff.payer == payer) if payer else query)
    return PriceList(price_of(each) for each in found)


def price_of(row: Tariff) -> Price:
    """The same without its table."""
    return Price(
        What(row.payer, row.specialty, row.kind), row.kopecks, row.since, row.until, row.used_until, row.id
    )  # fmt: skip


async def standing(
    session: AsyncSession, organisation_id: UUID, *, bill_id: UUID | None = None, payer: Payer | None = None, limit: int = 1, offset: int = 0
) -> list[Standing]:  # fmt: skip
    """Registers of the clinic, the newest month first, each with its sums."""
    wanted = [col(Bill.organisation_id) == organisation_id]
    wanted += [col(Bill.id) == bill_id] if bill_id else []
    wanted += [col(Bill.payer) == payer] if payer else []
    query = (
        sa.select(Bill, col(Person.family_name), col(Person.given_name), col(Person.patronymic))
        .outerjoin(Person, col(Person.id) == col(Bill.made_by_id))
        .where(*wanted)
        .order_by(col(Bill.month).desc(), col(Bill.payer), col(Bill.number).desc(), col(Bill.id))
        .limit(limit)
        .offset(offset)
    )
    rows = [(bill, names) for bill, *names in await session.execute(query)]
    sums = await _sums(session, [bill.id for bill, _ in rows])
    return [
        Standing(bill, sums.get(bill.id, Sums()), person_name.short(*names) if names[0] else "") for bill, names in rows
    ]


async def _sums(session: AsyncSession, bills: list[UUID]) -> dict[UUID, Sums]:
    outcome = col(BillLine.outcome)
    query = (
        sa.select(col(BillLine.bill_id), outcome, sa.func.count(), sa.func.sum(col(BillLine.kopecks)))
        .where(col(BillLine.bill_id).in_(bills), outcome != Outcome.WITHDRAWN)
        .group_by(col(BillLine.bill_id), outcome)
    )
    found: dict[UUID, Sums] = {}
    for bill_id, of, count, kopecks in await session.execute(query):
        found[bill_id] = found.get(bill_id, Sums()) + Sums.of(of, Amount(count, int(kopecks)))
    return found


async def count(session: AsyncSession, organisation_id: UUID, payer: Payer | None) -> int:
    """How many registers there are."""
    query = sa.select(sa.func.count()).select_from(Bill).where(col(Bill.organisation_id) == organisation_id)
    return (await session.execute(query.where(col(Bill.payer) == payer) if payer else query)).scalar_one()


async def latest_number(session: AsyncSession, organisation_id: UUID, month: date, payer: Payer) -> int:
    """Of the registers of one month; 0 before the first."""
    query = sa.select(sa.func.coalesce(sa.func.max(col(Bill.number)), 0)).where(
        col(Bill.organisation_id) == organisation_id, col(Bill.month) == month, col(Bill.payer) == payer
    )
    return (await session.execute(query)).scalar_one()


async def people(session: AsyncSession, ids: set[UUID]) -> dict[UUID, str]:
    """Names of workers and departments by id."""
    query = sa.select(col(Person.id), col(Person.family_name), col(Person.given_name), col(Person.patronymic))
    workers = {
        row[0]: person_name.short(*row[1:]) for row in await session.execute(query.where(col(Person.id).in_(ids)))
    }
    wards = await session.execute(
        sa.select(col(Department.id), col(Department.name)).where(col(Department.id).in_(ids))
    )
    return workers | {row[0]: row[1] for row in wards}
