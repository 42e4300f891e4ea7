"""A worker is away: every visit that it touches is moved, called off or left to a call, in one transaction; for ten minutes all of it can be taken back.

Nothing is done by halves: a time that was taken meanwhile, a visit that was changed or booked since, and the whole stays undone until it is
decided anew. Patients hear of it when the ten minutes are over (`telling`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live, outbox
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.queries import right_of
from medcab.errors import Conflict, MedcabError, NotFound
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule import queries as schedule
from medcab.schedule import service as visits
from medcab.schedule.absences import queries
from medcab.schedule.absences.models import Absence, AbsenceVisit, Outcome
from medcab.schedule.absences.queries import Dealt
from medcab.schedule.calendar import service as calendar
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.hours.service import clinic_of, require_worker
from medcab.schedule.models import Appointment
from medcab.schedule.resources.taking import service as taking
from medcab.schedule.rules.proposals import Need, Policy, propose
from medcab.schedule.rules.slots import Span, bounds
from medcab.schedule.rules.templates import Closed
from medcab.schedule.rules.visits import Act
from medcab.schedule.rules.waiting import Free
from medcab.schedule.service import turns, zone
from medcab.schedule.vacant.queries import vacant
from medcab.schedule.waiting import queries as subjects
from medcab.ui import formats

TELL = "absence.tell"
GRACE = timedelta(minutes=10)
_NOTICE = timedelta(hours=1)
"""A patient who is moved must be able to come."""
_AHEAD = timedelta(days=21)
_MOST_SUBSTITUTES = 12
REASON = "Врач отсутствует"


class Unsettled(Conflict):
    """One of the visits cannot be dealt with as decided: nothing was done. `appointment_id` is None when there are new visits."""

    def __init__(self, appointment_id: UUID | None, sentence: str) -> None:
        super().__init__(sentence)
        self.appointment_id = appointment_id


@dataclass(frozen=True)
class Line:
    """A visit that cannot stay, and where it could go, the best first."""

    visit: Appointment
    patient: Patient
    offers: list[Free]


@dataclass(frozen=True)
class Plan:
    """What an absence touches; `names` of everybody whose time is proposed."""

    lines: list[Line]
    names: dict[UUID, str]


@dataclass(frozen=True)
class Decision:
    """What is to become of a visit in the version that was seen; `to` for one that is moved: whose time, from when."""

    version: int
    outcome: Outcome
    to: tuple[UUID, datetime] | None = None


def topic(organisation_id: UUID | str) -> str:
    """What a tab watches to learn of absences in a clinic."""
    return f"absences:{organisation_id}"


async def plan(session: AsyncSession, actor: Actor, *, practitioner_id: UUID, closed: Closed, policy: Policy) -> Plan:
    """Every booked visit of these days from now on, each with times that nobody else is proposed; nothing is changed."""
    require(actor, Permission.SCHEDULE_EDIT)
    await require_worker(session, actor, practitioner_id)
    closing.demand_days(closed)
    found = await _affected(session, actor, practitioner_id, closed)
    people = {UUID(key): name for key, name in (await calendar.people(session, actor)).items()}
    needs = await _needs(session, practitioner_id, found, closed)
    offered = await _offered(session, actor, practitioner_id, found, needs, closed, set(people))
    proposed = propose(needs, offered, practitioner_id, policy, zone())
    return Plan([Line(visit, patient, proposed[visit.id]) for visit, patient in found], people)


async def apply(
    session: AsyncSession, actor: Actor, *, practitioner_id: UUID, closed: Closed, reason: str, decisions: Mapping[UUID, Decision]
) -> UUID:  # fmt: skip
    """Close the days and do with each visit what was decided, all or nothing; the absence's id. `Unsettled` names what has to be decided anew."""
    require(actor, Permission.SCHEDULE_EDIT)
    here = clinic_of(actor)
    await require_worker(session, actor, practitioner_id)
    closing.demand_days(closed)
    before = await _affected(session, actor, practitioner_id, closed)
    substitutes = {each.to[0] for each in decisions.values() if each.to}
    await turns(session, workers={practitioner_id} | substitutes, patients={patient.id for _, patient in before})
    await taking.turn(session, here)
    await _demand_once(session, here, practitioner_id, closed)
    found = await _affected(session, actor, practitioner_id, closed)
    if fresh := [visit for visit, _ in found if visit.id not in decisions]:
        raise Unsettled(None, f"Пока вы решали, {_booked(len(fresh))}: решите, что с ними делать.")
    _demand_different(decisions)
    closed_id = await closing.close(session, actor, practitioner_id=practitioner_id, closed=closed, reason=reason)
    made = Absence(
        id=uuid4(), organisation_id=here, practitioner_id=practitioner_id, closed_id=closed_id, since=closed.since, until=closed.until,
        reason=reason.strip()[:200], made_by_id=actor.person_id, made_at=clock.now(), tell_at=clock.now() + GRACE,
    )  # fmt: skip
    session.add(made)
    elsewhere = await queries.elsewhere(session, [patient.id for _, patient in found], clock.now())
    for visit, patient in found:
        known = frozenset(elsewhere.get(patient.id, {}))
        session.add(await _settle(session, actor, made.id, visit, patient, decisions[visit.id], known))
    await _demand_apart(session, found, decisions)
    _journal(session, actor, made, [decisions[visit.id].outcome for visit, _ in found])
    outbox.add(session, TELL, {"absence_id": str(made.id)})
    live.publish(session, topic(here))
    return made.id


