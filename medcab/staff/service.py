"""What every change of a clinic's people has in common: whose clinic, one at a time, told to the person and to the open pages."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, live
from medcab.access import ROLE_TITLES, Actor, Permission, Role, require
from medcab.accounts import queries as accounts
from medcab.accounts.administration import service as administration
from medcab.accounts.models import DecisionKind, EmploymentTerms, Membership, Person
from medcab.accounts.notices import service as notices
from medcab.accounts.sessions import service as sessions
from medcab.errors import Conflict, NotFound
from medcab.staff import queries, rules

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class NewPlace:
    """What somebody is to be in the clinic, checked but for whether the department is one of it."""

    role: Role
    department_id: UUID | None
    post: str
    rate: int
    since: str = ""
    """As typed: only a service knows the day."""
    is_correction: bool = False
    """What is said of a day that has been is meant so."""


def topic(organisation_id: UUID) -> str:
    """Announced when the people of the clinic change."""
    return f"staff:{organisation_id}"


def clinic(actor: Actor) -> UUID:
    """The clinic whose people the actor manages now."""
    require(actor, Permission.STAFF)
    if actor.organisation_id is None:
        raise NotFound
    return actor.organisation_id


async def take_turn(session: AsyncSession, organisation_id: UUID) -> None:
    """Changes of one clinic's people come one after another, so that each is judged by what the one before it left."""
    await accounts.take_turns(session, accounts.staff_turn(organisation_id))


async def need_place(session: AsyncSession, organisation_id: UUID, place: NewPlace) -> None:
    """Refuse a department of another clinic, and a place that needs one and has none."""
    rules.need_department(place.role, place.department_id)
    if place.department_id:
        await queries.department(session, organisation_id, place.department_id)


async def take_on(
    session: AsyncSession, organisation_id: UUID, person: Person, place: NewPlace, *, again: bool = False
) -> Membership:
    """Give the place from its first day on, also to somebody who was dismissed. `again`: one that is held already will do.

    The caller has the turn.
    """
    since = rules.first_day(rules.day_of(place.since, field="since"), clock.today())
    await _come_back(session, person.id, organisation_id)
    until = col(Membership.until)
    same = select(Membership).where(
        Membership.person_id == person.id, Membership.organisation_id == organisation_id,
        Membership.role == place.role, Membership.department_id == place.department_id, sa.or_(until.is_(None), until >= since),
    )  # fmt: skip
    if held := (await session.exec(same.order_by(col(Membership.since)))).first():
        if again:
            return held
        raise Conflict("Эта роль в этом отделении у сотрудника уже есть.")
    made = Membership(
        person_id=person.id, organisation_id=organisation_id, department_id=place.department_id, role=place.role, since=since,
        post=place.post, rate=place.rate,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    return made


async def _come_back(session: AsyncSession, person_id: UUID, organisation_id: UUID) -> None:
    """Whoever was dismissed begins anew: the former places stay ended. A decision still in force is taken back first, by itself."""
    decided = [
        one
        for one in await accounts.decisions(session, person_id, organisation_id)
        if not one.until or one.until >= clock.today()
    ]
    is_dismissed = any(one.kind is DecisionKind.DISMISSAL and one.since <= clock.today() for one in decided)
    for one in decided:
        if one.kind is DecisionKind.SUSPENSION and is_dismissed:
            one.lifted_at = clock.now()  # it was of the time that has ended
            continue
        if one.kind is DecisionKind.SUSPENSION:
            raise Conflict("Права сотрудника приостановлены: сначала верните их.")
        if one.since > clock.today():
            raise Conflict("Оформлено увольнение: сначала отмените его.")
        last = one.since - _DAY
        until = col(Membership.until)
        former = sa.update(Membership).where(
            col(Membership.person_id) == person_id, queries.of_clinic(organisation_id), sa.or_(until.is_(None), until > last)
        )  # fmt: skip
        await session.execute(former.where(col(Membership.since) <= last).values(until=last))
        await forget(
            session,
            col(Membership.person_id) == person_id,
            queries.of_clinic(organisation_id),
            col(Membership.since) > last,
        )
        one.lifted_at = clock.now()
        await session.flush()


async def forget(session: AsyncSession, *places: sa.ColumnElement[bool]) -> None:
    """Places that never began, with what was written down for them."""
    these = sa.select(col(Membership.id)).where(*places)
    await session.execute(sa.delete(EmploymentTerms).where(col(EmploymentTerms.membership_id).in_(these)))
    await session.execute(sa.delete(Membership).where(*places))


async def changed(session: AsyncSession, organisation_id: UUID, person_id: UUID | None = None) -> None:
    """Every open page concerned shows it at once: the clinic's list, the person's own tabs with other rights, the figures of their departments."""
    live.publish(session, topic(organisation_id))
    if person_id:
        await sessions.rights_changed(session, person_id)
        await administration.figures_changed(session, person_id)


async def tell(
    session: AsyncSession, organisation_id: UUID, person: Person, subject: str, what: str, *, by_sms: bool = False
) -> None:
    """To the person, with the clinic's name."""
    name = (await queries.organisation(session, organisation_id)).short_name
    notices.informed(session, person, subject, f"{name}: {what}", by_sms=by_sms)


def place_words(role: Role, department: str, post: str, rate: int) -> str:
    """«Терапевт, Терапевтическое отделение, врач-терапевт, ставка 0,5»."""
    known = (ROLE_TITLES[role], department, post, f"ставка {rules.rate_words(rate)}" if rate != rules.FULL else "")
    return ", ".join(filter(None, known))
