"""How people are found, and how two requests about the same thing take turns."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db
from medcab.access import NOT_MEDICAL
from medcab.accounts.models import (
    EmploymentTerms,
    FormerPractice,
    Membership,
    PasswordRecord,
    Person,
    PracticeRight,
    StaffDecision,
)
from medcab.accounts.rules.right import Practised, Right
from medcab.accounts.rules.terms import Terms
from medcab.errors import Invalid, NotFound
from medcab.identifiers import email, phone
from medcab.security.crypto import blind_index

UNIQUE = ("snils", "inn", "phone", "email")
"""What belongs to one person only; each has an `…_index` column to be found by."""


def index_of(field: str, value: str) -> str:
    """The blind index of one of `UNIQUE`; `value` is as stored."""
    return blind_index(f"person.{field}", value)


async def person_with(session: AsyncSession, **values: str) -> Person | None:
    """The person to whom this belongs: `person_with(session, phone="+79…")`."""
    [(field, value)] = values.items()
    column = {
        "snils": Person.snils_index,
        "inn": Person.inn_index,
        "phone": Person.phone_index,
        "email": Person.email_index,
    }
    return (await session.exec(select(Person).where(col(column[field]) == index_of(field, value)))).first()


@dataclass(frozen=True)
class Login:
    """What was typed as a name, in its kept form. `index` stands for it where it is counted or journalled."""

    field: str
    value: str

    @property
    def index(self) -> str:
        return index_of(self.field, self.value)


def parse_login(text: str) -> Login:
    """A phone in any notation, or an e-mail; anything else is a name that nobody has, not an error."""
    try:
        return Login("email", email.parse(text)) if "@" in text else Login("phone", phone.parse(text))
    except Invalid:
        return Login("unknown", text.strip().lower()[:300])


async def person_by_login(session: AsyncSession, login: Login) -> Person | None:
    """Whose name this is. A name nobody can have is looked up all the same: it takes as long."""
    column = Person.email_index if login.field == "email" else Person.phone_index
    return (await session.exec(select(Person).where(col(column) == login.index))).first()


async def person(session: AsyncSession, person_id: UUID) -> Person:
    found = await session.get(Person, person_id)
    if found is None:
        raise NotFound
    return found


def holds_on(day: date | sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
    """Whether a `Membership` is in force on the day: from its first to its last, both included, and nothing decided against it.

    A clinic decides about its own roles; those of medcab's own people (`NOT_MEDICAL`) are not its to take.
    """
    until = col(Membership.until)
    not_the_clinics = [col(Membership.role) == role for role in sorted(NOT_MEDICAL)]
    is_left_to_work = sa.or_(*not_the_clinics, ~_is_decided_against(day))
    return sa.and_(col(Membership.since) <= day, sa.or_(until.is_(None), until >= day), is_left_to_work)


def _is_decided_against(day: date | sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
    """Suspended or dismissed in the clinic of the membership."""
    until = col(StaffDecision.until)
    against = sa.select(sa.literal(1)).where(
        col(StaffDecision.person_id) == col(Membership.person_id),
        col(StaffDecision.organisation_id) == col(Membership.organisation_id),
        col(StaffDecision.lifted_at).is_(None),
        col(StaffDecision.since) <= day,
        sa.or_(until.is_(None), until >= day),
    )
    return against.correlate_except(StaffDecision).exists()


def post_on(day: date) -> sa.ColumnElement[str]:
    """Of a `Membership`: the post that is held on the day."""
    later = sa.select(col(EmploymentTerms.post)).where(
        col(EmploymentTerms.membership_id) == col(Membership.id), col(EmploymentTerms.replaced_at).is_(None),
        col(EmploymentTerms.since) <= day,
    )  # fmt: skip
    newest = later.order_by(col(EmploymentTerms.since).desc()).limit(1).correlate(Membership).scalar_subquery()
    return sa.func.coalesce(newest, col(Membership.post))


async def changes_of_terms(session: AsyncSession, memberships: sa.ColumnElement[bool]) -> dict[UUID, list[Terms]]:
    """By membership, what was written down since it began; `memberships`: which of them."""
    query = (
        sa.select(col(EmploymentTerms.membership_id), col(EmploymentTerms.since), col(EmploymentTerms.post), col(EmploymentTerms.rate))
        .join(Membership, col(Membership.id) == col(EmploymentTerms.membership_id))
        .where(memberships, col(EmploymentTerms.replaced_at).is_(None))
    )  # fmt: skip
    found = defaultdict[UUID, list[Terms]](list)
    for membership_id, since, post, rate in await session.execute(query):
        found[membership_id].append(Terms(since, None, post, rate))
    return found


def staff_turn(organisation_id: UUID) -> str:
    """What to `take_turns` on before the people of a clinic are changed."""
    return f"staff:{organisation_id}"


async def decisions(session: AsyncSession, person_id: UUID, organisation_id: UUID) -> list[StaffDecision]:
    """What the clinic has decided about the person and not taken back; also what has run out or is still to come."""
    query = select(StaffDecision).where(
        StaffDecision.person_id == person_id,
        StaffDecision.organisation_id == organisation_id,
        col(StaffDecision.lifted_at).is_(None),
    )
    return list((await session.exec(query.order_by(col(StaffDecision.since)))).all())


async def days_without_rights(
    session: AsyncSession, organisation_id: UUID | sa.ScalarSelect[UUID] | None, first: date, last: date
) -> list[tuple[UUID, date, date]]:
    """Who was or is suspended or dismissed by the clinic within these days, from which day to which.

    What was taken back held until the day before: the past does not change by it.
    """
    until, lifted_at = col(StaffDecision.until), col(StaffDecision.lifted_at)
    query = sa.select(col(StaffDecision.person_id), col(StaffDecision.since), until, lifted_at).where(
        col(StaffDecision.organisation_id) == organisation_id, col(StaffDecision.since) <= last, sa.or_(until.is_(None), until >= first),
    )  # fmt: skip
    found: list[tuple[UUID, date, date]] = []
    for person_id, since, end, lifted in await session.execute(query):
        held = lifted.astimezone(clock.MOSCOW).date() - timedelta(1) if lifted else date.max
        found.append((person_id, since, min(end or date.max, held)))
    return [each for each in found if each[1] <= each[2] and each[2] >= first]


async def passwords(session: AsyncSession, person_id: UUID, *, last: int = 1) -> list[PasswordRecord]:
    """The newest first; the first is the one in force."""
    newest = (
        select(PasswordRecord).where(PasswordRecord.person_id == person_id).order_by(col(PasswordRecord.set_at).desc())
    )
    return list((await session.exec(newest.limit(last))).all())


async def take_turns(session: AsyncSession, key: str) -> None:
    """Wait until no other transaction works on `key`; held to the end of this one.

    SQLite has one writer at a time anyway; PostgreSQL would let two transactions count the same rows at once.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], signed=True)
    await session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": number})


