"""What load and staff follow from: posts, time away, visits by kind, hours by specialty, and whose right holds."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.access import NOT_MEDICAL, ROLE_TITLES
from medcab.accounts.models import Department, Membership, Person
from medcab.accounts.queries import changes_of_terms, days_without_rights, holds_on, post_on, practised, rights_of
from medcab.accounts.rules.right import Right
from medcab.accounts.rules.terms import Terms, history
from medcab.dashboards.queries import Doctor, told_apart
from medcab.dashboards.rules.load import Post
from medcab.dashboards.rules.period import Period
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.rules.staff import Staff, Worker
from medcab.identifiers.day_time import DAY_MINUTES
from medcab.schedule.models import DayFigures, Reception, ReceptionClosed
from medcab.schedule.queries import RECEIVING
from medcab.schedule.rules.figures import FigureKind
from medcab.schedule.rules.slots import bounds
from medcab.schedule.rules.visits import VisitKind
from medcab.schedule.service import zone

_DAY = timedelta(1)


@dataclass
class Known:
    """Of one doctor over a period. `done` in the time of the posts, `outside` at other times; `hours` are minutes."""

    done: dict[VisitKind, int] = field(default_factory=dict)
    outside: int = 0
    hours: dict[str, int] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    away: list[Period] = field(default_factory=list)


async def known(
    session: AsyncSession, department_id: UUID, period: Period, selection: Selection
) -> dict[Doctor, Known]:
    """Everybody who held a post that sees patients or has visits in the period, by name."""
    found: dict[UUID, Known] = defaultdict(Known)
    await _posts(session, department_id, period, found)
    await _done(session, department_id, period, found)
    if selection.doctor_id:
        found = defaultdict(Known, {selection.doctor_id: found[selection.doctor_id]})
    await _outside(session, department_id, period, found)
    await _hours(session, department_id, period, found)
    await _away(session, department_id, period, found)
    family, given, patronymic = col(Person.family_name), col(Person.given_name), col(Person.patronymic)
    people = sa.select(col(Person.id), family, given, patronymic).where(col(Person.id).in_(list(found)))
    rows = (await session.execute(people.order_by(family, given, col(Person.id)))).all()
    names = told_apart([row[1:] for row in rows])
    return {Doctor(row[0], name): found[row[0]] for row, name in zip(rows, names, strict=True)}


async def _posts(session: AsyncSession, department_id: UUID, period: Period, found: dict[UUID, Known]) -> None:
    until = col(Membership.until)
    held = sa.and_(
        col(Membership.department_id) == department_id, col(Membership.role).in_(RECEIVING),
        col(Membership.since) <= period.end, sa.or_(until.is_(None), until >= period.start),
    )  # fmt: skip
    place = (col(Membership.since), until, col(Membership.post), col(Membership.rate))
    rows = (await session.execute(sa.select(col(Membership.id), col(Membership.person_id), *place).where(held))).all()
    changes = await changes_of_terms(session, held)
    for membership_id, person_id, *began in rows:
        told = history(Terms(*began), changes.get(membership_id, ()))
        found[person_id].posts += [Post(each.rate, each.since, each.until) for each in told]


async def _done(session: AsyncSession, department_id: UUID, period: Period, found: dict[UUID, Known]) -> None:
    who, kind = col(DayFigures.practitioner_id), col(DayFigures.kind)
    query = sa.select(who, kind, sa.func.sum(col(DayFigures.done))).where(
        col(DayFigures.department_id) == department_id, kind != FigureKind.ALL,
        col(DayFigures.day).between(period.start, period.end), col(DayFigures.done) > 0,
    )  # fmt: skip
    for person_id, each, count in await session.execute(query.group_by(who, kind)):
        found[person_id].done[VisitKind(each.value)] = int(count)


async def _outside(session: AsyncSession, department_id: UUID, period: Period, found: dict[UUID, Known]) -> None:
    """Takes out of `done` what was done on days without a post."""
    doubtful = [person_id for person_id, each in found.items() if not any(post.covers(period) for post in each.posts)]
    who, kind, day = col(DayFigures.practitioner_id), col(DayFigures.kind), col(DayFigures.day)
    query = sa.select(who, kind, day, col(DayFigures.done)).where(
        col(DayFigures.department_id) == department_id, kind != FigureKind.ALL, who.in_(doubtful),
        day.between(period.start, period.end), col(DayFigures.done) > 0,
    )  # fmt: skip
    for person_id, of_kind, at, count in await session.execute(query):
        each = found[person_id]
        if not any(post.holds_on(at) for post in each.posts):
            each.done[VisitKind(of_kind.value)] -= count
            each.outside += count


async def _hours(session: AsyncSession, department_id: UUID, period: Period, found: dict[UUID, Known]) -> None:
    """Minutes of reception by specialty; where the hours name none, what the worker might practise then."""
    who, subject, starts = col(Reception.practitioner_id), col(Reception.specialty), col(Reception.starts_at)
    days = bounds(period.start, max(0, period.days), zone())
    seconds = sa.cast(sa.extract("epoch", col(Reception.ends_at)), sa.BigInteger) - sa.cast(
        sa.extract("epoch", starts), sa.BigInteger
    )
    query = sa.select(who, subject, sa.func.sum(seconds)).where(
        col(Reception.department_id) == department_id, subject != "", starts >= days.starts_at, starts < days.ends_at,
    )  # fmt: skip
    for person_id, name, lasted in await session.execute(query.group_by(who, subject)):
        if person_id in found:
            found[person_id].hours[name] = int(lasted) // 60
    silent = [person_id for person_id, each in found.items() if not each.hours]
    for person_id, had in (await practised(session, silent)).items():
        found[person_id].hours = {each.specialty: 1 for each in had if each.touches(period.start, period.end)}


async def _away(session: AsyncSession, department_id: UUID, period: Period, found: dict[UUID, Known]) -> None:
    """Whole days on which nobody is seen, and those on which the clinic let the worker do nothing, also by a decision that was taken back since."""
    here = sa.select(col(Department.organisation_id)).where(col(Department.id) == department_id).scalar_subquery()
    closed = ReceptionClosed
    shut = sa.select(col(closed.practitioner_id), col(closed.since), col(closed.until), col(closed.starts), col(closed.ends)).where(
        col(closed.organisation_id) == here, col(closed.practitioner_id).in_(list(found)), col(closed.since) <= period.end,
        col(closed.until) >= period.start,
    )  # fmt: skip
    for person_id, since, until, starts, end in await session.execute(shut):
        found[person_id].away.append(Period(since + _DAY * bool(starts), until - _DAY * (end < DAY_MINUTES)))
    for person_id, since, until in await days_without_rights(session, here, period.start, period.end):
        if person_id in found:
            found[person_id].away.append(Period(since, until))


async def staff(session: AsyncSession, department_id: UUID, today: date) -> Staff:
    """Whoever holds a medical role there today, by name; somebody of two roles once."""
    return (await staff_of(session, [department_id], today))[department_id]


async def staff_of(session: AsyncSession, department_ids: Collection[UUID], today: date) -> dict[UUID, Staff]:
    """The same of several departments at once."""
    family, given, patronymic = col(Person.family_name), col(Person.given_name), col(Person.patronymic)
    place = col(Membership.department_id)
    query = (
        sa.select(col(Person.id), family, given, patronymic, post_on(today).label("post"), col(Membership.role), place.label("place"))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(place.in_(list(department_ids)), col(Membership.role).not_in(NOT_MEDICAL), holds_on(today))
        .order_by(family, given, col(Person.id), col(Membership.since))
    )  # fmt: skip
    found: dict[UUID, dict[UUID, sa.Row[Any]]] = {each: {} for each in department_ids}
    for row in await session.execute(query):
        found[row.place].setdefault(row.id, row)
    rights = await rights_of(session, {key for people in found.values() for key in people})
    return {each: Staff(_workers(list(people.values()), rights), today) for each, people in found.items()}


def _workers(people: Sequence[sa.Row[Any]], rights: Mapping[UUID, Right]) -> list[Worker]:
    names = told_apart([(row.family_name, row.given_name, row.patronymic) for row in people])
    return [
        Worker(row.id, name, row.post or ROLE_TITLES[row.role], rights[row.id])
        for row, name in zip(people, names, strict=True)
    ]


def chosen(everybody: Staff, code: str) -> Collection[Worker]:
    """Those whom a part of people names."""
    match code:
        case "valid" | "valid_ahead":
            return everybody.valid(ahead=code.endswith("ahead"))
        case "invalid" | "invalid_ahead":
            return everybody.invalid(ahead=code.endswith("ahead"))
        case _:
            return everybody.people
