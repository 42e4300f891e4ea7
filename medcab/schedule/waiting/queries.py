"""Reads of the waiting list. What an actor may see of it is decided here, in SQL."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission
from medcab.accounts.models import Department, Membership, Person
from medcab.accounts.queries import holds_on
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule.models import Appointment, Reception, ReceptionTemplate
from medcab.schedule.queries import RECEIVING
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import LIVING
from medcab.schedule.rules.waiting import OPEN, PATIENCE, RANKS, Urgency, Wanted, WishState
from medcab.schedule.waiting.models import Wish

PAGE = 25
_WANTED = tuple(field.name for field in fields(Wanted))


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What the list is asked for; no states: those that are still open."""

    department_id: UUID | None = None
    practitioner_id: UUID | None = None
    state: WishState | None = None


@dataclass(frozen=True)
class Line:
    """One wish with its names; `place` counts from 1 among those who wait for the same, 0 for who does not wait."""

    wish: Wish
    patient: str
    practitioner: str
    department: str
    place: int
    visit: Appointment | None
    phone: str


def wanted_of(row: Wish) -> Wanted:
    """What the rules need of the row."""
    return Wanted(**{name: getattr(row, name) for name in _WANTED})


def within(actor: Actor) -> sa.ColumnElement[bool]:
    """Which wishes are the actor's to see: of the organisation, of their departments, or for themselves."""
    here = col(Wish.organisation_id) == actor.organisation_id
    if actor.may(Permission.SCHEDULE_ORGANISATION):
        return here
    mine = col(Wish.practitioner_id) == actor.person_id
    if wards := actor.departments_with(Permission.SCHEDULE_DEPARTMENT):
        mine = sa.or_(mine, col(Wish.department_id).in_(wards))
    return sa.and_(here, mine)


def ordered() -> tuple[Any, ...]:
    """Who is offered a time first, as `rules.waiting.order` says; the id tells apart who came at the same moment."""
    rank = sa.case(*((col(Wish.urgency) == urgency, number) for urgency, number in RANKS.items()), else_=len(Urgency))
    late = sa.case((col(Wish.offers) >= PATIENCE, 1), else_=0)
    return rank, late, col(Wish.created_at), col(Wish.id)


def _places(organisation_id: UUID | None) -> sa.Subquery:
    """The place of everybody who waits in the clinic, among those who wait for the same."""
    same = (col(Wish.department_id), col(Wish.practitioner_id), col(Wish.specialty))
    place = sa.func.row_number().over(partition_by=same, order_by=ordered())
    waiting = sa.and_(col(Wish.organisation_id) == organisation_id, col(Wish.state) == WishState.WAITING)
    return sa.select(col(Wish.id).label("id"), place.label("place")).where(waiting).subquery()


def _chosen(actor: Actor, asked: Filter) -> list[sa.ColumnElement[bool]]:
    states = (asked.state,) if asked.state else OPEN
    chosen = [within(actor), col(Wish.state).in_(states)]
    if asked.department_id:
        chosen.append(col(Wish.department_id) == asked.department_id)
    if asked.practitioner_id:
        chosen.append(col(Wish.practitioner_id) == asked.practitioner_id)
    return chosen


async def count(session: AsyncSession, actor: Actor, asked: Filter) -> int:
    """How many there are in all."""
    query = sa.select(sa.func.count()).select_from(Wish).where(*_chosen(actor, asked))
    return (await session.execute(query)).scalar_one()


async def page(session: AsyncSession, actor: Actor, asked: Filter, number: int) -> list[Line]:
    """One page of the actor's list, whoever is offered a time first at the top."""
    return await _lines(session, actor, _chosen(actor, asked), (number - 1) * PAGE)


async def line(session: AsyncSession, actor: Actor, wish_id: UUID) -> Line | None:
    """One wish, when it is the actor's to see."""
    found = await _lines(session, actor, [within(actor), col(Wish.id) == wish_id], 0)
    return found[0] if found else None


