"""Visits that another doctor led than the plan said: handed over to whoever was really there, with their hours, in one transaction.

Nothing else of a visit changes: its time, its room, its marks, what was found and who wrote it. Two doctors who led each other's lists change
places in one go. What was handed over by mistake is handed back the same way.
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
from medcab.patients.models import Patient
from medcab.schedule import queries as schedule
from medcab.schedule.figures import queries as figures
from medcab.schedule.handover import queries, rules
from medcab.schedule.handover.models import HandedOver
from medcab.schedule.handover.queries import Led
from medcab.schedule.handover.rules import Half, Other, Shift, Task, Worked
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
    """A visit of the days, `to` whom it would go; `problem`: why it cannot; `doubt`: what makes one wonder; `came`: how it came to whose it is, when
    it was handed over."""

    visit: Appointment
    patient: str
    to: UUID
    problem: str = ""
    doubt: str = ""
    came: HandedOver | None = None


@dataclass(frozen=True)
class Preview:
    """`lines` of the days that are the actor's; `is_more`: there are others, of other departments. `given`: which hours go when the `chosen`
    do; `apart`: visits that cannot go (or stay) without others of the same time."""

    names: dict[UUID, str]
    lines: list[Line]
    is_more: bool
    chosen: frozenset[UUID]
    given: list[Worked]
    apart: list[UUID]


@dataclass(frozen=True)
class Applied:
    """What was done."""

    visits: int
    hours: tuple[Worked, ...]


@dataclass(frozen=True)
class _Side:
    """Everything that is decided by, of one way."""

    task: Task
    led: list[Led]
    lines: list[Line]
    hours: list[Worked]
    other: Other
    billed: set[UUID]


@dataclass(frozen=True)
class _Known:
    """Of a swap, both ways."""

    names: dict[UUID, str]
    sides: list[_Side]

    @property
    def lines(self) -> list[Line]:
        return [each for side in self.sides for each in side.lines]


async def colleagues(session: AsyncSession, actor: Actor) -> list[queries.Colleague]:
    """Who may have been written down (whoever `is_here`), and who may really have been there: a colleague from next door as well, and who has left
    since."""
    clinic_of(actor)
    require(actor, Permission.HANDOVER_DEPARTMENT)
    return await queries.colleagues(session, actor, clock.today(zone()) - rules.OLDEST)


async def preview(
    session: AsyncSession, actor: Actor, *, task: Task, chosen: Collection[UUID] | None = None, is_look: bool = False, is_anew: bool = False
) -> Preview:  # fmt: skip
    """Every visit that the handing over concerns, and which hours go when the `chosen` do. None: those that came from the other doctor, so that
    they go back; where none did (or `is_anew`), those that took place. The look at patients is journalled."""
    known = await _known(session, actor, task)
    can = {each.visit.id for each in known.lines if not each.problem}
    going = can & (_proposed(known, is_anew=is_anew) if chosen is None else set(chosen))
    shifts, apart = _shifted(known, going)
    is_more = any(not each.is_own and _is_of(task, each.visit) for side in known.sides for each in side.led)
    if is_look and known.lines:
        shown = sorted({str(each.visit.patient_id) for each in known.lines})
        audit.record(session, actor, Action.HANDOVER_VIEW, task.who, to=task.to if task.is_swap else None, shown=shown)
    given = [each for shifted in shifts for each in shifted.given]
    return Preview(known.names, known.lines, is_more, frozenset(going), given, apart)


def _proposed(known: _Known, *, is_anew: bool) -> set[UUID]:
    """What was handed over the other way round; otherwise what took place, with what goes only together with it."""
    came = {each.visit.id for each in known.lines if each.came and each.came.from_practitioner_id == each.to}
    if came and not is_anew:
        return came
    can = {each.visit.id: schedule.visit_of(each.visit) for each in known.lines if not each.problem}
    found = {key for key, visit in can.items() if rules.took_place(visit)}
    while apart := _shifted(known, found)[1]:
        beside = [can[key].span for key in apart if key in can]
        more = {key for key, visit in can.items() if rules.counts(visit) and any(map(visit.span.overlaps, beside))}
        if more <= found:
            break
        found |= more
    return found


async def apply(session: AsyncSession, actor: Actor, *, task: Task, seen: Mapping[UUID, int], reason: str) -> Applied:
    """Hand over the visits in the versions that were seen, all or none; `Unsettled` says what has to be looked at anew."""
    require(actor, Permission.HANDOVER_DEPARTMENT)
    why = rules.reason_of(reason)
    if not seen:
        raise Invalid("Отметьте приёмы, которые провёл другой врач.")
    rules.demand(task, clock.today(zone()))
    await turns(session, workers=(task.who, task.to))
    await queries.hold(session, actor, seen)
    known = await _known(session, actor, task)
    going = _demand(known, seen)
    shifts, apart = _shifted(known, seen)
    if apart:
        raise Unsettled(_apart(known, apart), apart)
    added = await _write(session, actor, going)
    await queries.remember(session, [
        HandedOver(
            appointment_id=each.visit.id, from_practitioner_id=each.visit.practitioner_id, to_practitioner_id=each.to, reason=why,
            made_by_id=actor.person_id, made_at=clock.now(),
        )
        for each in going
    ])  # fmt: skip
    await figures.add(session, total(added))
    await _change_hours(session, known, shifts)
    given = tuple(each for shifted in shifts for each in shifted.given)
    _record(session, actor, task, why, going, len(given))
    _tell(session, task, {each.visit.department_id for each in going})
    await _inform(session, actor, task, known, going)
    return Applied(len(going), given)


def _record(session: AsyncSession, actor: Actor, task: Task, why: str, going: Sequence[Line], hours: int) -> None:
    """One entry, with every visit: of a swap, those that went the other way apart."""
    there, back = ([str(each.visit.id) for each in going if each.to == to] for to in (task.to, task.who))
    audit.record(
        session, actor, Action.HANDOVER_APPLY, task.who, to=task.to, since=task.since, until=task.until, reason=why,
        visits=sorted(there), back=sorted(back) or None, hours=hours, doubts=sum(bool(each.doubt) for each in going),
    )  # fmt: skip


async def _known(session: AsyncSession, actor: Actor, task: Task) -> _Known:
    require(actor, Permission.HANDOVER_DEPARTMENT)
    rules.demand(task, clock.today(zone()))
    names = {each.id: each.name for each in await colleagues(session, actor)}
    if not {task.who, task.to} <= set(names):
        raise NotFound("Такого врача в клинике нет.")
    sides = [await _side(session, actor, way, names[way.to]) for way in task.ways]
    return _Known(names, _crossed(*sides) if task.is_swap else [_judged(side, side.other) for side in sides])


async def _side(session: AsyncSession, actor: Actor, task: Task, name: str) -> _Side:
    led = await queries.visits(session, actor, task)
    other = await queries.other(session, clinic_of(actor), name, task)
    hours = await queries.hours(session, task.who, task)
    own = [each for each in led if each.is_own and _is_of(task, each.visit)]
    moved = await queries.handed_over(session, [each.visit.id for each in own])
    came = {key: how for key, how in moved.items() if how.to_practitioner_id == task.who}  # not by another way since
    lines = [Line(each.visit, _short(each.patient), task.to, came=came.get(each.visit.id)) for each in own]
    return _Side(task, led, lines, hours, other, await queries.billed(session, [each.visit.id for each in own]))


def _judged(side: _Side, other: Other) -> _Side:
    """With what stands against each visit, where the other is as given."""
    return replace(side, lines=[_line(each, side, other) for each in side.lines])


def _line(each: Line, side: _Side, other: Other) -> Line:
    visit = schedule.visit_of(each.visit)
    specialty = next((one.specialty for one in side.hours if one.has(visit)), "")
    problem = rules.why_not(visit, other, zone(), is_billed=each.visit.id in side.billed)
    return replace(each, problem=problem, doubt="" if problem else rules.doubt(visit, specialty, other, zone()))


def _crossed(one: _Side, two: _Side) -> list[_Side]:
    """Of a swap: what can go from the other side is in nobody's way. What cannot is, and whatever stays for that may be in another's way."""
    stuck: set[UUID] = set()
    while True:
        sides = [_judged(side, _but_for(side.other, across, stuck)) for side, across in ((one, two), (two, one))]
        now = {each.visit.id for side in sides for each in side.lines if each.problem}
        if now == stuck:
            return sides
        stuck = now


def _but_for(other: Other, across: _Side, stuck: Collection[UUID]) -> Other:
    going = [schedule.visit_of(each.visit) for each in across.lines if each.visit.id not in stuck]
    return other.but_for(going, [each for each in across.hours if any(each.has(visit) for visit in going)])


def _is_of(task: Task, row: Appointment) -> bool:
    span, visit = queries.span_of(task), schedule.visit_of(row)
    return span.starts_at <= visit.starts_at < span.ends_at and rules.is_led(visit, clock.now())


def _shifted(known: _Known, chosen: Collection[UUID]) -> tuple[list[Shift], list[UUID]]:
    """Which hours go with these visits, a shift a way; and which visits would be left without any, or lie over what stays."""
    halves = [_half(side, chosen) for side in known.sides]
    if len(halves) == 1:
        [half] = halves
        shifted = half.shifted(clock.now())
        return [shifted], half.stranded(shifted)
    one, two = halves
    pairs = rules.exchanged((one, two), clock.now())
    apart = [key for half, shifted in pairs for key in half.stranded(shifted)]
    for (half, _), across in zip(pairs, (two, one), strict=True):
        apart += rules.clashing(half, across.staying.values())
    return [shifted for _, shifted in pairs], list(dict.fromkeys(apart))


def _half(side: _Side, chosen: Collection[UUID]) -> Half:
    visits = {each.visit.id: schedule.visit_of(each.visit) for each in side.led}
    going = {key: visit for key, visit in visits.items() if key in chosen}
    staying = {key: visit for key, visit in visits.items() if key not in chosen}
    return Half(side.hours, going, staying, side.other, side.task.to)


def _demand(known: _Known, seen: Mapping[UUID, int]) -> list[Line]:
    """What was chosen, as long as it is there, unchanged, and can go."""
    lines = {each.visit.id: each for each in known.lines}
    if gone := [key for key in seen if key not in lines]:
        raise Unsettled(
            f"Пока вы смотрели, {_count(len(gone))} уже передали, перенесли или отменили. Список обновлён: проверьте и повторите.",
            gone,
        )
    if stale := [key for key, version in seen.items() if lines[key].visit.version != version]:
        said = "; ".join(_said(lines[key]) for key in stale[:3])
        raise Unsettled(f"Пока вы смотрели, приёмы изменили: {said}. Проверьте и повторите.", stale)
    if stopped := [lines[key] for key in seen if lines[key].problem]:
        said = " ".join(f"{_said(each)}. {each.problem}" for each in stopped[:3])
        raise Unsettled(f"Передать нельзя: {said}", [each.visit.id for each in stopped])
    return [lines[key] for key in seen]


def _short(patient: Patient) -> str:
    return person_name.short(patient.family_name, patient.given_name, patient.patronymic)


def _said(each: Line) -> str:
    return f"{formats.moment(each.visit.starts_at, zone())}, {each.patient}"


def _apart(known: _Known, apart: Collection[UUID]) -> str:
    found = [
        (side, schedule.visit_of(each.visit)) for side in known.sides for each in side.led if each.visit.id in apart
    ]
    if any(rules.has_two_hours(side.hours, visit) for side, visit in found):
        return "Часы приёма этого врача в двух местах пересекаются. Сначала исправьте их в «Часах приёма», потом передайте приёмы."
    said = "; ".join([_said(each) for each in known.lines if each.visit.id in apart][:3])
    if len(known.sides) > 1:
        return (
            f"Обмен не сходится ({said or 'приём другого отделения'}): в это время остаётся другой приём или другие часы приёма. Отметьте и те"
            " приёмы, что стоят в одно время, или оставьте их все."
        )
    return (
        f"В одно время со сверхплановым стоит плановый приём ({said or 'в другом отделении'}): один из них останется без часов"
        " приёма, и в реестре у него не будет цены. Передайте оба или оставьте оба."
    )


async def _write(session: AsyncSession, actor: Actor, going: Sequence[Line]) -> list[Figures]:
    """Each visit as it is, but for whose it was; what it adds to the figures is asked when it is written."""
    added: list[Figures] = []
    if len({each.to for each in going}) > 1:
        await queries.lift(session, [each.visit.id for each in going])
    try:
        for each in going:
            before = schedule.visit_of(each.visit)
            after = replace(before, practitioner_id=each.to)
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


async def _change_hours(session: AsyncSession, known: _Known, shifts: Sequence[Shift]) -> None:
    """The hours as they really were: what came and what stayed, joined with what it goes on from, of either doctor."""
    gone: dict[UUID, Hours] = {}
    made: list[Hours] = []
    first = known.sides[0]
    theirs = known.sides[-1].hours if len(known.sides) > 1 else [each for each in first.other.hours if each.id]
    before = [each for shifted in shifts for each in shifted.before]
    for who, own in ((first.task.who, first.hours), (first.task.to, theirs)):
        fresh = [each for shifted in shifts for each in (*shifted.kept, *shifted.given) if each.practitioner_id == who]
        whole, taken = rules.joined(fresh, [each for each in own if each not in before])
        gone |= {each.id: _hours(each) for each in taken if each.id}
        made += map(_hours, whole)
    await days.clear(session, gone | {each.id: _hours(each) for each in before if each.id})
    await days.write(session, made)


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
    for person in await queries.people(session, (task.who, task.to)):
        if person.id != actor.person_id:
            what = _told(actor, person.id, task, known.names, going)
            text = f"{what} Если это не так, скажите руководителю отделения: приёмы можно передать обратно."
            notices.informed(session, person, "приёмы записаны на другого врача", text)


def _told(actor: Actor, who: UUID, task: Task, names: Mapping[UUID, str], going: Sequence[Line]) -> str:
    when, there = formats.period(task.since, task.until), sum(each.to == task.to for each in going)
    if task.is_swap:
        gone, came = (there, len(going) - there) if who == task.who else (len(going) - there, there)
        across = names[task.to if who == task.who else task.who]
        return f"{actor.name} указывает, что вы и {across} поменялись приёмами. {when}: от вас {_count(gone)}, к вам {_count(came)}."
    what = "приёмы другого врача провели вы" if who == task.to else "ваши приёмы провёл другой врач"
    return f"{actor.name} указывает, что {what}. {when}: {_count(there)}, было: {names[task.who]}, стало: {names[task.to]}."


def _count(number: int) -> str:
    return formats.plural(number, "приём", "приёма", "приёмов")
