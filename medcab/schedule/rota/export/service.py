"""The rota of a department, or of all, as a file that can be brought back: a row for each worker's day."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor
from medcab.accounts.models import Person
from medcab.errors import Invalid, NotFound
from medcab.schedule.hours.queries import Hours, computed_of, written
from medcab.schedule.hours.service import clinic_of
from medcab.schedule.models import Reception, ReceptionTemplate
from medcab.schedule.rota import queries, service
from medcab.schedule.rules.layouts import COLUMNS
from medcab.schedule.rules.roster import Roster
from medcab.schedule.rules.slots import Span, bounds, day_of
from medcab.schedule.service import zone
from medcab.tables.writer import Cell, Sheet
from medcab.ui import formats

MOST_DAYS = 92
Names = dict[UUID, tuple[str, str, str]]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which department (None: all of the actor's), from which day to which, as what kind of file."""

    department_id: UUID | None
    since: date
    until: date
    ending: str


async def choices(session: AsyncSession, actor: Actor) -> dict[UUID, str]:
    """Departments whose rota the actor may have, by name."""
    service.may_bring(actor)
    known = await queries.departments(session, actor)
    mine = queries.scope(actor, known)
    return {key: name for key, name in known.items() if key in mine}


async def export(session: AsyncSession, actor: Actor, asked: Asked) -> Sheet:
    """Hours and closed days as they stand; bringing the file back changes nothing."""
    service.may_bring(actor)
    if asked.until < asked.since or (asked.until - asked.since).days >= MOST_DAYS:
        raise Invalid(f"Укажите первый день и последний: не больше {MOST_DAYS} дней за один раз.")
    roster = await queries.roster(session, actor, asked.since, asked.until)
    if asked.department_id and asked.department_id not in roster.mine:
        raise NotFound("Такого отделения нет, или его график вам не открыт.")
    wards = roster.mine if asked.department_id is None else frozenset({asked.department_id})
    open_days = await _hours(session, clinic_of(actor), wards, asked)
    if wards != roster.mine:  # a file says all of a day: also what its workers have elsewhere on it
        whole = await _hours(session, clinic_of(actor), roster.mine, asked, {who for who, _ in open_days})
        open_days = {day: whole[day] for day in open_days}
    here = {each.id for each in roster.workers if each.departments & wards}
    shut = await _shut(session, actor, here, asked)
    names = await _names(session, {who for who, _ in open_days} | {who for who, _ in shut})
    emails = await queries.emails_of_namesakes(session, names | _of_roster(roster))
    lines = _lines(open_days, shut, names, emails, roster.departments)
    audit.record(
        session, actor, Action.ROTA_EXPORT, asked.department_id or clinic_of(actor), since=asked.since, until=asked.until, lines=len(lines)
    )  # fmt: skip
    return Sheet(f"grafik-{asked.since}-{asked.until}.{asked.ending}", list(COLUMNS.values()), lines)


async def _hours(
    session: AsyncSession, here: UUID, wards: Collection[UUID], asked: Asked, people: Collection[UUID] | None = None
) -> dict[tuple[UUID, date], list[Hours]]:
    """By worker (of these, or anybody) and day: written down, and computed."""
    span = bounds(asked.since, (asked.until - asked.since).days + 1, zone())
    query = select(Reception).where(
        Reception.organisation_id == here, col(Reception.department_id).in_(wards), col(Reception.starts_at) >= span.starts_at,
        col(Reception.starts_at) < span.ends_at,
    )  # fmt: skip
    if people is not None:
        query = query.where(col(Reception.practitioner_id).in_(people))
    found = [written(row) for row in await session.exec(query)]
    ours = sa.and_(col(ReceptionTemplate.organisation_id) == here, col(ReceptionTemplate.department_id).in_(wards))
    planned = (
        await session.execute(sa.select(col(ReceptionTemplate.practitioner_id)).where(ours).distinct())
    ).scalars()
    chosen = set(planned) if people is None else set(planned) & set(people)
    found += [each for each in await computed_of(chosen, session, span, ours) if _begins_in(each, span)]
    days: dict[tuple[UUID, date], list[Hours]] = defaultdict(list)
    for each in sorted(found, key=lambda one: one.starts_at):
        days[each.practitioner_id, day_of(each.starts_at, zone())].append(each)
    return days


def _begins_in(each: Hours, span: Span) -> bool:
    return span.starts_at <= each.starts_at < span.ends_at


async def _shut(
    session: AsyncSession, actor: Actor, people: Collection[UUID], asked: Asked
) -> dict[tuple[UUID, date], str]:
    """The reason of each closed day."""
    found: dict[tuple[UUID, date], str] = {}
    for row, _ in await queries.shut(session, clinic_of(actor), people, asked.since, asked.until):
        first, last = max(row.since, asked.since), min(row.until, asked.until)
        for number in range((last - first).days + 1):
            found[row.practitioner_id, first + timedelta(number)] = row.reason or "Нет приёма"
    return found


async def _names(session: AsyncSession, people: Collection[UUID]) -> Names:
    query = sa.select(col(Person.id), col(Person.family_name), col(Person.given_name), col(Person.patronymic)).where(col(Person.id).in_(people))  # fmt: skip
    return {row[0]: (row[1], row[2], row[3]) for row in (await session.execute(query)).all()}


def _of_roster(roster: Roster) -> Names:
    return {each.id: (each.family_name, each.given_name, each.patronymic) for each in roster.workers}


def _lines(
    open_days: dict[tuple[UUID, date], list[Hours]], shut: dict[tuple[UUID, date], str], names: Names, emails: dict[UUID, str],
    departments: Mapping[UUID, str],
) -> list[list[Cell]]:  # fmt: skip
    lines: list[list[Cell]] = []
    for who, day in sorted({*open_days, *shut}, key=lambda each: (names.get(each[0], ("",)), each[0], each[1])):
        head: list[Cell] = [" ".join(filter(None, names.get(who, ()))), emails.get(who, "")]
        for each in _merged(open_days.get((who, day), ())):
            first, last = each[0], each[-1]
            pause = [first.ends_at, last.starts_at] if len(each) > 1 else []
            times = [formats.time(at, zone()) for at in (first.starts_at, last.ends_at, *pause)]
            times[1] = times[1] if times[1] != "00:00" else "24:00"
            lines.append([
                *head, departments.get(first.department_id, ""), first.specialty, day, *times, *([""] * (4 - len(times))), first.slot_minutes,
                first.room, "",
            ])  # fmt: skip
        if (who, day) not in open_days:
            lines.append([*head, "", "", day, "", "", "", "", None, "", shut[who, day]])
    return lines


def _merged(hours: Sequence[Hours]) -> list[list[Hours]]:
    """Two hours that differ in nothing but their time are one with a break."""
    found: list[list[Hours]] = []
    for _, same in groupby(hours, key=lambda one: (one.department_id, one.slot_minutes, one.room, one.specialty)):
        each = list(same)
        is_broken = len(each) == 2 and each[0].ends_at < each[1].starts_at  # noqa: PLR2004 - before and after the break
        found += [each] if is_broken else [[one] for one in each]
    return found
