"""The facts that duties follow from, of many people in a few queries; nothing sealed is opened for them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import NOT_MEDICAL, Actor, Permission, Role
from medcab.accounts.models import (
    Department,
    Membership,
    PasswordRecord,
    Person,
    PracticeRight,
    SigningCertificate,
    TotpFactor,
)
from medcab.accounts.queries import holds_on, post_on
from medcab.accounts.rules.policy import POLICY
from medcab.compliance.models import ReminderChoice
from medcab.compliance.rules.duties import Day, Facts, Paper
from medcab.documents.kinds.rules import TRAINING, DocumentKind, ends_on
from medcab.documents.models import Document
from medcab.settings import get_settings
from medcab.verification.disputes.queries import reviews_of

_AT_ONCE = 500
"""Ids in one question: SQLite takes no more than 32,766 values."""


def day() -> Day:
    today = clock.today()
    return Day(today, get_settings().norms_on(today))


async def facts_of(session: AsyncSession, person_ids: Sequence[UUID]) -> dict[UUID, Facts]:
    """By person, in the order of the ids."""
    found: dict[UUID, Facts] = {}
    for first in range(0, len(person_ids), _AT_ONCE):
        found |= await _facts(session, person_ids[first : first + _AT_ONCE])
    return found


async def _facts(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Facts]:
    people = sa.select(col(Person.id), col(Person.standing), col(Person.standing_reason)).where(col(Person.id).in_(ids))
    rights, papers = await _rights(session, ids), await _papers(session, ids)
    passwords = await _newest(session, PasswordRecord, PasswordRecord.set_at, ids)
    certificates = await _certificates(session, ids)
    apps = sa.select(col(TotpFactor.person_id)).where(
        col(TotpFactor.person_id).in_(ids), col(TotpFactor.confirmed_at).is_not(None)
    )
    with_app = set((await session.execute(apps)).scalars())
    not_medical, reviews = await _not_medical(session, ids), await reviews_of(session, ids)
    rows = {row.id: row for row in await session.execute(people)}
    return {
        person_id: Facts(
            standing=rows[person_id].standing, is_medical=person_id not in not_medical, standing_reason=rows[person_id].standing_reason, review_on=reviews.get(person_id), specialties=rights.get(person_id, {}),
            papers=tuple(papers.get(person_id, ())), certificate_until=certificates.get(person_id), password_set=passwords.get(person_id),
            password_days=POLICY.password_age_days, has_app=person_id in with_app,
        )
        for person_id in ids if person_id in rows
    }  # fmt: skip


async def _not_medical(session: AsyncSession, ids: Sequence[UUID]) -> set[UUID]:
    """Those who work today, and nowhere as medical workers."""
    roles = sa.select(col(Membership.person_id), col(Membership.role)).where(
        col(Membership.person_id).in_(ids), holds_on(clock.today())
    )
    held = defaultdict[UUID, set[Role]](set)
    for row in await session.execute(roles):
        held[row.person_id].add(row.role)
    return {person_id for person_id, its in held.items() if its <= NOT_MEDICAL}


async def _rights(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, dict[str, date | None]]:
    query = sa.select(col(PracticeRight.person_id), col(PracticeRight.specialty), col(PracticeRight.until))
    found: dict[UUID, dict[str, date | None]] = defaultdict(dict)
    for row in await session.execute(query.where(col(PracticeRight.person_id).in_(ids))):
        found[row.person_id][row.specialty] = row.until
    return found


async def _papers(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[Paper]]:
    in_force = sa.and_(
        col(Document.person_id).in_(ids), col(Document.replaced_at).is_(None), col(Document.removed_at).is_(None)
    )
    columns: tuple[Any, ...] = (
        Document.id,
        Document.renews_id,
        Document.person_id,
        Document.kind,
        Document.specialty,
        Document.issued_on,
        Document.expires_on,
        Document.hours,
        Document.file_id,
    )
    settings, found = get_settings(), defaultdict[UUID, list[Paper]](list)
    rows = (await session.execute(sa.select(*columns).where(in_force))).all()
    renewed = {row.renews_id for row in rows}
    for row in rows:
        kind = DocumentKind(row.kind)
        if row.id in renewed and kind not in TRAINING:
            continue  # the next paper says until when, whatever its specialty is spelled like; hours once trained still count
        norms = settings.norms_on(row.issued_on or clock.today())  # what was in force when it was given
        ends = ends_on(kind, row.issued_on, row.expires_on, norms)
        found[row.person_id].append(
            Paper(kind, row.specialty, row.issued_on, ends, row.hours or 0, row.file_id is not None)
        )
    return found


async def _newest(
    session: AsyncSession, table: type[PasswordRecord], moment: Any, ids: Sequence[UUID]
) -> dict[UUID, date]:
    query = (
        sa.select(col(table.person_id), sa.func.max(moment).label("at"))
        .where(col(table.person_id).in_(ids))
        .group_by(col(table.person_id))
    )
    return {row.person_id: row.at.astimezone(clock.MOSCOW).date() for row in await session.execute(query)}


async def _certificates(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, date]:
    query = (
        sa.select(col(SigningCertificate.person_id), sa.func.max(SigningCertificate.not_after).label("at"))
        .where(col(SigningCertificate.person_id).in_(ids), col(SigningCertificate.revoked_at).is_(None))
        .group_by(col(SigningCertificate.person_id))
    )
    return {row.person_id: row.at.astimezone(clock.MOSCOW).date() for row in await session.execute(query)}


async def staff(session: AsyncSession, actor: Actor, department_id: UUID | None = None) -> list[Any]:
    """Rows `(id, family_name, given_name, patronymic, department, post)` of medical workers who work here today and whom the actor answers for, by name.

    An administrator answers for the clinic, a head for the own departments. Somebody of two departments comes once.
    """
    here = [
        col(Membership.organisation_id) == actor.organisation_id, holds_on(clock.today()), col(Membership.role).not_in(NOT_MEDICAL),
    ]  # fmt: skip
    if not actor.may(Permission.COMPLIANCE_ORGANISATION):
        here.append(col(Membership.department_id).in_(actor.departments_with(Permission.COMPLIANCE_DEPARTMENT)))
    if department_id:
        here.append(col(Membership.department_id) == department_id)
    query = (
        sa.select(
            col(Person.id), col(Person.family_name), col(Person.given_name), col(Person.patronymic), col(Department.name).label("department"),
            post_on(clock.today()).label("post"),
        )
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .join(Department, col(Department.id) == col(Membership.department_id), isouter=True)
        .where(*here)
        .order_by(col(Person.family_name), col(Person.given_name), col(Person.id), col(Department.name))
    )  # fmt: skip
    rows = (await session.execute(query)).all()
    return list({row.id: row for row in reversed(rows)}.values())[::-1]


async def departments(session: AsyncSession, actor: Actor) -> list[tuple[UUID, str]]:
    """Those whose people the actor answers for, by name."""
    query = sa.select(col(Department.id), col(Department.name)).where(
        col(Department.organisation_id) == actor.organisation_id
    )
    if not actor.may(Permission.COMPLIANCE_ORGANISATION):
        query = query.where(col(Department.id).in_(actor.departments_with(Permission.COMPLIANCE_DEPARTMENT)))
    return [(row.id, row.name) for row in await session.execute(query.order_by(col(Department.name)))]


async def choice_of(session: AsyncSession, person_id: UUID) -> ReminderChoice:
    """As it was made; both channels where nobody has chosen."""
    found = await session.get(ReminderChoice, person_id)
    return found or ReminderChoice(person_id=person_id)


async def choices_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, ReminderChoice]:
    rows = (await session.exec(select(ReminderChoice).where(col(ReminderChoice.person_id).in_(ids)))).all()
    return {row.person_id: row for row in rows}
