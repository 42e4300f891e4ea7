"""Random histories around awkward midnights: what is kept equals what the rules count and what SQL recounts, at every moment.

Doctors see patients through the night: of the year's end, before and after a leap day, of a month's end. One of them works in two departments by
turns. MEDCAB_SEQUENCES=10000 runs that many histories; by default few.
"""

import os
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db, schema
from medcab.access import Actor, Role
from medcab.accounts.models import Membership
from medcab.errors import Conflict, NotFound
from medcab.schedule import service
from medcab.schedule.diagnoses import queries as diagnoses
from medcab.schedule.diagnoses import service as writing
from medcab.schedule.diagnoses.models import VisitDiagnosis, WeekCases
from medcab.schedule.diagnoses.recount import queries as recount_of_cases
from medcab.schedule.diagnoses.rules.entry import Case, Cases, Course, DiagnosisKind, change, place_of
from medcab.schedule.figures import queries as figures
from medcab.schedule.figures.recount import queries as recount
from medcab.schedule.handover import service as handover
from medcab.schedule.handover.models import HandedOver
from medcab.schedule.handover.rules import Task
from medcab.schedule.hours.days import service as days
from medcab.schedule.hours.queries import Hours
from medcab.schedule.models import Appointment, DayFigures, Reception
from medcab.schedule.queries import visit_of
from medcab.schedule.resources.models import AppointmentResource
from medcab.schedule.rules.figures import FigureKind, Figures, total
from medcab.schedule.rules.visits import MARKS, Act, AppointmentStatus, Visit, VisitKind, former
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.migrations import downgrade
from tests.schedule.reception import admit, counted, stored

HISTORIES = int(os.environ.get("MEDCAB_SEQUENCES", "3"))
SEED = int(os.environ.get("MEDCAB_SEED", "20261132"))
STEPS, CHECKED_EVERY = 50, 13
SLOT, SLOTS = timedelta(minutes=15), 12
MIDNIGHTS = [
    datetime(*day, tzinfo=clock.MOSCOW)
    for day in ((2027, 1, 1), (2028, 2, 29), (2028, 3, 1), (2027, 3, 1), (2028, 1, 1), (2026, 12, 1))
]
TABLES = (HandedOver, WeekCases, VisitDiagnosis, AppointmentResource, Appointment, Reception, DayFigures)


