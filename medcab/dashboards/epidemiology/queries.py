"""Reads of the weekly counts, and of the cases behind them. Who may look at which department has been asked before.

Whose name is shown is decided as for the schedule (`within`): of a case outside the actor's scope all but the name is known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor
from medcab.accounts.models import Person
from medcab.dashboards.epidemiology.models import PastWeek
from medcab.dashboards.epidemiology.rules.address import Address, Cut
from medcab.dashboards.epidemiology.rules.kpi import Facts
from medcab.dashboards.epidemiology.rules.weeks import Known
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule.diagnoses.models import VisitDiagnosis, WeekCases
from medcab.schedule.diagnoses.rules.ages import AgeGroup
from medcab.schedule.diagnoses.rules.entry import CATEGORY, COUNTED, KIND_TITLES, Course
from medcab.schedule.models import Appointment, DayFigures
from medcab.schedule.queries import within
from medcab.schedule.rules.figures import FigureKind
from medcab.schedule.rules.slots import bounds
from medcab.schedule.service import zone

_DAYS_OF_WEEK = 7


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
    """Primary cases of these weeks: from the diagnoses, or from what an earlier system counted where there are none."""
    here = col(WeekCases.department_id).in_(departments), col(WeekCases.week).in_(weeks)
    own = sa.select(col(WeekCases.week), col(WeekCases.chapter), sa.func.sum(col(WeekCases.first_ever))).where(*here)
    found = (await session.execute(own.group_by(col(WeekCases.week), col(WeekCases.chapter)))).all()
    pairs = {(place, week) for place, week in await session.execute(_distinct(WeekCases, *here))}
    there = col(PastWeek.department_id).in_(departments), col(PastWeek.week).in_(weeks)
    replaced = sa.select(sa.literal(1)).where(
        col(WeekCases.department_id) == col(PastWeek.department_id), col(WeekCases.week) == col(PastWeek.week)
    )
    past = sa.select(col(PastWeek.week), col(PastWeek.chapter), sa.func.sum(col(PastWeek.first_ever))).where(
        *there, ~replaced.exists()
    )
    before = (await session.execute(past.group_by(col(PastWeek.week), col(PastWeek.chapter)))).all()
    pairs |= {(place, week) for place, week in await session.execute(_distinct(PastWeek, *there))}
    return Known.added([(week, chapter, int(cases)) for week, chapter, cases in (*found, *before)], pairs)


def _distinct(table: type[WeekCases] | type[PastWeek], *where: sa.ColumnElement[bool]) -> Any:
    return sa.select(col(table.department_id), col(table.week)).where(*where).distinct()


async def groups(session: AsyncSession, departments: Sequence[UUID], address: Address) -> list[Group]:
    """The months' cases by class, category and age."""
    by = col(WeekCases.chapter), col(WeekCases.category), col(WeekCases.age_group)
    where = [
        col(WeekCases.department_id).in_(departments), col(WeekCases.month).between(address.start, address.end),
        *_of_chapter(WeekCases, address),
    ]  # fmt: skip
    sums = sa.func.sum(col(WeekCases.first_ever)), sa.func.sum(col(WeekCases.registered))
    rows = await session.execute(sa.select(*by, *sums).where(*where).group_by(*by))
    return [
        Group(chapter, category, age, int(first), int(registered)) for chapter, category, age, first, registered in rows
    ]


def _of_chapter(table: type[WeekCases] | type[VisitDiagnosis], address: Address) -> list[sa.ColumnElement[bool]]:
    return [col(table.chapter) == address.chapter] if address.chapter else []


async def done_visits(session: AsyncSession, departments: Sequence[UUID], address: Address) -> int:
    """Done visits of the months, from the daily figures."""
    query = sa.select(sa.func.coalesce(sa.func.sum(col(DayFigures.done)), 0)).where(
        col(DayFigures.department_id).in_(departments), col(DayFigures.kind) == FigureKind.ALL,
        col(DayFigures.day).between(address.start, address.last_day),
    )  # fmt: skip
    return int((await session.execute(query)).scalar_one())


def facts_of(found: Iterable[Group], visits: int) -> Facts:
    rows = list(found)
    return Facts(sum(row.first_ever for row in rows), sum(row.registered for row in rows), visits)


def primary(departments: Sequence[UUID], address: Address, cut: Cut) -> sa.ColumnElement[bool]:
    """Which diagnoses, joined with their visits, are the primary cases of a mark."""
    days = (cut.week, _DAYS_OF_WEEK) if cut.week else (address.start, (address.last_day - address.start).days + 1)
    span = bounds(*days, zone())
    starts = col(Appointment.starts_at)
    conditions = [
        col(Appointment.department_id).in_(departments), starts >= span.starts_at, starts < span.ends_at,
        col(Appointment.status).in_(COUNTED), col(VisitDiagnosis.struck_at).is_(None), col(VisitDiagnosis.course) == Course.FIRST,
        *_of_chapter(VisitDiagnosis, address),
    ]  # fmt: skip
    if cut.chapter:
        conditions.append(col(VisitDiagnosis.chapter) == cut.chapter)
    if cut.category:
        conditions.append(sa.func.substr(col(VisitDiagnosis.code), 1, CATEGORY) == cut.category)
    if cut.age:
        conditions.append(col(VisitDiagnosis.age_group) == cut.age)
    return sa.and_(*conditions)


_ON = col(VisitDiagnosis.appointment_id) == col(Appointment.id)


async def count(session: AsyncSession, departments: Sequence[UUID], address: Address) -> int:
    """How many cases the open mark has, counted from the diagnoses themselves."""
    query = sa.select(sa.func.count()).select_from(Appointment).join(VisitDiagnosis, _ON)
    return (await session.execute(query.where(primary(departments, address, address.cut)))).scalar_one()


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
