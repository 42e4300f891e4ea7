"""Reads for the views of the schedule: of many workers at once, each one query of one table."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.accounts.models import Department, Membership, Organisation, Person
from medcab.accounts.queries import holds_on
from medcab.patients.models import Patient
from medcab.schedule.hours.queries import Hours, computed_of, written
from medcab.schedule.models import Appointment, DayFigures, Reception, ReceptionClosed, ReceptionTemplate
from medcab.schedule.queries import RECEIVING, within
from medcab.schedule.rules.figures import FigureKind
from medcab.schedule.rules.rows import Facts
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import AppointmentStatus, Visit


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit as its row shows it, with who changed it last; without a name when it is outside the actor's scope: then only its time is known."""

    facts: Facts
    changed_by_id: UUID | None
    changed_by: str

    @property
    def visit(self) -> Visit:
        return self.facts.visit


@dataclass(frozen=True)
class Worker:
    """Somebody who sees patients in a department of the actor's scope."""

    id: UUID
    family_name: str
    given_name: str
    patronymic: str
    department_id: UUID
    department: str


async def workers(session: AsyncSession, actor: Actor, today: date) -> list[Worker]:
    """Those whose schedules the actor may see side by side, by department and name; whoever works in two departments is there twice."""
    if not actor.may(Permission.SCHEDULE_DEPARTMENT):
        return []
    if actor.may(Permission.SCHEDULE_ORGANISATION):
        return await _workers(session, actor, today, sa.true())
    headed = actor.departments_with(Permission.SCHEDULE_DEPARTMENT)
    return await _workers(session, actor, today, col(Membership.department_id).in_(headed))


async def own_places(session: AsyncSession, actor: Actor, today: date) -> list[Worker]:
    """Where the actor sees patients, by department."""
    return await _workers(session, actor, today, col(Person.id) == actor.person_id)


async def _workers(session: AsyncSession, actor: Actor, today: date, chosen: sa.ColumnElement[bool]) -> list[Worker]:
    family, given, patronymic = col(Person.family_name), col(Person.given_name), col(Person.patronymic)
    query = (
        sa.select(col(Person.id), family, given, patronymic, col(Department.id).label("place"), col(Department.name))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .join(Department, col(Department.id) == col(Membership.department_id))
        .where(
            col(Membership.organisation_id) == actor.organisation_id, col(Membership.role).in_(RECEIVING), holds_on(today), chosen
        )
        .distinct()
        .order_by(col(Department.name), col(Department.id), family, given, col(Person.id))
    )  # fmt: skip
    return [Worker(*row) for row in (await session.execute(query)).all()]


async def receptions(session: AsyncSession, actor: Actor, people: Collection[UUID], span: Span) -> list[Hours]:
    """Of all of them, in scope, in order: written down, and computed from templates."""
    query = select(Reception).where(
        col(Reception.practitioner_id).in_(people), _during(Reception, span), within(actor, Reception)
    )
    found = [written(row) for row in (await session.exec(query)).all()]
    found += await computed_of(people, session, span, within(actor, ReceptionTemplate))
    return sorted(found, key=lambda each: each.starts_at)


async def visits(
    session: AsyncSession, actor: Actor, people: Collection[UUID], span: Span, *, is_brief: bool = False
) -> list[Seen]:
    """All of theirs, in order; of those out of scope only the time, so that it is not offered. Brief: without dates of birth."""
    query = _named(actor, is_brief=is_brief).where(
        col(Appointment.practitioner_id).in_(people), _during(Appointment, span)
    )
    return await _seen(session, query.order_by(*_ORDER))


async def listed(
    session: AsyncSession, actor: Actor, who: UUID, span: Span, status: AppointmentStatus | None, *, limit: int, offset: int
) -> tuple[list[Seen], int]:  # fmt: skip
    """A page of one worker's visits of the actor's scope, and how many there are."""
    chosen = sa.and_(
        col(Appointment.practitioner_id) == who, within(actor, Appointment),
        col(Appointment.starts_at) >= span.starts_at, col(Appointment.starts_at) < span.ends_at,
    )  # fmt: skip
    if status:
        chosen = sa.and_(chosen, col(Appointment.status) == status)
    count = (await session.execute(sa.select(sa.func.count()).select_from(Appointment).where(chosen))).scalar_one()
    page = _named(actor).where(chosen).order_by(*_ORDER).limit(limit).offset(offset)
    return await _seen(session, page), count


