"""A Monday of two doctors, whose visits are handed over from one to the other."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Actor
from medcab.accounts.queries import keep_specialties
from medcab.finance.models import Bill, BillLine
from medcab.finance.rules.sums import Outcome
from medcab.schedule.figures import queries as figures
from medcab.schedule.handover import service
from medcab.schedule.handover.rules import Task
from medcab.schedule.handover.service import Preview
from medcab.schedule.models import Reception
from medcab.schedule.rules.visits import Act, Payer
from tests.cast import CLINIC, WARD, Cast
from tests.schedule.reception import NINE, at, book, offer, stored
from tests.schedule.test_diagnoses import mark

MONDAY = NINE.date()
TOMORROW = at(24 * 60 + 60)
WHY = "Замена, расписание не изменили"


def task(cast: Cast, **more: Any) -> Task:
    return replace(Task(cast.doctor.person_id, cast.colleague.person_id, MONDAY, MONDAY), **more)


@pytest.fixture
async def now(cast: Cast) -> AsyncIterator[clock.Clock]:
    """The doctor's Monday, nine o'clock: only hers; the colleague was not planned."""
    with clock.frozen(at(-1)) as stopped:
        async with db.transaction() as session:
            for who in (cast.doctor, cast.colleague):
                await keep_specialties(session, who.person_id, {"Терапия": None})
        await offer(cast.doctor.person_id, specialty="Терапия")
        await offer(cast.doctor.person_id, starts=240, ends=360, specialty="Терапия")
        yield stopped


async def seen_to(cast: Cast, *minutes: int) -> list[UUID]:
    """Visits of the doctor's Monday that took place."""
    made = [await book(cast, cast.doctor, each) for each in minutes]
    for visit in made:
        for act in (Act.ARRIVED, Act.STARTED, Act.DONE):
            await mark(cast.doctor, visit, act)
    return made


async def shown(actor: Actor, asked: Task, *chosen: UUID) -> Preview:
    async with db.transaction() as session:
        return await service.preview(session, actor, task=asked, chosen=chosen or None, is_look=True)


async def given_over(actor: Actor, asked: Task, *visits: UUID, reason: str = WHY) -> service.Applied:
    found = await shown(actor, asked)
    seen = {each.visit.id: each.visit.version for each in found.lines if each.visit.id in visits or not visits}
    async with db.transaction() as session:
        return await service.apply(session, actor, task=asked, seen=seen, reason=reason)


async def hours_of(who: Actor) -> list[tuple[int, int]]:
    """Minutes after nine, from and until."""
    async with db.reading() as session:
        query = select(Reception).where(Reception.practitioner_id == who.person_id).order_by(col(Reception.starts_at))
        rows = (await session.exec(query)).all()
    return [
        ((row.starts_at - NINE) // timedelta(minutes=1), (row.ends_at - NINE) // timedelta(minutes=1)) for row in rows
    ]


async def figures_of(who: Actor) -> dict[str, int]:
    async with db.reading() as session:
        found = await figures.kept(session, WARD, MONDAY, MONDAY)
    return {name: counts[name] for key, counts in found.items() for name in counts if key.practitioner_id == who.person_id and key.kind == "all"}  # fmt: skip


async def billed(session: Any, visit: UUID, outcome: Outcome = Outcome.WAITING) -> None:
    bill = Bill(organisation_id=CLINIC, month=date(2026, 11, 1), payer=Payer.OMS, made_at=clock.now())
    reason = {"reason_code": "1"} if outcome is Outcome.REJECTED else {}
    seen = await stored(visit)
    session.add_all([bill, BillLine(
        appointment_id=visit, bill_id=bill.id, number=1, organisation_id=CLINIC, department_id=WARD, month=bill.month, payer=Payer.OMS,
        practitioner_id=seen.practitioner_id, starts_at=seen.starts_at, kind=seen.kind, specialty="Терапия", is_first=True, kopecks=1,
        outcome=outcome, **reason,
    )])  # fmt: skip
