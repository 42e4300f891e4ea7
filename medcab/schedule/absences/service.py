"""A worker is away, or many visits are to be elsewhere: each is moved, called off or left to a call, in one transaction; for ten minutes all of it
can be taken back.

Nothing is done by halves: a time that was taken meanwhile, a visit that was changed or booked since, and the whole stays undone until it is
decided anew. Patients hear of it when the ten minutes are over (`telling`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live, outbox
from medcab.access import Action, Actor, Permission, require
from medcab.errors import Conflict, Invalid, MedcabError, NotFound
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule import queries as schedule
from medcab.schedule import service as visits
from medcab.schedule.absences import queries
from medcab.schedule.absences.models import Absence, AbsenceVisit, Outcome
from medcab.schedule.absences.planning.service import Booked, Task, affected, already
from medcab.schedule.absences.queries import Dealt
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.hours.service import clinic_of, require_worker
from medcab.schedule.models import Appointment
from medcab.schedule.resources.taking import service as taking
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.templates import said_of
from medcab.schedule.rules.visits import Act
from medcab.schedule.service import turns, zone
from medcab.schedule.times.service import timetable
from medcab.ui import formats

TELL = "absence.tell"
GRACE = timedelta(minutes=10)
REASONS = {True: "Врач отсутствует", False: "Приём не состоится"}
"""Of a visit that is called off: in an absence, in a move."""


class Unsettled(Conflict):
    """One of the visits cannot be dealt with as decided: nothing was done. `appointment_id` is None when there are new visits."""

    def __init__(self, appointment_id: UUID | None, sentence: str) -> None:
        super().__init__(sentence)
        self.appointment_id = appointment_id


@dataclass(frozen=True)
class Decision:
    """What is to become of a visit in the version that was seen, None: it stays; `to` for one that is moved: whose time, from when."""

    version: int
    outcome: Outcome | None
    to: tuple[UUID, datetime] | None = None


def topic(organisation_id: UUID | str) -> str:
    """What a tab watches to learn of absences in a clinic."""
    return f"absences:{organisation_id}"


async def apply(
    session: AsyncSession, actor: Actor, *, key: UUID, task: Task, reason: str, decisions: Mapping[UUID, Decision]
) -> UUID:
    """Close the time of an absence and do with each visit what was decided, all or nothing; the absence's id, which is the key.

    Asked again with the same key (a second click, an answer that was lost), it has been done. `Unsettled` names what has to be decided anew.
    """
    require(actor, Permission.SCHEDULE_EDIT)
    here = clinic_of(actor)
    await require_worker(session, actor, task.practitioner_id)
    closing.demand_days(task.time)
    before, _ = await affected(session, actor, task)
    targets = {each.to[0] for each in decisions.values() if each.to}
    await turns(session, workers={task.practitioner_id} | targets, patients={patient.id for _, patient in before})
    await taking.turn(session, here)
    if await _is_done(session, actor, key, task):
        return key
    await _demand_once(session, actor, task)
    found, _ = await affected(session, actor, task)
    await _demand_decided(session, actor, task, found, decisions)
    going = [(visit, patient) for visit, patient in found if decisions[visit.id].outcome]
    made = await _write(session, actor, key, task, reason)
    await _settle_all(session, actor, made, going, decisions)
    outcomes = [decisions[visit.id].outcome for visit, _ in going]
    audit.record(
        session, actor, Action.ABSENCE_APPLY, key, practitioner=task.practitioner_id, closes=task.closes, **asdict(task.time),
        visits={outcome.value: outcomes.count(outcome) for outcome in Outcome},
    )  # fmt: skip
    outbox.add(session, TELL, {"absence_id": str(key)})
    live.publish(session, topic(here))
    return key


async def take_back(session: AsyncSession, actor: Actor, *, absence_id: UUID) -> list[str]:
    """Everything as it was, while nobody has been told; what could not go back, a sentence each."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await own(session, actor, absence_id)
    dealt = await queries.dealt(session, None, absence_id)
    if not all(_is_theirs(actor, each) for each in dealt):
        raise Conflict("В этой записи есть приёмы и другого отделения: вернуть их может администратор клиники.")
    workers = {row.practitioner_id, *(each.visit.practitioner_id for each in dealt)}
    await turns(session, workers=workers, patients={each.patient.id for each in dealt})
    await session.refresh(row, with_for_update=True)  # patients are told under the same lock
    if not is_returnable(row):
        raise Conflict(_why_not(row))
    if row.closed_id:
        await closing.open_days(session, actor, closed_id=row.closed_id)
    elsewhere = await _booked_since(session, dealt)
    back = [await _back(session, actor, each, elsewhere.get(each.patient.id, ())) for each in dealt]
    left = [sentence for sentence in back if sentence]
    row.taken_back_at = clock.now()
    audit.record(session, actor, Action.ABSENCE_TAKE_BACK, absence_id, practitioner=row.practitioner_id, left=len(left))
    live.publish(session, topic(row.organisation_id))
    return left


