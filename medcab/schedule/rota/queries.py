"""What judging a rota needs to know: a fixed number of queries, however many workers and days it has."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission
from medcab.accounts.models import Department, Membership, Person
from medcab.accounts.queries import days_without_rights
from medcab.clock import MOSCOW
from medcab.patients.models import Patient
from medcab.schedule.absences.models import Absence
from medcab.schedule.hours.queries import Hours, computed_of, written
from medcab.schedule.models import Appointment, AppointmentStatus, Reception, ReceptionClosed, ReceptionTemplate
from medcab.schedule.queries import RECEIVING, within
from medcab.schedule.resources import queries as resources
from medcab.schedule.resources.models import ResourceClosed, ResourceKind
from medcab.schedule.rules.facts import Booked, Day, Open, Room, Shut, Usual
from medcab.schedule.rules.resources import key_of
from medcab.schedule.rules.roster import Place, Roster, Worker
from medcab.schedule.rules.slots import Span, bounds, day_of
from medcab.schedule.rules.templates import Closed

_DAY = timedelta(days=1)
_MOST_NAMED = 500


def opened(each: Hours) -> Open:
    """What the rules need of hours."""
    return Open(
        each.department_id, each.starts_at, each.ends_at, each.slot_minutes, each.room, each.specialty
    )  # fmt: skip


def scope(actor: Actor, known: Collection[UUID]) -> frozenset[UUID]:
    """Of these, the ones whose hours the actor may plan."""
    if actor.may(Permission.SCHEDULE_ORGANISATION):
        return frozenset(known)
    return actor.departments_with(Permission.SCHEDULE_DEPARTMENT) & frozenset(known)


async def departments(session: AsyncSession, actor: Actor) -> dict[UUID, str]:
    """Those of the clinic that are open, by name."""
    query = sa.select(col(Department.id), col(Department.name)).where(
        col(Department.organisation_id) == actor.organisation_id, col(Department.closed_at).is_(None)
    )
    return {row[0]: row[1] for row in (await session.execute(query.order_by(col(Department.name)))).all()}


async def roster(session: AsyncSession, actor: Actor, first: date, last: date) -> Roster:
    """Everybody of the clinic who sees patients in these days, with their departments."""
    until = col(Membership.until)
    query = (
        sa.select(
            col(Person.id), col(Person.family_name), col(Person.given_name), col(Person.patronymic), col(Person.email),
            col(Membership.department_id), col(Membership.since), until.label("until"),
        )
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            col(Membership.organisation_id) == actor.organisation_id, col(Membership.role).in_(RECEIVING), col(Membership.since) <= last,
            col(Membership.department_id).is_not(None), sa.or_(until.is_(None), until >= first),
        )
        .order_by(col(Person.family_name), col(Person.given_name), col(Person.id))
    )  # fmt: skip
    names: dict[UUID, tuple[str, str, str, str]] = {}
    places: dict[UUID, list[Place]] = defaultdict(list)
    for row in (await session.execute(query)).all():
        names[row[0]] = row[1:5]
        places[row[0]].append(Place(row[5], row[6], row[7]))
    away = await _away(session, actor, first, last)
    known = await departments(session, actor)
    workers = [
        Worker(key, *name[:3], places=tuple(dict.fromkeys(places[key])), email=name[3], away=tuple(away.get(key, ())))
        for key, name in names.items()
    ]
    return Roster(workers, known, scope(actor, known))


async def _away(session: AsyncSession, actor: Actor, first: date, last: date) -> dict[UUID, list[Closed]]:
    """Who is suspended or dismissed, and when."""
    found: dict[UUID, list[Closed]] = defaultdict(list)
    for who, since, until in await days_without_rights(session, actor.organisation_id, first, last):
        found[who].append(Closed(since, until))
    return found


async def facts_of_days(
    session: AsyncSession, organisation_id: UUID, people: Collection[UUID], span: Span
) -> dict[Day, dict[UUID, Hours]]:
    """Hours of the clinic that are written down, by worker and day, with their ids."""
    query = sa.select(col(Reception.id), *(getattr(Reception, name) for name in Hours.__slots__)).where(
        col(Reception.organisation_id) == organisation_id, col(Reception.practitioner_id).in_(people),
        col(Reception.starts_at) >= span.starts_at, col(Reception.starts_at) < span.ends_at,
    )  # fmt: skip
    found: dict[Day, dict[UUID, Hours]] = defaultdict(dict)
    for row in (await session.execute(query.order_by(col(Reception.starts_at)))).all():
        each = Hours(*row[1:])
        found[each.practitioner_id, day_of(each.starts_at, MOSCOW)][row[0]] = each
    return found


async def said_by_templates(
    session: AsyncSession, organisation_id: UUID, people: Collection[UUID], span: Span
) -> dict[Day, list[Hours]]:
    """Hours of the clinic that are computed, by worker and day."""
    here = col(ReceptionTemplate.organisation_id) == organisation_id
    found: dict[Day, list[Hours]] = defaultdict(list)
    for each in await computed_of(people, session, span, here):
        found[each.practitioner_id, day_of(each.starts_at, MOSCOW)].append(each)
    return found


async def elsewhere(
    session: AsyncSession, organisation_id: UUID, people: Collection[UUID], span: Span
) -> dict[UUID, list[Span]]:
    """Hours of these people that no rota of this clinic changes: other clinics', and what of a night here reaches into the next day."""
    query = sa.select(
        col(Reception.practitioner_id), col(Reception.organisation_id), col(Reception.starts_at), col(Reception.ends_at)
    ).where(
        col(Reception.practitioner_id).in_(people), col(Reception.starts_at) >= span.starts_at - _DAY, col(Reception.starts_at) < span.ends_at
    )  # fmt: skip
    found: dict[UUID, list[Span]] = defaultdict(list)
    for who, where, starts, ends in (await session.execute(query)).all():
        midnight = bounds(day_of(starts, MOSCOW) + _DAY, 1, MOSCOW).starts_at
        if where != organisation_id:
            found[who].append(Span(starts, ends))
        elif ends > midnight:
            found[who].append(Span(midnight, ends))
    for each in await computed_of(people, session, span, col(ReceptionTemplate.organisation_id) != organisation_id):
        found[each.practitioner_id].append(each.span)
    return found


