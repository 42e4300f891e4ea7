"""Signed-in browsers: begun after both factors, renewed at each step-up, ended by the person, by time, or by the sixth."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries
from medcab.accounts.models import Device, Factor, LoginSession, Membership, Person, SignInOutcome, SignInRecord
from medcab.accounts.notices import service as notices
from medcab.accounts.rules import POLICY, is_stepped_up, sessions_to_end
from medcab.errors import Conflict, NotFound, SignInRequired, StepUpRequired
from medcab.security import tokens


@dataclass(frozen=True)
class Started:
    """A new session: what the browser must keep. `device_token` is empty when it has one already."""

    session_id: UUID
    token: str
    device_token: str


async def known_device(session: AsyncSession, person_id: UUID, device_token: str) -> Device | None:
    """The person's browser behind this cookie, if it has signed them in before."""
    if not device_token:
        return None
    mine = select(Device).where(Device.person_id == person_id, Device.token_hash == tokens.fingerprint(device_token))
    return (await session.exec(mine)).first()


async def start(session: AsyncSession, person: Person, factor: Factor, *, device_token: str = "") -> Started:
    """Let a person in whose both factors have just been proved. The oldest session over the limit ends."""
    await queries.take_turns(session, f"sessions:{person.id}")
    now, source = clock.now(), audit.origin.get()
    living = await _living(session, person.id)
    await _end(session, sessions_to_end(living), "limit", SignInOutcome.ENDED)
    device, new_token = await _device(session, person, device_token)
    token = tokens.make()
    made = LoginSession(
        token_hash=tokens.fingerprint(token), person_id=person.id, device_id=device.id, factor=factor, ip=source.ip,
        user_agent=source.user_agent, created_at=now, seen_at=now, expires_at=now + POLICY.session_absolute, stepped_up_at=now,
    )  # fmt: skip
    session.add(made)
    note(session, person.id, SignInOutcome.SUCCESS, factor=factor, session_id=made.id, new_device=bool(new_token))
    audit.record(
        session, None, Action.SIGN_IN, made.id, person_id=person.id, factor=factor.value, new_device=bool(new_token)
    )
    return Started(made.id, token, new_token)


async def _device(session: AsyncSession, person: Person, device_token: str) -> tuple[Device, str]:
    """The browser's row; a new one gets a token, and the owner a letter unless it is their very first."""
    now, source = clock.now(), audit.origin.get()
    known = await known_device(session, person.id, device_token)
    if known:
        known.last_seen_at, known.user_agent = now, source.user_agent
        return known, ""
    had_one = (await session.exec(select(Device.id).where(Device.person_id == person.id).limit(1))).first()
    token = tokens.make()
    device = Device(
        person_id=person.id,
        token_hash=tokens.fingerprint(token),
        first_seen_at=now,
        last_seen_at=now,
        user_agent=source.user_agent,
    )
    session.add(device)
    if had_one:
        notices.told_by_mail(
            session,
            person,
            "вход с нового устройства",
            "В ваш кабинет вошли с устройства, которого мы раньше не видели.",
        )
    return device, token


def note(
    session: AsyncSession, person_id: UUID, outcome: SignInOutcome, *,
    factor: Factor | None = None, session_id: UUID | None = None, new_device: bool = False,
) -> None:  # fmt: skip
    """A line of «Журнал входов»."""
    source = audit.origin.get()
    session.add(
        SignInRecord(
            person_id=person_id, at=clock.now(), ip=source.ip, user_agent=source.user_agent, outcome=outcome,
            factor=factor.value if factor else "", session_id=session_id, new_device=new_device,
        )
    )  # fmt: skip


def require_step_up(actor: Actor) -> None:
    """Raise `StepUpRequired` unless the second factor was shown a few minutes ago."""
    if not is_stepped_up(actor.stepped_up_at, clock.now()):
        raise StepUpRequired


async def step_up(session: AsyncSession, actor: Actor, factor: Factor) -> str:
    """The second factor was shown again."""
    token = await renew(session, actor, stepped_up_at=clock.now(), factor=factor)
    audit.record(session, actor, Action.SESSION_STEP_UP, actor.session_id, factor=factor.value)
    return token


async def renew(session: AsyncSession, actor: Actor, **changes: datetime | Factor) -> str:
    """A new token for the same session; the old one is worth nothing from now on. `SignInRequired` when it ended meanwhile."""
    token = tokens.make()
    changed = await session.execute(
        sa.update(LoginSession)
        .where(col(LoginSession.id) == actor.session_id, col(LoginSession.ended_at).is_(None))
        .values(token_hash=tokens.fingerprint(token), **changes)
        .returning(col(LoginSession.id))
    )
    if changed.first() is None:
        raise SignInRequired
    return token


