"""Who works where, and as what. Only what the first slice needs: an organisation's first administrator, and what the register proves."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import GIVEN_BY_CLINIC, Action, Role
from medcab.accounts import queries
from medcab.accounts.models import LONGEST_POST, Membership, Organisation
from medcab.errors import Conflict, NotFound
from medcab.identifiers import email, ogrn


async def appoint_administrator(session: AsyncSession, *, address: str, organisation: str, number: str) -> str:
    """Make the registered person with this e-mail administrator of the organisation with this ОГРН, which is made when there is none.

    For the command line of a new installation. Returns the person's name.
    """
    person = await queries.person_with(session, email=email.parse(address))
    if person is None:
        raise NotFound("Nobody has registered with this e-mail.")
    parsed = ogrn.parse(number)
    found = (await session.exec(select(Organisation).where(col(Organisation.ogrn) == parsed))).first()
    clinic = found or Organisation(name=organisation, short_name=organisation[:80], ogrn=parsed)
    session.add(clinic)
    if await queries.decisions(session, person.id, clinic.id):
        raise Conflict("The clinic has suspended or dismissed this person.")
    await grant(session, person.id, clinic.id, Role.CLINIC_ADMIN)
    audit.record(session, None, Action.ADMIN_CREATE, person.id, organisation=str(clinic.id))
    return f"{person.family_name} {person.given_name}"


_CARE = frozenset(GIVEN_BY_CLINIC) - {Role.CLINIC_ADMIN}


async def grant(
    session: AsyncSession,
    person_id: UUID,
    organisation_id: UUID,
    role: Role,
    *,
    department_id: UUID | None = None,
    post: str = "",
) -> bool:
    """Give a role in an organisation from today on; False when it is held already. One that was held before stays as it was, beside it.

    Nobody whom the clinic has suspended or dismissed comes back by the register's word: that is for the clinic to decide.
    """
    await queries.take_turns(session, queries.staff_turn(organisation_id))
    if any(
        one.until is None or one.until >= clock.today()
        for one in await queries.decisions(session, person_id, organisation_id)
    ):
        return False
    same = select(Membership).where(
        Membership.person_id == person_id, Membership.organisation_id == organisation_id, Membership.role == role
    )
    if (await session.exec(same.where(queries.holds_on(clock.today())))).first():
        return False
    ahead = same.where(Membership.department_id == department_id, col(Membership.since) > clock.today())
    held = (await session.exec(ahead.order_by(col(Membership.since)))).first() or Membership(
        person_id=person_id, organisation_id=organisation_id, department_id=department_id, role=role, since=clock.today(), post=post
    )  # fmt: skip
    held.since = clock.today()
    session.add(held)
    audit.record(
        session, None, Action.ROLE_GRANT, person_id, person_id=person_id, organisation=organisation_id, role=role.value
    )
    return True


async def figures_changed(session: AsyncSession, person_id: UUID) -> None:
    """Whoever looks at the figures of a department of the person's, also a former one, sees at once whose right to practise holds."""
    held = sa.select(col(Membership.department_id)).where(
        col(Membership.person_id) == person_id, col(Membership.department_id).is_not(None)
    )
    for department_id in (await session.execute(held.distinct())).scalars():
        live.publish(session, f"figures:{department_id}")


async def employ(session: AsyncSession, person_id: UUID, *, organisation: str, post: str, role: Role) -> bool:
    """Give the role that an employment confirmed by the federal register stands for, if that organisation works with medcab.

    The department is the one where colleagues hold the same post; without any it stays open until an administrator chooses it.
    """
    clinic = (await session.exec(select(Organisation).where(col(Organisation.name) == organisation))).first()
    if clinic is None or not await _is_first_hire(session, person_id, clinic.id, role):
        return False
    same_post = select(Membership.department_id).where(
        Membership.organisation_id == clinic.id,
        queries.post_on(clock.today()) == post,
        col(Membership.department_id).is_not(None),
    )
    department_id = (await session.exec(same_post.limit(1))).first()
    return await grant(session, person_id, clinic.id, role, department_id=department_id, post=post[:LONGEST_POST])


async def _is_first_hire(session: AsyncSession, person_id: UUID, organisation_id: UUID, role: Role) -> bool:
    """Whether the clinic has not settled it already: who works there by its own word, or from whom it took the role, stays as it said."""
    held = select(Membership).where(Membership.person_id == person_id, Membership.organisation_id == organisation_id)
    today, places = clock.today(), (await session.exec(held)).all()
    is_settled = any((one.until is None or one.until >= today) and one.role in _CARE for one in places)
    return not is_settled and not any(one.role == role and one.until and one.until < today for one in places)
