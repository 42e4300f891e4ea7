"""Reads of feeds: whose a link is and what the person may now, and what it shows. Names are not even asked for where they are not to be shown."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor
from medcab.accounts.models import Department, Membership, Organisation, Person
from medcab.accounts.queries import holds_on
from medcab.accounts.rules.right import Right
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule.feeds.models import CalendarFeed
from medcab.schedule.models import Appointment
from medcab.schedule.rules.feeds import MOST_VISITS, Booked
from medcab.schedule.rules.slots import Span


@dataclass(frozen=True)
class Held:
    """A link, its person as the clinic and the register have them today (None: the account is locked), and the clinic's name."""

    feed: CalendarFeed
    actor: Actor | None
    clinic: str


async def held(session: AsyncSession, secret_hash: str, today: date) -> Held | None:
    """Whose link this is; one query."""
    works_here = sa.and_(
        col(Membership.person_id) == col(CalendarFeed.person_id),
        col(Membership.organisation_id) == col(CalendarFeed.organisation_id),
        holds_on(today),
    )
    query = (
        sa.select(
            CalendarFeed, col(Organisation.short_name), col(Person.standing), col(Person.standing_until),
            col(Person.blocked_at), col(Membership.role), col(Membership.department_id),
        )
        .join(Organisation, col(Organisation.id) == col(CalendarFeed.organisation_id))
        .join(Person, col(Person.id) == col(CalendarFeed.person_id))
        .outerjoin(Membership, works_here)
        .where(col(CalendarFeed.secret_hash) == secret_hash)
    )  # fmt: skip
    rows = (await session.execute(query)).all()
    if not rows:
        return None
    feed, clinic, standing, until, blocked_at, _, _ = rows[0]
    actor = Actor(
        person_id=feed.person_id, session_id=feed.id, name="", organisation_id=feed.organisation_id,
        department_ids=frozenset(row.department_id for row in rows if row.department_id),
        posts=frozenset((row.role, row.department_id) for row in rows if row.department_id),
        roles=frozenset(row.role for row in rows if row.role), is_active=Right(standing, until).holds_on(today),
    )  # fmt: skip
    return Held(feed, None if blocked_at else actor, clinic)


async def visits(session: AsyncSession, feed: CalendarFeed, span: Span) -> list[Booked]:
    """The person's own in the clinic of the link, the first ones when they are too many."""
    names = (col(Patient.family_name), col(Patient.given_name), col(Patient.patronymic)) if feed.with_names else ()
    query = (
        sa.select(Appointment, col(Department.name), *names)
        .join(Department, col(Department.id) == col(Appointment.department_id))
        .where(
            col(Appointment.practitioner_id) == feed.person_id, col(Appointment.organisation_id) == feed.organisation_id,
            col(Appointment.starts_at) >= span.starts_at, col(Appointment.starts_at) < span.ends_at,
        )
        .order_by(col(Appointment.starts_at), col(Appointment.id))
        .limit(MOST_VISITS)
    )  # fmt: skip
    if feed.with_names:
        query = query.join(Patient, col(Patient.id) == col(Appointment.patient_id))
    rows = (await session.execute(query)).all()
    return [_booked(visit, department, person_name.short(*name) if name else "") for visit, department, *name in rows]


def _booked(visit: Appointment, department: str, name: str) -> Booked:
    return Booked(
        visit.id, Span(visit.starts_at, visit.ends_at), visit.kind, visit.status, visit.is_over, visit.confirmed_at is not None,
        visit.version, visit.changed_at or visit.booked_at, department, name,
    )  # fmt: skip


async def own(session: AsyncSession, person_id: UUID) -> list[tuple[CalendarFeed, str]]:
    """A person's links in all clinics with the clinic's name, the newest first."""
    query = (
        select(CalendarFeed, Organisation.short_name)
        .join(Organisation, col(Organisation.id) == col(CalendarFeed.organisation_id))
        .where(CalendarFeed.person_id == person_id)
        .order_by(col(CalendarFeed.made_at).desc(), col(CalendarFeed.id))
    )
    return [(feed, clinic) for feed, clinic in (await session.exec(query)).all()]


async def mark_read(session: AsyncSession, feed_id: UUID, now: datetime, before: datetime) -> None:
    """It was read now, unless that has been written down since `before`."""
    read_at = col(CalendarFeed.read_at)
    due = sa.or_(read_at.is_(None), read_at <= before)
    await session.execute(sa.update(CalendarFeed).where(col(CalendarFeed.id) == feed_id, due).values(read_at=now))


async def mark_journalled(session: AsyncSession, feed_id: UUID, today: date) -> bool:
    """Whether this is the day's first reading with names; asking counts."""
    on = col(CalendarFeed.journalled_on)
    mark = sa.update(CalendarFeed).where(col(CalendarFeed.id) == feed_id, sa.or_(on.is_(None), on < today))
    result = await session.execute(mark.values(journalled_on=today))
    return result.rowcount == 1  # pyright: ignore[reportAttributeAccessIssue]
