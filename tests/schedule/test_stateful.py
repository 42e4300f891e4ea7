"""Random histories of the whole desk against a simple model, on a real database: nothing is ever had twice, nobody is lost, figures stay true.

Three doctors, two rooms (one of them shared by two doctors at the same hours), two devices, three patients. MEDCAB_SEQUENCES=10000 runs that many
histories; by default few. Each begins with a fresh day of the same database, so that a history costs its own operations only.
"""

import os
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from sqlmodel import col, select

from medcab import clock, db
from medcab.access import Actor
from medcab.errors import Conflict, NotFound
from medcab.schedule import service
from medcab.schedule.booking.service import PatientTwice
from medcab.schedule.figures import queries as figures
from medcab.schedule.models import Appointment, AppointmentStatus, Reception, VisitKind
from medcab.schedule.resources import service as desk
from medcab.schedule.resources.models import AppointmentResource, Resource, ResourceClosed, ResourceKind
from medcab.schedule.resources.service import NewResource
from medcab.schedule.rules.resources import Availability
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import LIVING, MARKS, Act
from medcab.schedule.service import SlotTaken
from medcab.settings import get_settings
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.schedule.reception import NINE, admit, at, counted

HISTORIES = int(os.environ.get("MEDCAB_SEQUENCES", "12"))
SEED = int(os.environ.get("MEDCAB_SEED", "20261123"))
OPERATIONS = (10, 30)
SLOTS = 8
_S = AppointmentStatus
NOT_LIVING = (_S.CANCELLED, _S.NO_SHOW)


@dataclass
class Kept:
    """What the model says of a visit."""

    doctor: UUID
    patient: UUID
    span: Span
    status: AppointmentStatus = _S.BOOKED
    version: int = 1
    is_over: bool = False
    devices: frozenset[UUID] = frozenset()
    room: UUID | None = None

    @property
    def is_living(self) -> bool:
        return self.status not in NOT_LIVING

    @property
    def holds(self) -> bool:
        return self.is_living and not self.is_over

    @property
    def is_past(self) -> bool:
        """Nobody came, or nobody has said so: it is marked, not moved or called off."""
        return self.status is _S.BOOKED and _is_past(self.span)

    @property
    def takes(self) -> frozenset[UUID]:
        return self.devices | ({self.room} if self.room else set())


@dataclass
class Ward:
    """The world of a history: who, what, and the model of one day."""

    cast: Cast
    doctors: list[Actor]
    patients: list[UUID]
    devices: list[UUID]
    room_of: dict[UUID, UUID | None]
    day: int
    visits: dict[UUID, Kept] = field(default_factory=dict)
    closed: list[tuple[UUID, Span]] = field(default_factory=list)

    def slot(self, number: int) -> Span:
        return Span(at(15 * number, days=self.day), at(15 * number + 15, days=self.day))

    def conflicts(self, span: Span, doctor: UUID, takes: frozenset[UUID], *, but: UUID | None = None) -> bool:
        """Whether the worker, a room or a device is somebody else's then, or closed."""
        others = [kept for key, kept in self.visits.items() if key != but and kept.holds and kept.span.overlaps(span)]
        return (
            any(kept.doctor == doctor or kept.takes & takes for kept in others)
            or any(key in takes and shut.overlaps(span) for key, shut in self.closed)
        )  # fmt: skip

    def twice(self, patient: UUID, doctor: UUID, span: Span, *, but: UUID | None = None) -> set[UUID]:
        """Visits that the patient has at the same time, or with this doctor."""
        return {
            key for key, kept in self.visits.items()
            if key != but and kept.patient == patient and kept.is_living and (kept.doctor == doctor or kept.span.overlaps(span))
        }  # fmt: skip

    def over(self, doctor: UUID) -> int:
        return sum(
            kept.is_over and kept.doctor == doctor and kept.status is not _S.CANCELLED for kept in self.visits.values()
        )