async def shut(
    session: AsyncSession, organisation_id: UUID, people: Collection[UUID], first: date, last: date
) -> list[tuple[ReceptionClosed, Shut]]:
    """Days without reception, and whether an absence stands behind them."""
    of_absence = sa.select(col(Absence.id)).where(
        col(Absence.closed_id) == col(ReceptionClosed.id), col(Absence.taken_back_at).is_(None)
    )
    query = sa.select(ReceptionClosed, of_absence.exists()).where(
        col(ReceptionClosed.organisation_id) == organisation_id, col(ReceptionClosed.practitioner_id).in_(people),
        col(ReceptionClosed.since) <= last, col(ReceptionClosed.until) >= first,
    )  # fmt: skip
    rows = (await session.execute(query.execution_options(populate_existing=True))).all()
    return [
        (row, Shut(row.since, row.until, row.reason, is_absence=bool(is_absence), starts=row.starts, ends=row.ends))
        for row, is_absence in rows
    ]


async def usual(
    session: AsyncSession, organisation_id: UUID, people: Collection[UUID], since: date
) -> dict[tuple[UUID, UUID], Usual]:
    """What the templates that still hold say of any day, by worker and department; the oldest of several."""
    until = col(ReceptionTemplate.until)
    query = select(ReceptionTemplate).where(
        ReceptionTemplate.organisation_id == organisation_id, col(ReceptionTemplate.practitioner_id).in_(people),
        sa.or_(until.is_(None), until >= since),
    )  # fmt: skip
    found: dict[tuple[UUID, UUID], Usual] = {}
    for row in await session.exec(query.order_by(col(ReceptionTemplate.since), col(ReceptionTemplate.id))):
        found.setdefault((row.practitioner_id, row.department_id), Usual(row.slot_minutes, row.room, row.specialty))
    return found


