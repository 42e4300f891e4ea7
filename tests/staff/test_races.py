"""Two administrators at once: whatever the order, the clinic keeps one, and nothing is there twice."""

import asyncio
from datetime import date
from uuid import UUID, uuid4

from sqlmodel import select

from medcab import clock, db
from medcab.access import Actor, Role
from medcab.accounts.models import Department, Membership
from medcab.errors import MedcabError
from medcab.staff import queries
from medcab.staff.departments import service as departments
from medcab.staff.invitations import service as invitations
from medcab.staff.invitations.service import Guest
from medcab.staff.models import Invitation
from medcab.staff.person import service
from medcab.staff.service import NewPlace
from tests.cast import CLINIC, WARD, Cast
from tests.staff.conftest import email_of


async def attempt(verb, actor: Actor, **facts) -> bool:
    try:
        async with db.transaction() as session:
            await verb(session, actor, **facts)
    except MedcabError:
        return False
    return True


async def admins(cast: Cast, count: int) -> list[Actor]:
    """So many, and nobody else administers."""
    made = [cast.admin]
    async with db.transaction() as session:
        for actor in (cast.head, cast.nurse, cast.pharmacist)[: count - 1]:
            session.add(
                Membership(
                    person_id=actor.person_id, organisation_id=CLINIC, role=Role.CLINIC_ADMIN, since=date(2020, 1, 1)
                )
            )
            made.append(
                Actor(
                    person_id=actor.person_id, session_id=uuid4(), name="А", organisation_id=CLINIC,
                    roles=frozenset({Role.CLINIC_ADMIN}), is_active=True,
                )
            )  # fmt: skip
    return made


async def place_of(actor: Actor) -> UUID:
    async with db.reading() as session:
        query = select(Membership.id).where(
            Membership.person_id == actor.person_id, Membership.role == Role.CLINIC_ADMIN
        )
        return (await session.exec(query)).one()


async def test_administrators_who_send_each_other_away_leave_one(cast: Cast) -> None:
    everyone = await admins(cast, 4)
    deeds = []
    for number, actor in enumerate(everyone):
        target = everyone[(number + 1) % 4]
        for verb, facts in (
            (service.suspend, {"person_id": target.person_id, "until": "", "reason": "x", "agreed": True}),
            (service.dismiss, {"person_id": target.person_id, "last_day": "23.11.2026", "reason": "", "agreed": True}),
            (service.end_place, {"membership_id": await place_of(target)}),
        ):
            deeds.append(attempt(verb, actor, **facts))
    done = await asyncio.gather(*deeds)
    assert any(done)
    async with db.reading() as session:
        assert await queries.lasting_administrators(session, CLINIC, clock.today())


async def test_one_invitation_to_one_address(cast: Cast) -> None:
    guest = Guest("Новая", "Анна", "", "new@medcab.example", NewPlace(Role.NURSE, WARD, "", 100))
    done = await asyncio.gather(*(attempt(invitations.invite, cast.admin, guest=guest) for _ in range(8)))
    assert sum(done) == 1


async def test_an_invitation_is_accepted_once_or_revoked(cast: Cast, newcomer: Actor) -> None:
    guest = Guest("Новая", "Анна", "", await email_of(newcomer), NewPlace(Role.NURSE, WARD, "", 100))
    assert await attempt(invitations.invite, cast.admin, guest=guest)
    async with db.reading() as session:
        one = (await session.exec(select(Invitation))).one()
    accepting = [attempt(invitations.accept, newcomer, invitation_id=one.id) for _ in range(5)]
    revoking = [attempt(invitations.revoke, cast.admin, invitation_id=one.id) for _ in range(3)]
    assert sum(await asyncio.gather(*accepting, *revoking)) == 1
    async with db.reading() as session:
        held = (await session.exec(select(Membership).where(Membership.person_id == newcomer.person_id))).all()
        after = (await session.exec(select(Invitation))).one()
    assert len(held) == (after.outcome == "accepted")


async def test_one_role_and_one_department_of_a_name(cast: Cast) -> None:
    place = NewPlace(Role.PHARMACIST, None, "", 100)
    roles = [attempt(service.add_place, cast.admin, person_id=cast.doctor.person_id, place=place) for _ in range(5)]
    wards = [attempt(departments.save, cast.admin, name="Стационар") for _ in range(5)]
    done = await asyncio.gather(*roles, *wards)
    assert (sum(done[:5]), sum(done[5:])) == (1, 1)
    async with db.reading() as session:
        assert len((await session.exec(select(Department).where(Department.name == "Стационар"))).all()) == 1
