"""Which disputes an operator sees, in the order in which they wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, Role, require
from medcab.accounts.models import Membership, Person
from medcab.accounts.queries import holds_on
from medcab.identifiers import person_name
from medcab.verification.disputes.models import Dispute
from medcab.verification.disputes.rules import FOR_OPERATORS, OPEN, DisputeState

PAGE = 20
_EYES = 2
"""Operators that a clinic needs to decide on its own."""


class Pile(StrEnum):
    """What the list shows."""

    WAITING = "waiting"
    ASKED = "asked"
    DECIDED = "decided"


_STATES: dict[Pile, frozenset[DisputeState]] = {
    Pile.WAITING: FOR_OPERATORS,
    Pile.ASKED: frozenset({DisputeState.ASKED}),
    Pile.DECIDED: frozenset(DisputeState) - OPEN,
}


@dataclass(frozen=True)
class Place:
    """A dispute in the list."""

    dispute: Dispute
    name: str


@dataclass(frozen=True)
class Queue:
    """One page; `pages` counts from 1."""

    places: list[Place]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Waiting:
    """How many wait for an operator, and since when the oldest does."""

    count: int
    oldest: datetime | None


def seen_by(person_id: UUID, organisation_id: UUID | None) -> sa.ColumnElement[bool]:
    """Of the operator's own clinic, and of clinics that have too few operators to decide: nobody waits unseen. Never one's own."""
    today = clock.today()
    here = sa.select(col(Membership.person_id)).where(
        col(Membership.organisation_id) == organisation_id, holds_on(today)
    )
    person = col(Dispute.person_id)
    return sa.and_(person != person_id, sa.or_(person.in_(here), ~person.in_(_decided_at_home(today))))


def _decided_at_home(today: date) -> sa.Select[UUID]:
    """Whose clinic has operators enough, an operator's own dispute not counting them: it takes one more there."""
    organisation, person = col(Membership.organisation_id), col(Membership.person_id)
    operates = sa.and_(col(Membership.role) == Role.SUPPORT, holds_on(today))

    def with_eyes(count: int) -> sa.Select[UUID]:
        clinics = sa.select(organisation).where(operates).group_by(organisation)
        return clinics.having(sa.func.count(sa.distinct(person)) >= count)

    is_operator = person.in_(sa.select(person).where(operates))
    enough = sa.or_(organisation.in_(with_eyes(_EYES + 1)), sa.and_(organisation.in_(with_eyes(_EYES)), ~is_operator))
    return sa.select(person).where(holds_on(today), enough)


async def queue(session: AsyncSession, actor: Actor, pile: Pile, page: int) -> Queue:
    """Who has waited longest comes first; what is decided, newest first."""
    require(actor, Permission.SUPPORT_DESK)
    wanted = [col(Dispute.state).in_(_STATES[pile]), seen_by(actor.person_id, actor.organisation_id)]
    total = (await session.exec(select(sa.func.count()).select_from(Dispute).where(*wanted))).one()
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    since = col(Dispute.closed_at).desc() if pile is Pile.DECIDED else col(Dispute.waiting_since)
    query = select(Dispute, Person).join(Person, col(Person.id) == col(Dispute.person_id)).where(*wanted)
    rows = (await session.exec(query.order_by(since, col(Dispute.id)).offset((page - 1) * PAGE).limit(PAGE))).all()
    return Queue([Place(dispute, _name(person)) for dispute, person in rows], total, page, pages)


async def waiting(session: AsyncSession, actor: Actor) -> Waiting:
    """What waits for this operator or a colleague."""
    require(actor, Permission.SUPPORT_DESK)
    seen = seen_by(actor.person_id, actor.organisation_id)
    query = sa.select(sa.func.count(), sa.func.min(col(Dispute.waiting_since))).where(
        col(Dispute.state).in_(FOR_OPERATORS), seen
    )
    return Waiting(*(await session.execute(query)).one())


async def overdue(session: AsyncSession, since: datetime, told_before: datetime) -> list[Dispute]:
    """What has waited for operators since then or longer, and of which they were not told lately."""
    query = select(Dispute).where(
        col(Dispute.state).in_(FOR_OPERATORS),
        col(Dispute.waiting_since) < since,
        sa.or_(col(Dispute.reminded_at).is_(None), col(Dispute.reminded_at) < told_before),
    )
    return list((await session.exec(query.order_by(col(Dispute.id)).with_for_update())).all())


async def operators(session: AsyncSession) -> list[tuple[Person, UUID]]:
    """Every operator of today with the clinic they are one in."""
    query = (
        select(Person, Membership.organisation_id)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.role == Role.SUPPORT, holds_on(clock.today()))
        .order_by(col(Person.id))
    )
    return [(person, organisation_id) for person, organisation_id in (await session.exec(query)).all()]


async def seen_among(
    session: AsyncSession, person_id: UUID, organisation_id: UUID, ids: Sequence[UUID]
) -> set[UUID]:  # fmt: skip
    """Which of these disputes the operator sees."""
    query = select(Dispute.id).where(col(Dispute.id).in_(ids), seen_by(person_id, organisation_id))
    return set((await session.exec(query)).all())


def _name(person: Person) -> str:
    return person_name.short(person.family_name, person.given_name, person.patronymic)
