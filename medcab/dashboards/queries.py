"""Reads of the daily roll-up. Each is one indexed range of one department and adds up in the database: what comes back does not grow with
the number of visits, and hardly with the length of the period."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.accounts.models import Department, Person
from medcab.dashboards.rules.period import Cut, Period
from medcab.dashboards.rules.selection import EVERYTHING, Selection
from medcab.dashboards.rules.tally import COLUMNS, Tally
from medcab.identifiers import person_name
from medcab.schedule.models import DayFigures

_SUMS = [sa.func.coalesce(sa.func.sum(getattr(DayFigures, name)), 0).label(name) for name in COLUMNS]


@dataclass(frozen=True)
class Doctor:
    """Someone who saw patients in the department; `name` is short."""

    id: UUID
    name: str


@dataclass(frozen=True)
class DayRow:
    """One line of the roll-up: a worker's day."""

    day: date
    doctor: Doctor
    tally: Tally


def _in(department_id: UUID, period: Period, selection: Selection) -> sa.ColumnElement[bool]:
    """Rows of one kind always: adding up the whole and its parts would count everything twice."""
    conditions = [
        col(DayFigures.department_id) == department_id, col(DayFigures.kind) == selection.kept_as,
        col(DayFigures.day).between(period.start, period.end),
    ]  # fmt: skip
    if selection.doctor_id:
        conditions.append(col(DayFigures.practitioner_id) == selection.doctor_id)
    return sa.and_(*conditions)


def _tally(numbers: Iterable[Any]) -> Tally:
    return Tally(*map(int, numbers))  # PostgreSQL sums integers to numerics


async def by_day(
    session: AsyncSession, department_id: UUID, period: Period, selection: Selection = EVERYTHING
) -> dict[date, Tally]:
    """The department's days that have figures, in order."""
    day = col(DayFigures.day)
    query = sa.select(day, *_SUMS).where(_in(department_id, period, selection)).group_by(day).order_by(day)
    return {at: _tally(numbers) for at, *numbers in await session.execute(query)}


async def by_doctor(
    session: AsyncSession, department_id: UUID, period: Period, selection: Selection = EVERYTHING
) -> dict[Doctor, Tally]:
    """Who has figures in the period, by name."""
    who = col(DayFigures.practitioner_id)
    query = (
        sa.select(who, col(Person.family_name), col(Person.given_name), col(Person.patronymic), *_SUMS)
        .join(Person, col(Person.id) == who)
        .where(_in(department_id, period, selection))
        .group_by(who, col(Person.family_name), col(Person.given_name), col(Person.patronymic))
        .order_by(col(Person.family_name), col(Person.given_name), who)
    )
    rows = (await session.execute(query)).all()
    names = told_apart([row[1:4] for row in rows])
    return {Doctor(row[0], name): _tally(row[4:]) for row, name in zip(rows, names, strict=True)}


def told_apart(people: Sequence[tuple[str, str, str]]) -> list[str]:
    """A name for each: short, in full where short ones are the same, with a number where even the full ones are."""
    shared = Counter(person_name.short(*names) for names in people)
    full = [short if shared[short := person_name.short(*names)] == 1 else person_name.full(*names) for names in people]
    seen: Counter[str] = Counter()
    told: list[str] = []
    for name in full:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


async def whole(
    session: AsyncSession, department_id: UUID, period: Period, selection: Selection = EVERYTHING
) -> tuple[int, Tally]:
    """How many days of the period have figures, and the sum over them."""
    recorded = sa.func.count(sa.distinct(col(DayFigures.day)))
    count, *numbers = (
        await session.execute(sa.select(recorded, *_SUMS).where(_in(department_id, period, selection)))
    ).one()
    return count, _tally(numbers)


async def counted_at(
    session: AsyncSession, department_id: UUID, period: Period, selection: Selection = EVERYTHING
) -> datetime | None:
    """When a figure of the period changed last."""
    query = sa.select(sa.func.max(col(DayFigures.counted_at))).where(_in(department_id, period, selection))
    return (await session.execute(query)).scalar()


