"""Reads of kept and sent views, and of the colleagues who may look at figures at all."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import GRANTS, NOT_MEDICAL, Actor, Permission
from medcab.accounts.models import Membership, Person, Standing
from medcab.accounts.queries import holds_on
from medcab.dashboards.views.models import SavedView, SentView
from medcab.identifiers import person_name

_LOOKING = [
    role for role, granted in GRANTS.items() if Permission.FIGURES_DEPARTMENT in granted and role not in NOT_MEDICAL
]


@dataclass(frozen=True)
class Colleague:
    """Somebody to whom a view can be sent."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Sent:
    """A view that has come, and from whom."""

    view: SentView
    sender: str


async def own(session: AsyncSession, actor: Actor) -> list[SavedView]:
    """In the clinic chosen now, by name."""
    query = select(SavedView).where(
        SavedView.person_id == actor.person_id, SavedView.organisation_id == actor.organisation_id
    )
    return sorted((await session.exec(query)).all(), key=lambda view: view.name.casefold())


async def colleagues(session: AsyncSession, actor: Actor, today: date) -> list[Colleague]:
    """Whose role in the clinic opens figures today, by name, the actor left out."""
    looks = sa.select(col(Membership.person_id)).where(
        col(Membership.organisation_id) == actor.organisation_id, col(Membership.role).in_(_LOOKING), holds_on(today)
    )
    names = (col(Person.family_name), col(Person.given_name), col(Person.patronymic))
    query = sa.select(col(Person.id), *names).where(
        col(Person.id).in_(looks), col(Person.id) != actor.person_id, col(Person.standing) == Standing.ACTIVE
    )
    rows = await session.execute(query.order_by(*names, col(Person.id)))
    return [Colleague(key, person_name.full(*name)) for key, *name in rows]


async def received(session: AsyncSession, actor: Actor) -> list[Sent]:
    """What waits for the actor in this clinic, the newest first."""
    query = (
        sa.select(SentView, col(Person.family_name), col(Person.given_name), col(Person.patronymic))
        .join(Person, col(Person.id) == col(SentView.sender_id))
        .where(col(SentView.person_id) == actor.person_id, col(SentView.organisation_id) == actor.organisation_id)
        .order_by(col(SentView.sent_at).desc(), col(SentView.id))
    )
    return [Sent(view, person_name.short(*name)) for view, *name in await session.execute(query)]


async def waiting_for(session: AsyncSession, person_id: UUID) -> int:
    """How many views wait for somebody, in all clinics."""
    query = sa.select(sa.func.count()).select_from(SentView).where(col(SentView.person_id) == person_id)
    return (await session.execute(query)).scalar_one()