async def _lines(
    session: AsyncSession, actor: Actor, chosen: Sequence[sa.ColumnElement[bool]], offset: int
) -> list[Line]:
    places = _places(actor.organisation_id)
    query = (
        sa.select(
            Wish, Appointment, col(Patient.family_name), col(Patient.given_name), col(Patient.patronymic), col(Person.family_name),
            col(Person.given_name), col(Person.patronymic), col(Department.name), col(Patient.phone), places.c.place,
        )
        .join(Patient, col(Patient.id) == col(Wish.patient_id))
        .join(Department, col(Department.id) == col(Wish.department_id))
        .join(Person, col(Person.id) == col(Wish.practitioner_id), isouter=True)
        .join(Appointment, col(Appointment.id) == col(Wish.appointment_id), isouter=True)
        .join(places, places.c.id == col(Wish.id), isouter=True)
        .where(*chosen)
        .order_by(*ordered())
        .offset(offset)
        .limit(PAGE)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    return [
        Line(wish, person_name.short(*patient), person_name.short(*doctor) if doctor[0] else "", ward, place or 0, visit, number)
        for wish, visit, *names, ward, number, place in (await session.execute(query)).all()
        for patient, doctor in [(names[:3], names[3:])]
    ]  # fmt: skip


async def wish(session: AsyncSession, actor: Actor, wish_id: UUID) -> Wish | None:
    """As the database has it now, when it is the actor's."""
    query = select(Wish).where(Wish.id == wish_id, within(actor))
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def wish_of(session: AsyncSession, appointment_id: UUID) -> Wish | None:
    """The wish to which this visit was offered."""
    query = select(Wish).where(Wish.appointment_id == appointment_id)
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def same_wish(session: AsyncSession, wanted: Wanted, patient_id: UUID, *, but: UUID | None) -> Wish | None:
    """An open wish of the patient for the same worker, or the same specialty."""
    query = select(Wish).where(
        Wish.patient_id == patient_id, Wish.department_id == wanted.department_id, Wish.practitioner_id == wanted.practitioner_id,
        col(Wish.state).in_(OPEN),
    )  # fmt: skip
    if wanted.practitioner_id is None:
        query = query.where(Wish.specialty == wanted.specialty)
    if but:
        query = query.where(Wish.id != but)
    return (await session.exec(query.limit(1))).first()


async def waiting(
    session: AsyncSession, organisation_id: UUID, practitioner_id: UUID, departments: Collection[UUID]
) -> list[Wish]:
    """Whoever may be offered time of this worker in these departments, in their order."""
    query = select(Wish).where(
        Wish.organisation_id == organisation_id, Wish.state == WishState.WAITING, col(Wish.department_id).in_(departments),
        sa.or_(col(Wish.practitioner_id).is_(None), col(Wish.practitioner_id) == practitioner_id),
    )  # fmt: skip
    return list((await session.exec(query.order_by(*ordered()).execution_options(populate_existing=True))).all())


async def set_state(
    session: AsyncSession, wish_id: UUID, *, before: WishState, version: int, state: WishState, appointment_id: UUID | None, offers: int
) -> bool:  # fmt: skip
    """Change the version that was seen; False when somebody was faster."""
    put = (
        sa.update(Wish)
        .where(col(Wish.id) == wish_id, col(Wish.state) == before, col(Wish.version) == version)
        .values(state=state, appointment_id=appointment_id, offers=offers, version=version + 1)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(put)).rowcount == 1  # pyright: ignore[reportAttributeAccessIssue]


async def put(session: AsyncSession, wish_id: UUID, *, version: int, values: dict[str, Any]) -> bool:
    """Write what somebody who waits wants now; False when the version that was seen waits no longer."""
    change = (
        sa.update(Wish)
        .where(col(Wish.id) == wish_id, col(Wish.state) == WishState.WAITING, col(Wish.version) == version)
        .values(**values, version=version + 1)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(change)).rowcount == 1  # pyright: ignore[reportAttributeAccessIssue]


async def receiving(session: AsyncSession, departments: Collection[UUID], span: Span) -> list[tuple[UUID, UUID, str]]:
    """Who sees patients then by hours that are written down (those of today are): worker, department, specialty."""
    query = sa.select(col(Reception.practitioner_id), col(Reception.department_id), col(Reception.specialty)).where(
        col(Reception.department_id).in_(departments), col(Reception.starts_at) < span.ends_at,
        col(Reception.starts_at) > span.starts_at - timedelta(days=1), col(Reception.ends_at) > span.starts_at,
    )  # fmt: skip
    return [tuple(row) for row in (await session.execute(query)).all()]


async def busy(session: AsyncSession, patients: Collection[UUID], span: Span) -> dict[UUID, list[Span]]:
    """When each of them has another living visit in that time, wherever in the clinic."""
    starts, ends = col(Appointment.starts_at), col(Appointment.ends_at)
    query = sa.select(col(Appointment.patient_id), starts, ends).where(
        col(Appointment.patient_id).in_(patients), col(Appointment.status).in_(LIVING), starts < span.ends_at,
        starts > span.starts_at - timedelta(days=1), ends > span.starts_at,
    )  # fmt: skip
    found: dict[UUID, list[Span]] = defaultdict(list)
    for patient_id, begin, end in await session.execute(query):
        found[patient_id].append(Span(begin, end))
    return found


async def places(
    session: AsyncSession, people: Collection[UUID], organisation_id: UUID, day: date
) -> dict[UUID, set[UUID]]:
    """In which departments of the clinic each of them sees patients on the day."""
    query = sa.select(col(Membership.person_id), col(Membership.department_id)).where(
        col(Membership.person_id).in_(people), col(Membership.organisation_id) == organisation_id,
        col(Membership.department_id).is_not(None), col(Membership.role).in_(RECEIVING), holds_on(day),
    )  # fmt: skip
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for person_id, department_id in await session.execute(query):
        found[person_id].add(department_id)
    return found


async def workers(
    session: AsyncSession, department_id: UUID, specialty: str, since: datetime, today: date
) -> list[UUID]:
    """Who has hours of this specialty in the department, or will."""
    until = col(ReceptionTemplate.until)
    written = sa.select(col(Reception.practitioner_id)).where(
        col(Reception.department_id) == department_id, col(Reception.specialty) == specialty, col(Reception.starts_at) > since
    )  # fmt: skip
    planned = sa.select(col(ReceptionTemplate.practitioner_id)).where(
        col(ReceptionTemplate.department_id) == department_id, col(ReceptionTemplate.specialty) == specialty,
        sa.or_(until.is_(None), until >= today),
    )  # fmt: skip
    return sorted(set((await session.execute(sa.union(written, planned))).scalars()))


async def specialties(
    session: AsyncSession, departments: Collection[UUID], since: datetime, today: date
) -> list[tuple[UUID, str]]:
    """What is seen in these departments, by name."""
    until = col(ReceptionTemplate.until)
    written = sa.select(col(Reception.department_id), col(Reception.specialty)).where(
        col(Reception.department_id).in_(departments), col(Reception.specialty) != "", col(Reception.starts_at) > since
    )
    planned = sa.select(col(ReceptionTemplate.department_id), col(ReceptionTemplate.specialty)).where(
        col(ReceptionTemplate.department_id).in_(departments), col(ReceptionTemplate.specialty) != "",
        sa.or_(until.is_(None), until >= today),
    )  # fmt: skip
    rows = (await session.execute(sa.union(written, planned))).all()
    return sorted(((row[0], row[1]) for row in rows), key=lambda pair: pair[1])


async def waited_for(session: AsyncSession) -> list[tuple[UUID, UUID, UUID | None, str, date]]:
    """Clinic, department, worker or specialty that anybody waits for, and until when at the latest."""
    what = (Wish.organisation_id, Wish.department_id, Wish.practitioner_id, Wish.specialty)
    query = sa.select(*what, sa.func.max(col(Wish.until))).where(col(Wish.state) == WishState.WAITING).group_by(*what)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return [tuple(row) for row in await session.execute(query)]
