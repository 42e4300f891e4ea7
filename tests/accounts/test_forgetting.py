"""What is kept to count and to go on with is not kept for ever."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from medcab import clock, db, jobs
from medcab.accounts.models import Flow, FlowKind, OneTimeCode, Throttle
from tests.cast import Cast


def _code(at: datetime) -> OneTimeCode:
    return OneTimeCode(
        challenge="x",
        channel="sms",
        contact_index="x",
        code_hash="x",
        created_at=at,
        expires_at=at + timedelta(minutes=5),
    )


def _flow(at: datetime) -> Flow:
    return Flow(token_hash=uuid4().hex, kind=FlowKind.REGISTRATION, created_at=at, expires_at=at)


def _failures(at: datetime, total: int) -> Throttle:
    return Throttle(key=uuid4().hex, total=total, first_at=at, updated_at=at)


@pytest.mark.parametrize(
    ("make", "days"),
    [
        (_code, 2),
        (_flow, 1),
        (lambda at: _failures(at, 9), 30),
        (lambda at: _failures(at, 100), 365),
    ],
    ids=["codes", "flows", "a few failures", "many failures"],
)
async def test_what_is_too_old_is_swept_away(cast: Cast, now: clock.Clock, make: object, days: int) -> None:
    edge = clock.now() - timedelta(days=days)
    old, fresh = make(edge - timedelta(minutes=1)), make(edge + timedelta(minutes=1))  # type: ignore[operator]
    kind = type(old)
    async with db.transaction() as session:
        session.add_all([old, fresh])
    await jobs.sweep()
    async with db.reading() as session:
        left = (await session.exec(select(kind))).all()
    assert len(left) == 1
    assert left[0] == fresh
