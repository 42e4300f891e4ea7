"""What a register is made of, and the registers that stand."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.accounts.models import Department, Person
from medcab.finance.models import Bill, BillLine, Tariff
from medcab.finance.rules.sums import Amount, Outcome, Sums
from medcab.finance.rules.tariffs import Price, PriceList, What
from medcab.identifiers import person_name
from medcab.schedule.models import Appointment, Reception
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import AppointmentStatus, Payer, VisitKind

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Done:
    """A visit that is to be billed, with the specialty of its hours; `former`: its line that was refused and put right."""

    id: UUID
    department_id: UUID
    practitioner_id: UUID
    starts_at: datetime
    kind: VisitKind
    former: UUID | None
    specialty: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A register and what became of its lines. `replaced`: refused ones that went again or were taken back."""

    bill: Bill
    sums: Sums
    replaced: int
    made_by: str

    @property
    def lines(self) -> int:
        return self.sums.billed.visits + self.replaced


def _to_bill(organisation_id: UUID, payer: Payer, span: Span) -> sa.ColumnElement[bool]:
    here = sa.select(col(Department.id)).where(col(Department.organisation_id) == organisation_id)
    return sa.and_(
        col(Appointment.department_id).in_(here), col(Appointment.organisation_id) == organisation_id, col(Appointment.payer) == payer,
        col(Appointment.status) == AppointmentStatus.DONE, col(Appointment.starts_at) >= span.starts_at, col(Appointment.starts_at) < span.ends_at,
    )  # fmt: skip


async def hold(session: AsyncSession, organisation_id: UUID, payer: Payer, span: Span) -> None:
    """Nobody takes these visits back while they are put into a register."""
    query = sa.select(col(Appointment.id)).where(_to_bill(organisation_id, payer, span))
    await session.execute(query.order_by(col(Appointment.id)).with_for_update())


async def unbilled(session: AsyncSession, organisation_id: UUID, payer: Payer, span: Span) -> list[Done]:
    """Done visits of the span that stand in no register, or whose line was refused and has been put right."""
    hours = sa.and_(
        col(Reception.practitioner_id) == col(Appointment.practitioner_id), col(Reception.department_id) == col(Appointment.department_id),
        col(Reception.starts_at) >= span.starts_at - _DAY, col(Reception.starts_at) <= col(Appointment.starts_at),
        col(Reception.ends_at) > col(Appointment.starts_at),
    )  # fmt: skip
    kept = [
        col(Appointment.id), col(Appointment.department_id), col(Appointment.practitioner_id), col(Appointment.starts_at), col(Appointment.kind),
        col(BillLine.id),
    ]  # fmt: skip
    query = (
        sa.select(*kept, sa.func.coalesce(sa.func.max(col(Reception.specialty)), ""))
        .outerjoin(Reception, hours)
        .outerjoin(BillLine, sa.and_(col(BillLine.appointment_id) == col(Appointment.id), col(BillLine.is_last)))
        .where(_to_bill(organisation_id, payer, span), sa.or_(col(BillLine.id).is_(None), col(BillLine.again_at).is_not(None)))
        .group_by(*kept)
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    )  # fmt: skip
    return [Done(*found) for found in await session.execute(query)]


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
    sums, replaced = await _sums(session, [bill.id for bill, _ in rows])
    return [
        Standing(
            bill, sums.get(bill.id, Sums()), replaced.get(bill.id, 0), person_name.short(*names) if names[0] else ""
        )
        for bill, names in rows
    ]


async def _sums(session: AsyncSession, bills: list[UUID]) -> tuple[dict[UUID, Sums], dict[UUID, int]]:
    outcome, is_last = col(BillLine.outcome), col(BillLine.is_last)
    query = (
        sa.select(col(BillLine.bill_id), outcome, is_last, sa.func.count(), sa.func.sum(col(BillLine.kopecks)))
        .where(col(BillLine.bill_id).in_(bills))
        .group_by(col(BillLine.bill_id), outcome, is_last)
    )
    found: dict[UUID, Sums] = {}
    replaced: dict[UUID, int] = {}
    for bill_id, of, counts, count, kopecks in await session.execute(query):
        if counts and of is not Outcome.WITHDRAWN:
            found[bill_id] = found.get(bill_id, Sums()) + Sums.of(of, Amount(count, int(kopecks)))
        else:
            replaced[bill_id] = replaced.get(bill_id, 0) + count
    return found, replaced


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
