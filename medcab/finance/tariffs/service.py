"""Dated tariffs: a new price ends the former one on the day before; what a register has taken is not changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor
from medcab.errors import Conflict, Invalid, NotFound
from medcab.finance.models import Tariff
from medcab.finance.registers.queries import price_of
from medcab.finance.registers.service import clinic_of, turn
from medcab.finance.rules import tariffs as rules
from medcab.finance.rules.sheets import LONGEST_SPECIALTY, TARIFFS
from medcab.finance.rules.sums import roubles
from medcab.finance.rules.tariffs import Change, Price, What
from medcab.finance.tariffs import queries
from medcab.schedule.rules.visits import KIND_TITLES, PAYER_TITLES, Payer
from medcab.tables.writer import CSV, XLSX, Cell, Sheet

ON_PAGE = 24


@dataclass(frozen=True)
class Wanted:
    """Which tariffs are looked at; `day`: those that hold on it, None: all, with what was and will be."""

    payer: Payer | None = None
    specialty: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Page:
    """One page of the tariffs. `specialties` may be chosen from: of the hours of reception and of tariffs."""

    rows: list[Price]
    number: int
    count: int
    specialties: list[str]

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // ON_PAGE))


async def page(session: AsyncSession, actor: Actor, *, wanted: Wanted, number: int = 1) -> Page:
    """By payer, specialty and kind, the newest first; a page beyond the last one is the last one."""
    here = clinic_of(actor)
    count = await queries.count(session, here, wanted.payer, wanted.specialty, wanted.day)
    number = min(max(1, number), Page([], 1, count, []).pages)
    rows = await queries.rows(
        session, here, wanted.payer, wanted.specialty, wanted.day, limit=ON_PAGE, offset=(number - 1) * ON_PAGE
    )
    return Page([price_of(row) for row in rows], number, count, await queries.specialties(session, here))


async def put(session: AsyncSession, actor: Actor, *, price: Price) -> Change:
    """A price from a day on. Nothing to change is said, so that nobody thinks that something was done."""
    here = clinic_of(actor)
    _demand(price)
    await turn(session, here)
    specialty = rules.spelt(price.what.specialty, await queries.specialties(session, here))
    price = replace(price, what=replace(price.what, specialty=specialty))
    held = [price_of(row) for row in await _of(session, here, price.what)]
    change = rules.put(held, price)
    if change.is_nothing:
        raise Conflict("Такая цена на эти дни уже действует.")
    await write(session, here, [change])
    made = change.added or change.replaced
    audit.record(
        session, actor, Action.FINANCE_TARIFF_KEEP, None, payer=price.what.payer, specialty=price.what.specialty, kind=price.what.kind,
        kopecks=price.kopecks, since=price.since, until=made.until if made else None,
        resumed=change.resumed.since if change.resumed else None,
    )  # fmt: skip
    return change


def _demand(price: Price) -> None:
    if not price.what.specialty or len(price.what.specialty) > LONGEST_SPECIALTY:
        raise Invalid("Укажите специальность, как она названа в часах приёма.", field="specialty")
    if price.until and price.until < price.since:
        raise Invalid("Последний день раньше первого.", field="until")


async def write(session: AsyncSession, organisation_id: UUID, changes: Sequence[Change]) -> None:
    """What the rules decided, each row once as it is in the end; read and written in the clinic's turn, so no day gets two prices."""
    kept: dict[UUID, Price] = {}
    made: dict[UUID, Price] = {}
    for change in changes:
        is_new = [change.added, change.resumed]
        for price in change.put:
            key = price.id or uuid4()
            (made if price in is_new or key in made else kept)[key] = price
    if kept:
        ends = [{"id": key, "kopecks": price.kopecks, "until": price.until} for key, price in kept.items()]
        await session.execute(sa.update(Tariff), ends)
    session.add_all(
        Tariff(
            id=key, organisation_id=organisation_id, payer=price.what.payer, specialty=price.what.specialty, kind=price.what.kind,
            kopecks=price.kopecks, since=price.since, until=price.until,
        )
        for key, price in made.items()
    )  # fmt: skip
    await session.flush()


async def remove(session: AsyncSession, actor: Actor, *, tariff_id: UUID) -> None:
    """A tariff that was a mistake; not one that a register has taken."""
    here = clinic_of(actor)
    await turn(session, here)
    row = await _row(session, here, tariff_id)
    if row.used_until:
        raise rules.Frozen(row.used_until)
    await session.delete(row)
    audit.record(
        session, actor, Action.FINANCE_TARIFF_REMOVE, tariff_id, payer=row.payer, specialty=row.specialty, kind=row.kind, kopecks=row.kopecks,
        since=row.since, until=row.until,
    )  # fmt: skip


async def export(session: AsyncSession, actor: Actor, *, wanted: Wanted, kind: str) -> Sheet:
    """The tariffs as a file that can be changed and brought back."""
    rows = await queries.rows(session, clinic_of(actor), wanted.payer, wanted.specialty, wanted.day)
    lines: list[list[Cell]] = [
        [PAYER_TITLES[row.payer], row.specialty, KIND_TITLES[row.kind], float(roubles(row.kopecks)), row.since, row.until] for row in rows
    ]  # fmt: skip
    audit.record(session, actor, Action.FINANCE_TARIFFS_EXPORT, None, lines=len(lines))
    return Sheet(f"tarify.{XLSX if kind == XLSX else CSV}", list(TARIFFS.values()), lines)


async def _of(session: AsyncSession, organisation_id: UUID, what: What) -> Sequence[Tariff]:
    query = select(Tariff).where(
        Tariff.organisation_id == organisation_id, Tariff.payer == what.payer, Tariff.specialty == what.specialty, Tariff.kind == what.kind
    )  # fmt: skip
    return (await session.exec(query.order_by(col(Tariff.since)))).all()


async def _row(session: AsyncSession, organisation_id: UUID, tariff_id: UUID) -> Tariff:
    found = await session.get(Tariff, tariff_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("Тариф не найден: возможно, его уже удалили.")
    return found
