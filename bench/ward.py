"""A department of 30 doctors with 1,500 visits in a week: read and made ready to draw, beside a bare read of the same rows."""

import asyncio
import json
import random
import shutil
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bench import home as houses
from bench.report import Line, at_most, ratio

DOCTORS, WORKDAYS, A_DAY, SLOT = 30, 5, 10, 30
"""1,500 visits in the week; each doctor has twice as many places."""
AHEAD = timedelta(days=70)
"""Far enough that the demo clinic has nothing there."""
ROUNDS, TIMES = 5, 4

Read = Callable[[AsyncSession], Awaitable[Any]]


def fill(
    path: Path, monday: date, *, doctors: int = DOCTORS, weeks: int = 1, a_day: int = A_DAY
) -> tuple[UUID, Any, list[UUID]]:
    """So many doctors of the clinic come to work in one department, every other place of theirs booked; its clinic, the department, and they."""
    from medcab import clock, schema
    from medcab.access import Role
    from medcab.accounts.models import EmploymentTerms, Membership, StaffDecision
    from medcab.accounts.rules.right import Standing
    from medcab.patients.models import Patient
    from medcab.schedule.models import Appointment, Reception
    from medcab.schedule.rules.visits import AppointmentStatus, VisitKind

    with schema.sync_engine(f"sqlite:///{path}").begin() as connection:
        is_doctor = col(Membership.role).in_((Role.SPECIALIST, Role.THERAPIST))
        busiest = sa.select(col(Membership.organisation_id), sa.func.count()).where(
            is_doctor, col(Membership.until).is_(None)
        )
        clinic: UUID = connection.execute(
            busiest.group_by(col(Membership.organisation_id)).order_by(sa.func.count().desc())
        ).scalars().first() or UUID(int=0)
        here = sa.and_(is_doctor, col(Membership.organisation_id) == clinic, col(Membership.until).is_(None))
        rows = connection.execute(sa.select(col(Membership.person_id), col(Membership.department_id)).where(here)).all()
        people, department = _people(connection, [row[0] for row in rows], doctors), rows[0][1]
        patients = connection.execute(sa.select(col(Patient.id)).limit(300)).scalars().all()
        connection.execute(sa.delete(EmploymentTerms))
        connection.execute(sa.delete(Membership).where(is_doctor))
        connection.execute(sa.delete(StaffDecision))
        connection.execute(sa.insert(Membership), [
            {"id": uuid4(), "person_id": one, "organisation_id": clinic, "department_id": department, "role": Role.SPECIALIST, "post": "", "rate": 100, "since": date(2020, 1, 1)}
            for one in people
        ])  # fmt: skip
        place = {"organisation_id": clinic, "department_id": department}
        hours = [
            {**place, "id": uuid4(), "practitioner_id": one, "starts_at": at, "ends_at": at + 2 * a_day * SLOT * timedelta(minutes=1), "slot_minutes": SLOT, "room": f"Ф-{number}", "specialty": ""}
            for number, one in enumerate(people) for at in _mornings(monday, weeks)
        ]  # fmt: skip
        connection.execute(sa.insert(Reception), hours)
        visits = [
            {**place, "id": uuid4(), "practitioner_id": each["practitioner_id"], "patient_id": random.choice(patients), "kind": VisitKind.FIRST,
             "status": AppointmentStatus.BOOKED, "starts_at": each["starts_at"] + 2 * number * SLOT * timedelta(minutes=1),
             "ends_at": each["starts_at"] + (2 * number + 1) * SLOT * timedelta(minutes=1), "booked_at": clock.now(), "version": 1,
             "cancel_reason": "", "is_over": False, "over_reason": ""}
            for each in hours for number in range(a_day)
        ]  # fmt: skip
        connection.execute(sa.insert(Appointment), visits)
        _give_rooms(connection, clinic, people, visits)
        connection.execute(
            sa.text("UPDATE person SET standing = :active, standing_until = NULL"), {"active": Standing.ACTIVE.value}
        )
    return clinic, department, people


