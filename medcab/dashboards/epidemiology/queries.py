"""Reads of the weekly counts, and of the cases behind them. Who may look at which department has been asked before.

Whose name is shown is decided as for the schedule (`within`): of a case outside the actor's scope all but the name is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor
from medcab.accounts.models import Department, Person
from medcab.dashboards.epidemiology.models import PastWeek
from medcab.dashboards.epidemiology.rules.address import Address, Cut
from medcab.dashboards.epidemiology.rules.kpi import Facts
from medcab.dashboards.epidemiology.rules.weeks import WEEK, Known
from medcab.dashboards.rules.period import monday_of
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule.diagnoses.models import VisitDiagnosis, WeekCases
from medcab.schedule.diagnoses.rules.ages import AgeGroup
from medcab.schedule.diagnoses.rules.classes import NO_ILLNESS
from medcab.schedule.diagnoses.rules.entry import CATEGORY, COUNTED, KIND_TITLES, Course
from medcab.schedule.models import Appointment, DayFigures
from medcab.schedule.queries import within
from medcab.schedule.rules.figures import FigureKind
from medcab.schedule.rules.slots import bounds
from medcab.schedule.service import zone

_DAYS_OF_WEEK = 7
RECORDED = sa.or_(col(WeekCases.first_ever) != 0, col(WeekCases.registered) != 0)
"""A line that came to nothing, its diagnosis struck out, says of no week that it was recorded."""


@dataclass(frozen=True, slots=True)
class Group:
    """Cases of the months that have all of this in common."""

    chapter: str
    category: str
    age: AgeGroup
    first_ever: int
    registered: int


@dataclass(frozen=True, slots=True)
class Row:
    """One primary case; `patient` is empty where the actor may not know."""

    id: UUID
    starts_at: datetime
    department_id: UUID
    doctor: str
    patient: str
    code: str
    kind: str
    age: AgeGroup


async def known(session: AsyncSession, departments: Sequence[UUID], weeks: Sequence[date]) -> Known:
    """Primary cases of these weeks: from the diagnoses, or from what an earlier system counted.

    A department began to record somewhere within a week: until its first whole week the earlier system knows better.
    """
    begun = await _begun(session, departments)
    here = col(WeekCases.department_id).in_(departments), col(WeekCases.week).in_(weeks), RECORDED
    there = col(PastWeek.department_id).in_(departments), col(PastWeek.week).in_(weeks)
    same = col(WeekCases.department_id) == col(PastWeek.department_id), col(WeekCases.week) == col(PastWeek.week)
    brought = sa.select(sa.literal(1)).select_from(PastWeek).where(*same).correlate(WeekCases)
    written = sa.select(sa.literal(1)).select_from(WeekCases).where(*same, RECORDED).correlate(PastWeek)
    own = *here, sa.or_(_since(WeekCases, begun), ~brought.exists())
    past = *there, sa.or_(~_since(PastWeek, begun), ~written.exists())
    rows = [*await session.execute(_sums(WeekCases, *own)), *await session.execute(_sums(PastWeek, *past))]
    pairs = await session.execute(sa.select(col(WeekCases.department_id), col(WeekCases.week)).where(*own).distinct())
    classes = sa.select(col(PastWeek.department_id), col(PastWeek.week), col(PastWeek.chapter)).where(*past)
    return Known.added(
        [(week, chapter, int(cases)) for week, chapter, cases in rows], [(place, week) for place, week in pairs],
        [(place, week, chapter) for place, week, chapter in await session.execute(classes)], begun,
    )  # fmt: skip


def _sums(table: type[WeekCases] | type[PastWeek], *where: sa.ColumnElement[bool]) -> Any:
    by = col(table.week), col(table.chapter)
    return sa.select(*by, sa.func.sum(col(table.first_ever))).where(*where).group_by(*by)


def _since(table: type[WeekCases] | type[PastWeek], begun: Mapping[UUID, date]) -> sa.ColumnElement[bool]:
    """Weeks that the department recorded whole."""
    each = (sa.and_(col(table.department_id) == place, col(table.week) >= week) for place, week in begun.items())
    return sa.or_(sa.false(), *each)


async def _begun(session: AsyncSession, departments: Sequence[UUID]) -> dict[UUID, date]:
    """The first whole week of each department that has recorded anything."""
    first = sa.select(col(WeekCases.week)).where(col(WeekCases.department_id) == col(Department.id), RECORDED)
    query = sa.select(col(Department.id), first.order_by(col(WeekCases.week)).limit(1).scalar_subquery())
    found = await session.execute(query.where(col(Department.id).in_(departments)))
    return {place: week + WEEK for place, week in found if week}


async def groups(session: AsyncSession, departments: Sequence[UUID], address: Address) -> list[Group]:
    """The months' cases by class, category and age. The bound on weeks says no more than that on months: the key begins with them."""
    by = col(WeekCases.chapter), col(WeekCases.category), col(WeekCases.age_group)
    where = [
        col(WeekCases.department_id).in_(departments), col(WeekCases.month).between(address.start, address.end),
        col(WeekCases.week).between(monday_of(address.start), address.last_day), RECORDED,
        *([col(WeekCases.chapter) == address.chapter] if address.chapter else []),
    ]  # fmt: skip
    sums = sa.func.sum(col(WeekCases.first_ever)), sa.func.sum(col(WeekCases.registered))
    rows = await session.execute(sa.select(*by, *sums).where(*where).group_by(*by))
    return [
        Group(chapter, category, age, int(first), int(registered)) for chapter, category, age, first, registered in rows
    ]


