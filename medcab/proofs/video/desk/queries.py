"""What lies before an operator: the sessions to come, and the own ones that are over."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import Actor, Permission, require
from medcab.accounts.models import Person
from medcab.proofs.video.models import VideoSession
from medcab.proofs.video.queries import operators_for
from medcab.proofs.video.rules import OPEN, SessionState

PAGE = 20
_MOST = 500
"""Sessions to come that are drawn at once: two weeks of a few operators."""


@dataclass(frozen=True)
class Place:
    """A session in the list, with whom it is held and by whom."""

    session: VideoSession
    person: Person
    operator: Person


async def to_come(session: AsyncSession, actor: Actor) -> list[Place]:
    """The operator's and their colleagues' that may be taken over; whoever waits already first, then by time."""
    require(actor, Permission.SUPPORT_DESK)
    query = _places().where(col(VideoSession.state).in_(OPEN), col(VideoSession.person_id) != actor.person_id)
    places = await _read(session, query.order_by(col(VideoSession.starts_at), col(VideoSession.id)).limit(_MOST))
    may_hold = await operators_for(session, {place.person.id for place in places})
    seen = [place for place in places if actor.person_id in may_hold[place.person.id]]
    return sorted(seen, key=lambda place: place.session.arrived_at is None)


async def held(session: AsyncSession, actor: Actor, page: int) -> tuple[list[Place], int]:
    """A page of what the operator has held, newest first, and how many there are."""
    require(actor, Permission.SUPPORT_DESK)
    mine = [col(VideoSession.operator_id) == actor.person_id, col(VideoSession.ended_at).is_not(None)]
    count = (await session.exec(select(sa.func.count()).select_from(VideoSession).where(*mine))).one()
    newest = _places().where(*mine).order_by(col(VideoSession.starts_at).desc(), col(VideoSession.id))
    return await _read(session, newest.offset((page - 1) * PAGE).limit(PAGE)), count


async def place_of(session: AsyncSession, actor: Actor, session_id: UUID) -> Place | None:
    """One that this operator may see: to come, or held by them."""
    require(actor, Permission.SUPPORT_DESK)
    found = await _read(
        session, _places().where(col(VideoSession.id) == session_id, col(VideoSession.person_id) != actor.person_id)
    )
    for place in found:
        is_mine = place.session.operator_id == actor.person_id
        may_hold = await operators_for(session, [place.person.id])
        if (is_mine and place.session.state is not SessionState.BOOKED) or actor.person_id in may_hold[place.person.id]:
            return place
    return None


_Operator = aliased(Person)


def _places() -> Any:
    query = sa.select(VideoSession, Person, _Operator).join(Person, col(Person.id) == col(VideoSession.person_id))
    return query.join(_Operator, col(_Operator.id) == col(VideoSession.operator_id))


async def _read(session: AsyncSession, query: Any) -> list[Place]:
    return [Place(*row) for row in (await session.execute(query)).all()]
