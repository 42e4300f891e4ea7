"""A house with a guard at the door, and people who have signed in."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
import sqlalchemy as sa
from reflex_base.registry import RegistrationContext
from sqlmodel import col, select

from medcab import audit, clock, db, live
from medcab.access import Actor
from medcab.accounts.models import Factor, Membership, Person
from medcab.accounts.sessions import service as sessions
from medcab.audit import AuditEntry
from tests.cast import MORNING, Cast
from tests.guard.wire import House

Enter = Callable[[Actor], Awaitable[str]]


@pytest.fixture
def now() -> Iterator[clock.Clock]:
    with clock.frozen(MORNING) as stopped:
        yield stopped


@pytest.fixture
async def house(cast: Cast, now: clock.Clock) -> AsyncIterator[House]:
    made, registry = House(), RegistrationContext.get()
    whole = registry._app
    object.__setattr__(registry, "_app", made)  # where the framework looks for a page's loaders
    audit.origin.set(audit.Origin())
    async with made.event_processor:
        yield made
    object.__setattr__(registry, "_app", whole)
    for tab in list(live._topics_of):
        live.forget(tab)


async def enter(actor: Actor) -> str:
    """Sign the person in past the forms; the cookie's token."""
    async with db.transaction() as session:
        person = await session.get(Person, actor.person_id)
        assert person
        return (await sessions.start(session, person, Factor.TOTP)).token


async def sign_out(actor: Actor) -> None:
    async with db.transaction() as session:
        await sessions.end_all(session, actor.person_id, "test")


async def dismiss(actor: Actor) -> None:
    """Take every role away."""
    async with db.transaction() as session:
        await session.execute(sa.delete(Membership).where(col(Membership.person_id) == actor.person_id))


async def refusals() -> list[AuditEntry]:
    """What the guard wrote into the journal."""
    async with db.reading() as session:
        found = select(AuditEntry).where(col(AuditEntry.action).startswith("security:")).order_by(col(AuditEntry.seq))
        return list((await session.exec(found)).all())
