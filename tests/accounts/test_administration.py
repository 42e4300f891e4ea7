"""Roles that the register proves: held once, held anew after a break, and shown for as long as they are held."""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Action, Role
from medcab.accounts.administration import service as administration
from medcab.accounts.frame.queries import workplaces
from medcab.accounts.models import Membership, Organisation
from medcab.accounts.service import actor_for
from medcab.audit import AuditEntry
from tests.accounts.conftest import Enter
from tests.cast import CLINIC, Cast


async def _end(cast: Cast, until: date) -> None:
    async with db.transaction() as session:
        theirs = sa.update(Membership).where(col(Membership.person_id) == cast.doctor.person_id)
        await session.execute(theirs.values(until=until))


async def _employ(cast: Cast) -> bool:
    """The register confirms the doctor's employment in the same post as a colleague's."""
    async with db.transaction() as session:
        clinic = await session.get_one(Organisation, CLINIC)
        colleagues = sa.update(Membership).where(col(Membership.person_id) == cast.colleague.person_id)
        await session.execute(colleagues.values(post="врач-кардиолог"))
        return await administration.employ(
            session, cast.doctor.person_id, organisation=clinic.name, post="врач-кардиолог", role=Role.SPECIALIST
        )


async def test_what_a_clinic_has_settled_the_register_does_not_change(cast: Cast, now: clock.Clock) -> None:
    """A role that was taken, or another one that was given instead, or one from a later day."""
    assert not await _employ(cast)  # held already
    await _end(cast, clock.today() - timedelta(days=1))
    assert not await _employ(cast)
    async with db.transaction() as session:
        await session.execute(sa.delete(Membership).where(col(Membership.person_id) == cast.doctor.person_id))
        session.add(
            Membership(
                person_id=cast.doctor.person_id,
                organisation_id=CLINIC,
                role=Role.PHARMACIST,
                since=clock.today() + timedelta(days=9),
            )
        )
    assert not await _employ(cast)


async def test_whoever_is_new_is_hired_beside_colleagues_of_the_same_post(
    cast: Cast, enter: Enter, now: clock.Clock
) -> None:
    async with db.transaction() as session:
        await session.execute(sa.delete(Membership).where(col(Membership.person_id) == cast.doctor.person_id))
    _, token = await enter(cast.doctor)
    assert await _employ(cast)
    actor = await actor_for(None, token)
    assert actor
    assert (actor.roles, actor.department_ids) == ({Role.SPECIALIST}, cast.doctor.department_ids)
    async with db.reading() as session:
        [line] = (await session.exec(select(AuditEntry).where(AuditEntry.action == Action.ROLE_GRANT))).all()
    assert line.person_id == cast.doctor.person_id


async def test_a_place_of_work_is_shown_to_its_last_day(cast: Cast, now: clock.Clock) -> None:
    for until, shown in ((clock.today(), 1), (clock.today() - timedelta(days=1), 0)):
        await _end(cast, until)
        async with db.reading() as session:
            assert len(await workplaces(session, cast.doctor.person_id)) == shown