def is_returnable(row: Absence) -> bool:
    """Nobody has been told yet."""
    return not (row.taken_back_at or row.told_at or clock.now() >= row.tell_at)


def _why_not(row: Absence) -> str:
    if row.taken_back_at:
        return "Всё уже возвращено."
    why = "пациентам сообщили" if row.told_at else "десять минут прошли"
    return f"Вернуть уже нельзя: {why}."


async def called(
    session: AsyncSession, actor: Actor, *, absence_id: UUID, appointment_id: UUID, is_called: bool
) -> None:
    """Somebody has spoken with the patient; or has not, after all."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await own(session, actor, absence_id)
    is_theirs = await schedule.appointment(session, actor, appointment_id)
    visit = await session.get(AbsenceVisit, (absence_id, appointment_id))
    if not is_theirs or visit is None or visit.outcome is not Outcome.CALL:
        raise NotFound("Такого звонка нет.")
    visit.called_at = clock.now() if is_called else None
    audit.record(session, actor, Action.ABSENCE_CALL, appointment_id, called=is_called)
    live.publish(session, topic(row.organisation_id))


async def opened(
    session: AsyncSession, actor: Actor, *, absence_id: UUID, again: bool = False
) -> tuple[Absence, list[Dealt]]:
    """An absence with what was done with each visit in the actor's scope; the look at patients and phones is journalled."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await own(session, actor, absence_id)
    dealt = await queries.dealt(session, actor, absence_id)
    if not again:
        audit.record(
            session, actor, Action.ABSENCE_VIEW, absence_id, shown=sorted(str(each.patient.id) for each in dealt)
        )
    return row, dealt


async def own(session: AsyncSession, actor: Actor, absence_id: UUID) -> Absence:
    """Of a worker whose hours the actor may plan; otherwise there is none."""
    row = await queries.absence(session, actor, absence_id)
    if row is None:
        raise NotFound("Такой записи нет.")
    await require_worker(session, actor, row.practitioner_id)
    return row


def _is_theirs(actor: Actor, each: Dealt) -> bool:
    """Whether the visit is the actor's to move, from where it was and from where it is now."""
    places = (
        (each.done.from_practitioner_id, each.done.from_department_id),
        (each.visit.practitioner_id, each.visit.department_id),
    )
    wards = actor.departments_with(Permission.SCHEDULE_DEPARTMENT)
    return actor.may(Permission.SCHEDULE_ORGANISATION) or all(
        who == actor.person_id or ward in wards for who, ward in places
    )


async def _is_done(session: AsyncSession, actor: Actor, key: UUID, task: Task) -> bool:
    """Under the worker's turn; a key that belongs to others is none."""
    row = await session.get(Absence, key, populate_existing=True)
    if row and (row.organisation_id, row.practitioner_id) != (actor.organisation_id, task.practitioner_id):
        raise NotFound
    return row is not None


async def _demand_once(session: AsyncSession, actor: Actor, task: Task) -> None:
    if same := await already(session, actor, task):
        raise Conflict(f"Отсутствие {said_of(queries.time_of(same))} уже внесено: укажите остальные дни или часы.")


async def _demand_decided(
    session: AsyncSession, actor: Actor, task: Task, found: Booked, decisions: Mapping[UUID, Decision]
) -> None:
    """Everybody who is booked has been decided about, and whoever was decided about is still booked."""
    here = {visit.id for visit, _ in found}
    if fresh := [key for key in here if key not in decisions or (task.closes and not decisions[key].outcome)]:
        raise Unsettled(None, f"Пока вы решали, {_booked(len(fresh))}: решите и об этом.")
    gone = [key for key, each in decisions.items() if each.outcome and key not in here]
    if names := [
        f"{_short(patient)}, {_at(visit.starts_at)}" for visit, patient in await queries.named(session, actor, gone)
    ]:
        raise Unsettled(
            None, f"Пока вы решали, приёмы изменили: {'; '.join(names[:3])}. Остальное осталось, как вы выбрали."
        )
    if not task.closes and not any(each.outcome for each in decisions.values()):
        raise Invalid("Отметьте, кого перенести.")
    _demand_different(decisions)


