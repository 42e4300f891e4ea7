"""Who is behind a session's token, asked at every click: one indexed read, no objects built that are not needed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import Actor
from medcab.accounts.models import LoginSession, Membership, PasswordRecord, Person
from medcab.accounts.queries import holds_on
from medcab.accounts.rules import POLICY, PasswordStanding, password_age
from medcab.accounts.rules.right import Right
from medcab.identifiers import person_name
from medcab.security import tokens
from medcab.settings import get_settings

TOUCH_EVERY = timedelta(minutes=1)


def _look_up() -> sa.Select[*tuple[Any, ...]]:
    """Session, person, password in force and the memberships valid today; no row unless the session lives."""
    theirs_today = sa.and_(col(Membership.person_id) == col(LoginSession.person_id), holds_on(sa.bindparam("today")))
    theirs = orm.aliased(PasswordRecord)
    of_person = sa.select(col(theirs.id)).where(col(theirs.person_id) == col(LoginSession.person_id))
    in_force = of_person.order_by(col(theirs.set_at).desc()).limit(1).correlate(LoginSession).scalar_subquery()
    return (
        sa.select(
            col(LoginSession.id), col(LoginSession.person_id), col(LoginSession.organisation_id).label("chosen"),
            col(LoginSession.seen_at), col(LoginSession.stepped_up_at), col(Person.family_name), col(Person.given_name),
            col(Person.patronymic), col(Person.standing), col(Person.standing_until), col(Membership.organisation_id),
            col(Membership.department_id), col(Membership.role), col(PasswordRecord.set_at), col(PasswordRecord.must_change),
        )
        .join(Person, col(Person.id) == col(LoginSession.person_id))
        .outerjoin(PasswordRecord, col(PasswordRecord.id) == in_force)
        .outerjoin(Membership, theirs_today)
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
    rows = await (db.ask(session, _LOOK_UP, **known) if session else db.look_up(_LOOK_UP, **known))
    if not rows:
        return None
    if touch and rows[0].seen_at <= now - TOUCH_EVERY:
        await _touch(session, rows[0].id, now)
    return _actor(rows, now, today)


def _actor(rows: Sequence[Any], now: datetime, today: date) -> Actor:
    first = rows[0]
    places = [row.organisation_id for row in rows if row.role is not None]
    here = first.chosen if first.chosen in places else next(iter(places), None)
    held = [row for row in rows if row.role is not None and row.organisation_id == here]
    return Actor(
        person_id=first.person_id, session_id=first.id, name=person_name.short(first.family_name, first.given_name, first.patronymic),
        organisation_id=here, department_ids=frozenset(row.department_id for row in held if row.department_id),
        posts=frozenset((row.role, row.department_id) for row in held if row.department_id),
        roles=frozenset(row.role for row in held), is_active=Right(first.standing, first.standing_until).holds_on(today),
        stepped_up_at=first.stepped_up_at, must_change_password=_must_change(first.set_at, now, is_known=first.must_change),
    )  # fmt: skip


def _must_change(set_at: datetime | None, now: datetime, *, is_known: bool | None) -> bool:
    """`set_at` is None for somebody without a password, who has nothing to change."""
    if set_at is None:
        return False
    age = password_age(set_at, now, compromised=bool(is_known), enforce=get_settings().enforce_rotation)
    return age.standing is PasswordStanding.MUST_CHANGE


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
