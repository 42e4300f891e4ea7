"""Reads and writes of what was measured."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.accounts.models import Department, Membership
from medcab.accounts.queries import holds_on
from medcab.dashboards.rules.period import Period
from medcab.dashboards.third_next.models import ThirdNext
from medcab.schedule.queries import RECEIVING


async def unmeasured(session: AsyncSession, day: date, limit: int) -> list[Department]:
    """Departments with people who see patients that were not looked at on the day."""
    seen = sa.select(col(ThirdNext.department_id)).where(col(ThirdNext.day) == day)
    staffed = sa.select(col(Membership.department_id)).where(col(Membership.role).in_(RECEIVING), holds_on(day))
    here = col(Department.id)
    query = select(Department).where(here.in_(staffed), here.not_in(seen)).order_by(here).limit(limit)
    return list((await session.exec(query)).all())


async def people(session: AsyncSession, department_id: UUID, day: date) -> list[UUID]:
    """Who sees patients in the department on the day."""
    query = select(Membership.person_id).where(
        Membership.department_id == department_id, col(Membership.role).in_(RECEIVING), holds_on(day)
    )
    return list(dict.fromkeys((await session.exec(query)).all()))


async def of_period(session: AsyncSession, department_id: UUID, period: Period) -> Sequence[ThirdNext]:
    """Every measurement, by day."""
    query = select(ThirdNext).where(
        ThirdNext.department_id == department_id, col(ThirdNext.day).between(period.start, period.end)
    )
    return (await session.exec(query.order_by(col(ThirdNext.day), col(ThirdNext.specialty)))).all()
