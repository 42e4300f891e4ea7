"""The people of one clinic as its administrator sees them. Everything here is of `organisation_id`; what is not, is not there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import GIVEN_BY_CLINIC, Action, Role
from medcab.accounts.models import DecisionKind, Department, Membership, Organisation, Person, StaffDecision, Standing
from medcab.accounts.queries import changes_of_terms, holds_on
from medcab.accounts.rules.terms import Terms, history, on
from medcab.audit import AuditEntry
from medcab.errors import NotFound
from medcab.staff.models import Invitation
from medcab.staff.rules import Days, Employment, State
from medcab.ui import formats

PAGE, HISTORY = 50, 50
STORY = tuple(action for action in Action if action.value.startswith("staff:") and action is not Action.STAFF_VIEW)
"""What the journal tells of a person in a clinic."""


@dataclass(frozen=True)
class Wanted:
    """What the list is asked for; empty: everything."""

    name: str = ""
    department_id: UUID | None = None
    role: Role | None = None
    state: State | None = None


@dataclass(frozen=True)
class Place:
    """One role of one person in the clinic, by name."""

    id: UUID
    person_id: UUID
    role: Role
    department_id: UUID | None
    department: str
    post: str
    rate: int
    days: Days
    told: tuple[Terms, ...] = ()
    """Which post and rate held when, oldest first; `post` and `rate` are today's."""


@dataclass(frozen=True)
class Colleague:
    """One line of the list. `id` is a person's or, when `state` is INVITED, an invitation's."""

    id: UUID
    state: State
    name: str
    places: tuple[Place, ...]
    words: str


@dataclass(frozen=True)
class Told:
    """One line of a person's history."""

    seq: int
    at: datetime
    action: Action
    by: str
    details: str
    """As the journal keeps them: JSON."""


def of_clinic(organisation_id: UUID) -> sa.ColumnElement[bool]:
    """Of `Membership`: the clinic's own roles."""
    return sa.and_(col(Membership.organisation_id) == organisation_id, col(Membership.role).in_(GIVEN_BY_CLINIC))


async def people(
    session: AsyncSession, organisation_id: UUID, wanted: Wanted, today: date, page: int
) -> tuple[list[Colleague], int]:
    """One page of the list by name, and how many there are in all."""
    found = sa.union_all(_workers(organisation_id, wanted, today), _invited(organisation_id, wanted)).subquery()
    total = (await session.execute(sa.select(sa.func.count()).select_from(found))).scalar_one()
    ordered = sa.select(found).order_by(found.c.family, found.c.given, found.c.patronymic, found.c.id)
    rows = (await session.execute(ordered.offset((page - 1) * PAGE).limit(PAGE))).all()
    hired = [row.id for row in rows if not row.is_invited]
    employments, held = await employed(session, organisation_id, hired)
    asked = await _invitations(session, [row.id for row in rows if row.is_invited])
    return [_colleague(row, employments, held, asked, today) for row in rows], total