def _give_rooms(connection: sa.Connection, clinic: UUID, people: list[UUID], visits: list[dict[str, Any]]) -> None:
    """Each has a room of the clinic's list, and each visit takes it."""
    from medcab.schedule.resources.models import AppointmentResource, Resource, ResourceKind

    room_of = {one: uuid4() for one in people}
    connection.execute(sa.insert(Resource), [
        {"id": room_of[one], "organisation_id": clinic, "kind": ResourceKind.ROOM, "name": f"Ф-{number}", "note": "", "weekdays": 127, "starts": 0, "ends": 24 * 60}
        for number, one in enumerate(people)
    ])  # fmt: skip
    connection.execute(sa.insert(AppointmentResource), [
        {"appointment_id": each["id"], "resource_id": room_of[each["practitioner_id"]], "starts_at": each["starts_at"], "ends_at": each["ends_at"], "is_held": True}
        for each in visits
    ])  # fmt: skip


def _people(connection: sa.Connection, known: list[UUID], count: int) -> list[UUID]:
    """Of the clinic's doctors; where it has too few, others of its people take part."""
    from medcab.accounts.models import Person

    others = connection.execute(sa.select(col(Person.id)).order_by(col(Person.id))).scalars()
    return list(dict.fromkeys([*known, *others]))[:count]


def _mornings(monday: date, weeks: int) -> list[datetime]:
    from medcab.clock import MOSCOW

    days = [7 * week + number for week in range(weeks) for number in range(WORKDAYS)]
    return [datetime.combine(monday + timedelta(number), time(6), MOSCOW) for number in days]


def _reads(path: Path) -> tuple[Read, Read]:
    """The bare reads of the rows, and the whole way to what the browser is sent."""
    from medcab import clock
    from medcab.access import Actor, Role
    from medcab.schedule.calendar import service
    from medcab.schedule.models import Appointment, Reception
    from medcab.schedule.rules import grid
    from medcab.schedule.rules.address import Address
    from medcab.schedule.rules.slots import bounds, week_of

    monday = week_of(clock.today() + AHEAD)
    clinic, department, doctors = fill(path, monday)
    head = Actor(
        uuid4(), uuid4(), "", clinic, frozenset({department}), frozenset({Role.DEPARTMENT_HEAD}), is_active=True,
        posts=frozenset({(Role.DEPARTMENT_HEAD, department)}),
    )  # fmt: skip
    span, at = bounds(monday, 7, clock.MOSCOW), Address(monday, "people", department=department)

    async def floor(session: AsyncSession) -> Any:
        connection = await session.connection()
        for table in (Appointment.__table__, Reception.__table__):  # pyright: ignore[reportAttributeAccessIssue]
            starts = table.c.starts_at
            chosen = table.c.practitioner_id.in_(doctors), starts >= span.starts_at, starts < span.ends_at
            (await connection.execute(sa.select(table).where(*chosen))).all()

    async def drawn(session: AsyncSession) -> Any:
        found = await service.board(session, head, at=at, days=7)
        assert len(found.versions) == DOCTORS * WORKDAYS * A_DAY
        return json.dumps(grid.grid("", "", found.rows, found.columns, -1), ensure_ascii=False)

    return floor, drawn


async def in_turn(path: Path, floor: Read, tried: Read) -> list[tuple[list[float], list[float]]]:
    """Both in turn, each round in a random order."""
    from medcab import db

    engine = db.make_engine(f"sqlite+aiosqlite:///{path}", "read")
    rounds: list[tuple[list[float], list[float]]] = []
    for _ in range(ROUNDS + 1):
        took: dict[bool, list[float]] = {False: [], True: []}
        for is_tried in random.sample([False, True] * TIMES, 2 * TIMES):
            async with AsyncSession(engine, expire_on_commit=False) as session:
                began = perf_counter()
                await (tried if is_tried else floor)(session)
                took[is_tried].append(perf_counter() - began)
        rounds.append((took[False], took[True]))
    await engine.dispose()
    return rounds[1:]  # the first only warmed up


def measure(home: Path) -> list[Line]:
    """In milliseconds as people feel it, and beside the floor of the same machine."""
    houses.with_clinic(home / "clinic")
    path = home / "clinic" / "ward.db"
    shutil.copy(home / "clinic" / "medcab.db", path)
    found = asyncio.run(in_turn(path, *_reads(path)))
    took = median(each for _, tried in found for each in tried) * 1000
    visits = DOCTORS * WORKDAYS * A_DAY
    return [
        at_most(f"{DOCTORS} doctors side by side, their week of {visits} visits ready to draw", took, 300, "ms"),
        Line("the same / a bare read of its rows", f"{ratio(found):.3g} ×"),
    ]
