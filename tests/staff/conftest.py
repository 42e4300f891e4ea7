"""Two clinics with an administrator each, and a stopped clock."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest

from medcab import clock, db
from medcab.access import Actor, Role
from medcab.accounts.models import Membership, Person
from tests.accounts.conftest import enter  # noqa: F401 - a fixture here too
from tests.cast import MORNING, OTHER_CLINIC, Cast, person

FOREIGN_ADMIN = UUID(int=12)


@pytest.fixture(autouse=True)
def now() -> Iterator[clock.Clock]:
    with clock.frozen(MORNING) as stopped:
        yield stopped


@pytest.fixture
async def foreign_admin(cast: Cast) -> Actor:
    """Administers the other clinic."""
    async with db.transaction() as session:
        session.add(person(12, "Хозяйкина"))
        session.add(
            Membership(
                person_id=FOREIGN_ADMIN, organisation_id=OTHER_CLINIC, role=Role.CLINIC_ADMIN, since=date(2020, 1, 1)
            )
        )
    return Actor(
        person_id=FOREIGN_ADMIN, session_id=UUID(int=0x100C), name="Хозяйкина А. П.", organisation_id=OTHER_CLINIC,
        roles=frozenset({Role.CLINIC_ADMIN}), is_active=True,
    )  # fmt: skip


@pytest.fixture
async def newcomer(cast: Cast) -> Actor:
    """Has a cabinet and works nowhere; person30@medcab.example."""
    async with db.transaction() as session:
        session.add(person(30, "Новенькая"))
    return Actor(person_id=UUID(int=30), session_id=UUID(int=0x101E), name="Новенькая А. П.", is_active=True)


async def email_of(actor: Actor) -> str:
    async with db.reading() as session:
        return (await session.get_one(Person, actor.person_id)).email