_RIGHTS = (
    sa.select(
        col(Person.id), col(Person.standing), col(Person.standing_until), col(PracticeRight.specialty), col(PracticeRight.until)
    )
    .join(PracticeRight, col(PracticeRight.person_id) == col(Person.id), isouter=True)
    .where(col(Person.id).in_(sa.bindparam("people", expanding=True)))
)  # fmt: skip


async def right_of(session: AsyncSession, person_id: UUID) -> Right:
    """What this person may practise, and for how long."""
    found = await rights_of(session, [person_id])
    if person_id not in found:
        raise NotFound
    return found[person_id]


async def rights_of(session: AsyncSession, person_ids: Collection[UUID]) -> dict[UUID, Right]:
    """The same of several people, in one query."""
    rows = await db.ask(session, _RIGHTS, people=list(person_ids))
    practised: dict[UUID, dict[str, date | None]] = {row.id: {} for row in rows}
    for row in rows:
        if row.specialty is not None:
            practised[row.id][row.specialty] = row.until
    return {row.id: Right(row.standing, row.standing_until, practised[row.id]) for row in rows}


async def practised(session: AsyncSession, person_ids: Collection[UUID]) -> dict[UUID, list[Practised]]:
    """Which specialties each of them had when, also those that were lost since."""
    found: dict[UUID, list[Practised]] = {person_id: [] for person_id in person_ids}
    for table in (PracticeRight, FormerPractice):
        columns = (col(table.person_id), col(table.specialty), col(table.since), col(table.until))
        for person_id, *what in await session.execute(sa.select(*columns).where(columns[0].in_(list(person_ids)))):
            found[person_id].append(Practised(*what))
    return found


async def keep_specialties(session: AsyncSession, person_id: UUID, last_days: Mapping[str, date | None]) -> None:
    """Write down which specialties are confirmed, and until when: these and no others. Those that are lost keep their days.

    What the first check finds may have been for long; what comes later has its day.
    """
    held = (await session.exec(select(PracticeRight).where(PracticeRight.person_id == person_id))).all()
    were = select(FormerPractice.id).where(FormerPractice.person_id == person_id).limit(1)
    today = clock.today()
    since = today if held or (await session.exec(were)).first() else None
    known = {row.specialty: row for row in held}
    for specialty, until in last_days.items():
        row = known.pop(specialty, None) or PracticeRight(person_id=person_id, specialty=specialty, since=since)
        row.until = until
        session.add(row)
    for gone in known.values():
        last = min(gone.until or today, today)
        if gone.since is None or gone.since <= last:
            session.add(FormerPractice(person_id=person_id, specialty=gone.specialty, since=gone.since, until=last))
        await session.delete(gone)