class Room(Enum):
    """Which days lead: those with the most minutes that nobody has taken, or with the least."""

    MOST = 1
    LEAST = -1


async def days(
    session: AsyncSession, department_id: UUID, period: Period, cut: Cut, selection: Selection = EVERYTHING, *,
    limit: int | None = None, offset: int = 0, room: Room | None = None,
) -> list[DayRow]:  # fmt: skip
    """The lines themselves, what a figure is made of: the newest first, or by how much room was left."""
    lead = [room.value * (col(DayFigures.booked_minutes) - col(DayFigures.offered_minutes))] if room else []
    query = (
        sa.select(DayFigures, col(Person.family_name), col(Person.given_name), col(Person.patronymic))
        .join(Person, col(Person.id) == col(DayFigures.practitioner_id))
        .where(_cut(department_id, period, cut, selection), _told(room))
        .order_by(*lead, col(DayFigures.day).desc(), col(Person.family_name), col(Person.given_name), col(Person.id))
        .limit(limit)
        .offset(offset)
    )
    return [
        DayRow(
            line.day,
            Doctor(line.practitioner_id, person_name.short(*names)),
            Tally(*(getattr(line, name) for name in COLUMNS)),
        )
        for line, *names in await session.execute(query)
    ]


async def cut_total(
    session: AsyncSession, department_id: UUID, period: Period, cut: Cut, selection: Selection = EVERYTHING
) -> Tally:
    """What the lines add up to."""
    query = sa.select(*_SUMS).where(_cut(department_id, period, cut, selection))
    return _tally((await session.execute(query)).one())


async def count_days(
    session: AsyncSession, department_id: UUID, period: Period, cut: Cut, selection: Selection = EVERYTHING, *,
    room: Room | None = None,
) -> int:  # fmt: skip
    """How many lines there are in all."""
    here = _cut(department_id, period, cut, selection), _told(room)
    return (await session.execute(sa.select(sa.func.count()).select_from(DayFigures).where(*here))).scalar_one()


def _told(room: Room | None) -> sa.ColumnElement[bool]:
    """A line that has come to nothing (its visits and hours went elsewhere) is none; of room, neither is one of called-off visits alone."""
    counted = [col(DayFigures.offered_minutes), col(DayFigures.booked_minutes), *([] if room else [col(DayFigures.planned), col(DayFigures.cancelled)])]  # fmt: skip
    return sa.or_(*(column != 0 for column in counted))


def _cut(department_id: UUID, period: Period, cut: Cut, selection: Selection) -> sa.ColumnElement[bool]:
    conditions = [_in(department_id, cut.within(period), selection)]
    if cut.doctor_id:
        conditions.append(col(DayFigures.practitioner_id) == cut.doctor_id)
    if cut.weekday is not None:
        conditions.append(col(DayFigures.day).in_(period.days_on(cut.weekday)))
    return sa.and_(*conditions)


async def by_department(
    session: AsyncSession, department_ids: Collection[UUID], period: Period
) -> dict[UUID, dict[date, Tally]]:
    """The days that have figures, of several departments at once."""
    place, day = col(DayFigures.department_id), col(DayFigures.day)
    here = sa.and_(
        place.in_(list(department_ids)), col(DayFigures.kind) == EVERYTHING.kept_as, day.between(period.start, period.end)
    )  # fmt: skip
    found: dict[UUID, dict[date, Tally]] = {each: {} for each in department_ids}
    for at, on, *numbers in await session.execute(sa.select(place, day, *_SUMS).where(here).group_by(place, day)):
        found[at][on] = _tally(numbers)
    return found


async def departments(session: AsyncSession, organisation_id: UUID) -> list[Department]:
    """Of the organisation, by name."""
    query = select(Department).where(Department.organisation_id == organisation_id).order_by(col(Department.name))
    return list((await session.exec(query)).all())