@pytest.fixture
async def ward(cast: Cast) -> Ward:
    """Doctor and colleague share room 214; the neighbour has 301."""
    shared = await _add(cast, "214", ResourceKind.ROOM)
    own = await _add(cast, "301", ResourceKind.ROOM)
    devices = [await _add(cast, name, ResourceKind.DEVICE) for name in ("УЗИ", "ЭКГ")]
    doctors = [cast.doctor, cast.colleague, cast.neighbour]
    room_of: dict[UUID, UUID | None] = {
        doctors[0].person_id: shared,
        doctors[1].person_id: shared,
        doctors[2].person_id: own,
    }
    return Ward(cast, doctors, [await admit() for _ in range(3)], devices, room_of, 0)


async def _add(cast: Cast, name: str, kind: ResourceKind) -> UUID:
    async with db.transaction() as session:
        new = NewResource(kind=kind, name=name, available=Availability())
        await desk.keep(session, cast.admin, new=new)
        await session.flush()
        return (await session.exec(select(Resource.id).where(Resource.name == name))).one()


async def _dawn(ward: Ward) -> None:
    """A new day: hours for everybody, no visits."""
    ward.visits, ward.closed = {}, []
    async with db.transaction() as session:
        for doctor in ward.doctors:
            made = Reception(
                organisation_id=CLINIC, department_id=OTHER_WARD if doctor == ward.cast.neighbour else WARD, practitioner_id=doctor.person_id,
                starts_at=ward.slot(0).starts_at, ends_at=ward.slot(SLOTS - 1).ends_at, slot_minutes=15,
                room="301" if doctor == ward.cast.neighbour else "214",
            )  # fmt: skip
            session.add(made)
            await figures.add(session, figures.offered(made, service.zone()))


async def test_random_histories_agree_with_a_simple_model(ward: Ward) -> None:
    done: Counter[str] = Counter()
    for number in range(HISTORIES):
        chance = random.Random(SEED + number)
        ward.day = number + 1
        with clock.frozen(NINE + timedelta(days=ward.day, minutes=-30)) as stopped:
            await _dawn(ward)
            for step in range(chance.randint(*OPERATIONS)):
                what = chance.choice(list(_OPERATIONS))
                try:
                    done[f"{what}:{await _OPERATIONS[what](ward, chance)}"] += 1
                    await _check(ward)
                except AssertionError as wrong:
                    raise AssertionError(f"history {number}, step {step}, {what}: {wrong}") from wrong
                if chance.random() < 0.15:
                    stopped.tick(timedelta(minutes=chance.randint(1, 9)))
        await _check_figures(ward)
    expected = {
        "book:done",
        "book:taken",
        "book:twice",
        "move:done",
        "cancel:done",
        "mark:done",
        "over:done",
        "close:done",
    }
    assert HISTORIES < 12 or expected <= set(done), done


def _someone(ward: Ward, chance: random.Random) -> UUID | None:
    return chance.choice(sorted(ward.visits)) if ward.visits else None


def _is_past(span: Span) -> bool:
    return span.ends_at <= clock.now()


def _agreed(outcome: str, *facts: object) -> str:
    """The refusal was right, by the model."""
    assert all(facts), outcome
    return outcome


async def _book(ward: Ward, chance: random.Random) -> str:
    doctor, patient, span = (
        chance.choice(ward.doctors).person_id,
        chance.choice(ward.patients),
        ward.slot(chance.randrange(SLOTS)),
    )
    devices = frozenset(device for device in ward.devices if chance.random() < 0.3)
    knows = frozenset(ward.twice(patient, doctor, span)) if chance.random() < 0.5 else frozenset()
    room = ward.room_of[doctor]
    wanted = devices | ({room} if room else set())
    is_taken = ward.conflicts(span, doctor, wanted)
    elsewhere = ward.twice(patient, doctor, span) - knows
    try:
        async with db.transaction() as session:
            made = await service.book(
                session, ward.cast.admin, practitioner_id=doctor, patient_id=patient, kind=VisitKind.FIRST, starts_at=span.starts_at,
                devices=devices, knows_of=knows,
            )  # fmt: skip
    except SlotTaken as refused:
        today = [slot for slot in refused.nearest if slot.starts_at >= ward.slot(0).starts_at]
        return _agreed("taken", is_taken, not any(ward.conflicts(slot, doctor, wanted) for slot in today))
    except PatientTwice as told:
        return _agreed("twice", not is_taken, elsewhere, told.visits == ward.twice(patient, doctor, span))
    except NotFound:
        return _agreed("past", _is_past(span))
    assert not _is_past(span), "booked though over"
    assert not is_taken, "booked though taken"
    assert not elsewhere, "booked though nobody was told"
    ward.visits[made] = Kept(doctor, patient, span, devices=devices, room=room)
    return "done"