async def take_back(session: AsyncSession, actor: Actor, *, absence_id: UUID) -> list[str]:
    """Everything as it was, while nobody has been told; what could not go back, a sentence each."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await _own(session, actor, absence_id)
    dealt = await queries.dealt(session, None, absence_id)
    workers = {row.practitioner_id, *(each.visit.practitioner_id for each in dealt)}
    await turns(session, workers=workers, patients={each.patient.id for each in dealt})
    await session.refresh(row, with_for_update=True)  # patients are told under the same lock
    if row.taken_back_at or row.told_at or clock.now() >= row.tell_at:
        raise Conflict("Вернуть уже нельзя: пациентам сообщили, или отсутствие уже отменено.")
    if row.closed_id:
        closed_id, row.closed_id = row.closed_id, None
        await session.flush()
        await closing.open_days(session, actor, closed_id=closed_id)
    left = [sentence for each in dealt if (sentence := await _back(session, actor, each))]
    row.taken_back_at = clock.now()
    audit.record(session, actor, Action.ABSENCE_TAKE_BACK, absence_id, practitioner=row.practitioner_id, left=len(left))
    live.publish(session, topic(row.organisation_id))
    return left


async def called(
    session: AsyncSession, actor: Actor, *, absence_id: UUID, appointment_id: UUID, is_called: bool
) -> None:
    """Somebody has spoken with the patient; or has not, after all."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await _own(session, actor, absence_id)
    visit = await session.get(AbsenceVisit, (absence_id, appointment_id))
    if visit is None or visit.outcome is not Outcome.CALL:
        raise NotFound("Такого звонка нет.")
    visit.called_at = clock.now() if is_called else None
    audit.record(session, actor, Action.ABSENCE_CALL, appointment_id, called=is_called)
    live.publish(session, topic(row.organisation_id))


