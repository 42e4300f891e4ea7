"""Plans of volumes: what each department is to bill to a payer in a month; entered as one table, copied from another month."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor
from medcab.dashboards import queries as places
from medcab.errors import Conflict, Invalid
from medcab.finance.models import VolumePlan
from medcab.finance.registers.service import clinic_of, turn
from medcab.finance.rules.sums import Amount
from medcab.schedule.rules.visits import Payer

MOST_VISITS, MOST_KOPECKS = 1_000_000, 100_000_000_000


class StalePlan(Conflict):
    """Somebody else saved the same month meanwhile."""

    message = (
        "Пока вы вводили план, его сохранил кто-то другой. Ваши числа не сохранены: обновите страницу и проверьте."
    )


@dataclass(frozen=True)
class Grid:
    """A month and a payer: departments by name, each with its plan. `seen` tells what is kept from any other."""

    rows: list[tuple[UUID, str, Amount | None]]
    seen: str


async def grid(session: AsyncSession, actor: Actor, *, month: date, payer: Payer) -> Grid:
    """The plan of every department; None: it has none."""
    here = clinic_of(actor)
    kept = {row.department_id: Amount(row.visits, row.kopecks) for row in await _kept(session, here, month, payer)}
    found = [
        (place.id, place.name, kept.get(place.id)) for place in await places.departments(session, here)
        if place.closed_at is None or place.id in kept
    ]  # fmt: skip
    return Grid(found, _seen(month, payer, kept))


def _seen(month: date, payer: Payer, kept: Mapping[UUID, Amount]) -> str:
    """Of this very table: the numbers of one month are not saved as another's while the page turns."""
    words = [f"{month}:{payer}", *sorted(f"{key.hex}:{amount.visits}:{amount.kopecks}" for key, amount in kept.items())]
    return hashlib.sha256(";".join(words).encode()).hexdigest()[:16]


async def save(
    session: AsyncSession, actor: Actor, *, month: date, payer: Payer, plans: Mapping[UUID, Amount | None], seen: str
) -> None:
    """The whole table at once: None takes a department's plan away."""
    here = clinic_of(actor)
    own = {place.id for place in await places.departments(session, here)}
    if not set(plans) <= own:
        raise Invalid("Отделение не найдено: возможно, его закрыли. Обновите страницу.")
    _demand(list(plans.values()))
    await turn(session, here)
    kept = {row.department_id: row for row in await _kept(session, here, month, payer)}
    if _seen(month, payer, {key: Amount(row.visits, row.kopecks) for key, row in kept.items()}) != seen:
        raise StalePlan
    for key, plan in plans.items():
        await _put(session, here, kept.get(key), plan, {"department_id": key, "month": month, "payer": payer})
    whole = sum((plan for plan in plans.values() if plan), Amount())
    audit.record(
        session, actor, Action.FINANCE_PLAN_KEEP, None, month=month, payer=payer, departments=sum(plan is not None for plan in plans.values()),
        visits=whole.visits, kopecks=whole.kopecks,
    )  # fmt: skip


async def _put(
    session: AsyncSession, organisation_id: UUID, row: VolumePlan | None, plan: Amount | None, key: dict[str, Any]
) -> None:
    if row and plan:
        row.visits, row.kopecks = plan.visits, plan.kopecks
    elif row:
        await session.delete(row)
    elif plan:
        session.add(VolumePlan(**key, organisation_id=organisation_id, visits=plan.visits, kopecks=plan.kopecks))


def _demand(plans: Sequence[Amount | None]) -> None:
    for plan in plans:
        if plan and not (0 <= plan.visits <= MOST_VISITS and 0 <= plan.kopecks <= MOST_KOPECKS):
            raise Invalid("Проверьте план: не больше миллиона приёмов и миллиарда рублей на отделение.")


async def _kept(session: AsyncSession, organisation_id: UUID, month: date, payer: Payer) -> Sequence[VolumePlan]:
    query = select(VolumePlan).where(
        VolumePlan.organisation_id == organisation_id, VolumePlan.month == month, VolumePlan.payer == payer
    )
    return (await session.exec(query)).all()
