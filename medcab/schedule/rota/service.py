"""A rota from a file: kept while it is looked through, judged anew at each look by what the clinic knows then."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, jobs
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.queries import rights_of
from medcab.errors import NotFound
from medcab.identifiers import person_name
from medcab.schedule.hours.queries import Hours
from medcab.schedule.hours.service import clinic_of
from medcab.schedule.models import ReceptionClosed
from medcab.schedule.rota import queries
from medcab.schedule.rota.models import RotaSheet
from medcab.schedule.rules import layouts
from medcab.schedule.rules import rota as rules
from medcab.schedule.rules.facts import Booked, Change, Day, Facts, Kind, Open, Shut
from medcab.schedule.rules.layouts import Entry, Rota
from medcab.schedule.rules.resources import key_of
from medcab.schedule.rules.roster import Roster
from medcab.schedule.rules.slots import bounds
from medcab.schedule.service import zone
from medcab.tables import reader
from medcab.tables.reader import Bounds, Sheet

KEPT = timedelta(days=1)
LONGEST_NAME = 200
BOUNDS = Bounds(megabytes=3, rows=10_000, columns=60, part_megabytes=24)
"""A year of a small ward, or a month of a large clinic in two shifts."""


class NoRota(NotFound):
    """No such file, or somebody else's."""

    message = "Файл не найден: график уже применён, или файл хранился больше суток."


@dataclass(frozen=True)
class Preview:
    """What the file would do now. `seen` tells this preview from any other; `needs_month`: nothing can be said before the month is."""

    id: UUID
    name: str
    changes: list[Change]
    month: date | None
    needs_month: bool
    seen: str

    def of(self, *kinds: Kind) -> list[Change]:
        return [each for each in self.changes if each.kind in kinds]

    @property
    def done(self) -> list[Change]:
        """What applying does."""
        return [each for each in self.changes if each.is_done]


@dataclass(frozen=True)
class Known:
    """What the facts were gathered from, for who is to change it."""

    facts: Facts
    written: dict[Day, dict[UUID, Hours]]
    said: dict[Day, list[Hours]]
    closed: list[ReceptionClosed]


@jobs.hourly
async def forget(session: AsyncSession) -> None:
    """Files that nobody applied."""
    await session.execute(sa.delete(RotaSheet).where(col(RotaSheet.created_at) < clock.now() - KEPT))


async def read(data: bytes, name: str) -> Sheet:
    """The table of a file, read beside the event loop; `Invalid` when it is no rota."""
    return await asyncio.to_thread(_read, data, name, clock.today(zone()))


def _read(data: bytes, name: str, today: date) -> Sheet:
    sheet = reader.opened(data, BOUNDS)
    _entries(sheet, name, None, today)
    return sheet


def _entries(sheet: Sheet, name: str, month: date | None, today: date) -> Rota:
    return layouts.read(sheet.rows, sheet.numbers, today=today, names=(sheet.title, name), month=month)


async def keep(session: AsyncSession, actor: Actor, *, name: str, sheet: Sheet) -> UUID:
    """Put the file aside to be looked through."""
    here = _clinic(actor)
    content = await asyncio.to_thread(json.dumps, [sheet.title, sheet.numbers, sheet.rows], ensure_ascii=False)
    shown = "".join(sign for sign in name if sign.isprintable())[:LONGEST_NAME]
    made = RotaSheet(organisation_id=here, person_id=actor.person_id, name=shown, content=content, created_at=clock.now())  # fmt: skip
    session.add(made)
    audit.record(session, actor, Action.ROTA_ADD, made.id, rows=len(sheet.rows))
    return made.id


async def choose_month(session: AsyncSession, actor: Actor, *, sheet_id: UUID, month: date) -> None:
    """Say of which month the numbers at the head of the file are."""
    (await own(session, actor, sheet_id)).month = month.replace(day=1)


async def discard(session: AsyncSession, actor: Actor, *, sheet_id: UUID) -> None:
    """Forget the file."""
    await session.delete(await own(session, actor, sheet_id))


async def preview(session: AsyncSession, actor: Actor, *, sheet_id: UUID) -> Preview:
    """Every day of the file with what it would change now."""
    sheet = await own(session, actor, sheet_id)
    rota = await entries_of(sheet)
    if not rota.entries:
        return Preview(sheet.id, sheet.name, [], rota.month, rota.needs_month, "")
    roster = await roster_of(session, actor, rota)
    found, _ = await judged(session, actor, rota, roster)
    return await shown(session, actor, sheet, rota, found)


