"""Diagnoses that stand, their history, and the weekly counts: what a change adds, in one upsert."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import db, live
from medcab.access import Actor, Permission
from medcab.accounts.models import Person
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule.diagnoses.models import VisitDiagnosis, WeekCases
from medcab.schedule.diagnoses.rules.ages import AgeGroup, group_of
from medcab.schedule.diagnoses.rules.entry import COUNTED, COUNTS, Case, Cases, Course, Key, Place, change, place_of
from medcab.schedule.models import Appointment
from medcab.schedule.rules.slots import day_of
from medcab.schedule.rules.visits import Visit

_TABLE: sa.Table = WeekCases.__table__  # pyright: ignore[reportAttributeAccessIssue]
IDENTITY = ("department_id", "week", "month", "chapter", "category", "age_group")
_NOTHING_LEFT = sa.delete(_TABLE).where(
    *(_TABLE.c[name] == sa.bindparam(f"at_{name}") for name in IDENTITY), *(_TABLE.c[name] == 0 for name in COUNTS)
)
"""A line without cases would say that the week was recorded."""
_STANDING = sa.select(
    col(VisitDiagnosis.chapter), col(VisitDiagnosis.code), col(VisitDiagnosis.course), col(VisitDiagnosis.age_group)
).where(col(VisitDiagnosis.appointment_id) == sa.bindparam("which"), col(VisitDiagnosis.struck_at).is_(None))


def topic(department_id: UUID | str) -> str:
    """What a tab watches to learn that a department has other cases than before."""
    return f"cases:{department_id}"


async def move(session: AsyncSession, appointment_id: UUID, before: Visit | None, after: Visit, zone: ZoneInfo) -> None:
    """Keep the weekly counts true when a visit changes; asked when it is written. Most changes do not touch where it counts."""
    if before and _stays(before, after):
        return
    was, now = place_of(before, zone), place_of(after, zone)
    cases = [Case(*row) for row in await db.ask(session, _STANDING, which=appointment_id)]
    if cases:
        age = await _aged(session, appointment_id, day_of(after.starts_at, zone)) if now else None
        await add(session, change(cases, was, now, age))


async def _aged(session: AsyncSession, appointment_id: UUID, day: date) -> AgeGroup:
    """The patient's group on the day that the visit has now, written where its diagnoses keep it."""
    found = await age_group(session, appointment_id, day)
    here = col(VisitDiagnosis.appointment_id) == appointment_id, col(VisitDiagnosis.age_group) != found
    await session.execute(sa.update(VisitDiagnosis).where(*here).values(age_group=found))
    return found


def _stays(before: Visit, after: Visit) -> bool:
    """Whether it counts as it did, told without a look at the calendar: every mark asks."""
    is_counted = after.status in COUNTED
    is_same = (before.starts_at, before.department_id) == (after.starts_at, after.department_id)
    return (before.status in COUNTED) == is_counted and (is_same or not is_counted)


async def add(session: AsyncSession, cases: Cases) -> None:
    """Add to the weekly counts, and take away lines that came to nothing, in the order of the keys, and say so to those who look at them."""
    if not cases:
        return
    rows = [row_of(key, cases[key]) for key in sorted(cases)]
    await session.flush()
    await (await session.connection()).execute(_upsert(session.get_bind().dialect.name), rows)
    if fewer := [row for row in rows if any(row[name] < 0 for name in COUNTS)]:
        await (await session.connection()).execute(
            _NOTHING_LEFT, [{f"at_{name}": row[name] for name in IDENTITY} for row in fewer]
        )
    for department_id in {key.place.department_id for key in cases}:
        live.publish(session, topic(department_id))


@lru_cache
def _upsert(dialect: str) -> Any:
    made = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(_TABLE)
    sums = {name: _TABLE.c[name] + made.excluded[name] for name in COUNTS}
    return made.on_conflict_do_update(index_elements=IDENTITY, set_=sums)


def row_of(key: Key, counts: Counter[str]) -> dict[str, Any]:
    """All columns."""
    place = key.place
    return {
        "department_id": place.department_id, "week": place.week, "month": place.month, "organisation_id": place.organisation_id,
        "chapter": key.chapter, "category": key.category, "age_group": key.age_group, **{name: counts[name] for name in COUNTS},
    }  # fmt: skip


