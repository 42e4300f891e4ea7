"""A Monday of reception for the tests: 09:00–12:00 and 13:00–15:00 in Moscow, slots of 15 minutes."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import db
from medcab.access import Actor
from medcab.schedule import queries, service
from medcab.schedule.figures import queries as figures
from medcab.schedule.models import Appointment, Reception, VisitKind
from medcab.schedule.rules.figures import Figures, Key, Start, change, key_of, opening, start_of, total
from medcab.schedule.rules.slots import bounds
from tests.cast import CLINIC, WARD, Cast, patient

NINE = datetime(2026, 11, 23, 6, tzinfo=UTC)
_NUMBERS = count(1000)
DAYS = (NINE.date(), NINE.date() + timedelta(days=60))


def at(minutes: int, *, days: int = 0) -> datetime:
    """Minutes after nine on the Monday, or days later."""
    return NINE + timedelta(days=days, minutes=minutes)


async def offer(
    practitioner_id: UUID, *, days: int = 0, starts: int = 0, ends: int = 180, department_id: UUID = WARD, organisation_id: UUID = CLINIC,
    specialty: str = "",
) -> None:  # fmt: skip
    """A reception as a seed would write it: with its figures."""
    made = Reception(
        organisation_id=organisation_id, department_id=department_id, practitioner_id=practitioner_id, slot_minutes=15,
        starts_at=at(starts, days=days), ends_at=at(ends, days=days), room="214",
        specialty=specialty,
    )  # fmt: skip
    async with db.transaction() as session:
        session.add(made)
        await figures.add(session, figures.offered(made, service.zone()))


async def monday(cast: Cast) -> None:
    """The doctor's and the colleague's Monday, and the doctor's Tuesday morning."""
    for actor in (cast.doctor, cast.colleague):
        await offer(actor.person_id)
        await offer(actor.person_id, starts=240, ends=360)
    await offer(cast.doctor.person_id, days=1)


async def admit() -> UUID:
    """One more patient of the clinic, of the usual name."""
    made = patient(CLINIC, "Сидоров", number=next(_NUMBERS))
    async with db.transaction() as session:
        session.add(made)
    return made.id


async def book(
    cast: Cast, actor: Actor, minutes: int = 0, *, days: int = 0, practitioner: Actor | None = None, patient_id: UUID | None = None,
    kind: VisitKind = VisitKind.FIRST, **more: Any,
) -> UUID:  # fmt: skip
    """Book somebody new with the doctor, or this patient."""
    who = patient_id or await admit()
    async with db.transaction() as session:
        return await service.book(
            session, actor, practitioner_id=(practitioner or cast.doctor).person_id, patient_id=who, kind=kind,
            starts_at=at(minutes, days=days), **more,
        )  # fmt: skip


async def stored(appointment_id: UUID) -> Appointment:
    """The visit as the database has it."""
    async with db.reading() as session:
        found = await session.get(Appointment, appointment_id)
        assert found
        return found


async def assert_figures_true(department_id: UUID = WARD) -> None:
    """What is kept equals what a recount finds."""
    async with db.reading() as session:
        kept = await figures.kept(session, department_id, *DAYS)
        assert kept == await counted(session, department_id, *DAYS)
    assert kept


async def counted(session: AsyncSession, department_id: UUID, first: date, last: date) -> Figures:
    """The daily figures as the rules count them, visit by visit: what the roll-up, and any recount in SQL, must come to."""
    span = bounds(first, (last - first).days + 1, service.zone())
    parts: list[Figures] = []
    starts: dict[Key, list[Start | None]] = defaultdict(list)
    for table in (Reception, Appointment):
        query = select(table).where(
            col(table.department_id) == department_id, col(table.starts_at) >= span.starts_at, col(table.starts_at) < span.ends_at
        )  # fmt: skip
        for row in (await session.exec(query.execution_options(populate_existing=True))).all():
            if isinstance(row, Reception):
                parts.append(figures.offered(row, service.zone()))
                continue
            visit = queries.visit_of(row)
            parts.append(change(None, visit, service.zone()))
            starts[key_of(visit, service.zone())].append(start_of(row.id, visit))
    return total([*parts, *(opening(key, found) for key, found in starts.items())])