async def opened(
    session: AsyncSession, actor: Actor, *, absence_id: UUID, again: bool = False
) -> tuple[Absence, list[Dealt]]:
    """An absence with what was done with each visit in the actor's scope; the look at patients and phones is journalled."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await _own(session, actor, absence_id)
    dealt = await queries.dealt(session, actor, absence_id)
    if not again:
        audit.record(
            session, actor, Action.ABSENCE_VIEW, absence_id, shown=sorted(str(each.patient.id) for each in dealt)
        )
    return row, dealt


async def _own(session: AsyncSession, actor: Actor, absence_id: UUID) -> Absence:
    row = await queries.absence(session, actor, absence_id)
    if row is None:
        raise NotFound("Такого отсутствия нет.")
    await require_worker(session, actor, row.practitioner_id)
    return row


async def _affected(
    session: AsyncSession, actor: Actor, practitioner_id: UUID, closed: Closed
) -> list[tuple[Appointment, Patient]]:
    """All of them are the actor's to move; somebody whose wards end earlier leaves it to those of the clinic."""
    span = bounds(closed.since, (closed.until - closed.since).days + 1, zone())
    span = Span(max(span.starts_at, clock.now()), span.ends_at)
    found = await queries.booked(session, clinic_of(actor), practitioner_id, span)
    is_own = practitioner_id == actor.person_id or actor.may(Permission.SCHEDULE_ORGANISATION)
    if not is_own and any(visit.department_id not in actor.department_ids for visit, _ in found):
        raise Conflict("У врача в эти дни есть приёмы и в другом отделении: отсутствие внесёт администратор клиники.")
    return found


async def _needs(
    session: AsyncSession, practitioner_id: UUID, found: list[tuple[Appointment, Patient]], closed: Closed
) -> list[Need]:
    """What each visit is of, by the hours it stands in; outside of all of them, what the worker practises."""
    if not found:
        return []
    span = bounds(closed.since, (closed.until - closed.since).days + 1, zone())
    hours = await schedule.hours_at(session, practitioner_id, found[0][0].organisation_id, span)
    practised = (await right_of(session, practitioner_id)).open_on(closed.since)
    usual = hours[0].specialty if hours else next(iter(practised), "")
    elsewhere = await queries.elsewhere(session, {patient.id for _, patient in found}, clock.now())
    needs = []
    for visit, patient in found:
        taken = Span(visit.starts_at, visit.ends_at)
        subject = next((each.specialty for each in hours if each.span.overlaps(taken)), usual)
        busy = tuple(time for key, time in elsewhere.get(patient.id, {}).items() if key != visit.id)
        needs.append(Need(visit.id, taken, subject, busy, patient.id))
    return needs


async def _offered(
    session: AsyncSession, actor: Actor, practitioner_id: UUID, found: list[tuple[Appointment, Patient]], needs: list[Need], closed: Closed,
    people: set[UUID],
) -> list[Free]:  # fmt: skip
    """Free time of those in scope who see the same, and the worker's own after the absence."""
    here, now, today = clinic_of(actor), clock.now(), clock.today(zone())
    asked = sorted({(visit.department_id, need.specialty) for (visit, _), need in zip(found, needs, strict=True)})
    others = [key for ward, subject in asked for key in await subjects.workers(session, ward, subject, now, today)]
    chosen = [key for key in dict.fromkeys(others) if key != practitioner_id and key in people][:_MOST_SUBSTITUTES]
    first = max(now + _NOTICE, bounds(closed.since, 1, zone()).starts_at)
    last = bounds(closed.until, 1, zone()).ends_at
    times = await vacant(session, here, chosen, Span(first, last + _AHEAD), now, zone())
    return times + await vacant(session, here, [practitioner_id], Span(last, last + _AHEAD), now, zone())


async def _demand_once(session: AsyncSession, organisation_id: UUID, practitioner_id: UUID, closed: Closed) -> None:
    if same := await queries.overlapping(session, organisation_id, practitioner_id, closed.since, closed.until):
        raise Conflict(
            f"Отсутствие с {formats.day(same.since)} по {formats.day(same.until)} уже внесено: откройте его ниже."
        )


def _demand_different(decisions: Mapping[UUID, Decision]) -> None:
    """Nobody is sent to a time that another has been given in the same go."""
    given: set[tuple[UUID, datetime]] = set()
    for key, each in decisions.items():
        if each.to and each.to in given:
            raise Unsettled(
                key, f"{formats.moment(each.to[1], zone())} выбрано для двух пациентов: выберите другое время."
            )
        given |= {each.to} if each.to else set()


