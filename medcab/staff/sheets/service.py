"""A list of workers from a file: kept while it is looked through, applied whole or not at all."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, jobs
from medcab.access import Action, Actor, Role
from medcab.accounts import queries as accounts
from medcab.errors import Conflict, NotFound
from medcab.staff import queries
from medcab.staff.invitations import service as invitations
from medcab.staff.invitations.service import Guest
from medcab.staff.models import StaffSheet
from medcab.staff.rules import plain
from medcab.staff.service import NewPlace, changed, clinic, take_turn
from medcab.staff.sheets import rules
from medcab.staff.sheets.rules import Judged, Known, Line, Person
from medcab.tables import reader

KEPT = timedelta(days=1)
LONGEST_NAME = 200


@dataclass(frozen=True)
class Preview:
    """What the list says, judged by what the clinic knows now."""

    id: UUID
    name: str
    rows: list[Judged]

    @property
    def wrong(self) -> int:
        return sum(bool(row.errors) for row in self.rows)


@jobs.hourly
async def forget(session: AsyncSession) -> None:
    """Lists that nobody applied."""
    await session.execute(sa.delete(StaffSheet).where(col(StaffSheet.created_at) < clock.now() - KEPT))


async def read(data: bytes) -> list[Line]:
    """The rows of a file, read beside the event loop; `Invalid` when it is no list."""
    return await asyncio.to_thread(_lines, data)


def _lines(data: bytes) -> list[Line]:
    sheet = reader.opened(data)
    lines = rules.lines_of(sheet.rows, sheet.numbers)
    return [
        Line(one.number, {**one.cells, "since": reader.day_written(one.cells.get("since", ""))})
        for one in lines
        if not next(iter(one.cells.values()), "").startswith("#")  # the sample's own remark
    ]


async def keep(session: AsyncSession, actor: Actor, *, name: str, lines: list[Line]) -> UUID:
    """Put the list aside to be looked through."""
    here = clinic(actor)
    kept = [[line.number, dict(line.cells)] for line in lines]
    shown = "".join(sign for sign in name if sign.isprintable())[:LONGEST_NAME]
    made = StaffSheet(
        organisation_id=here, person_id=actor.person_id, name=shown, rows=json.dumps(kept, ensure_ascii=False), created_at=clock.now()
    )  # fmt: skip
    session.add(made)
    audit.record(session, actor, Action.STAFF_SHEET_ADD, made.id, rows=len(lines))
    return made.id


async def preview(session: AsyncSession, actor: Actor, *, sheet_id: UUID) -> Preview:
    """Every row with what is wrong in it now."""
    here = clinic(actor)
    sheet = await _sheet(session, here, sheet_id)
    lines = [Line(number, cells) for number, cells in json.loads(sheet.rows)]
    known = await _known(session, here, lines)
    return Preview(sheet.id, sheet.name, await asyncio.to_thread(rules.judge, lines, known))


async def apply(session: AsyncSession, actor: Actor, *, sheet_id: UUID, drop_wrong: bool) -> int:
    """Invite everybody of the list; how many. With a row in error nobody is invited, unless such rows are dropped on purpose."""
    here = clinic(actor)
    await take_turn(session, here)
    found = await preview(session, actor, sheet_id=sheet_id)
    if found.wrong and not drop_wrong:
        raise Conflict("В списке есть строки с ошибками. Исправьте файл или отметьте, что их можно пропустить.")
    people = [row.person for row in found.rows if row.person]
    if not people:
        raise Conflict("В списке нет ни одной строки без ошибок.")
    await invitations.need_letters(session, here, [accounts.index_of("email", one.email) for one in people])
    await invitations.send(session, actor, here, [_guest(one) for one in people])
    await session.delete(await _sheet(session, here, sheet_id))
    audit.record(session, actor, Action.STAFF_SHEET_APPLY, sheet_id, invited=len(people), dropped=found.wrong)
    await changed(session, here)
    return len(people)


async def discard(session: AsyncSession, actor: Actor, *, sheet_id: UUID) -> None:
    """Forget the list."""
    await session.delete(await _sheet(session, clinic(actor), sheet_id))


async def _sheet(session: AsyncSession, here: UUID, sheet_id: UUID) -> StaffSheet:
    found = await session.get(StaffSheet, sheet_id)
    if found is None or found.organisation_id != here:
        raise NotFound("Список не найден: он уже применён или хранился больше суток.")
    return found


def _addresses(lines: list[Line]) -> dict[str, str]:
    """By blind index."""
    return {accounts.index_of("email", address): address for line in lines if (address := rules.address_of(line))}


async def _known(session: AsyncSession, here: UUID, lines: list[Line]) -> Known:
    address_of = await asyncio.to_thread(_addresses, lines)
    indexes = list(address_of)
    working = await invitations.working(session, here, indexes)
    invited = await invitations.invited(session, here, indexes)
    wards = {plain(one.name): one.id for one in await queries.departments(session, here)}
    groups = (working, invited, await invitations.flooded(session, indexes))
    return Known(clock.today(), wards, *({address_of[key] for key in group} for group in groups))


def _guest(one: Person) -> Guest:
    place = NewPlace(Role(one.role), one.department_id, one.post, one.rate, one.since)
    return Guest(one.family_name, one.given_name, one.patronymic, one.email, place)


def known_id(text: str) -> UUID:
    """Out of an address; `NotFound` for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("Список не найден.") from None
