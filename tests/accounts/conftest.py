"""Sessions of the cast, made through the service."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from medcab import clock, db
from medcab.access import Actor
from medcab.accounts import queries
from medcab.accounts.models import Factor
from medcab.accounts.service import actor_for
from medcab.accounts.sessions import service as sessions
from tests.cast import MORNING, Cast

Enter = Callable[[Actor], Awaitable[tuple[Actor, str]]]


@pytest.fixture
async def now() -> AsyncIterator[clock.Clock]:
    """A stopped clock."""
    with clock.frozen(MORNING) as stopped:
        yield stopped


@pytest.fixture
async def enter(cast: Cast, now: clock.Clock) -> Enter:
    """Sign somebody in: the actor as a click sees them, and the session's token."""

    async def sign_in(who: Actor) -> tuple[Actor, str]:
        async with db.transaction() as session:
            person = await queries.person(session, who.person_id)
            started = await sessions.start(session, person, Factor.SMS)
        async with db.reading() as session:
            actor = await actor_for(session, started.token)
        assert actor
        now.tick(timedelta(seconds=1))
        return actor, started.token

    return sign_in