async def booked(
    session: AsyncSession, organisation_id: UUID, people: Collection[UUID], span: Span
) -> dict[UUID, list[Booked]]:
    """Visits that are still to come, without names."""
    query = sa.select(col(Appointment.practitioner_id), col(Appointment.id), col(Appointment.starts_at), col(Appointment.ends_at)).where(
        col(Appointment.practitioner_id).in_(people), col(Appointment.organisation_id) == organisation_id,
        col(Appointment.status) == AppointmentStatus.BOOKED, col(Appointment.starts_at) >= max(span.starts_at, clock.now()),
        col(Appointment.starts_at) < span.ends_at,
    )  # fmt: skip
    found: dict[UUID, list[Booked]] = defaultdict(list)
    for who, key, starts, ends in (await session.execute(query.order_by(col(Appointment.starts_at)))).all():
        found[who].append(Booked(key, Span(starts, ends), ""))
    return found


async def names(session: AsyncSession, actor: Actor, visits: Sequence[UUID]) -> dict[UUID, tuple[str, str, str]]:
    """Whose visits these are, as far as they are the actor's to see."""
    if not visits:
        return {}
    query = (
        sa.select(col(Appointment.id), col(Patient.family_name), col(Patient.given_name), col(Patient.patronymic))
        .join(Patient, col(Patient.id) == col(Appointment.patient_id))
        .where(col(Appointment.id).in_(visits[:_MOST_NAMED]), within(actor, Appointment))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in (await session.execute(query)).all()}


async def rooms(session: AsyncSession, organisation_id: UUID, span: Span) -> dict[str, Room]:
    """Those of the clinic's list, with their services."""
    listed = await resources.in_use(session, organisation_id, ResourceKind.ROOM)
    query = sa.select(col(ResourceClosed.resource_id), col(ResourceClosed.starts_at), col(ResourceClosed.ends_at)).where(
        col(ResourceClosed.resource_id).in_([row.id for row in listed]), col(ResourceClosed.starts_at) < span.ends_at,
        col(ResourceClosed.ends_at) > span.starts_at,
    )  # fmt: skip
    closed: dict[UUID, list[Span]] = defaultdict(list)
    for key, starts, ends in (await session.execute(query)).all() if listed else ():
        closed[key].append(Span(starts, ends))
    return {key_of(row.name): Room(row.name, resources.available(row), tuple(closed.get(row.id, ()))) for row in listed}


async def in_rooms(
    session: AsyncSession, organisation_id: UUID, keys: Collection[str], span: Span
) -> list[tuple[UUID, Open]]:
    """Hours of anybody in rooms of these names, however they are typed."""
    here, said_here = col(Reception.organisation_id) == organisation_id, col(ReceptionTemplate.organisation_id) == organisation_id  # fmt: skip
    during = sa.and_(col(Reception.starts_at) >= span.starts_at - _DAY, col(Reception.starts_at) < span.ends_at)
    typed = sa.select(col(Reception.room)).where(here, during).union(sa.select(col(ReceptionTemplate.room)).where(said_here))  # fmt: skip
    names = [room for room in (await session.execute(typed)).scalars() if room.strip() and key_of(room) in keys]
    if not names:
        return []
    rows = await session.exec(select(Reception).where(here, during, col(Reception.room).in_(names)))
    found = [(row.practitioner_id, opened(written(row))) for row in rows]
    theirs = sa.select(col(ReceptionTemplate.practitioner_id)).where(said_here, col(ReceptionTemplate.room).in_(names))
    people = set((await session.execute(theirs.distinct())).scalars())
    is_meant = sa.and_(said_here, col(ReceptionTemplate.room).in_(names))
    computed = await computed_of(people, session, span, is_meant) if people else []
    return [*found, *((each.practitioner_id, opened(each)) for each in computed)]


async def emails_of_namesakes(session: AsyncSession, people: Mapping[UUID, tuple[str, str, str]]) -> dict[UUID, str]:
    """Addresses of those whose full name somebody else of these has too."""
    same: dict[tuple[str, str, str], list[UUID]] = defaultdict(list)
    for key, name in people.items():
        same[name].append(key)
    twice = [key for keys in same.values() if len(keys) > 1 for key in keys]
    if not twice:
        return {}
    query = sa.select(col(Person.id), col(Person.email)).where(col(Person.id).in_(twice))
    return {row[0]: row[1] for row in (await session.execute(query)).all()}