@dataclass
class Night:
    """The world of a history: six slots before a midnight, six after it."""

    cast: Cast
    midnight: datetime
    patients: list[UUID]
    made: list[UUID] = field(default_factory=list)
    moved: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def slot(self, number: int) -> datetime:
        return self.midnight + (number - SLOTS // 2) * SLOT

    @property
    def doctors(self) -> list[Actor]:
        return [self.cast.doctor, self.cast.colleague, self.cast.neighbour]

    def hours(self, who: Actor, ward: UUID, first: int, slots: int) -> Hours:
        start = self.slot(first)
        return Hours(CLINIC, ward, who.person_id, start, start + slots * SLOT, 15, "", "")


async def test_random_histories_keep_the_figures_true(cast: Cast) -> None:
    async with db.transaction() as session:  # the doctor belongs to both departments
        session.add(Membership(person_id=cast.doctor.person_id, organisation_id=CLINIC, department_id=OTHER_WARD, role=Role.SPECIALIST, since=date(2020, 1, 1)))  # fmt: skip
    patients = [await admit() for _ in range(6)]
    done: Counter[str] = Counter()
    for number in range(HISTORIES):
        chance = random.Random(SEED + number)
        night = Night(cast, MIDNIGHTS[number % len(MIDNIGHTS)], patients)
        try:
            await _live(night, chance, done)
        except AssertionError as wrong:
            raise AssertionError(f"history {number}: {wrong}") from wrong
    assert HISTORIES < 3 or all(done[name] for name in _OPERATIONS), done


async def _live(night: Night, chance: random.Random, done: Counter[str]) -> None:
    async with db.transaction() as session:
        for table in TABLES:
            await session.execute(sa.delete(table))
        for doctor, ward in ((night.cast.colleague, WARD), (night.cast.neighbour, OTHER_WARD)):
            await days.write(session, [night.hours(doctor, ward, 0, SLOTS)])
        for first in range(0, SLOTS, 3):
            ward = OTHER_WARD if first % 2 else WARD
            await days.write(session, [night.hours(night.cast.doctor, ward, first, 3)])
    with clock.frozen(night.slot(-8)) as stopped:
        for step in range(STEPS):
            name = chance.choice([*_OPERATIONS, "book", "take_in", "take_in", "diagnose", "correct", "correct"])
            with suppress(Conflict, NotFound):
                done[name] += await _OPERATIONS[name](night, chance)
            if step % CHECKED_EVERY == 0:
                await _check(night)
            stopped.tick(timedelta(seconds=chance.choice((0, 20, 90, 301, 600)), microseconds=chance.randrange(3)))
        stopped.tick(timedelta(days=2))  # what was wrong is put right days later
        for _ in range(6):
            with suppress(Conflict, NotFound):
                done["late"] += await _mark(night, chance, [Act.UNDO, Act.DONE, Act.NO_SHOW])
        with suppress(Conflict, NotFound):
            done["hand_over"] += await _hand_over(night, chance)
        await _check(night)


async def _book(night: Night, chance: random.Random) -> int:
    is_over = chance.random() < 0.15
    starts_at = night.slot(chance.randrange(SLOTS)) + timedelta(minutes=5 * is_over)
    async with db.transaction() as session:
        made = await service.book(
            session, night.cast.admin, practitioner_id=chance.choice(night.doctors).person_id, patient_id=chance.choice(night.patients),
            kind=chance.choice(list(VisitKind)), starts_at=starts_at, over_reason="Причина" if is_over else "",
            knows_of=frozenset(night.made),
        )  # fmt: skip
    night.made.append(made)
    return 1


async def _someone(night: Night, chance: random.Random) -> Appointment:
    if not night.made:
        raise NotFound
    return await stored(chance.choice(night.made))


async def _move(night: Night, chance: random.Random) -> int:
    visit = await _someone(night, chance)
    async with db.transaction() as session:
        before = await service.move(
            session, night.cast.admin, appointment_id=visit.id, version=visit.version, starts_at=night.slot(chance.randrange(SLOTS)),
            practitioner_id=chance.choice(night.doctors).person_id, knows_of=frozenset(night.made),
        )  # fmt: skip
    night.moved[visit.id] = former(before)
    return 1


async def _put_back(night: Night, chance: random.Random) -> int:
    if not night.moved:
        raise NotFound
    visit = await stored(chance.choice(list(night.moved)))
    async with db.transaction() as session:
        await service.put_back(
            session, night.cast.admin, appointment_id=visit.id, version=visit.version, **night.moved[visit.id]
        )
    return 1


async def _cancel(night: Night, chance: random.Random) -> int:
    visit = await _someone(night, chance)
    async with db.transaction() as session:
        await service.cancel(
            session, night.cast.admin, appointment_id=visit.id, version=visit.version, reason="Причина"
        )
    return 1


async def _mark(night: Night, chance: random.Random, acts: list[Act] | None = None) -> int:
    visit = await _someone(night, chance)
    act = chance.choice(acts or sorted(MARKS))
    async with db.transaction() as session:
        await service.mark(session, night.cast.admin, appointment_id=visit.id, version=visit.version, act=act)
    return 1


async def _take_in(night: Night, chance: random.Random) -> int:
    """The whole way at once: what decides who began the day."""
    visit = await _someone(night, chance)
    for act in (Act.ARRIVED, Act.STARTED):
        async with db.transaction() as session:
            version = (await stored(visit.id)).version
            await service.mark(session, night.cast.admin, appointment_id=visit.id, version=version, act=act)
    return 1


async def _diagnose(night: Night, chance: random.Random) -> int:
    """Found, corrected, struck out, at one of the visits that took place."""
    async with db.transaction() as session:
        visits = (
            await session.exec(select(Appointment).order_by(col(Appointment.starts_at), col(Appointment.id)))
        ).all()
        visit = chance.choice([each for each in visits if place_of(visit_of(each), clock.MOSCOW)] or [None])
        if visit is None:
            raise NotFound
        doctor = next(each for each in night.doctors if each.person_id == visit.practitioner_id)
        standing = await diagnoses.standing(session, visit.id)
        course = chance.choice(list(Course))
        if standing and chance.random() < 0.5:
            one = chance.choice(standing)
            if chance.random() < 0.5:
                await writing.strike(session, doctor, diagnosis_id=one.id)
            else:
                await writing.change_course(session, doctor, diagnosis_id=one.id, course=course)
            return 1
        await writing.add(
            session, doctor, appointment_id=visit.id, code=chance.choice(("J11.1", "J11.0", "A09", "M54.5")),
            kind=chance.choice(list(DiagnosisKind)), course=course,
        )  # fmt: skip
    return 1


async def _correct(night: Night, chance: random.Random) -> int:
    """A visit with diagnoses is undone, moved, marked anew or called off: its cases go along."""
    async with db.reading() as session:
        with_cases = sa.select(col(VisitDiagnosis.appointment_id)).where(col(VisitDiagnosis.struck_at).is_(None))
        query = (
            select(Appointment)
            .where(col(Appointment.id).in_(with_cases))
            .order_by(col(Appointment.starts_at), col(Appointment.id))
        )
        visits = (await session.exec(query)).all()
    if not visits:
        await _take_in(night, chance)
        await _diagnose(night, chance)
        return 0
    visit, before = chance.choice(visits), await _counted_in(night)
    only = replace(night, made=[visit.id])
    for step in (_unmark, _unmark, _move, _arrive) if chance.random() < 0.7 else (_unmark, _unmark, _cancel):
        with suppress(Conflict, NotFound):
            await step(only, chance)
    return int(await _counted_in(night) != before)


async def _unmark(night: Night, chance: random.Random) -> int:
    return await _mark(night, chance, [Act.UNDO])


async def _arrive(night: Night, chance: random.Random) -> int:
    return await _mark(night, chance, [Act.ARRIVED])


async def _counted_in(night: Night) -> list[Cases]:
    """By the rules, not by what is kept: a step that did not happen proves nothing."""
    async with db.reading() as session:
        return [await _cases(session, ward) for ward in (WARD, OTHER_WARD)]


async def _hand_over(night: Night, chance: random.Random) -> int:
    """Another one of the doctors led some of a night's visits, or all of them; their hours go along. Or
    each led the other's."""
    who, to = chance.sample(night.doctors, 2)
    is_swap = len(night.made) % 2 == 0  # no draw: the rest of a history stays as it was
    last = min(night.midnight.date(), clock.today())
    task = Task(who.person_id, to.person_id, last - timedelta(days=1), last, is_swap=is_swap)
    async with db.transaction() as session:
        found = await handover.preview(session, night.cast.admin, task=task)
        can = sorted(
            (each.visit.starts_at, each.visit.id, each.visit.version) for each in found.lines if not each.problem
        )
        chosen = can if chance.random() < 0.5 else chance.sample(can, chance.randint(0, len(can)))
        if not chosen:
            raise NotFound
        await handover.apply(
            session, night.cast.admin, task=task, seen={key: version for _, key, version in chosen}, reason="Замена"
        )
    return 1


async def _change_hours(night: Night, chance: random.Random) -> int:
    """A reception is taken back, or one more is written: of the doctor of two departments in either."""
    async with db.transaction() as session:
        rows = (await session.exec(select(Reception).order_by(col(Reception.starts_at), col(Reception.id)))).all()
        if chance.random() < 0.5 and len(rows) > 3:
            await days.erase(session, chance.choice(rows))
        else:
            first = chance.choice([number for number in range(SLOTS, SLOTS + 9) if night.slot(number) not in {row.starts_at for row in rows}])  # fmt: skip
            await days.write(session, [night.hours(night.cast.doctor, chance.choice((WARD, OTHER_WARD)), first, 1)])
    return 1


_OPERATIONS = {
    "book": _book, "move": _move, "put_back": _put_back, "cancel": _cancel, "mark": _mark, "take_in": _take_in, "hours": _change_hours, "diagnose": _diagnose, "correct": _correct,
    "hand_over": _hand_over,
}  # fmt: skip


async def _check(night: Night) -> None:
    first, last = night.midnight.date() - timedelta(days=1), night.midnight.date()
    async with db.reading() as session:
        for ward in (WARD, OTHER_WARD):
            kept = await figures.kept(session, ward, first, last)
            assert kept == await counted(session, ward, first, last), "not what the rules count"
            assert all(count > 0 for counts in kept.values() for count in counts.values())
            _assert_parts_come_to_the_whole(kept)
            assert await diagnoses.kept(session, ward) == await _cases(session, ward), (
                "not the cases that the rules count"
            )
        for month in await recount.months(session, clock.MOSCOW):
            assert await recount.drifts(session, month, clock.MOSCOW) == [], "not what SQL recounts"
            assert await recount_of_cases.drifts(session, month, clock.MOSCOW) == [], "not the cases that SQL recounts"


async def _cases(session: AsyncSession, ward: UUID) -> Cases:
    """Visit by visit, by the rules."""
    found: Cases = {}
    for visit in (await session.exec(select(Appointment).where(Appointment.department_id == ward))).all():
        written = await diagnoses.standing(session, visit.id)
        cases = [Case(each.chapter, each.code, each.course, each.age_group) for each in written]
        for key, counts in change(cases, None, place_of(visit_of(visit), clock.MOSCOW)).items():
            found[key] = found.get(key, Counter()) + counts
    return found


def _assert_parts_come_to_the_whole(kept: Figures) -> None:
    whole = {key: Counter(counts) for key, counts in kept.items() if key.kind is FigureKind.ALL}
    for counts in whole.values():
        counts.pop("offered_minutes", None)
    parts = [{key.whole: counts} for key, counts in kept.items() if key.kind is not FigureKind.ALL]
    assert total(parts) == total([whole])


_EDGES = [
    timedelta(minutes=minutes, microseconds=micro)
    for minutes in (0, 5, 6, 15, 30, 45, 24 * 60)
    for micro in (-1, 0, 1, 999_999)
]


def _visit_at_an_edge(chance: random.Random, midnight: datetime) -> Visit:
    """Every moment at or beside one that decides."""
    starts = midnight + chance.choice((-1, 1)) * chance.choice(_EDGES)
    arrived = chance.choice((None, starts + chance.choice((-1, 1)) * chance.choice(_EDGES)))
    started = chance.choice((None, (arrived or starts) + chance.choice((-1, 1, 1)) * chance.choice(_EDGES)))
    status = chance.choice(list(AppointmentStatus))
    is_cancelled = status is AppointmentStatus.CANCELLED
    return Visit(
        CLINIC, chance.choice((WARD, OTHER_WARD)), UUID(int=chance.choice((1, 2))), status, starts, starts + timedelta(minutes=15, microseconds=chance.choice((0, -1))),
        arrived_at=arrived, started_at=started, cancelled_at=starts - chance.choice(_EDGES) if is_cancelled else None,
        held_until=starts if status is AppointmentStatus.OFFERED else None, is_over=True, over_reason="Причина",
        kind=chance.choice(list(VisitKind)),
    )  # fmt: skip


@pytest.mark.parametrize("midnight", MIDNIGHTS[:2], ids=lambda each: f"{each:%Y-%m-%d}")
async def test_sql_counts_as_the_rules_do_to_the_microsecond(cast: Cast, midnight: datetime) -> None:
    """The recount, and the migration that made the table."""
    chance = random.Random(SEED)
    async with db.transaction() as session:
        for _ in range(400):
            visit = _visit_at_an_edge(chance, midnight)
            values = {name: getattr(visit, name) for name in Visit.__slots__}
            session.add(Appointment(id=uuid4(), patient_id=cast.patient_id, booked_at=midnight, **values))
        await session.flush()
        found: Figures = {}
        for month in await recount.months(session, clock.MOSCOW):
            found |= {drift.key: drift.counted for drift in await recount.drifts(session, month, clock.MOSCOW)}
    await db.close()
    downgrade("0023")
    schema.upgrade()
    days_ = midnight.date() - timedelta(days=3), midnight.date() + timedelta(days=3)
    async with db.reading() as session:
        for ward in (WARD, OTHER_WARD):
            by_rules = _lines(await counted(session, ward, *days_))
            assert (
                _lines(total([{key: counts for key, counts in found.items() if key.department_id == ward}])) == by_rules
            )
            assert _lines(await figures.kept(session, ward, *days_)) == by_rules


def _lines(found: Figures) -> set[str]:
    """A difference is shown figure by figure."""
    return {
        f"{key.day} {key.practitioner_id.int} {key.kind}: {name} {count}"
        for key, counts in found.items()
        for name, count in counts.items()
    }
