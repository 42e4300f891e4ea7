"""Failures remembered in the database: a try is counted before it is looked at, and forgiven when it was right."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, jobs
from medcab.accounts import queries
from medcab.accounts.models import Device, Factor, Person, Throttle
from medcab.accounts.rules import NO_FAILURES, POLICY, Failures, failed, held
from medcab.errors import TooMany

_FEW = 10


class Locked(TooMany):
    """The key must wait; the sentence says how long, never what was right."""


async def attempt(session: AsyncSession, key: str) -> Locked | None:
    """Count a try under `key` as if it failed; a refusal, uncounted, while the key is held. Tries at once take turns."""
    await queries.take_turns(session, f"throttle:{key}")
    now = clock.now()
    row = await session.get(Throttle, key)
    before = _read(row)
    wait = held(before, now)
    if wait:
        return Locked(wait.sentence(now), retry_after=wait.retry_after(now))
    after = failed(before, now)
    if row is None:
        row = Throttle(key=key, first_at=now, updated_at=now)
        session.add(row)
    row.failures, row.total, row.updated_at, row.locked_until = after.failures, after.total, now, after.locked_until
    return None


async def forgive(session: AsyncSession, *keys: str) -> None:
    """Success: the counts begin anew."""
    await session.execute(sa.delete(Throttle).where(col(Throttle.key).in_(keys)))


async def restore(session: AsyncSession, person: Person) -> None:
    """Access was restored: every count that held this person back begins anew."""
    devices = (await session.exec(select(Device.id).where(Device.person_id == person.id))).all()
    logins = [queries.Login("phone", person.phone), queries.Login("email", person.email)]
    keys = [*(f"login:{login.index}" for login in logins), *(f"device:{device}" for device in devices)]
    await forgive(session, *keys, *(of_factor(factor, person.id) for factor in Factor))


async def once_a_day(session: AsyncSession, key: str) -> bool:
    """Whether this is the first time in a day; asking counts."""
    await queries.take_turns(session, f"throttle:{key}")
    now = clock.now()
    row = await session.get(Throttle, key)
    if row is None:
        session.add(Throttle(key=key, first_at=now, updated_at=now, total=1))
        return True
    if now - row.updated_at < timedelta(days=1):
        return False
    row.updated_at, row.total = now, row.total + 1
    return True


def of_factor(factor: Factor, person_id: UUID) -> str:
    """The key under which tries at a person's app or recovery codes are counted."""
    return f"{factor.value}:{person_id}"


async def hourly(session: AsyncSession, key: str) -> Locked | None:
    """Count a try at an app's or a recovery code: at most the policy's number an hour, and in all, until one is right.

    A way in that was closed is opened by setting it up anew (another way in is needed for that), or by restored access.
    """
    await queries.take_turns(session, f"throttle:{key}")
    now, limit = clock.now(), POLICY.totp_rate
    row = await session.get(Throttle, key)
    if row is None:
        row = Throttle(key=key, first_at=now, updated_at=now)
        session.add(row)
    if row.total >= POLICY.failures_total:
        return Locked(
            "Слишком много неверных кодов: этот способ закрыт. Войдите другим способом и подключите его заново."
        )
    if now - row.first_at >= limit.per:
        row.first_at, row.failures = now, 0
    if row.failures >= limit.count:
        wait = int((row.first_at + limit.per - now).total_seconds())
        return Locked("Слишком много попыток. Попробуйте позже или войдите другим способом.", retry_after=max(1, wait))
    row.failures, row.total, row.updated_at = row.failures + 1, row.total + 1, now
    return None


@jobs.hourly
async def forget_old(session: AsyncSession) -> None:
    """A few failures after a month, any after a year: whoever tries names that nobody has must not fill the table for ever."""
    quiet, now = col(Throttle.updated_at), clock.now()
    few = sa.and_(col(Throttle.total) < _FEW, quiet < now - timedelta(days=30))
    await session.execute(sa.delete(Throttle).where(sa.or_(few, quiet < now - timedelta(days=365))))


def _read(row: Throttle | None) -> Failures:
    return NO_FAILURES if row is None else Failures(row.failures, row.total, row.updated_at, row.locked_until)
