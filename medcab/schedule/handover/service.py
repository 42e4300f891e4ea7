"""Visits that another doctor led than the plan said: handed over to whoever was really there, with their hours, in one transaction.

Nothing else of a visit changes: its time, its room, its marks, what was found and who wrote it. What was handed over by mistake is handed back
the same way.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.notices import service as notices
from medcab.errors import Conflict, Invalid, NotFound
from medcab.identifiers import person_name
from medcab.schedule import queries as schedule
from medcab.schedule.figures import queries as figures
from medcab.schedule.handover import queries, rules
from medcab.schedule.handover.models import HandedOver
from medcab.schedule.handover.queries import Led
from medcab.schedule.handover.rules import Other, Shift, Task, Worked
from medcab.schedule.hours.days import service as days
from medcab.schedule.hours.queries import Hours
from medcab.schedule.hours.service import clinic_of
from medcab.schedule.models import Appointment
from medcab.schedule.rules.figures import Figures, total
from medcab.schedule.service import BILLED, OVERLAP, SlotTaken, VisitBilled, topic, turns, zone
from medcab.ui import formats


class Unsettled(Conflict):
    """What was seen is not so any more, or does not go together: nothing was done. `visits`: which of them to look at."""

    def __init__(self, sentence: str, visits: Collection[UUID] = ()) -> None:
        super().__init__(sentence)
        self.visits = frozenset(visits)


@dataclass(frozen=True)
class Line:
    """A visit of the days, `problem`: why it cannot go; `doubt`: what makes one wonder; `came`: how it came to whose it is, when it was handed over."""

    visit: Appointment
    patient: str
    problem: str
    doubt: str
    came: HandedOver | None = None


@dataclass(frozen=True)
class Preview:
    """`lines` of the days that are the actor's; `is_more`: there are others, of other departments. `shift`: which hours go when the `chosen`
    do; `apart`: visits that cannot go (or stay) without others of the same time."""

    who: str
    to: str
    lines: list[Line]
    is_more: bool
    chosen: frozenset[UUID]
    shift: Shift
    apart: list[UUID]


@dataclass(frozen=True)
class Applied:
    """What was done."""

    visits: int
    hours: tuple[Worked, ...]


@dataclass(frozen=True)
class _Known:
    """Everything that is decided by."""

    names: dict[UUID, str]
    led: list[Led]
    lines: list[Line]
    hours: list[Worked]
    other: Other


async def colleagues(session: AsyncSession, actor: Actor) -> list[queries.Colleague]:
    """Who may have been written down, and who may really have been there: a colleague from next door as well, and who has left since."""
    require(actor, Permission.FIGURES_DEPARTMENT)
    return await queries.colleagues(session, clinic_of(actor), clock.today(zone()) - rules.OLDEST)


async def preview(
    session: AsyncSession, actor: Actor, *, task: Task, chosen: Collection[UUID] | None = None, is_look: bool = False
) -> Preview:
    """Every visit that the handing over concerns, and which hours go when the `chosen` do. None: those that came from the other doctor, so that
    they go back; where none did, all that can go. The look at patients is journalled."""
    known = await _known(session, actor, task)
    can = {each.visit.id for each in known.lines if not each.problem}
    going = can & set(_proposed(task, known) or can if chosen is None else chosen)
    shifted, apart = _shifted(task, known, going)
    is_more = any(not each.is_own and _is_of(task, each.visit) for each in known.led)
    if is_look and known.lines:
        shown = sorted({str(each.visit.patient_id) for each in known.lines})
        audit.record(session, actor, Action.HANDOVER_VIEW, task.who, shown=shown)
    return Preview(known.names[task.who], known.names[task.to], known.lines, is_more, frozenset(going), shifted, apart)


def _proposed(task: Task, known: _Known) -> set[UUID]:
    """What was handed over the other way round."""
    return {each.visit.id for each in known.lines if each.came and each.came.from_practitioner_id == task.to}


async def apply(session: AsyncSession, actor: Actor, *, task: Task, seen: Mapping[UUID, int], reason: str) -> Applied:
    """Hand over the visits in the versions that were seen, all or none; `Unsettled` says what has to be looked at anew."""
    require(actor, Permission.FIGURES_DEPARTMENT)
    why = rules.reason_of(reason)
    if not seen:
        raise Invalid("Отметьте приёмы, которые провёл другой врач.")
    rules.demand(task, clock.today(zone()))
    await turns(session, workers=(task.who, task.to))
    await queries.hold(session, actor, seen)
    known = await _known(session, actor, task)
    going = _demand(known, seen)
    shifted, apart = _shifted(task, known, seen)
    if apart:
        raise Unsettled(_apart(known, apart), apart)
    added = await _write(session, actor, task, going)
    await queries.remember(session, [
        HandedOver(
            appointment_id=key, from_practitioner_id=task.who, to_practitioner_id=task.to, reason=why, made_by_id=actor.person_id, made_at=clock.now()
        )
        for key in seen
    ])  # fmt: skip
    await figures.add(session, total(added))
    await _change_hours(session, task, known, shifted)
    audit.record(
        session, actor, Action.HANDOVER_APPLY, task.who, to=task.to, since=task.since, until=task.until, reason=why,
        visits=sorted(str(key) for key in seen), hours=len(shifted.given), doubts=sum(bool(each.doubt) for each in going),
    )  # fmt: skip
    _tell(session, task, {each.visit.department_id for each in going})
    await _inform(session, actor, task, known, going)
    return Applied(len(going), shifted.given)


async def _known(session: AsyncSession, actor: Actor, task: Task) -> _Known:
    require(actor, Permission.FIGURES_DEPARTMENT)
    rules.demand(task, clock.today(zone()))
    names = {each.id: each.name for each in await colleagues(session, actor)}
    if not {task.who, task.to} <= set(names):
        raise NotFound("Такого врача в клинике нет.")
    led = await queries.visits(session, actor, task)
    other = await queries.other(session, clinic_of(actor), names[task.to], task)
    hours = await queries.hours(session, task.who, task)
    own = [each for each in led if each.is_own and _is_of(task, each.visit)]
    billed = await queries.billed(session, [each.visit.id for each in own])
    moved = await queries.handed_over(session, [each.visit.id for each in own])
    came = {key: how for key, how in moved.items() if how.to_practitioner_id == task.who}  # not by another way since
    lines = [
        replace(_line(each, hours, other, is_billed=each.visit.id in billed), came=came.get(each.visit.id))
        for each in own
    ]
    return _Known(names, led, lines, hours, other)


def _is_of(task: Task, row: Appointment) -> bool:
    span, visit = queries.span_of(task), schedule.visit_of(row)
    return span.starts_at <= visit.starts_at < span.ends_at and rules.is_led(visit, clock.now())


def _line(each: Led, hours: Sequence[Worked], other: Other, *, is_billed: bool) -> Line:
    visit, patient = schedule.visit_of(each.visit), each.patient
    specialty = next((one.specialty for one in hours if one.has(visit)), "")
    problem = rules.why_not(visit, other, zone(), is_billed=is_billed)
    doubt = "" if problem else rules.doubt(visit, specialty, other, zone())
    return Line(
        each.visit, person_name.short(patient.family_name, patient.given_name, patient.patronymic), problem, doubt
    )


def _shifted(task: Task, known: _Known, chosen: Collection[UUID]) -> tuple[Shift, list[UUID]]:
    """Which hours go with these visits, and which visits would be left without any."""
    visits = {each.visit.id: schedule.visit_of(each.visit) for each in known.led}
    going = {key: visit for key, visit in visits.items() if key in chosen}
    staying = {key: visit for key, visit in visits.items() if key not in chosen}
    shifted = rules.shift(known.hours, list(going.values()), list(staying.values()), known.other, task.to, clock.now())
    return shifted, rules.stranded(known.hours, going, staying, known.other, shifted)


def _demand(known: _Known, seen: Mapping[UUID, int]) -> list[Line]:
    """What was chosen, as long as it is there, unchanged, and can go."""
    lines = {each.visit.id: each for each in known.lines}
    if gone := [key for key in seen if key not in lines]:
        raise Unsettled(f"Пока вы смотрели, {_gone(len(gone))}. Список обновлён: проверьте и повторите.", gone)
    if stale := [key for key, version in seen.items() if lines[key].visit.version != version]:
        said = "; ".join(_said(lines[key]) for key in stale[:3])
        raise Unsettled(f"Пока вы смотрели, приёмы изменили: {said}. Проверьте и повторите.", stale)
    if stopped := [lines[key] for key in seen if lines[key].problem]:
        said = " ".join(f"{_said(each)}. {each.problem}" for each in stopped[:3])
        raise Unsettled(f"Передать нельзя: {said}", [each.visit.id for each in stopped])
    return [lines[key] for key in seen]


def _gone(count: int) -> str:
    return f"{formats.plural(count, 'приём', 'приёма', 'приёмов')} уже передали, перенесли или отменили"


def _said(each: Line) -> str:
    return f"{formats.moment(each.visit.starts_at, zone())}, {each.patient}"


def _apart(known: _Known, apart: Collection[UUID]) -> str:
    visits = [schedule.visit_of(each.visit) for each in known.led if each.visit.id in apart]
    if any(rules.has_two_hours(known.hours, visit) for visit in visits):
        return "Часы приёма этого врача в двух местах пересекаются. Сначала исправьте их в «Часах приёма», потом передайте приёмы."
    said = [_said(each) for each in known.lines if each.visit.id in apart]
    return (
        f"В одно время со сверхплановым стоит плановый приём ({'; '.join(said[:3]) or 'в другом отделении'}): один из них останется без часов"
        " приёма, и в реестре у него не будет цены. Передайте оба или оставьте оба."
    )


async def _write(session: AsyncSession, actor: Actor, task: Task, going: Sequence[Line]) -> list[Figures]:
    """Each visit as it is, but for whose it was; what it adds to the figures is asked when it is written."""
    added: list[Figures] = []
    try:
        for each in going:
            before = schedule.visit_of(each.visit)
            after = replace(before, practitioner_id=task.to)
            version = each.visit.version
            if not await schedule.write(
                session, each.visit.id, version=version, after=after, changed_by_id=actor.person_id
            ):
                raise Unsettled(
                    f"Пока вы смотрели, приём изменили: {_said(each)}. Проверьте и повторите.", [each.visit.id]
                )
            added.append(await figures.changed(session, each.visit.id, before, after, zone()))
    except IntegrityError as problem:
        if BILLED in str(problem.orig):
            raise VisitBilled from None
        if OVERLAP in str(problem.orig):
            raise SlotTaken([], "У врача, который принял, в это время появился свой приём. Проверьте список.") from None
        raise
    return added


async def _change_hours(session: AsyncSession, task: Task, known: _Known, shifted: Shift) -> None:
    """The hours as they really were: what went and what stayed, each joined with what it goes on from."""
    mine = [each for each in known.hours if each not in shifted.before]
    theirs = [each for each in known.other.hours if each.id is not None]
    kept, also = rules.joined(shifted.kept, mine)
    given, taken = rules.joined(shifted.given, theirs)
    gone = {each.id: _hours(each) for each in (*shifted.before, *also, *taken) if each.id is not None}
    await days.clear(session, gone)
    await days.write(session, [_hours(each) for each in (*kept, *given)])


def _hours(each: Worked) -> Hours:
    return Hours(
        each.organisation_id, each.department_id, each.practitioner_id, each.span.starts_at, each.span.ends_at, each.slot_minutes, each.room,
        each.specialty,
    )  # fmt: skip


def _tell(session: AsyncSession, task: Task, departments: set[UUID]) -> None:
    for who in (task.who, task.to):
        live.publish(session, topic(who))
    for department_id in departments:
        live.publish(session, f"figures:{department_id}")


async def _inform(session: AsyncSession, actor: Actor, task: Task, known: _Known, going: Sequence[Line]) -> None:
    """Both doctors read of it: the figures and the pay of both change. Nobody is written to about what they did themselves."""
    count, when = formats.plural(len(going), "приём", "приёма", "приёмов"), formats.period(task.since, task.until)
    from_, to = known.names[task.who], known.names[task.to]
    for person in await queries.people(session, (task.who, task.to)):
        if person.id != actor.person_id:
            what = (
                f"{actor.name} указывает, что приёмы другого врача провели вы"
                if person.id == task.to
                else f"{actor.name} указывает, что ваши приёмы провёл другой врач"
            )
            text = f"{what}. {when}: {count}, было: {from_}, стало: {to}. Если это не так, скажите руководителю отделения: приёмы можно передать обратно."
            notices.informed(session, person, "приёмы записаны на другого врача", text)