def _named(table: Any, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """Each word begins one of the three names; ё is е, and the first letter may be small."""

    def begins(column: Any, word: str) -> sa.ColumnElement[bool]:
        plain = sa.func.replace(sa.func.replace(column, "ё", "е"), "Ё", "Е")
        return plain.startswith(word.replace("ё", "е").replace("Ё", "Е"), autoescape=True)

    words = ["-".join(part[:1].upper() + part[1:] for part in word.split("-")) for word in wanted.name.split()]
    columns = (col(table.family_name), col(table.given_name), col(table.patronymic))
    return [sa.or_(*(begins(column, word) for column in columns)) for word in words]


def _workers(organisation_id: UUID, wanted: Wanted, today: date) -> sa.Select[*tuple[Any, ...]]:
    theirs = sa.and_(col(Membership.person_id) == col(Person.id), of_clinic(organisation_id))
    chosen = [theirs]
    if wanted.department_id:
        chosen.append(col(Membership.department_id) == wanted.department_id)
    if wanted.role:
        chosen.append(col(Membership.role) == wanted.role)
    if wanted.state is not State.DISMISSED:  # what somebody was once is looked for among those who have gone
        until = col(Membership.until)
        chosen += [sa.or_(until.is_(None), until >= today)] if wanted.department_id or wanted.role else []
    return sa.select(
        col(Person.id).label("id"), sa.literal(0).label("is_invited"), col(Person.family_name).label("family"),
        col(Person.given_name).label("given"), col(Person.patronymic).label("patronymic"),
    ).where(
        sa.select(sa.literal(1)).where(*chosen).correlate(Person).exists(), *_named(Person, wanted),
        *_in_state(organisation_id, wanted.state, theirs, today),
    )  # fmt: skip


def _in_state(
    organisation_id: UUID, state: State | None, theirs: sa.ColumnElement[bool], today: date
) -> list[sa.ColumnElement[bool]]:
    """The same as `Employment.state_on`."""
    until = col(Membership.until)
    lasts = sa.select(sa.literal(1)).where(theirs, sa.or_(until.is_(None), until >= today)).correlate(Person).exists()

    def decided(kind: DecisionKind) -> sa.ColumnElement[bool]:
        ends = col(StaffDecision.until)
        found = sa.select(sa.literal(1)).where(
            col(StaffDecision.person_id) == col(Person.id), col(StaffDecision.organisation_id) == organisation_id,
            col(StaffDecision.kind) == kind, col(StaffDecision.lifted_at).is_(None), col(StaffDecision.since) <= today,
            sa.or_(ends.is_(None), ends >= today),
        )  # fmt: skip
        return found.correlate(Person).exists()

    gone, suspended = sa.or_(~lasts, decided(DecisionKind.DISMISSAL)), decided(DecisionKind.SUSPENSION)
    match state:
        case State.INVITED:
            return [sa.false()]
        case State.DISMISSED:
            return [gone]
        case State.SUSPENDED:
            return [~gone, suspended]
        case State.WORKS:
            return [~gone, ~suspended]
    return []


def _invited(organisation_id: UUID, wanted: Wanted) -> sa.Select[*tuple[Any, ...]]:
    chosen = [col(Invitation.organisation_id) == organisation_id, col(Invitation.is_open), *_named(Invitation, wanted)]
    if wanted.state not in (None, State.INVITED):
        chosen.append(sa.false())
    if wanted.department_id:
        chosen.append(col(Invitation.department_id) == wanted.department_id)
    if wanted.role:
        chosen.append(col(Invitation.role) == wanted.role)
    return sa.select(
        col(Invitation.id), sa.literal(1), col(Invitation.family_name), col(Invitation.given_name), col(Invitation.patronymic)
    ).where(*chosen)  # fmt: skip


async def _invitations(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, tuple[Invitation, str]]:
    query = (
        sa.select(Invitation, col(Department.name))
        .outerjoin(Department, col(Department.id) == col(Invitation.department_id))
        .where(col(Invitation.id).in_(ids))
    )
    return {one.id: (one, name or "") for one, name in (await session.execute(query)).all()} if ids else {}


def _colleague(
    row: Any, employments: dict[UUID, Employment], held: dict[UUID, list[Place]],
    asked: dict[UUID, tuple[Invitation, str]], today: date,
) -> Colleague:  # fmt: skip
    name = " ".join(filter(None, (row.family, row.given, row.patronymic)))
    if not row.is_invited:
        known = employments[row.id]
        return Colleague(row.id, known.state_on(today), name, tuple(held[row.id]), known.words_on(today))
    one, department = asked[row.id]
    place = Place(one.id, one.id, one.role, one.department_id, department, one.post, one.rate, Days(one.since or today))
    return Colleague(row.id, State.INVITED, name, (place,), _link_words(one))


def _link_words(one: Invitation) -> str:
    """Where the letter went, and how long it can be answered."""
    if one.expires_at <= clock.now():
        return f"{one.email}. Срок ссылки истёк: отправьте новую."
    return f"{one.email}. Ссылка действует до {formats.moment(one.expires_at)}."


async def employed(
    session: AsyncSession, organisation_id: UUID, person_ids: Sequence[UUID]
) -> tuple[dict[UUID, Employment], dict[UUID, list[Place]]]:
    """What the clinic knows of these people; those who never worked there are not in it."""
    if not person_ids:
        return {}, {}
    theirs = sa.and_(of_clinic(organisation_id), col(Membership.person_id).in_(person_ids))
    changes = await changes_of_terms(session, theirs)
    query = (
        sa.select(Membership, col(Department.name))
        .outerjoin(Department, col(Department.id) == col(Membership.department_id))
        .where(theirs)
        .order_by(col(Membership.since), col(Membership.id))
        .execution_options(populate_existing=True)
    )
    held: dict[UUID, list[Place]] = {}
    for one, department in (await session.execute(query)).all():
        terms = history(began(one), changes.get(one.id, ()))
        now = on(terms, clock.today())
        place = Place(
            one.id, one.person_id, one.role, one.department_id, department or "", now.post, now.rate, Days(one.since, one.until), tuple(terms)
        )  # fmt: skip
        held.setdefault(one.person_id, []).append(place)
    decided = await _decided(session, organisation_id, person_ids)
    return {
        key: Employment(
            tuple(place.days for place in places),
            decided.get((key, DecisionKind.SUSPENSION)), decided.get((key, DecisionKind.DISMISSAL)),
        )
        for key, places in held.items()
    }, held  # fmt: skip


def began(one: Membership) -> Terms:
    """What a role was taken on with."""
    return Terms(one.since, one.until, one.post, one.rate)


async def told(session: AsyncSession, one: Membership) -> list[Terms]:
    """Which post and rate of a role held when, oldest first."""
    changes = await changes_of_terms(session, col(Membership.id) == one.id)
    return history(began(one), changes.get(one.id, ()))


async def _decided(
    session: AsyncSession, organisation_id: UUID, person_ids: Sequence[UUID]
) -> dict[tuple[UUID, DecisionKind], Days]:
    query = select(StaffDecision).where(
        StaffDecision.organisation_id == organisation_id, col(StaffDecision.person_id).in_(person_ids),
        col(StaffDecision.lifted_at).is_(None),
    ).execution_options(populate_existing=True)  # fmt: skip
    return {(one.person_id, one.kind): Days(one.since, one.until) for one in (await session.exec(query)).all()}


async def worker(
    session: AsyncSession, organisation_id: UUID, person_id: UUID
) -> tuple[Person, Employment, list[Place]]:
    """One person of the clinic, past or present; `NotFound` for everybody else."""
    employments, held = await employed(session, organisation_id, [person_id])
    person = await session.get(Person, person_id)
    if person is None or person_id not in employments:
        raise NotFound("Сотрудник не найден.")
    return person, employments[person_id], held[person_id]


async def story(session: AsyncSession, organisation_id: UUID, person_id: UUID) -> list[Told]:
    """What was done about the person in this clinic, newest first."""
    author = orm.aliased(Person)
    query = (
        sa.select(
            col(AuditEntry.seq), col(AuditEntry.at), col(AuditEntry.action), col(author.family_name),
            col(author.given_name), col(AuditEntry.details),
        )
        .outerjoin(author, col(author.id) == col(AuditEntry.person_id))
        .where(
            col(AuditEntry.subject) == str(person_id), col(AuditEntry.organisation_id) == organisation_id,
            col(AuditEntry.action).in_([action.value for action in STORY]),
        )
        .order_by(col(AuditEntry.seq).desc()).limit(HISTORY)
    )  # fmt: skip
    rows = (await session.execute(query)).all()
    return [
        Told(seq, at, Action(action), f"{family or ''} {given or ''}".strip(), details)
        for seq, at, action, family, given, details in rows
    ]


async def lasting_administrators(session: AsyncSession, organisation_id: UUID, today: date) -> set[UUID]:
    """Who can administer the clinic today, verified, and without a known end."""
    leaves = sa.select(col(StaffDecision.person_id)).where(
        col(StaffDecision.organisation_id) == organisation_id, col(StaffDecision.lifted_at).is_(None),
        col(StaffDecision.kind) == DecisionKind.DISMISSAL,
    )  # fmt: skip
    query = (
        select(Membership.person_id)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(
            Membership.organisation_id == organisation_id, Membership.role == Role.CLINIC_ADMIN, holds_on(today),
            col(Membership.until).is_(None), col(Membership.person_id).not_in(leaves), col(Person.blocked_at).is_(None),
            Person.standing == Standing.ACTIVE, sa.or_(col(Person.standing_until).is_(None), col(Person.standing_until) >= today),
        )
    )  # fmt: skip
    return set((await session.exec(query)).all())


async def departments(session: AsyncSession, organisation_id: UUID) -> list[Department]:
    """Those that are open, by name."""
    query = select(Department).where(Department.organisation_id == organisation_id, col(Department.closed_at).is_(None))
    return list((await session.exec(query.order_by(col(Department.name)))).all())


async def department(session: AsyncSession, organisation_id: UUID, department_id: UUID) -> Department:
    """An open one of this clinic, or `NotFound`."""
    found = await session.get(Department, department_id)
    if found is None or found.organisation_id != organisation_id or found.closed_at:
        raise NotFound("Отделение не найдено.")
    return found


async def organisation(session: AsyncSession, organisation_id: UUID) -> Organisation:
    return await session.get_one(Organisation, organisation_id)
