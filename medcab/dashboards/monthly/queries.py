"""Whose month can be reported, whom to tell, and the reports that there are."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Role
from medcab.accounts.models import Department, Membership, Organisation, Person, Standing
from medcab.accounts.queries import holds_on
from medcab.dashboards.monthly.models import MonthlyReport
from medcab.dashboards.rules.period import Period
from medcab.dashboards.rules.selection import EVERYTHING
from medcab.schedule.models import DayFigures


async def unreported(session: AsyncSession, month: date, period: Period) -> list[UUID]:
    """Departments that have figures of the month and no report of it."""
    has = sa.select(sa.literal(1)).where(
        col(DayFigures.department_id) == col(Department.id), col(DayFigures.kind) == EVERYTHING.kept_as,
        col(DayFigures.day).between(period.start, period.end),
    )  # fmt: skip
    made = sa.select(sa.literal(1)).where(
        col(MonthlyReport.department_id) == col(Department.id), col(MonthlyReport.month) == month
    )
    query = sa.select(col(Department.id)).where(has.exists(), ~made.exists()).order_by(col(Department.id))
    return list((await session.execute(query)).scalars())


async def place(session: AsyncSession, department_id: UUID) -> tuple[str, str]:
    """The names of a department and its clinic."""
    query = (
        sa.select(col(Department.name), col(Organisation.name))
        .join(Organisation, col(Organisation.id) == col(Department.organisation_id))
        .where(col(Department.id) == department_id)
    )
    name, clinic = (await session.execute(query)).one()
    return name, clinic


async def heads(session: AsyncSession, department_id: UUID, today: date) -> Sequence[Person]:
    """Who heads the department today."""
    leads = sa.select(col(Membership.person_id)).where(
        col(Membership.department_id) == department_id, col(Membership.role) == Role.DEPARTMENT_HEAD, holds_on(today)
    )
    query = select(Person).where(col(Person.id).in_(leads), Person.standing == Standing.ACTIVE)
    return (await session.exec(query.order_by(col(Person.id)))).all()


async def reports(session: AsyncSession, departments: Sequence[UUID], since: date, most: int) -> list[MonthlyReport]:
    """Of these departments, the newest first."""
    query = select(MonthlyReport).where(
        col(MonthlyReport.department_id).in_(departments), col(MonthlyReport.month) >= since
    )
    order = (col(MonthlyReport.month).desc(), col(MonthlyReport.department_id))
    return list((await session.exec(query.order_by(*order).limit(most))).all())
