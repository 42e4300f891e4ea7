"""The cast's patients in the waiting list."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import select

from medcab import db
from medcab.access import Actor
from medcab.patients.models import Patient
from medcab.schedule.models import VisitKind
from medcab.schedule.reminders.models import VisitLink
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.waiting import Urgency, Wanted
from medcab.schedule.service import zone
from medcab.schedule.waiting import service
from medcab.schedule.waiting.models import Wish
from medcab.schedule.waiting.offers import service as offers
from medcab.schedule.waiting.service import NewWish
from tests.cast import CLINIC, WARD, Cast, patient
from tests.outbox import sent
from tests.schedule.reception import NINE, at


def wanted(doctor: UUID | None, **more: Any) -> Wanted:
    """Any time of two weeks with this doctor."""
    first = NINE.astimezone(zone()).date()
    kept = {
        "department_id": WARD, "practitioner_id": doctor, "specialty": "", "weekdays": 127, "starts": 0, "ends": 1440, "since": first,
        "until": first + timedelta(days=14),
    }  # fmt: skip
    return Wanted(**{**kept, **more})


def new(doctor: UUID | None, urgency: Urgency = Urgency.PLANNED, **more: Any) -> NewWish:
    return NewWish(wanted=wanted(doctor, **more), kind=VisitKind.REPEAT, urgency=urgency)


async def wish(
    cast: Cast, patient_id: UUID | None = None, *, actor: Actor | None = None, urgency: Urgency = Urgency.PLANNED, **more: Any
) -> UUID:  # fmt: skip
    """The second patient waits for the doctor."""
    async with db.transaction() as session:
        return await service.add(
            session,
            actor or cast.nurse,
            patient_id=patient_id or cast.other_patient_id,
            new=new(more.pop("doctor", cast.doctor.person_id), urgency, **more),
        )


async def more_patients(count: int) -> list[UUID]:
    """Of the clinic."""
    made = [patient(CLINIC, "Ожидающий", number=100 + number) for number in range(count)]
    for number, one in enumerate(made):
        one.phone = f"+791290{number:05}"
    async with db.transaction() as session:
        session.add_all(made)
    return [one.id for one in made]


async def free(cast: Cast, minutes: int, *, days: int = 0) -> bool:
    """Offer the slot of the doctor's that begins then, as the performer would."""
    async with db.transaction() as session:
        return await offers.offer_next(
            session, CLINIC, cast.doctor.person_id, Span(at(minutes, days=days), at(minutes + 15, days=days))
        )


async def row(wish_id: UUID) -> Wish:
    async with db.reading() as session:
        found = await session.get(Wish, wish_id)
        assert found
        return found


async def texts() -> list[str]:
    return [one["text"] for one in await sent("sms")]


def token_in(text: str) -> str:
    return text.partition("?t=")[2].split(";")[0].strip().rstrip(".")


async def links() -> Sequence[VisitLink]:
    async with db.reading() as session:
        return (await session.exec(select(VisitLink))).all()


async def change_patient(patient_id: UUID, **values: Any) -> None:
    async with db.transaction() as session:
        found = await session.get(Patient, patient_id)
        assert found
        for name, value in values.items():
            setattr(found, name, value)


@contextmanager
def counted(which: Literal["read", "write"]) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []
    engine = db.engine(which).sync_engine

    def note(*args: Any) -> None:
        asked.append(args[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