async def locked(session: AsyncSession, appointment_id: UUID) -> Appointment | None:
    """The visit, which nobody changes until this transaction ends: a mark taken back meanwhile would leave its cases counted."""
    query = select(Appointment).where(Appointment.id == appointment_id).with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def standing(session: AsyncSession, appointment_id: UUID) -> Sequence[VisitDiagnosis]:
    """Of a visit, the main one first."""
    query = select(VisitDiagnosis).where(
        VisitDiagnosis.appointment_id == appointment_id, col(VisitDiagnosis.struck_at).is_(None)
    )
    return (await session.exec(query.order_by(col(VisitDiagnosis.kind), col(VisitDiagnosis.made_at)))).all()


@dataclass(frozen=True)
class Written:
    """A diagnosis with who wrote it and, perhaps, who struck it out."""

    diagnosis: VisitDiagnosis
    author: str
    striker: str


async def history(session: AsyncSession, appointment_id: UUID) -> list[Written]:
    """All that was written of a visit: what stands first, the main one of it on top; then what was struck out, the newest first."""
    author, striker = orm.aliased(Person), orm.aliased(Person)
    struck = col(VisitDiagnosis.struck_at)
    query = (
        sa.select(
            VisitDiagnosis, col(author.family_name), col(author.given_name), col(author.patronymic),
            col(striker.family_name), col(striker.given_name), col(striker.patronymic),
        )
        .join(author, col(author.id) == col(VisitDiagnosis.made_by_id))
        .outerjoin(striker, col(striker.id) == col(VisitDiagnosis.struck_by_id))
        .where(col(VisitDiagnosis.appointment_id) == appointment_id)
        .order_by(struck.is_not(None), struck.desc(), col(VisitDiagnosis.kind), col(VisitDiagnosis.made_at), col(VisitDiagnosis.id))
    )  # fmt: skip
    return [
        Written(found, person_name.short(*names[:3]), person_name.short(*names[3:]) if names[3] else "")
        for found, *names in await session.execute(query)
    ]


async def age_group(session: AsyncSession, appointment_id: UUID, day: date) -> AgeGroup:
    """Of the visit's patient on a day, by the birth date unsealed."""
    query = sa.select(col(Patient.birth_date)).join(Appointment, col(Appointment.patient_id) == col(Patient.id))
    born = (await session.execute(query.where(col(Appointment.id) == appointment_id))).scalar_one()
    return group_of(born, day) or AgeGroup.UNKNOWN


def open_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Visits that the actor answers for, as `service.is_open_to` tells of one."""
    heads = col(Appointment.department_id).in_(actor.departments_with(Permission.FIGURES_DEPARTMENT))
    here = col(Appointment.organisation_id) == actor.organisation_id
    return sa.and_(here, sa.or_(col(Appointment.practitioner_id) == actor.person_id, heads))


async def known_since(session: AsyncSession, actor: Actor, visit: Appointment, category: str) -> datetime | None:
    """When a category was first found in the patient before this visit, at one that the actor answers for."""
    query = sa.select(sa.func.min(col(Appointment.starts_at))).join(
        VisitDiagnosis, col(VisitDiagnosis.appointment_id) == col(Appointment.id)
    ).where(
        col(Appointment.patient_id) == visit.patient_id, open_to(actor),
        col(Appointment.status).in_(COUNTED), col(Appointment.starts_at) < visit.starts_at, col(VisitDiagnosis.struck_at).is_(None),
        sa.func.substr(col(VisitDiagnosis.code), 1, len(category)) == category, col(VisitDiagnosis.course) == Course.FIRST,
    )  # fmt: skip
    return (await session.execute(query)).scalar()


async def kept(session: AsyncSession, department_id: UUID) -> Cases:
    """The weekly counts as they are kept, without zeros."""
    query = select(WeekCases).where(WeekCases.department_id == department_id)
    found = {
        Key(Place(row.department_id, row.week, row.month, row.organisation_id), row.chapter, row.category, row.age_group):
        Counter({name: getattr(row, name) for name in COUNTS})
        for row in (await session.exec(query.execution_options(populate_existing=True))).all()
    }  # fmt: skip
    return {key: counts for key, counts in found.items() if any(counts.values())}
