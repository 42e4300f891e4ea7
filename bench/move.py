"""A visit moved to another time (its hours, the right, the figures, the journal, the news), against a guarded and journalled write of the one row."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from bench import home as houses
from bench.event import Tab, serving
from bench.report import Line, at_most, percentile, ratio

VISITS, ROUNDS, BOUND = 24, 9, 2.0
_DAY = timedelta(days=1)


class Visit:
    """A visit that is moved between the morning and the afternoon of its day, and the version in which it stands."""

    def __init__(self, morning: datetime) -> None:
        self.id, self.version, self._times = uuid4(), 1, (morning, morning + timedelta(hours=5))

    @property
    def stands(self) -> datetime:
        return self._times[(self.version - 1) % 2]

    async def put(self, tab: Tab, handler: str) -> float:
        other = self._times[self.version % 2]
        took = await tab.click(handler, visit_id=str(self.id), version=self.version, starts_at=other.isoformat())
        self.version += 1
        return took


async def _populate() -> tuple[list[str], list[Visit]]:
    """A doctor, signed in once for each visit (one tab may not do so much), with a visit on each of the coming days; half a year is there too."""
    from medcab import clock, db
    from medcab.accounts.models import Factor, LoginSession
    from medcab.schedule.models import Appointment, Reception
    from medcab.schedule.rules.visits import AppointmentStatus, VisitKind
    from medcab.security import tokens
    from tests import cast

    now, given = clock.now(), [tokens.make() for _ in range(VISITS)]
    first = now.replace(hour=5, minute=0, second=0, microsecond=0) + _DAY
    visits = [Visit(first + number * _DAY) for number in range(VISITS)]
    async with db.transaction() as session:
        known = cast.settle(session)
        place = {"organisation_id": cast.CLINIC, "department_id": cast.WARD, "practitioner_id": known.doctor.person_id}
        for number in range(-180, VISITS + 30):
            at = first + number * _DAY
            session.add(Reception(**place, slot_minutes=15, starts_at=at, ends_at=at + timedelta(hours=8), room="214"))
            session.add_all(
                Appointment(
                    id=visits[number].id if slot == 0 and 0 <= number < VISITS else uuid4(), **place, patient_id=known.patient_id if slot == 0 else known.other_patient_id, kind=VisitKind.FIRST,
                    status=AppointmentStatus.BOOKED, starts_at=at + slot * timedelta(minutes=15), ends_at=at + (slot + 1) * timedelta(minutes=15), booked_at=now,
                )
                for slot in range(16)
            )  # fmt: skip
        session.add_all(
            LoginSession(
                token_hash=tokens.fingerprint(token), person_id=known.doctor.person_id, factor=Factor.SMS, created_at=now, seen_at=now,
                expires_at=now + timedelta(hours=8),
            )
            for token in given
        )  # fmt: skip
    await db.close()
    return given, visits


async def _drive(port: int, given: list[str], visits: list[Visit]) -> list[Line]:
    from bench.clicks import COOKIE, MOVE, WRITE

    tabs = [await Tab().open(port, f"{COOKIE}={token}") for token in given]
    rounds = [await _round(tabs, visits, (WRITE, MOVE)) for _ in range(ROUNDS + 1)][1:]
    for tab in tabs:
        await tab.close()
    write, move = (percentile((took for each in rounds for took in each[which]), 0.5) * 1000 for which in (0, 1))
    return [
        at_most(
            "a visit moved / one row written, guarded and journalled, round trip",
            ratio(rounds),
            BOUND,
            detail=f"{move:.2f} / {write:.2f} ms",
        )
    ]


async def _round(tabs: list[Tab], visits: list[Visit], handlers: tuple[str, str]) -> tuple[list[float], list[float]]:
    """Every visit is put to and fro by both, the two taking turns to be first."""
    floor, tried = handlers
    took: dict[str, list[float]] = {floor: [], tried: []}
    for number, (tab, visit) in enumerate(zip(tabs, visits, strict=True)):
        for handler in handlers if number % 2 else reversed(handlers):
            took[handler].append(await visit.put(tab, handler))
    return took[floor], took[tried]


def measure(home: Path) -> list[Line]:
    """Median round trips in paired rounds; each move is checked to have happened."""
    port = houses.free_port()
    houses.settle(home / "move", port=port)
    from medcab import schema

    schema.upgrade()
    given, visits = asyncio.run(_populate())
    with serving(home / "move", port):
        lines = asyncio.run(_drive(port, given, visits))
    asyncio.run(_check({visit.id: visit for visit in visits}))
    return lines


async def _check(visits: dict[UUID, Visit]) -> None:
    from sqlmodel import col, select

    from medcab import db
    from medcab.schedule.models import Appointment

    async with db.reading() as session:
        rows = (await session.exec(select(Appointment).where(col(Appointment.id).in_(visits)))).all()
    if any((row.version, row.starts_at) != (visits[row.id].version, visits[row.id].stands) for row in rows):
        raise RuntimeError("a visit does not stand where it was put")
