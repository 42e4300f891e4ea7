"""Reads of what was led by whom: visits with their patients, hours, and what is known of whoever really was there."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.accounts.models import Department, Membership, Person
from medcab.accounts.queries import right_of, rights_of
from medcab.clock import MOSCOW
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule import queries as schedule
from medcab.schedule.absences.models import Absence
from medcab.schedule.absences.queries import time_of
from medcab.schedule.handover.models import HandedOver
from medcab.schedule.handover.rules import Other, Task, Worked
from medcab.schedule.hours.queries import Hours, closed_of, computed
from medcab.schedule.models import Appointment, DayFigures, Reception, ReceptionClosed
from medcab.schedule.queries import RECEIVING
from medcab.schedule.rules.figures import FigureKind
from medcab.schedule.rules.slots import Span, bounds
from medcab.schedule.rules.templates import said_of
from medcab.schedule.vacant.queries import at_work

_DAY = timedelta(days=1)
_LINES = sa.table("bill_line", sa.column("appointment_id", sa.Uuid()), sa.column("outcome", sa.String()))
"""Money stands a floor above and is not to be imported: this says beforehand what `ck_billed_visit` would say afterwards."""


@dataclass(frozen=True)
class Led:
    """A visit with its patient; `is_own`: the actor may hand it over."""

    visit: Appointment
    patient: Patient
    is_own: bool


@dataclass(frozen=True)
class Colleague:
    """Somebody who sees, or saw, patients in the clinic; `is_here`: in a department whose visits the actor hands over."""

    id: UUID
    name: str
    department: str
    specialties: tuple[str, ...]
    is_here: bool


def span_of(task: Task) -> Span:
    """From the first midnight to the last."""
    return bounds(task.since, (task.until - task.since).days + 1, MOSCOW)


def around(task: Task) -> Span:
    """With the nights that reach into it."""
    span = span_of(task)
    return Span(span.starts_at - _DAY, span.ends_at + _DAY)


async def colleagues(session: AsyncSession, actor: Actor, since: date) -> list[Colleague]:
    """Who sees patients in the clinic, or did on some day since then; by name, each with one department."""
    names = (col(Person.family_name), col(Person.given_name), col(Person.patronymic))
    query = (
        sa.select(col(Person.id), *names, sa.func.min(col(Department.name)))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .join(Department, col(Department.id) == col(Membership.department_id))
        .where(
            col(Membership.organisation_id) == actor.organisation_id, col(Membership.role).in_(RECEIVING),
            sa.or_(col(Membership.until).is_(None), col(Membership.until) >= since),
        )
        .group_by(col(Person.id), *names)
        .order_by(*names, col(Person.id))
    )  # fmt: skip
    rows = (await session.execute(query)).all()
    rights, here = await rights_of(session, [row[0] for row in rows]), await _here(session, actor, since)
    return [
        Colleague(key, person_name.short(*name), ward, tuple(sorted(rights[key].specialties)), here is None or key in here)
        for key, *name, ward in rows
    ]  # fmt: skip


async def _here(session: AsyncSession, actor: Actor, since: date) -> set[UUID] | None:
    """Who has a post in the actor's departments, or had visits or hours there since then; None: all are the actor's."""
    if actor.may(Permission.HANDOVER_ORGANISATION):
        return None
    wards = actor.departments_with(Permission.HANDOVER_DEPARTMENT)
    kept, count = DayFigures, col(DayFigures.planned) + col(DayFigures.cancelled) + col(DayFigures.offered_minutes)
    worked = sa.select(col(kept.practitioner_id)).where(
        col(kept.department_id).in_(wards), col(kept.kind) == FigureKind.ALL, col(kept.day) >= since, count > 0
    )
    posted = sa.select(col(Membership.person_id)).where(
        col(Membership.department_id).in_(wards),
        sa.or_(col(Membership.until).is_(None), col(Membership.until) >= since),
    )
    return set((await session.execute(worked.union(posted))).scalars())


async def visits(session: AsyncSession, actor: Actor, task: Task) -> list[Led]:
    """All of the worker's in the clinic on these days and about them, in order; whatever became of them."""
    query = (
        sa.select(Appointment, Patient)
        .join(Patient, col(Patient.id) == col(Appointment.patient_id))
        .where(
            col(Appointment.practitioner_id) == task.who, col(Appointment.organisation_id) == actor.organisation_id,
            *_begins(Appointment, around(task)),
        )
        .order_by(col(Appointment.starts_at), col(Appointment.booked_at), col(Appointment.id))
        .execution_options(populate_existing=True)
    )  # fmt: skip
    wards = actor.departments_with(Permission.HANDOVER_DEPARTMENT)
    is_all = actor.may(Permission.HANDOVER_ORGANISATION)
    rows = (await session.execute(query)).all()
    return [Led(visit, patient, is_all or visit.department_id in wards) for visit, patient in rows]


def _begins(table: type[Appointment] | type[Reception], span: Span) -> Iterable[sa.ColumnElement[bool]]:
    return col(table.starts_at) >= span.starts_at, col(table.starts_at) < span.ends_at


