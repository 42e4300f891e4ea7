"""The diagnoses of a visit: written and struck out by its doctor, or by the head of the very department; seen by nobody else.

Codes and names are medical secret: the journal keeps ids, no notice and no message names them.
"""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.errors import Conflict, Invalid, NotFound
from medcab.schedule import queries as schedule
from medcab.schedule.diagnoses import queries
from medcab.schedule.diagnoses.models import VisitDiagnosis
from medcab.schedule.diagnoses.queries import Written
from medcab.schedule.diagnoses.rules.entry import (
    CATEGORY,
    COUNTED,
    Case,
    Course,
    DiagnosisKind,
    change,
    demand_known,
    place_of,
)
from medcab.schedule.models import Appointment
from medcab.schedule.rules.slots import day_of

MOST = 10
"""Diagnoses of one visit."""


class AlreadyWritten(Conflict):
    """By a second click, or in another tab."""

    message = "Этот диагноз у приёма уже записан."


class Sheet(NamedTuple):
    """What the visit's dialog shows: everything that was written, and whether the actor may write now."""

    written: list[Written]
    may_write: bool
    why_not: str


def is_open_to(actor: Actor, visit: Appointment) -> bool:
    """Whether the actor answers for the visit: its doctor, or who heads its department; in SQL `queries.open_to`."""
    heads = visit.department_id in actor.departments_with(Permission.FIGURES_DEPARTMENT)
    return visit.organisation_id == actor.organisation_id and (visit.practitioner_id == actor.person_id or heads)


async def is_shown(session: AsyncSession, actor: Actor, *, appointment_id: UUID) -> bool:
    """Whether the dialog of the visit has its diagnoses for the actor."""
    if not actor.may(Permission.DIAGNOSES):
        return False
    visit = await schedule.appointment(session, actor, appointment_id)
    return visit is not None and is_open_to(actor, visit)


async def sheet(session: AsyncSession, actor: Actor, *, appointment_id: UUID) -> Sheet:
    """All diagnoses of a visit, journalled where there are any; needs a transaction."""
    require(actor, Permission.DIAGNOSES)
    visit = await schedule.appointment(session, actor, appointment_id)
    if visit is None or not is_open_to(actor, visit):
        raise NotFound("Приём не найден.")
    written = await queries.history(session, appointment_id)
    if written:
        audit.record(session, actor, Action.DIAGNOSES_VIEW, appointment_id)
    sentence = _not_yet(visit)
    return Sheet(written, not sentence, sentence)


async def add(
    session: AsyncSession, actor: Actor, *, appointment_id: UUID, code: str, kind: DiagnosisKind, course: Course
) -> UUID:
    """Write a diagnosis; a new main one makes the former secondary no more main: it is struck out and written anew as such."""
    visit = await _own(session, actor, appointment_id)
    found = demand_known(code)
    standing = await queries.standing(session, appointment_id)
    if any(each.code == found.code for each in standing):
        raise AlreadyWritten
    if len(standing) >= MOST:
        raise Invalid(f"У приёма уже {MOST} диагнозов: больше записать нельзя.", field="diagnosis")
    if kind is DiagnosisKind.MAIN:
        for former in standing:
            if former.kind is DiagnosisKind.MAIN:
                beside = await _replace(session, actor, former, kind=DiagnosisKind.SECONDARY)
                _changed(session, actor, beside, former)
    made = VisitDiagnosis(
        appointment_id=appointment_id, code=found.code, chapter=found.chapter, kind=kind, course=course,
        age_group=await queries.age_group(session, visit.id, day_of(visit.starts_at, clock.MOSCOW)), made_by_id=actor.person_id, made_at=clock.now(),
    )  # fmt: skip
    await _write(session, made)
    await _count(session, visit, made, sign=1)
    audit.record(session, actor, Action.DIAGNOSIS_ADD, made.id, appointment=appointment_id)
    return made.id