async def _book_over(ward: Ward, chance: random.Random) -> str:
    doctor, patient = chance.choice(ward.doctors).person_id, chance.choice(ward.patients)
    start = ward.slot(0).starts_at + timedelta(minutes=chance.randrange((SLOTS - 1) * 15))
    span = Span(start, start + timedelta(minutes=15))
    room = ward.room_of[doctor]
    is_free = not (span.starts_at - ward.slot(0).starts_at) % timedelta(minutes=15) and not ward.conflicts(
        span, doctor, frozenset({room} if room else ())
    )
    try:
        async with db.transaction() as session:
            made = await service.book(
                session, ward.cast.admin, practitioner_id=doctor, patient_id=patient, kind=VisitKind.FIRST, starts_at=span.starts_at,
                over_reason="Причина", knows_of=frozenset(ward.twice(patient, doctor, span)),
            )  # fmt: skip
    except Conflict:
        assert is_free or ward.over(doctor) >= get_settings().overbook_a_day
        return "refused"
    except NotFound:
        return _agreed("past", _is_past(span))
    assert not _is_past(span), "booked though over"
    assert not is_free
    assert ward.over(doctor) < get_settings().overbook_a_day
    ward.visits[made] = Kept(doctor, patient, span, is_over=True)
    return "done"


async def _move(ward: Ward, chance: random.Random) -> str:
    key = _someone(ward, chance)
    if key is None:
        return "nobody"
    kept, to, span = ward.visits[key], chance.choice(ward.doctors).person_id, ward.slot(chance.randrange(SLOTS))
    room = ward.room_of[to]
    wanted = kept.devices | ({room} if room else set())
    is_taken = ward.conflicts(span, to, wanted, but=key)
    known = frozenset(ward.twice(kept.patient, to, span, but=key))
    try:
        async with db.transaction() as session:
            await service.move(
                session, ward.cast.admin, appointment_id=key, version=kept.version, starts_at=span.starts_at, practitioner_id=to, knows_of=known,
            )  # fmt: skip
    except SlotTaken:
        assert is_taken
        return "taken"
    except NotFound:
        return _agreed("past", _is_past(span))
    except Conflict:
        assert kept.status is not _S.BOOKED or kept.is_past
        return "refused"
    assert not _is_past(span), "moved though over"
    assert kept.status is _S.BOOKED
    assert not kept.is_past
    assert not is_taken, "moved though taken"
    kept.doctor, kept.span, kept.room, kept.is_over = to, span, room, False
    kept.version += 1
    return "done"


async def _cancel(ward: Ward, chance: random.Random) -> str:
    key = _someone(ward, chance)
    if key is None:
        return "nobody"
    kept = ward.visits[key]
    try:
        async with db.transaction() as session:
            await service.cancel(session, ward.cast.admin, appointment_id=key, version=kept.version, reason="Причина")
    except Conflict:
        assert kept.status not in (_S.BOOKED, _S.ARRIVED) or kept.is_past
        return "refused"
    assert not kept.is_past
    kept.status = _S.CANCELLED
    kept.version += 1
    return "done"


async def _mark(ward: Ward, chance: random.Random) -> str:
    key = _someone(ward, chance)
    if key is None:
        return "nobody"
    kept, act = ward.visits[key], chance.choice(sorted(MARKS | {Act.UNDO}))
    before = await _row(key)
    try:
        async with db.transaction() as session:
            await service.mark(session, ward.cast.admin, appointment_id=key, version=kept.version, act=act)
    except SlotTaken:
        assert act is Act.UNDO
        assert ward.conflicts(kept.span, kept.doctor, kept.takes, but=key)
        return "taken"
    except (Conflict, NotFound):
        return "refused"
    after = await _row(key)
    kept.status = after.status
    kept.version += 1 if after.version != before.version else 0
    assert kept.version == after.version
    assert not kept.holds or not ward.conflicts(kept.span, kept.doctor, frozenset(), but=key)
    return "done"


