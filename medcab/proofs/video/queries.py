"""Who may hold a session with whom, what is free, and what a person's sessions were."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Role
from medcab.accounts.models import Membership
from medcab.accounts.queries import holds_on
from medcab.proofs.video.models import VideoOperator, VideoSession
from medcab.proofs.video.rules import AHEAD, FAILED, FAILED_WITHIN, OPEN, SessionState, Week, slots

_BATCH = 200


async def operators_for(session: AsyncSession, people: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Who may hold a session with each of these people: the operators of their own clinics, or all where those have none; only operators with hours. Never oneself."""
    holds = holds_on(clock.today())
    rows = select(Membership.person_id, Membership.organisation_id)
    holding = select(VideoOperator.operator_id)
    operators = (
        await session.exec(rows.where(Membership.role == Role.SUPPORT, holds, col(Membership.person_id).in_(holding)))
    ).all()
    wanted = list(people)
    theirs = (await session.exec(rows.where(col(Membership.person_id).in_(wanted), holds))).all()
    found: dict[UUID, set[UUID]] = {}
    for person in wanted:
        homes = {organisation for member, organisation in theirs if member == person}
        others = {operator for operator, _ in operators if operator != person}
        at_home = {operator for operator, organisation in operators if organisation in homes} & others
        found[person] = at_home or others
    return found


async def weeks(session: AsyncSession, operators: Iterable[UUID]) -> dict[UUID, Week]:
    """The hours of each of these operators who has any."""
    rows = await session.exec(select(VideoOperator).where(col(VideoOperator.operator_id).in_(list(operators))))
    return {row.operator_id: Week.read(row.week, row.away_until) for row in rows}


async def free(session: AsyncSession, person_id: UUID) -> dict[datetime, list[UUID]]:
    """Every time at which the person may be seen, with who is free then: who has least to do on that day stands first."""
    now = clock.now()
    operators = await weeks(session, (await operators_for(session, [person_id]))[person_id])
    held = await _held(session, operators, now)
    taken, load = set(held), Counter((operator, _day(at)) for operator, at in held)
    found: dict[datetime, list[UUID]] = {}
    for number in range(AHEAD.days + 1):
        day = clock.today() + timedelta(days=number)
        for operator, week in operators.items():
            for at in slots(week, day, now):
                if (operator, at) not in taken:
                    found.setdefault(at, []).append(operator)
    return {at: sorted(found[at], key=lambda who: (load[who, _day(at)], str(who))) for at in sorted(found)}


async def open_of(session: AsyncSession, person_id: UUID, *, lock: bool = False) -> VideoSession | None:
    """The person's session that is not over."""
    query = select(VideoSession).where(VideoSession.person_id == person_id, col(VideoSession.state).in_(OPEN))
    return (await session.exec(query.with_for_update() if lock else query)).first()


async def last_of(session: AsyncSession, person_id: UUID, limit: int = 5) -> list[VideoSession]:
    """The person's sessions that ended without a proof and say why, newest first."""
    query = select(VideoSession).where(VideoSession.person_id == person_id, VideoSession.told != "")
    return list((await session.exec(query.order_by(col(VideoSession.starts_at).desc()).limit(limit))).all())


async def failed_lately(session: AsyncSession, person_id: UUID) -> int:
    """How many sessions have lately proved nothing for the person's own reasons."""
    query = select(VideoSession.id).where(
        VideoSession.person_id == person_id,
        col(VideoSession.state).in_(FAILED),
        col(VideoSession.starts_at) > clock.now() - FAILED_WITHIN,
    )
    return len((await session.exec(query)).all())


async def booked_today(session: AsyncSession, person_id: UUID) -> int:
    """How often the person has booked within a day, also what was cancelled."""
    since = clock.now() - timedelta(days=1)
    query = select(VideoSession.id).where(VideoSession.person_id == person_id, col(VideoSession.booked_at) > since)
    return len((await session.exec(query)).all())


async def is_kept(session: AsyncSession, still_id: UUID) -> bool:
    """Whether an object of the storage is the still of a session."""
    return (await session.exec(select(VideoSession.id).where(VideoSession.still_id == still_id))).first() is not None


async def old_stills(session: AsyncSession, *, before: datetime) -> list[VideoSession]:
    """Sessions whose picture was taken before the moment and still lies in the storage."""
    query = select(VideoSession).where(col(VideoSession.still_id).is_not(None), col(VideoSession.still_at) < before)
    return list((await session.exec(query.limit(_BATCH))).all())


async def forgotten(session: AsyncSession, *, booked_before: datetime, running_since: datetime) -> list[VideoSession]:
    """Sessions that nobody has ended: their time is long over, or the call has lasted too long."""
    state, query = col(VideoSession.state), select(VideoSession)
    is_old = sa.or_(
        sa.and_(state == SessionState.BOOKED, col(VideoSession.starts_at) < booked_before),
        sa.and_(state == SessionState.RUNNING, col(VideoSession.began_at) < running_since),
    )
    return list((await session.exec(query.where(is_old).limit(_BATCH).with_for_update())).all())


async def _held(session: AsyncSession, operators: Iterable[UUID], now: datetime) -> Sequence[tuple[UUID, datetime]]:
    since = datetime.combine(now.astimezone(clock.MOSCOW).date(), time(), clock.MOSCOW)
    query = select(VideoSession.operator_id, VideoSession.starts_at).where(
        col(VideoSession.operator_id).in_(list(operators)),
        col(VideoSession.state).in_(OPEN),
        col(VideoSession.starts_at) >= since,
    )
    return (await session.exec(query)).all()


def _day(at: datetime) -> object:
    return at.astimezone(clock.MOSCOW).date()