async def strike(session: AsyncSession, actor: Actor, *, diagnosis_id: UUID) -> None:
    """It was wrong: it stays to be seen, and counts no more. Struck out already is no refusal (a double click)."""
    require(actor, Permission.DIAGNOSES)
    found = await session.get(VisitDiagnosis, diagnosis_id)
    if found is None:
        raise NotFound("Диагноз не найден.")
    visit = await _own(session, actor, found.appointment_id)
    await session.refresh(found)
    if found.struck_at is None:
        _strike(actor, found)
        await session.flush()
        await _count(session, visit, found, sign=-1)
        audit.record(session, actor, Action.DIAGNOSIS_STRIKE, found.id, appointment=visit.id)


async def change_course(session: AsyncSession, actor: Actor, *, diagnosis_id: UUID, course: Course) -> None:
    """First in life or known: the row is struck out and written anew, so that both can be seen."""
    require(actor, Permission.DIAGNOSES)
    found = await session.get(VisitDiagnosis, diagnosis_id)
    if found is None:
        raise NotFound("Диагноз не найден.")
    visit = await _own(session, actor, found.appointment_id)
    await session.refresh(found)
    if found.struck_at is not None:
        raise Conflict("Этот диагноз уже вычеркнули.")
    if found.course is not course:
        await _count(session, visit, found, sign=-1)
        made = await _replace(session, actor, found, course=course)
        await _count(session, visit, made, sign=1)
        _changed(session, actor, made, found)


async def known_before(session: AsyncSession, actor: Actor, *, appointment_id: UUID, code: str) -> date | None:
    """The day on which this illness was first found in the patient, at a visit that is open to the actor: then it is hardly the first in life
    now. What others found is theirs, and asking is no way round it."""
    require(actor, Permission.DIAGNOSES)
    visit = await schedule.appointment(session, actor, appointment_id)
    if visit is None or not is_open_to(actor, visit):
        raise NotFound("Приём не найден.")
    if _not_yet(visit):
        return None
    at = await queries.known_since(session, actor, visit, demand_known(code).code[:CATEGORY])
    return day_of(at, clock.MOSCOW) if at else None


async def _own(session: AsyncSession, actor: Actor, appointment_id: UUID) -> Appointment:
    """The visit that the actor answers for and may write at now, held until the transaction ends."""
    require(actor, Permission.DIAGNOSES)
    visit = await queries.locked(session, appointment_id)
    if visit is None or not is_open_to(actor, visit):
        raise NotFound("Приём не найден.")
    if sentence := _not_yet(visit):
        raise Conflict(sentence)
    return visit


def _not_yet(visit: Appointment) -> str:
    if visit.status in COUNTED:
        return ""
    return "Диагноз записывают, когда пациент на приёме или уже принят: сначала отметьте приход."


def _changed(session: AsyncSession, actor: Actor, made: VisitDiagnosis, former: VisitDiagnosis) -> None:
    audit.record(session, actor, Action.DIAGNOSIS_CHANGE, made.id, appointment=made.appointment_id, former=former.id)


def _strike(actor: Actor, found: VisitDiagnosis) -> None:
    found.struck_at, found.struck_by_id = clock.now(), actor.person_id


async def _replace(
    session: AsyncSession, actor: Actor, former: VisitDiagnosis, **changed: DiagnosisKind | Course
) -> VisitDiagnosis:
    """The same diagnosis with something else in it: the former stays, struck out."""
    _strike(actor, former)
    kept = {
        name: getattr(former, name) for name in ("appointment_id", "code", "chapter", "kind", "course", "age_group")
    }
    made = VisitDiagnosis(**{**kept, **changed}, made_by_id=actor.person_id, made_at=clock.now())
    await session.flush()
    await _write(session, made)
    return made


async def _write(session: AsyncSession, made: VisitDiagnosis) -> None:
    try:
        async with session.begin_nested():
            session.add(made)
            await session.flush()
    except IntegrityError:
        raise AlreadyWritten from None


async def _count(session: AsyncSession, visit: Appointment, found: VisitDiagnosis, *, sign: int) -> None:
    place = place_of(schedule.visit_of(visit), clock.MOSCOW)
    case = Case(found.chapter, found.code, found.course, found.age_group)
    await queries.add(session, change([case], *((place, None) if sign < 0 else (None, place))))