async def own(session: AsyncSession, actor: Actor, sheet_id: UUID, *, is_locked: bool = False) -> RotaSheet:
    """The actor's own, or of anybody of the clinic for who plans all of it."""
    here = _clinic(actor)
    found = await session.get(RotaSheet, sheet_id, with_for_update=is_locked, populate_existing=True)
    is_open = found and (found.person_id == actor.person_id or actor.may(Permission.SCHEDULE_ORGANISATION))
    if found is None or not is_open or found.organisation_id != here:
        raise NoRota
    return found


async def entries_of(sheet: RotaSheet) -> Rota:
    """What the file says."""
    return await asyncio.to_thread(_kept, sheet.content, sheet.name, sheet.month, clock.today(zone()))


def _kept(content: str, name: str, month: date | None, today: date) -> Rota:
    title, numbers, rows = json.loads(content)
    return _entries(Sheet(rows, numbers, title), name, month, today)


async def roster_of(session: AsyncSession, actor: Actor, rota: Rota) -> Roster:
    """The people of the clinic in the days of the file."""
    first, last = _days(rota.entries)
    return await queries.roster(session, actor, first, last)


async def judged(
    session: AsyncSession, actor: Actor, rota: Rota, roster: Roster
) -> tuple[list[Change], Known]:  # fmt: skip
    """What each day would become, visits without names, and what that was judged by."""
    people = await asyncio.to_thread(rules.meant, rota.entries, roster)
    known = await _known(session, clinic_of(actor), rota.entries, roster, people)
    return await asyncio.to_thread(rules.judge, rota.entries, known.facts), known


async def shown(
    session: AsyncSession, actor: Actor, sheet: RotaSheet, rota: Rota, changes: list[Change]
) -> Preview:  # fmt: skip
    """The preview of these changes, with the names of whom they leave outside."""
    names = await queries.names(session, actor, [one.id for each in changes for one in each.left])
    called = {key: person_name.short(*name) for key, name in names.items()}
    named = [_named(each, called) for each in changes]
    seen = await asyncio.to_thread(rules.digest, changes)
    return Preview(sheet.id, sheet.name, named, rota.month, rota.needs_month, seen)


def _named(change: Change, called: dict[UUID, str]) -> Change:
    if not change.left:
        return change
    return replace(change, left=tuple(Booked(one.id, one.span, called.get(one.id, "")) for one in change.left))


def _clinic(actor: Actor) -> UUID:
    """Whoever plans the hours of more than themselves may bring a file."""
    require(actor, Permission.SCHEDULE_DEPARTMENT)
    require(actor, Permission.SCHEDULE_EDIT)
    return clinic_of(actor)


def may_bring(actor: Actor) -> None:
    """Refuse whom no file is taken from."""
    _clinic(actor)


def _days(entries: Iterable[Entry]) -> tuple[date, date]:
    found = [entry.day for entry in entries if entry.day]
    today = clock.today(zone())
    return min(found, default=today), max(found, default=today)


async def _known(
    session: AsyncSession, here: UUID, entries: Sequence[Entry], roster: Roster, people: Collection[UUID]
) -> Known:  # fmt: skip
    first, last = _days(entries)
    span, today = bounds(first, (last - first).days + 1, zone()), clock.today(zone())
    put_down = await queries.facts_of_days(session, here, people, span)
    said = await queries.said_by_templates(session, here, people, span)
    closed = await queries.shut(session, here, people, first, last)
    opened = {
        day: [queries.opened(each) for each in [*put_down.get(day, {}).values(), *said.get(day, ())]] for day in {*put_down, *said}
    }  # fmt: skip
    usual = await queries.usual(session, here, people, today)
    meant = {key_of(each.room or "") for each in (*entries, *usual.values(), *_flat(opened.values()))} - {""}
    facts = Facts(
        today, zone(), roster, rights=await rights_of(session, people), open=opened, usual=usual, shut=_by_worker(closed),
        elsewhere=await queries.elsewhere(session, here, people, span), visits=await queries.booked(session, here, people, span),
        rooms=await queries.rooms(session, here, span), in_rooms=await queries.in_rooms(session, here, meant, span) if meant else (),
    )  # fmt: skip
    return Known(facts, put_down, said, [row for row, _ in closed])


def _flat(days: Iterable[Sequence[Open]]) -> Iterable[Open]:
    return (each for day in days for each in day)


def _by_worker(closed: Sequence[tuple[ReceptionClosed, Shut]]) -> dict[UUID, list[Shut]]:
    found: dict[UUID, list[Shut]] = defaultdict(list)
    for row, each in closed:
        found[row.practitioner_id].append(each)
    return found


def known_id(text: str) -> UUID:
    """Out of an address; `NoRota` for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise NoRota from None
