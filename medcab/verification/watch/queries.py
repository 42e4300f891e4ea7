"""What the rounds have found, for the people whose register entries changed and for their clinic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, require
from medcab.accounts.models import Membership, Person
from medcab.accounts.queries import holds_on
from medcab.verification import queries
from medcab.verification.models import RegisterRound, StandingChange
from medcab.verification.rules import Item

PAGE = 50


@dataclass(frozen=True)
class ChangeLine:
    """One item that the register sees otherwise than before."""

    id: UUID
    at: datetime
    name: str
    item: str
    was: str
    now: str
    closes: str
    opens: str


@dataclass(frozen=True)
class Changes:
    """One page of lines, newest first, and how many there are in all."""

    lines: list[ChangeLine]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Overview:
    """The newest round (None: none yet) and one page of what changed for the clinic's people."""

    newest: RegisterRound | None
    changes: Changes


async def overview(session: AsyncSession, actor: Actor, *, only_closing: bool = False, page: int = 1) -> Overview:
    """Of the people who work in the actor's organisation today; `page` counts from 1."""
    require(actor, Permission.REGISTER_WATCH)
    staff = select(Membership.person_id).where(
        Membership.organisation_id == actor.organisation_id, holds_on(clock.today())
    )
    wanted: list[sa.ColumnElement[bool]] = [col(StandingChange.person_id).in_(staff)]
    if only_closing:
        wanted.append(col(StandingChange.closes) != "")
    found = await _changes(session, wanted, page)
    return Overview(await queries.newest_round(session), found)


async def own(session: AsyncSession, actor: Actor) -> list[ChangeLine]:
    """The actor's own newest changes."""
    require(actor, Permission.VERIFICATION)
    return (await _changes(session, [col(StandingChange.person_id) == actor.person_id], 1)).lines


async def _changes(session: AsyncSession, wanted: Sequence[sa.ColumnElement[bool]], page: int) -> Changes:
    total = (await session.exec(select(sa.func.count()).select_from(StandingChange).where(*wanted))).one()
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    query = select(StandingChange, Person).join(Person, col(Person.id) == col(StandingChange.person_id)).where(*wanted)
    newest_first = query.order_by(
        col(StandingChange.noticed_at).desc(), col(StandingChange.person_id), col(StandingChange.item)
    )
    rows = (await session.exec(newest_first.offset((page - 1) * PAGE).limit(PAGE))).all()
    return Changes([_line(change, person) for change, person in rows], total, page, pages)


def _line(change: StandingChange, person: Person) -> ChangeLine:
    name = " ".join(filter(None, (person.family_name, person.given_name, person.patronymic)))
    label = Item(change.item).label
    return ChangeLine(change.id, change.noticed_at, name, label, change.was, change.now, change.closes, change.opens)