async def _demand_apart(
    session: AsyncSession, found: list[tuple[Appointment, Patient]], decisions: Mapping[UUID, Decision]
) -> None:
    """Nobody is sent to two places at once, whatever was booked or chosen meanwhile; asked once everything is where it will be."""
    times = await queries.elsewhere(session, [patient.id for _, patient in found], clock.now())
    for visit, patient in found:
        of_patient = times.get(patient.id, {})
        own = of_patient.get(visit.id)
        is_moved = decisions[visit.id].outcome is Outcome.MOVED
        if is_moved and own and any(own.overlaps(other) for key, other in of_patient.items() if key != visit.id):
            at = formats.moment(own.starts_at, zone())
            raise Unsettled(visit.id, f"{_short(patient)}: {at} у пациента другой приём. Выберите другое время.")


async def _settle(
    session: AsyncSession, actor: Actor, absence_id: UUID, visit: Appointment, patient: Patient, asked: Decision, known: frozenset[UUID]
) -> AbsenceVisit:  # fmt: skip
    """Do what was decided, and remember where the visit was."""
    kept = AbsenceVisit(
        absence_id=absence_id, appointment_id=visit.id, outcome=asked.outcome, from_practitioner_id=visit.practitioner_id,
        from_department_id=visit.department_id, from_starts_at=visit.starts_at, from_ends_at=visit.ends_at, version=asked.version,
    )  # fmt: skip
    seen: visits.Seen = {"appointment_id": visit.id, "version": asked.version}
    try:
        if asked.to and asked.outcome is Outcome.MOVED:
            await visits.move(
                session, actor, **seen, practitioner_id=asked.to[0], starts_at=asked.to[1], knows_of=known
            )
        elif asked.outcome is Outcome.CANCELLED:
            await visits.cancel(session, actor, **seen, reason=REASON)
        elif visit.version != asked.version or asked.outcome is Outcome.MOVED:
            raise visits.StaleVisit(schedule.visit_of(visit))
    except MedcabError as refused:
        raise Unsettled(
            visit.id, f"{_short(patient)}, {formats.moment(kept.from_starts_at, zone())}: {refused.message}"
        ) from refused
    kept.version = asked.version + (asked.outcome is not Outcome.CALL)
    return kept


async def _back(session: AsyncSession, actor: Actor, each: Dealt) -> str:
    """Put one visit back where it was; why it stays where it is, empty: it went back, or never left."""
    done, seen = each.done, visits.Seen(appointment_id=each.visit.id, version=each.done.version)
    if done.outcome is Outcome.CALL:
        return ""
    known = frozenset((await queries.elsewhere(session, [each.patient.id], clock.now())).get(each.patient.id, {}))
    try:
        async with session.begin_nested():
            if done.outcome is Outcome.CANCELLED:
                await visits.mark(session, actor, **seen, act=Act.UNDO)
            else:
                await visits.move(
                    session,
                    actor,
                    **seen,
                    practitioner_id=done.from_practitioner_id,
                    starts_at=done.from_starts_at,
                    knows_of=known,
                )
    except MedcabError as refused:
        return f"{_short(each.patient)}, {formats.moment(done.from_starts_at, zone())}: {refused.message}"
    return ""


def _journal(session: AsyncSession, actor: Actor, made: Absence, outcomes: list[Outcome]) -> None:
    """One entry for all of it, beside what each visit says of itself."""
    audit.record(
        session, actor, Action.ABSENCE_APPLY, made.id, practitioner=made.practitioner_id, since=made.since, until=made.until,
        visits={outcome.value: outcomes.count(outcome) for outcome in Outcome},
    )  # fmt: skip


def _booked(count: int) -> str:
    return (
        "записали ещё одного пациента"
        if count == 1
        else f"записали ещё {formats.plural(count, 'пациента', 'пациентов', 'пациентов')}"
    )


def _short(patient: Patient) -> str:
    return person_name.short(patient.family_name, patient.given_name, patient.patronymic)