async def hold(session: AsyncSession, actor: Actor, visit_ids: Collection[UUID]) -> None:
    """Nobody changes these, or puts them into a register, until the transaction ends; in the order in which a register holds them."""
    here = col(Appointment.organisation_id) == actor.organisation_id
    query = sa.select(col(Appointment.id)).where(col(Appointment.id).in_(visit_ids), here)
    await session.execute(query.order_by(col(Appointment.id)).with_for_update())


async def lift(session: AsyncSession, visit_ids: Collection[UUID]) -> None:
    """Let these stand on top of the plan, where they hold no time, until each is written as it is to be: two that change places would never
    find the other's time free."""
    above = {"is_over": True, "over_reason": "обмен"}
    query = sa.update(Appointment).where(col(Appointment.id).in_(visit_ids), ~col(Appointment.is_over)).values(above)
    await session.execute(query.execution_options(synchronize_session=False))


async def billed(session: AsyncSession, visit_ids: Collection[UUID]) -> set[UUID]:
    """Those that a payer was asked for, and has not refused."""
    stands = _LINES.c.outcome.in_(("waiting", "accepted"))
    query = sa.select(_LINES.c.appointment_id).where(_LINES.c.appointment_id.in_(visit_ids), stands)
    return set((await session.execute(query)).scalars())


async def handed_over(session: AsyncSession, visit_ids: Collection[UUID]) -> dict[UUID, HandedOver]:
    """Of these, how they came to whose they are."""
    query = select(HandedOver).where(col(HandedOver.appointment_id).in_(visit_ids))
    rows = (await session.exec(query.execution_options(populate_existing=True))).all()
    return {row.appointment_id: row for row in rows}


async def remember(session: AsyncSession, rows: Sequence[HandedOver]) -> None:
    """In place of what was known of these visits."""
    former = sa.delete(HandedOver).where(col(HandedOver.appointment_id).in_([row.appointment_id for row in rows]))
    await session.execute(former.execution_options(synchronize_session=False))
    await session.execute(sa.insert(HandedOver), [row.model_dump() for row in rows])


async def hours(session: AsyncSession, practitioner_id: UUID, task: Task) -> list[Worked]:
    """Of one worker, in any clinic, as they are written down; in order."""
    query = select(Reception).where(Reception.practitioner_id == practitioner_id, *_begins(Reception, around(task)))
    ordered = query.order_by(col(Reception.starts_at)).execution_options(populate_existing=True)
    return [_worked(row, row.id) for row in (await session.exec(ordered)).all()]


def _worked(row: Reception | Hours, key: UUID | None) -> Worked:
    return Worked(
        key, row.practitioner_id, row.organisation_id, row.department_id, Span(row.starts_at, row.ends_at), row.slot_minutes, row.room,
        row.specialty,
    )  # fmt: skip


async def other(session: AsyncSession, organisation_id: UUID, name: str, task: Task) -> Other:
    """What is known of whoever really led the visits, of these days."""
    days = [task.since + timedelta(number) for number in range((task.until - task.since).days + 1)]
    span = around(task)
    works = await at_work(session, organisation_id, [task.to], days)
    said = [_worked(each, None) for each in await computed(session, task.to, span)]
    return Other(
        name=name, works=frozenset(day for _, day in works), busy=tuple(await schedule.busy(session, task.to, span)),
        hours=(*await hours(session, task.to, task), *said), absent=await _absent(session, organisation_id, task),
        closed=await _closed(session, organisation_id, task), right=await right_of(session, task.to),
    )  # fmt: skip


async def _absent(session: AsyncSession, organisation_id: UUID, task: Task) -> tuple[tuple[Span, str], ...]:
    """Registered absences that stand."""
    query = select(Absence).where(
        Absence.organisation_id == organisation_id, Absence.practitioner_id == task.to, col(Absence.closed_id).is_not(None),
        col(Absence.taken_back_at).is_(None), col(Absence.since) <= task.until, col(Absence.until) >= task.since,
    )  # fmt: skip
    rows = (await session.exec(query.order_by(col(Absence.since)))).all()
    return tuple((time_of(row).span(MOSCOW), said_of(time_of(row))) for row in rows)


async def _closed(session: AsyncSession, organisation_id: UUID, task: Task) -> tuple[tuple[Span, str], ...]:
    query = select(ReceptionClosed).where(
        ReceptionClosed.organisation_id == organisation_id, ReceptionClosed.practitioner_id == task.to,
        col(ReceptionClosed.since) <= task.until, col(ReceptionClosed.until) >= task.since,
    )  # fmt: skip
    rows = (await session.exec(query.order_by(col(ReceptionClosed.since)))).all()
    return tuple((closed_of(row).span(MOSCOW), f" ({row.reason})" if row.reason else "") for row in rows)


async def people(session: AsyncSession, ids: Collection[UUID]) -> list[Person]:
    """In the order of their ids."""
    query = select(Person).where(col(Person.id).in_(ids))
    return list((await session.exec(query.order_by(col(Person.id)))).all())