async def done_visits(session: AsyncSession, departments: Sequence[UUID], address: Address) -> int:
    """Done visits of the months, from the daily figures."""
    query = sa.select(sa.func.coalesce(sa.func.sum(col(DayFigures.done)), 0)).where(
        col(DayFigures.department_id).in_(departments), col(DayFigures.kind) == FigureKind.ALL,
        col(DayFigures.day).between(address.start, address.last_day),
    )  # fmt: skip
    return int((await session.execute(query)).scalar_one())


def facts_of(found: Iterable[Group], visits: int) -> Facts:
    """Of these groups, whatever their classes are."""
    rows = list(found)
    return Facts(sum(row.first_ever for row in rows), sum(row.registered for row in rows), visits)


def primary(
    departments: Sequence[UUID], address: Address, cut: Cut, *, every_class: bool = False
) -> sa.ColumnElement[bool]:
    """Which diagnoses, joined with their visits, are the primary cases of a mark; of illnesses alone, unless `every_class` is asked for."""
    days = (cut.week, _DAYS_OF_WEEK) if cut.week else (address.start, (address.last_day - address.start).days + 1)
    span = bounds(*days, zone())
    starts = col(Appointment.starts_at)
    conditions = [
        col(Appointment.department_id).in_(departments), starts >= span.starts_at, starts < span.ends_at,
        col(Appointment.status).in_(COUNTED), col(VisitDiagnosis.struck_at).is_(None), col(VisitDiagnosis.course) == Course.FIRST,
    ]  # fmt: skip
    classes = [chapter for chapter in (address.chapter, cut.chapter) if chapter]
    conditions += [col(VisitDiagnosis.chapter) == chapter for chapter in classes]
    if not (classes or cut.category or every_class):
        conditions.append(col(VisitDiagnosis.chapter).not_in(NO_ILLNESS))
    if cut.category:
        conditions.append(sa.func.substr(col(VisitDiagnosis.code), 1, CATEGORY) == cut.category)
    if cut.age:
        conditions.append(col(VisitDiagnosis.age_group) == cut.age)
    return sa.and_(*conditions)


_ON = col(VisitDiagnosis.appointment_id) == col(Appointment.id)


async def count(session: AsyncSession, departments: Sequence[UUID], address: Address) -> int:
    """How many cases the open mark has, as the mark itself is counted (`primary` says which they are)."""
    cut = address.cut
    where: list[sa.ColumnElement[bool]] = [col(WeekCases.department_id).in_(departments)]
    if cut.week:
        where.append(col(WeekCases.week) == cut.week)
    else:
        where.append(col(WeekCases.month).between(address.start, address.end))
        where.append(col(WeekCases.week).between(monday_of(address.start), address.last_day))
    classes = [chapter for chapter in (address.chapter, cut.chapter) if chapter]
    where += [col(WeekCases.chapter) == chapter for chapter in classes]
    if not (classes or cut.category):
        where.append(col(WeekCases.chapter).not_in(NO_ILLNESS))
    if cut.category:
        where.append(col(WeekCases.category) == cut.category)
    if cut.age:
        where.append(col(WeekCases.age_group) == cut.age)
    return int((await session.execute(sa.select(sa.func.sum(col(WeekCases.first_ever))).where(*where))).scalar() or 0)


async def rows(
    session: AsyncSession, actor: Actor, departments: Sequence[UUID], address: Address, *, limit: int | None = None, offset: int = 0
) -> list[Row]:  # fmt: skip
    """The cases of the open mark, the newest first."""
    doctor = orm.aliased(Person)
    query = (
        sa.select(
            VisitDiagnosis, col(Appointment.starts_at), col(Appointment.department_id), col(doctor.family_name), col(doctor.given_name),
            col(doctor.patronymic), col(Patient.family_name), col(Patient.given_name), col(Patient.patronymic),
        )
        .select_from(Appointment)
        .join(VisitDiagnosis, _ON)
        .join(doctor, col(doctor.id) == col(Appointment.practitioner_id))
        .outerjoin(Patient, sa.and_(col(Patient.id) == col(Appointment.patient_id), within(actor, Appointment)))
        .where(primary(departments, address, address.cut))
        .order_by(col(Appointment.starts_at).desc(), col(VisitDiagnosis.code), col(VisitDiagnosis.id))
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    return [
        Row(
            found.id, at, department_id, person_name.short(*names[:3]), person_name.short(*names[3:]) if names[3] else "",
            found.code, KIND_TITLES[found.kind], found.age_group,
        )
        for found, at, department_id, *names in await session.execute(query)
    ]  # fmt: skip