async def _write(session: AsyncSession, actor: Actor, key: UUID, task: Task, reason: str) -> Absence:
    closed_id = None
    if task.closes:
        closed_id = await closing.close(
            session, actor, practitioner_id=task.practitioner_id, closed=task.time, reason=reason
        )
    made = Absence(
        id=key, organisation_id=clinic_of(actor), practitioner_id=task.practitioner_id, closes=task.closes, closed_id=closed_id,
        **asdict(task.time), reason=reason.strip()[:200], made_by_id=actor.person_id, made_at=clock.now(), tell_at=clock.now() + GRACE,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    return made


async def _settle_all(
    session: AsyncSession, actor: Actor, made: Absence, going: Booked, decisions: Mapping[UUID, Decision]
) -> None:
    elsewhere = await queries.elsewhere(session, [patient.id for _, patient in going], clock.now())
    table = await timetable(session, actor, [each.to for each in decisions.values() if each.to])
    kept = [
        await _settle(
            session, actor, made, pair, decisions[pair[0].id], knows_of=frozenset(elsewhere.get(pair[1].id, ())), table=table
        )
        for pair in going
    ]  # fmt: skip
    session.add_all(kept)
    await _demand_apart(session, going, decisions)


def _demand_different(decisions: Mapping[UUID, Decision]) -> None:
    """Nobody is sent to a time that another has been given in the same go."""
    given: set[tuple[UUID, datetime]] = set()
    for key, each in decisions.items():
        if each.to and each.to in given:
            raise Unsettled(key, f"{_at(each.to[1])} выбрано для двух пациентов: выберите другое время.")
        given |= {each.to} if each.to else set()


async def _demand_apart(session: AsyncSession, found: Booked, decisions: Mapping[UUID, Decision]) -> None:
    """Nobody is sent to two places at once, whatever was booked or chosen meanwhile; asked once everything is where it will be."""
    times = await queries.elsewhere(session, [patient.id for _, patient in found], clock.now())
    for visit, patient in found:
        of_patient = times.get(patient.id, {})
        own = of_patient.get(visit.id)
        is_moved = decisions[visit.id].outcome is Outcome.MOVED
        if is_moved and own and any(own.overlaps(other) for key, other in of_patient.items() if key != visit.id):
            raise Unsettled(
                visit.id, f"{_short(patient)}: {_at(own.starts_at)} у пациента другой приём. Выберите другое время."
            )


async def _settle(
    session: AsyncSession, actor: Actor, made: Absence, pair: tuple[Appointment, Patient], asked: Decision, **known: Any
) -> AbsenceVisit:
    """Do what was decided, and remember where the visit was."""
    visit, patient = pair
    kept = AbsenceVisit(
        absence_id=made.id, appointment_id=visit.id, outcome=asked.outcome or Outcome.CALL, from_practitioner_id=visit.practitioner_id,
        from_department_id=visit.department_id, from_starts_at=visit.starts_at, from_ends_at=visit.ends_at,
        from_confirmed_at=visit.confirmed_at, from_over_reason=visit.over_reason, version=asked.version,
    )  # fmt: skip
    seen: visits.Seen = {"appointment_id": visit.id, "version": asked.version}
    try:
        if asked.to and asked.outcome is Outcome.MOVED:
            await visits.move(session, actor, **seen, practitioner_id=asked.to[0], starts_at=asked.to[1], **known)
        elif asked.outcome is Outcome.CANCELLED:
            await visits.cancel(session, actor, **seen, reason=REASONS[made.closes])
        elif visit.version != asked.version or asked.outcome is Outcome.MOVED:
            raise visits.StaleVisit(schedule.visit_of(visit))
    except MedcabError as refused:
        raise Unsettled(visit.id, f"{_short(patient)}, {_at(kept.from_starts_at)}: {refused.message}") from refused
    kept.version = asked.version + (asked.outcome is not Outcome.CALL)
    return kept


async def _booked_since(session: AsyncSession, dealt: Sequence[Dealt]) -> dict[UUID, list[Span]]:
    """When these patients are to be seen but for the visits themselves, which all go back where they were."""
    own = {each.visit.id for each in dealt}
    found = await queries.elsewhere(session, {each.patient.id for each in dealt}, clock.now())
    return {who: [span for key, span in times.items() if key not in own] for who, times in found.items()}


async def _back(session: AsyncSession, actor: Actor, each: Dealt, elsewhere: Iterable[Span]) -> str:
    """Put one visit back where it was; why it stays where it is, empty: it went back, or never left."""
    done, seen = each.done, visits.Seen(appointment_id=each.visit.id, version=each.done.version)
    if done.outcome is Outcome.CALL:
        return ""
    if any(span.overlaps(Span(done.from_starts_at, done.from_ends_at)) for span in elsewhere):
        return f"{_short(each.patient)}, {_at(done.from_starts_at)}: в это время пациента уже записали в другое место."
    try:
        async with session.begin_nested():
            if done.outcome is Outcome.CANCELLED:
                await visits.mark(session, actor, **seen, act=Act.UNDO)
            else:
                await visits.put_back(session, actor, **seen, **_former(done))
    except MedcabError as refused:
        return f"{_short(each.patient)}, {_at(done.from_starts_at)}: {refused.message}"
    return ""


def _former(done: AbsenceVisit) -> dict[str, Any]:
    return {
        "practitioner_id": done.from_practitioner_id, "department_id": done.from_department_id, "starts_at": done.from_starts_at,
        "ends_at": done.from_ends_at, "confirmed_at": done.from_confirmed_at, "is_over": bool(done.from_over_reason),
        "over_reason": done.from_over_reason,
    }  # fmt: skip


def _booked(count: int) -> str:
    return (
        "записали ещё одного пациента"
        if count == 1
        else f"записали ещё {formats.plural(count, 'пациента', 'пациентов', 'пациентов')}"
    )


def _short(patient: Patient) -> str:
    return person_name.short(patient.family_name, patient.given_name, patient.patronymic)


def _at(at: datetime) -> str:
    return formats.moment(at, zone())
