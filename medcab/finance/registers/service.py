"""A month's register of one payer: looked at, made from done visits at the tariff of each visit's day, and frozen.

What comes late, what had no price, and what was refused and put right, goes into a further register of the same month.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.queries import take_turns
from medcab.errors import Conflict, Invalid, NotFound
from medcab.finance.models import Bill, BillLine, Tariff
from medcab.finance.registers import queries
from medcab.finance.registers.queries import Done, Standing
from medcab.finance.rules.address import months_back
from medcab.finance.rules.sums import Amount
from medcab.finance.rules.tariffs import NoTariff, Price, PriceList, What
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import Payer

BILLS_ON_PAGE, WITHOUT_SHOWN = 20, 50
MOST_LINES = 30_000
"""In one register, as many as an answer to it may have; a larger month is billed in several."""
_AT_ONCE = 1000
"""Lines that are written between two breaths of the event loop."""
_TAKEN = ("uq_bill_line_last", "bill_line.appointment_id")
"""By which PostgreSQL and SQLite say that a visit would have two lines."""


class StaleRegister(Conflict):
    """The visits or the prices are not as they were seen."""

    message = "Пока вы смотрели, приёмы или тарифы изменились. Реестр не составлен: проверьте обновлённые суммы."


@dataclass(frozen=True)
class Doubtful:
    """A visit without a price, or with a guessed specialty, named so that somebody can put it right."""

    visit: Done
    day: date
    doctor: str
    department: str
    is_priced: bool


@dataclass(frozen=True)
class Draft:
    """What a register would hold. `unpriced` are left out, `later`: how many more wait for the one after it; `again`: how many go once
    more; `seen` tells this draft from any other.
    """

    month: date
    payer: Payer
    number: int
    priced: list[tuple[Done, Price]]
    unpriced: list[Done]
    later: int
    is_over: bool

    @property
    def amount(self) -> Amount:
        return Amount(len(self.priced), sum(price.kopecks for _, price in self.priced))

    @property
    def again(self) -> int:
        return sum(visit.former is not None for visit, _ in self.priced)

    @property
    def guessed(self) -> list[Done]:
        """Priced by a specialty that their hours do not name: somebody has to look at them."""
        return [visit for visit, _ in self.priced if visit.is_guessed]

    @property
    def seen(self) -> str:
        """Of all that would be written, and of what would be left out."""
        words = ";".join(
            f"{visit.id.hex}{visit.former or ''}{price.kopecks}{visit.specialty}{visit.is_guessed}"
            for visit, price in self.priced
        )
        told = f"{self.number}{self.month}{self.payer}{words}{len(self.unpriced)}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def clinic_of(actor: Actor) -> UUID:
    """Of whoever keeps the money of a whole clinic."""
    require(actor, Permission.FINANCE_ORGANISATION)
    if actor.organisation_id is None:
        raise NotFound
    return actor.organisation_id


async def turn(session: AsyncSession, organisation_id: UUID) -> None:
    """Prices stand still while a register is made of them."""
    await take_turns(session, f"finance:{organisation_id}")


def span_of(month: date) -> Span:
    """From the first midnight of the month to the first of the next one, in Moscow."""
    first, following = (datetime.combine(day, time(), clock.MOSCOW) for day in (month, months_back(month, -1)))
    return Span(first, following)


async def draft(session: AsyncSession, actor: Actor, *, month: date, payer: Payer) -> Draft:
    """What would go into the next register of the month, and what could not."""
    here, first = clinic_of(actor), month.replace(day=1)
    visits = await queries.unbilled(session, here, payer, span_of(first))
    prices = await queries.prices(session, here, payer)
    number = await queries.latest_number(session, here, first, payer) + 1
    return await asyncio.to_thread(_drafted, first, payer, number, visits, prices)


def _drafted(first: date, payer: Payer, number: int, visits: list[Done], prices: PriceList) -> Draft:
    found = [(visit, prices.on(What(payer, visit.specialty, visit.kind), visit.day)) for visit in visits]
    priced = [(visit, price) for visit, price in found if price]
    return Draft(
        first, payer, number, priced[:MOST_LINES], [visit for visit, price in found if not price],
        later=len(priced[MOST_LINES:]), is_over=months_back(first, -1) <= clock.today(),
    )  # fmt: skip


async def named(session: AsyncSession, draft: Draft) -> list[Doubtful]:
    """The first of the visits that somebody has to look at: without a price, then priced by a guess. Patients are not needed for that."""
    shown = [*((visit, False) for visit in draft.unpriced), *((visit, True) for visit in draft.guessed)][:WITHOUT_SHOWN]
    ids = {key for visit, _ in shown for key in (visit.practitioner_id, visit.department_id)}
    names = await queries.people(session, ids)
    return [
        Doubtful(visit, visit.day, names[visit.practitioner_id], names[visit.department_id], is_priced)
        for visit, is_priced in shown
    ]


async def make(session: AsyncSession, actor: Actor, *, month: date, payer: Payer, seen: str | None = None) -> Bill:
    """Of the visits that have a price; the others are said, and wait for the next one. `seen`: the draft agreed to."""
    here, first = clinic_of(actor), month.replace(day=1)
    if months_back(first, -1) > clock.today():
        raise Invalid("Месяц ещё не закончился. Реестр составляют после его последнего дня.", field="month")
    await turn(session, here)
    await queries.hold(session, here, payer, span_of(first))
    found = await draft(session, actor, month=first, payer=payer)
    _demand(found, seen)
    bill = Bill(
        organisation_id=here, month=first, payer=payer, number=found.number, made_at=clock.now(), made_by_id=actor.person_id
    )  # fmt: skip
    try:
        async with session.begin_nested():
            await _write(session, bill, found)
    except IntegrityError as problem:
        if not any(name in str(problem.orig) for name in _TAKEN):
            raise
        raise StaleRegister from None
    audit.record(
        session, actor, Action.FINANCE_BILL, bill.id, month=first, payer=payer, number=bill.number, lines=found.amount.visits,
        kopecks=found.amount.kopecks, again=found.again, without_price=len(found.unpriced), later=found.later,
        specialty_by_right=len(found.guessed),
    )  # fmt: skip
    return bill


def _demand(found: Draft, seen: str | None) -> None:
    if not found.priced and found.unpriced:
        raise NoTariff("Ни у одного приёма этого месяца нет цены. Реестр не составлен.")
    if not found.priced:
        raise Invalid(
            "За этот месяц нет проведённых приёмов этого плательщика, которых ещё нет в реестрах.", field="month"
        )
    if seen is not None and seen != found.seen:
        raise StaleRegister


async def _write(session: AsyncSession, bill: Bill, found: Draft) -> None:
    """A thousand lines at a time: others are answered in between."""
    session.add(bill)
    await session.flush()
    former = [visit.former for visit, _ in found.priced if visit.former]
    if former:
        await session.execute(sa.update(BillLine), [{"id": key, "is_last": False} for key in former])
    for start in range(0, len(found.priced), _AT_ONCE):
        some = found.priced[start : start + _AT_ONCE]
        lines = [_line(bill, number, *each) for number, each in enumerate(some, start=start + 1)]
        await session.execute(sa.insert(BillLine), lines)
        await asyncio.sleep(0)
    used: dict[UUID, date] = {}
    for visit, price in found.priced:
        if price.id:
            used[price.id] = max(visit.day, used.get(price.id, price.used_until or date.min))
    await session.execute(sa.update(Tariff), [{"id": key, "used_until": last} for key, last in used.items()])


def _line(bill: Bill, number: int, visit: Done, price: Price) -> dict[str, object]:
    made = BillLine(
        id=uuid4(), appointment_id=visit.id, bill_id=bill.id, number=number, organisation_id=bill.organisation_id,
        department_id=visit.department_id, month=bill.month, payer=bill.payer, practitioner_id=visit.practitioner_id, starts_at=visit.starts_at,
        kind=visit.kind, specialty=visit.specialty, kopecks=price.kopecks, is_first=visit.former is None,
    )  # fmt: skip
    return made.model_dump()


@dataclass(frozen=True)
class Bills:
    """One page of the registers."""

    rows: list[Standing]
    number: int
    count: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // BILLS_ON_PAGE))


async def bills(session: AsyncSession, actor: Actor, *, payer: Payer | None = None, page: int = 1) -> Bills:
    """The registers of the clinic; a page beyond the last one is the last one."""
    here = clinic_of(actor)
    count = await queries.count(session, here, payer)
    number = min(max(1, page), Bills([], 1, count).pages)
    rows = await queries.standing(
        session, here, payer=payer, limit=BILLS_ON_PAGE, offset=(number - 1) * BILLS_ON_PAGE
    )  # fmt: skip
    return Bills(rows, number, count)


async def own(session: AsyncSession, actor: Actor, bill_id: UUID) -> Standing:
    """A register of the actor's clinic."""
    found = await queries.standing(session, clinic_of(actor), bill_id=bill_id)
    if not found:
        raise NotFound("Реестр не найден.")
    return found[0]