async def visit(session: AsyncSession, actor: Actor, appointment_id: UUID) -> Seen | None:
    """One of the actor's scope, as it stands now."""
    query = _named(actor).where(col(Appointment.id) == appointment_id, within(actor, Appointment))
    return next(iter(await _seen(session, query)), None)


async def taken(
    session: AsyncSession, actor: Actor, who: UUID, span: Span
) -> list[tuple[datetime, datetime, AppointmentStatus, bool, bool]]:
    """Of each visit of one worker: start, end, status, whether it is on top of the plan, whether it is in the actor's scope; no names."""
    query = sa.select(
        col(Appointment.starts_at), col(Appointment.ends_at), col(Appointment.status), col(Appointment.is_over), within(actor, Appointment),
    ).where(col(Appointment.practitioner_id) == who, _during(Appointment, span))  # fmt: skip
    return [(row[0], row[1], row[2], row[3], bool(row[4])) for row in (await session.execute(query)).all()]


async def closed(session: AsyncSession, actor: Actor, who: UUID, first: date, last: date) -> list[ReceptionClosed]:
    """The worker's days without reception in the actor's clinic."""
    query = select(ReceptionClosed).where(
        ReceptionClosed.practitioner_id == who, ReceptionClosed.organisation_id == actor.organisation_id,
        col(ReceptionClosed.since) <= last, col(ReceptionClosed.until) >= first,
    )  # fmt: skip
    return list((await session.exec(query)).all())


async def clinic(session: AsyncSession, actor: Actor) -> str:
    """Its short name, for paper."""
    query = sa.select(col(Organisation.short_name)).where(col(Organisation.id) == actor.organisation_id)
    return (await session.execute(query)).scalar_one_or_none() or ""


_ORDER = (col(Appointment.starts_at), col(Appointment.booked_at), col(Appointment.id))


def _during(table: type[Reception] | type[Appointment], span: Span) -> sa.ColumnElement[bool]:
    """As in the reads of one worker: nothing lasts longer than a day."""
    starts = col(table.starts_at)
    return sa.and_(
        starts < span.ends_at, starts > span.starts_at - timedelta(days=1), col(table.ends_at) > span.starts_at
    )


_VISIT = tuple(field.name for field in fields(Visit))


def _named(actor: Actor, *, is_brief: bool = False) -> Any:
    """Visits with the patient's name and that of who changed them last, both only within the actor's scope."""
    editor = orm.aliased(Person)
    is_ours = within(actor, Appointment)
    born = sa.null().label("birth_date") if is_brief else col(Patient.birth_date)
    return (
        sa.select(
            *(getattr(Appointment, name) for name in _VISIT), col(Appointment.id), col(Appointment.version),
            col(Patient.family_name), col(Patient.given_name), col(Patient.patronymic), born,
            col(Appointment.changed_by_id), col(editor.family_name).label("editor"),
        )
        .outerjoin(Patient, sa.and_(col(Patient.id) == col(Appointment.patient_id), is_ours))
        .outerjoin(editor, sa.and_(col(editor.id) == col(Appointment.changed_by_id), is_ours))
    )  # fmt: skip


async def _seen(session: AsyncSession, query: Any) -> list[Seen]:
    found: list[Seen] = []
    for row in (await session.execute(query)).all():
        key, version, family, given, patronymic, born, changed_by_id, editor = row[len(_VISIT) :]
        visit = Visit(*row[: len(_VISIT)])
        facts = Facts(key, version, visit.kind, visit, family or "", given or "", patronymic or "", born)
        found.append(Seen(facts, changed_by_id, editor or ""))
    return found


async def busiest(session: AsyncSession, departments: Collection[UUID], day: date) -> UUID | None:
    """Which of these has the most visits planned on the day; None when nobody has any."""
    planned, which = sa.func.sum(col(DayFigures.planned)), col(DayFigures.department_id)
    query = (
        sa.select(which)
        .where(which.in_(departments), col(DayFigures.day) == day, col(DayFigures.kind) == FigureKind.ALL)
        .group_by(which)
        .having(planned > 0)
        .order_by(planned.desc(), which)
    )
    return (await session.execute(query.limit(1))).scalar()
