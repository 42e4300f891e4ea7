"""Reads of tariffs."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.finance.models import Tariff
from medcab.schedule.models import Reception, ReceptionTemplate
from medcab.schedule.rules.visits import Payer, VisitKind


def _of(organisation_id: UUID, payer: Payer | None, specialty: str, day: date | None) -> sa.ColumnElement[bool]:
    found = [col(Tariff.organisation_id) == organisation_id]
    found += [col(Tariff.payer) == payer] if payer else []
    found += [col(Tariff.specialty) == specialty] if specialty else []
    until = col(Tariff.until)
    found += [col(Tariff.since) <= day, sa.or_(until.is_(None), until >= day)] if day else []
    return sa.and_(*found)


async def count(
    session: AsyncSession, organisation_id: UUID, payer: Payer | None, specialty: str, day: date | None
) -> int:
    """How many there are."""
    query = sa.select(sa.func.count()).select_from(Tariff).where(_of(organisation_id, payer, specialty, day))
    return (await session.execute(query)).scalar_one()


async def rows(
    session: AsyncSession, organisation_id: UUID, payer: Payer | None, specialty: str, day: date | None, *,
    limit: int | None = None, offset: int = 0,
) -> Sequence[Tariff]:  # fmt: skip
    """By specialty, payer and kind, the newest first."""
    payers = sa.case({each.value: at for at, each in enumerate(Payer)}, value=sa.cast(col(Tariff.payer), sa.String))
    kinds = sa.case({each.value: at for at, each in enumerate(VisitKind)}, value=sa.cast(col(Tariff.kind), sa.String))
    order = (col(Tariff.specialty), payers, kinds, col(Tariff.since).desc())
    query = select(Tariff).where(_of(organisation_id, payer, specialty, day)).order_by(*order)
    return (await session.exec(query.limit(limit).offset(offset))).all()


async def specialties(session: AsyncSession, organisation_id: UUID) -> list[str]:
    """Those practised in the clinic's hours, and those that have tariffs."""
    parts = [
        sa.select(col(table.specialty)).where(col(table.organisation_id) == organisation_id)
        for table in (ReceptionTemplate, Tariff)
    ]
    own_days = sa.select(col(Reception.specialty)).where(col(Reception.organisation_id) == organisation_id)
    found = await session.execute(sa.union(*parts, own_days))
    return sorted(name for name in found.scalars() if name)
