"""How people are found, and how two requests about the same thing take turns."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.accounts.models import Membership, PasswordRecord, Person, PracticeRight
from medcab.accounts.rules.right import Right
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


def holds_on(day: date | sa.BindParameter[date]) -> sa.ColumnElement[bool]:
    """Whether a `Membership` is in force on the day: from its first to its last, both included."""
    until = col(Membership.until)
    return sa.and_(col(Membership.since) <= day, sa.or_(until.is_(None), until >= day))


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


async def right_of(session: AsyncSession, person_id: UUID) -> Right:
    """What this person may practise, and for how long."""
    query = (
        sa.select(
            col(Person.standing), col(Person.standing_until), col(PracticeRight.specialty), col(PracticeRight.until)
        )
        .join(PracticeRight, col(PracticeRight.person_id) == col(Person.id), isouter=True)
        .where(col(Person.id) == person_id)
    )
    rows = (await session.execute(query)).all()
    if not rows:
        raise NotFound
    specialties = {row.specialty: row.until for row in rows if row.specialty is not None}
    return Right(rows[0].standing, rows[0].standing_until, specialties)


async def keep_specialties(session: AsyncSession, person_id: UUID, last_days: Mapping[str, date | None]) -> None:
    """Write down which specialties are confirmed, and until when: these and no others."""
    held = (await session.exec(select(PracticeRight).where(PracticeRight.person_id == person_id))).all()
    known = {row.specialty: row for row in held}
    for specialty, until in last_days.items():
        row = known.pop(specialty, None) or PracticeRight(person_id=person_id, specialty=specialty)
        row.until = until
        session.add(row)
    for gone in known.values():
        await session.delete(gone)