async def _close(ward: Ward, chance: random.Random) -> str:
    """A service of a room or a device; who stands there stays."""
    key = chance.choice([*ward.devices, *(room for room in ward.room_of.values() if room)])
    first = chance.randrange(SLOTS)
    span = Span(ward.slot(first).starts_at, ward.slot(min(SLOTS - 1, first + 1)).ends_at)
    standing = {
        each for each, kept in ward.visits.items() if kept.holds and key in kept.takes and kept.span.overlaps(span)
    }
    if chance.random() < 0.6 and ward.closed:
        async with db.transaction() as session:
            rows = (await session.exec(select(ResourceClosed).where(ResourceClosed.starts_at > clock.now()))).all()
            for row in rows[:1]:
                await desk.reopen(session, ward.cast.admin, closed_id=row.id)
                ward.closed.remove((row.resource_id, Span(row.starts_at, row.ends_at)))
        return "reopened"
    async with db.transaction() as session:
        left = await desk.close(session, ward.cast.admin, resource_id=key, span=span)
        assert {each.id for each in left} == standing
        if not left:
            ward.closed.append((key, span))
    return "shown" if left else "done"


_OPERATIONS = {"book": _book, "over": _book_over, "move": _move, "cancel": _cancel, "mark": _mark, "close": _close}


async def _row(key: UUID) -> Appointment:
    async with db.reading() as session:
        found = await session.get(Appointment, key)
        assert found
        return found


async def _check(ward: Ward) -> None:
    """The database says what the model says, and nothing is had twice."""
    frame = Span(ward.slot(0).starts_at, ward.slot(SLOTS - 1).ends_at)
    async with db.reading() as session:
        query = select(Appointment).where(
            Appointment.starts_at >= frame.starts_at, Appointment.starts_at < frame.ends_at
        )
        stored = {row.id: row for row in (await session.exec(query)).all()}
        taken = select(AppointmentResource).where(col(AppointmentResource.appointment_id).in_(stored))
        rows = (await session.exec(taken)).all()
    assert set(stored) == set(ward.visits), "a visit is lost"
    for key, kept in ward.visits.items():
        row = stored[key]
        assert (row.practitioner_id, row.patient_id, Span(row.starts_at, row.ends_at)) == (
            kept.doctor,
            kept.patient,
            kept.span,
        )
        assert (row.status, row.version, row.is_over) == (kept.status, kept.version, kept.is_over)
        mine = {each.resource_id: each for each in rows if each.appointment_id == key}
        assert set(mine) == (frozenset() if kept.is_over else kept.takes), "not what the visit takes"
        assert all(each.is_held == kept.holds for each in mine.values())
        assert all(Span(each.starts_at, each.ends_at) == kept.span for each in mine.values())
    living = sorted(
        (row.practitioner_id, row.starts_at, row.ends_at) for row in stored.values() if row.status in LIVING and not row.is_over
    )  # fmt: skip
    held = sorted((row.resource_id, row.starts_at, row.ends_at) for row in rows if row.is_held)
    for found in (living, held):
        assert all(one[0] != next_[0] or one[2] <= next_[1] for one, next_ in pairwise(found)), "had twice"
    over = Counter(kept.doctor for kept in ward.visits.values() if kept.is_over and kept.status is not _S.CANCELLED)
    assert all(count <= get_settings().overbook_a_day for count in over.values())


async def _check_figures(ward: Ward) -> None:
    today = NINE.date() + timedelta(days=ward.day)
    for department in (WARD, OTHER_WARD):
        async with db.reading() as session:
            kept = await figures.kept(session, department, today, today)
            assert kept == await counted(session, department, today, today)


def test_the_model_itself_sees_a_conflict() -> None:
    """A model that never objects would agree with anything."""
    room, doctor, other = UUID(int=1), UUID(int=2), UUID(int=3)
    ward = Ward(None, [], [], [], {}, 1)  # type: ignore[arg-type]
    ward.visits[UUID(int=9)] = Kept(doctor, UUID(int=4), ward.slot(1), room=room)
    clashes = [
        ward.conflicts(ward.slot(1), who, takes)
        for who, takes in ((doctor, frozenset()), (other, frozenset({room})), (other, frozenset()))
    ]
    assert clashes == [True, True, False]