async def sign_out(session: AsyncSession, actor: Actor) -> None:
    """End this session."""
    mine = await session.get(LoginSession, actor.session_id)
    await _end(session, [mine] if mine else [], "signed out", SignInOutcome.SIGNED_OUT)
    audit.record(session, actor, Action.SIGN_OUT, actor.session_id)


async def end_one(session: AsyncSession, actor: Actor, *, session_id: UUID) -> None:
    """End one of the person's own sessions; its browser leaves within a second."""
    require(actor, Permission.ACCOUNT)
    found = await session.get(LoginSession, session_id)
    if found is None or found.person_id != actor.person_id:
        raise NotFound
    if found.ended_at:
        raise Conflict("Этот сеанс уже завершён.")
    await _end(session, [found], "ended by owner", SignInOutcome.ENDED)
    audit.record(session, actor, Action.SIGN_OUT, session_id, by_owner=True)


async def end_others(session: AsyncSession, actor: Actor) -> int:
    """End every session of the person but this one; how many."""
    require(actor, Permission.ACCOUNT)
    count = await end_all(session, actor.person_id, "ended by owner", but=actor.session_id)
    audit.record(session, actor, Action.SESSION_END_OTHERS, actor.person_id, count=count)
    return count


async def end_all(session: AsyncSession, person_id: UUID, reason: str, *, but: UUID | None = None) -> int:
    """For other services: end the person's sessions, except `but`; how many."""
    others = [one for one in await _living(session, person_id) if one.id != but]
    await _end(session, others, reason, SignInOutcome.ENDED)
    return len(others)


async def rights_changed(session: AsyncSession, person_id: UUID) -> None:
    """For other services: the person's open tabs ask anew what they may show."""
    for one in await _living(session, person_id):
        live.publish(session, f"session:{one.id}")


async def disown(session: AsyncSession, actor: Actor, *, record_id: UUID) -> None:
    """«Это был не я»: that session ends, its browser is a stranger again, and the password must be changed."""
    require(actor, Permission.ACCOUNT)
    record = await session.get(SignInRecord, record_id)
    if record is None or record.person_id != actor.person_id:
        raise NotFound
    if record.session_id == actor.session_id:
        raise Conflict("Это ваш нынешний сеанс. Чтобы завершить его, нажмите «Выйти».")
    if record.disowned_at:
        raise Conflict("Вы уже сообщили об этом входе.")
    record.disowned_at = clock.now()
    theirs = await session.get(LoginSession, record.session_id) if record.session_id else None
    if theirs:
        await _end(session, [theirs], "disowned", SignInOutcome.ENDED)
        await _forget_device(session, theirs)
    for current in await queries.passwords(session, actor.person_id):
        current.must_change = True
    person = await queries.person(session, actor.person_id)
    notices.told_everywhere(
        session, person, "чужой вход отмечен", "Вы отметили вход как чужой, сеанс завершён. Смените пароль."
    )
    audit.record(session, actor, Action.SESSION_DISOWN, record_id, disowned_session=record.session_id)


async def choose_organisation(session: AsyncSession, actor: Actor, *, organisation_id: UUID) -> None:
    """Work in another organisation from the next click on."""
    require(actor, Permission.ACCOUNT)
    holds = select(Membership.id).where(
        Membership.person_id == actor.person_id, Membership.organisation_id == organisation_id,
        queries.holds_on(clock.today()),
    )  # fmt: skip
    if (await session.exec(holds.limit(1))).first() is None:
        raise NotFound
    chosen = (
        sa.update(LoginSession).where(col(LoginSession.id) == actor.session_id).values(organisation_id=organisation_id)
    )
    await session.execute(chosen)
    audit.record(session, actor, Action.ORGANISATION_CHOOSE, organisation_id)


async def _living(session: AsyncSession, person_id: UUID) -> list[LoginSession]:
    """Oldest first."""
    now = clock.now()
    alive = select(LoginSession).where(
        LoginSession.person_id == person_id, col(LoginSession.ended_at).is_(None), LoginSession.expires_at > now,
        LoginSession.seen_at > now - POLICY.session_idle,
    )  # fmt: skip
    return list((await session.exec(alive.order_by(col(LoginSession.created_at), col(LoginSession.id)))).all())


async def _end(session: AsyncSession, sessions: Iterable[LoginSession], reason: str, outcome: SignInOutcome) -> None:
    now: datetime = clock.now()
    for one in sessions:
        one.ended_at, one.end_reason = now, reason
        note(session, one.person_id, outcome, session_id=one.id)
        live.publish(session, f"session:{one.id}")


async def _forget_device(session: AsyncSession, theirs: LoginSession) -> None:
    if theirs.device_id is None:
        return
    blank = sa.update(Device).where(col(Device.id) == theirs.device_id)
    await session.execute(blank.values(token_hash=tokens.fingerprint(tokens.make())))
