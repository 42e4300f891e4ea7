"""The departments of one's clinic: added, renamed, closed when nobody is in them."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor
from medcab.accounts.models import Department, Membership, StaffDecision
from medcab.errors import Conflict, Invalid
from medcab.staff import queries, rules
from medcab.staff.models import Invitation
from medcab.staff.service import changed, clinic, take_turn


@dataclass(frozen=True)
class Counted:
    """A department and how many work in it or are invited to."""

    id: UUID
    name: str
    people: int
    invited: int


async def listed(session: AsyncSession, actor: Actor) -> list[Counted]:
    """Open departments by name."""
    here = clinic(actor)
    people, invited = await _people(session, here), await _invited(session, here)
    return [
        Counted(one.id, one.name, people.get(one.id, 0), invited.get(one.id, 0))
        for one in await queries.departments(session, here)
    ]


async def save(session: AsyncSession, actor: Actor, *, name: str, department_id: UUID | None = None) -> None:
    """Add a department, or give one another name."""
    here = clinic(actor)
    await take_turn(session, here)
    title = rules.line_of(name, field="name", longest=rules.LONGEST_NAME, empty="Укажите название отделения.")
    known = await queries.departments(session, here)
    if any(rules.same_name(one.name, title) and one.id != department_id for one in known):
        raise Invalid("Отделение с таким названием уже есть.", field="name")
    if department_id is None:
        made = Department(organisation_id=here, name=title)
        session.add(made)
        audit.record(session, actor, Action.DEPARTMENT_ADD, made.id, name=title)
    else:
        found = await queries.department(session, here, department_id)
        audit.record(session, actor, Action.DEPARTMENT_RENAME, found.id, was=found.name, name=title)
        found.name = title
    await changed(session, here)


async def close(session: AsyncSession, actor: Actor, *, department_id: UUID) -> None:
    """Nobody works there, now or later, and nobody is invited to."""
    here = clinic(actor)
    await take_turn(session, here)
    found = await queries.department(session, here, department_id)
    if (await _people(session, here)).get(found.id) or (await _invited(session, here)).get(found.id):
        raise Conflict("В отделении ещё есть сотрудники или приглашённые: сначала переведите их.")
    found.closed_at = clock.now()
    audit.record(session, actor, Action.DEPARTMENT_CLOSE, found.id, name=found.name)
    await changed(session, here)


async def _people(session: AsyncSession, here: UUID) -> dict[UUID, int]:
    """By department, who has a place that is not over: also suspended, or still to come; those who have been dismissed do not count."""
    until, today = col(Membership.until), clock.today()
    gone = sa.select(sa.literal(1)).where(
        col(StaffDecision.person_id) == col(Membership.person_id), col(StaffDecision.organisation_id) == here,
        col(StaffDecision.kind) == "dismissal", col(StaffDecision.lifted_at).is_(None), col(StaffDecision.since) <= today,
    )  # fmt: skip
    query = (
        sa.select(col(Membership.department_id), sa.func.count(sa.distinct(col(Membership.person_id))))
        .where(
            queries.of_clinic(here),
            sa.or_(until.is_(None), until >= today),
            ~gone.correlate(Membership).exists(),
        )
        .group_by(col(Membership.department_id))
    )
    return {key: count for key, count in (await session.execute(query)).all() if key}


async def _invited(session: AsyncSession, here: UUID) -> dict[UUID, int]:
    query = (
        sa.select(col(Invitation.department_id), sa.func.count())
        .where(col(Invitation.organisation_id) == here, col(Invitation.is_open))
        .group_by(col(Invitation.department_id))
    )
    return {key: count for key, count in (await session.execute(query)).all() if key}
