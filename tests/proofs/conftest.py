"""Operators at their desks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import Actor, Role
from medcab.accounts.models import Membership
from medcab.proofs.video.hours import service as hours
from tests.cast import MORNING, Cast

WORKING = (9 * 60, 18 * 60)


@dataclass(frozen=True)
class Operators:
    """`first` and `second` of the clinic, `foreign` of the other one."""

    first: Actor
    second: Actor
    foreign: Actor


@pytest.fixture
def now():
    """A stopped clock on Monday morning; `now.tick(...)` moves it."""
    with clock.frozen(MORNING) as stopped:
        yield stopped


@pytest.fixture
async def operators(cast: Cast, now: clock.Clock) -> Operators:
    """Everybody holds sessions from nine to six."""
    found = Operators(cast.support, _operator(cast.admin), _operator(cast.foreigner))
    async with db.transaction() as session:
        for actor in (found.second, found.foreign):
            session.add(_membership(actor))
        for actor in (found.first, found.second, found.foreign):
            await hours.keep_hours(session, actor, days=[WORKING] * 7, away_until=None)
    return found


def _operator(actor: Actor) -> Actor:
    return replace(actor, roles=frozenset({Role.SUPPORT}))


def _membership(actor: Actor) -> Membership:
    assert actor.organisation_id
    return Membership(
        person_id=actor.person_id, organisation_id=actor.organisation_id, role=Role.SUPPORT, since=date(2020, 1, 1)
    )


@pytest.fixture
async def session(operators: Operators) -> AsyncIterator[AsyncSession]:
    """A writing transaction, committed when the test ends without an error."""
    async with db.transaction() as session:
        yield session
