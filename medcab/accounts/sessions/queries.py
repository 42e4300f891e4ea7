"""«Журнал входов» and the list of open sessions, as rows ready to draw."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor
from medcab.accounts.models import Factor, LoginSession, SignInOutcome, SignInRecord
from medcab.accounts.notices.service import device_name
from medcab.accounts.rules import POLICY

PAGE = 20
FACTOR_TITLES = {Factor.SMS: "SMS", Factor.TOTP: "Приложение", Factor.RECOVERY_CODE: "Резервный код"}
OUTCOME_TITLES = {
    SignInOutcome.SUCCESS: "Вход выполнен",
    SignInOutcome.WRONG_PASSWORD: "Неверный пароль",
    SignInOutcome.WRONG_CODE: "Неверный код",
    SignInOutcome.LOCKED: "Отложено из-за частых попыток",
    SignInOutcome.SIGNED_OUT: "Выход",
    SignInOutcome.ENDED: "Сеанс завершён",
}


@dataclass(frozen=True)
class OpenSession:
    """A browser that is signed in now."""

    id: UUID
    device: str
    ip: str
    factor: str
    started_at: datetime
    seen_at: datetime
    is_current: bool


@dataclass(frozen=True)
class JournalLine:
    """One sign-in, refusal or end."""

    id: UUID
    at: datetime
    ip: str
    device: str
    factor: str
    outcome: SignInOutcome
    outcome_title: str
    new_device: bool
    is_current: bool
    is_open: bool
    disowned: bool
    may_disown: bool


@dataclass(frozen=True)
class Journal:
    """One page of lines, newest first, and how many there are in all."""

    lines: list[JournalLine]
    total: int
    page: int
    pages: int


async def open_sessions(session: AsyncSession, actor: Actor) -> list[OpenSession]:
    """The person's own, this one first, then by last use."""
    now = clock.now()
    alive = select(LoginSession).where(
        LoginSession.person_id == actor.person_id, col(LoginSession.ended_at).is_(None), LoginSession.expires_at > now,
        LoginSession.seen_at > now - POLICY.session_idle,
    )  # fmt: skip
    rows = (await session.exec(alive.order_by(col(LoginSession.seen_at).desc()))).all()
    found = [
        OpenSession(
            one.id,
            device_name(one.user_agent),
            one.ip,
            FACTOR_TITLES[one.factor],
            one.created_at,
            one.seen_at,
            one.id == actor.session_id,
        )
        for one in rows
    ]
    return sorted(found, key=lambda one: not one.is_current)


async def journal(
    session: AsyncSession, actor: Actor, *,
    outcome: SignInOutcome | None = None, since: date | None = None, until: date | None = None, page: int = 1,
) -> Journal:  # fmt: skip
    """The person's own lines; days are the clinic's, both included; `page` counts from 1."""
    wanted = [col(SignInRecord.person_id) == actor.person_id]
    if outcome:
        wanted.append(col(SignInRecord.outcome) == outcome)
    if since:
        wanted.append(col(SignInRecord.at) >= _midnight(since))
    if until:
        wanted.append(col(SignInRecord.at) < _midnight(until + timedelta(days=1)))
    total = (await session.exec(select(sa.func.count()).select_from(SignInRecord).where(*wanted))).one()
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    lines = (
        select(SignInRecord, LoginSession)
        .join(LoginSession, col(LoginSession.id) == col(SignInRecord.session_id), isouter=True)
        .where(*wanted)
        .order_by(col(SignInRecord.at).desc(), col(SignInRecord.id))
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    rows = (await session.exec(lines)).all()
    return Journal([_line(record, login, actor) for record, login in rows], total, page, pages)


def _line(record: SignInRecord, login: LoginSession | None, actor: Actor) -> JournalLine:
    now = clock.now()
    is_current = record.session_id == actor.session_id
    lives = (
        login is not None
        and not login.ended_at
        and login.expires_at > now
        and login.seen_at > now - POLICY.session_idle
    )
    concerns_entry = record.outcome not in (SignInOutcome.SIGNED_OUT, SignInOutcome.ENDED)
    return JournalLine(
        id=record.id, at=record.at, ip=record.ip, device=device_name(record.user_agent),
        factor=FACTOR_TITLES[Factor(record.factor)] if record.factor else "", outcome=record.outcome,
        outcome_title=OUTCOME_TITLES[record.outcome], new_device=record.new_device, is_current=is_current,
        is_open=lives and record.outcome is SignInOutcome.SUCCESS, disowned=record.disowned_at is not None,
        may_disown=concerns_entry and not is_current and record.disowned_at is None,
    )  # fmt: skip


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.MOSCOW).astimezone(UTC)
