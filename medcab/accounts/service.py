"""Who is behind a session's token, asked at every click: one indexed read, no objects built that are not needed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import Actor
from medcab.accounts.models import LoginSession, Membership, Person, Standing
from medcab.accounts.rules import POLICY
from medcab.identifiers import person_name
from medcab.security import tokens

TOUCH_EVERY = timedelta(minutes=1)


def _look_up() -> sa.Select[*tuple[Any, ...]]:
    """Session, person and the memberships valid today; no row unless the session lives."""
    holds_today = sa.and_(
        col(Membership.person_id) == col(LoginSession.person_id),
        col(Membership.since) <= sa.bindparam("today"),
        sa.or_(col(Membership.until).is_(None), col(Membership.until) >= sa.bindparam("today")),
    )
    return (
        sa.select(
            col(LoginSession.id), col(LoginSession.person_id), col(LoginSession.organisation_id).label("chosen"),
            col(LoginSession.seen_at), col(LoginSession.stepped_up_at), col(Person.family_name), col(Person.given_name),
            col(Person.patronymic), col(Person.standing), col(Person.standing_until), col(Membership.organisation_id),
            col(Membership.department_id), col(Membership.role),
        )
        .join(Person, col(Person.id) == col(LoginSession.person_id))
        .outerjoin(Membership, holds_today)
        .where(
            col(LoginSession.token_hash) == sa.bindparam("token_hash"),
            col(LoginSession.ended_at).is_(None),
            col(LoginSession.expires_at) > sa.bindparam("now"),
            col(LoginSession.seen_at) > sa.bindparam("idle_since"),
            col(Person.blocked_at).is_(None),
        )
        .order_by(col(Membership.since), col(Membership.id))
    )  # fmt: skip


_LOOK_UP = _look_up()


async def actor_for(session: AsyncSession | None, token: str, *, touch: bool = True) -> Actor | None:
    """The actor of a living session, as the caller's transaction (None: whoever looks now) sees them; None for anything else.

    `touch=False` for what the person did not do themselves (a push), so that an unattended screen still runs out of time.
    """
    if not tokens.is_token(token):
        return None
    now, today = clock.now(), clock.today()
    known = {
        "token_hash": tokens.fingerprint(token),
        "now": now,
        "idle_since": now - POLICY.session_idle,
        "today": today,
    }
    rows = (
        (await (await session.connection()).execute(_LOOK_UP, known)).all()
        if session
        else await db.look_up(_LOOK_UP, **known)
    )
    if not rows:
        return None
    if touch and rows[0].seen_at <= now - TOUCH_EVERY:
        await _touch(session, rows[0].id, now)
    return _actor(rows, today)


def _actor(rows: Sequence[Any], today: date) -> Actor:
    first = rows[0]
    places = [row.organisation_id for row in rows if row.role is not None]
    here = first.chosen if first.chosen in places else next(iter(places), None)
    held = [row for row in rows if row.role is not None and row.organisation_id == here]
    return Actor(
        person_id=first.person_id, session_id=first.id, name=person_name.short(first.family_name, first.given_name, first.patronymic),
        organisation_id=here, department_ids=frozenset(row.department_id for row in held if row.department_id),
        roles=frozenset(row.role for row in held), is_active=is_active(first.standing, first.standing_until, today),
        stepped_up_at=first.stepped_up_at,
    )  # fmt: skip


def is_active(standing: Standing, until: date | None, today: date) -> bool:
    """Whether the professional status is proved today; `until` is the last day it holds."""
    return standing is Standing.ACTIVE and (until is None or until >= today)


async def _touch(session: AsyncSession | None, session_id: UUID, now: datetime) -> None:
    """The person was here just now. A session for reading never commits, so there it takes a transaction of its own."""
    seen = (
        sa.update(LoginSession)
        .where(col(LoginSession.id) == session_id, col(LoginSession.seen_at) < now)
        .values(seen_at=now)
    )
    if session and db.may_write(session):
        await session.execute(seen)
        return
    async with db.transaction() as own:
        await own.execute(seen)
