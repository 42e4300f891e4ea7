"""Departments whose finished week was not looked at, and whom to tell."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Role
from medcab.accounts.models import Department, Membership, Person, Standing
from medcab.accounts.queries import holds_on
from medcab.dashboards.epidemiology.models import EpidemicAlert, WeekWatched
from medcab.dashboards.epidemiology.queries import RECORDED
from medcab.schedule.diagnoses.models import WeekCases


async def unwatched(session: AsyncSession, week: date, limit: int) -> list[Department]:
    """Departments that had cases in the week and whose week was not compared yet."""
    had = sa.select(col(WeekCases.department_id)).where(
        col(WeekCases.department_id) == col(Department.id), col(WeekCases.week) == week, RECORDED
    )
    seen = sa.select(col(WeekWatched.department_id)).where(
        col(WeekWatched.department_id) == col(Department.id), col(WeekWatched.week) == week
    )
    query = select(Department).where(had.exists(), ~seen.exists()).order_by(col(Department.id)).limit(limit)
    return list((await session.exec(query)).all())


async def told_of(session: AsyncSession, department: Department, today: date) -> Sequence[Person]:
    """Who heads the department today, and the administrators of its clinic; each once."""
    heads = sa.and_(col(Membership.role) == Role.DEPARTMENT_HEAD, col(Membership.department_id) == department.id)
    admins = sa.and_(
        col(Membership.role) == Role.CLINIC_ADMIN, col(Membership.organisation_id) == department.organisation_id
    )
    who = sa.select(col(Membership.person_id)).where(sa.or_(heads, admins), holds_on(today))
    query = select(Person).where(col(Person.id).in_(who), Person.standing == Standing.ACTIVE)
    return (await session.exec(query.order_by(col(Person.id)))).all()


async def alerts(session: AsyncSession, departments: Sequence[UUID], week: date) -> Sequence[EpidemicAlert]:
    """What was told of a week, by department and class."""
    query = select(EpidemicAlert).where(col(EpidemicAlert.department_id).in_(departments), EpidemicAlert.week == week)
    return (await session.exec(query.order_by(col(EpidemicAlert.department_id), col(EpidemicAlert.chapter)))).all()
