"""Load of the doctors against the norm of their posts, and whose right to practise holds: who may see the department's figures may see both."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db, live
from medcab.access import Actor
from medcab.dashboards import queries as figures
from medcab.dashboards.queries import Doctor
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.kpi import LOAD, Measure
from medcab.dashboards.rules.load import Load, load, standard
from medcab.dashboards.rules.parts import Part
from medcab.dashboards.rules.period import Period, is_comparable
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.rules.staff import Staff, Worker
from medcab.dashboards.service import place_of
from medcab.dashboards.workforce import queries
from medcab.dashboards.workforce.queries import Known
from medcab.schedule.service import zone
from medcab.settings import get_settings


@dataclass(frozen=True)
class Workforce:
    """`loads` of the period, `before` of the span compared with (no norm where it cannot be); `staff` as of today."""

    loads: Mapping[Doctor, Load]
    before: Load
    staff: Staff
    has_begun: bool = True
    """Whether the period has a day behind it or a visit that is over: the norm of a day stands whole from its morning on."""

    @property
    def load(self) -> Load:
        return _total(self.loads.values())

    @property
    def measure(self) -> Measure:
        return LOAD.measure(self.load) if self.has_begun else Measure(None)


async def workforce(session: AsyncSession, actor: Actor, *, department_id: UUID, address: Address) -> Workforce:
    """Of the department and period that the page shows. Its look is in the journal, of which this is a part."""
    place = await place_of(session, actor, department_id)
    return await of_department(session, place.id, address)


async def again(actor: Actor, *, department_id: UUID, address: Address) -> Workforce:
    """The same for a tab that was told of a change: one count for all who see the same of it."""

    async def read() -> Workforce:
        async with db.reading() as session:
            return await of_department(session, department_id, address)

    async with db.reading() as session:
        await place_of(session, actor, department_id)
    alike = "workforce", clock.today(zone()), address.period, address.selection, address.compare
    return await live.shared(f"figures:{department_id}", alike, read)


async def of_department(session: AsyncSession, department_id: UUID, address: Address) -> Workforce:
    """The same for whoever has been asked before."""
    today, selection = clock.today(zone()), Selection(address.selection.doctor_id)
    loads = await _loads(session, department_id, address.period, selection, today)
    before = await _before(session, department_id, address, selection, today)
    has_begun = address.period.start < today or any(each.done for each in loads.values())
    return Workforce(loads, before, await queries.staff(session, department_id, today), has_begun)


async def _loads(
    session: AsyncSession, department_id: UUID, period: Period, selection: Selection, today: date
) -> dict[Doctor, Load]:
    span = Period(period.start, min(period.end, today))
    known = await queries.known(session, department_id, span, selection)
    return await asyncio.to_thread(_measured, known, span)


def _measured(known: Mapping[Doctor, Known], span: Period) -> dict[Doctor, Load]:
    """In a thread: two years of a large department are a hundred thousand days."""
    by = standard(span, get_settings().norms_on)
    found = {who: load(each.done, each.hours, each.posts, each.away, by, each.outside) for who, each in known.items()}
    return {who: each for who, each in found.items() if each.done or each.expected}


async def _before(
    session: AsyncSession, department_id: UUID, address: Address, selection: Selection, today: date
) -> Load:
    """Of the span compared with, as far as the two can be."""
    span = address.compare.of(address.period)
    if span is None or address.period.end >= today:
        return Load()
    days, _ = await figures.whole(session, department_id, address.period, selection)
    recorded, _ = await figures.whole(session, department_id, span, selection)
    if not is_comparable(days, recorded):
        return Load()
    return _total((await _loads(session, department_id, span, selection, today)).values())


async def behind(session: AsyncSession, department_id: UUID, part: Part) -> Sequence[Worker]:
    """The people whom a mark counts; who may open them has been asked before."""
    return list(queries.chosen(await queries.staff(session, department_id, clock.today(zone())), part.code))


def _total(loads: object) -> Load:
    return reduce(add, loads, Load())  # pyright: ignore[reportArgumentType]
