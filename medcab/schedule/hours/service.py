"""When a worker sees patients: hours of one day, templates of every week, days without any.

Nothing changes before it has been said whom it leaves outside: who asks for a change names the visits that they have been shown (`seen`), and gets
back those that are not among them. A day that has come is written down as it was and stays so, whatever happens to its template.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.queries import right_of, take_turns
from medcab.errors import Conflict, Invalid, NotFound
from medcab.identifiers import person_name
from medcab.schedule import queries
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.service import Choice
from medcab.schedule.hours import queries as hours
from medcab.schedule.hours.days import service as days
from medcab.schedule.hours.queries import Hours
from medcab.schedule.models import AppointmentStatus, ReceptionClosed, ReceptionTemplate
from medcab.schedule.resources.taking.follow.service import follow
from medcab.schedule.rules.norms import minutes_of
from medcab.schedule.rules.slots import Span, day_of
from medcab.schedule.rules.templates import LONGEST_SLOT, SHORTEST_SLOT, Plan, Template, fault, meet, outside
from medcab.schedule.rules.visits import VisitKind
from medcab.schedule.service import topic, zone
from medcab.schedule.times.service import demand_right
from medcab.ui import formats

LONGEST_RECEPTION = timedelta(hours=24)
_DAY = timedelta(days=1)
_LOOKED_AT = timedelta(days=366)
"""How far ahead visits are looked for; nobody books later."""


class NoTemplate(NotFound):
    """No such template, or somebody else's."""

    message = "Шаблон не найден."


@dataclass(frozen=True)
class Affected:
    """A visit that a change would leave outside of all hours; `name` is empty when it is not the actor's to see."""

    id: UUID
    starts_at: datetime
    name: str


@dataclass(frozen=True, kw_only=True)
class NewTemplate:
    """What is asked for; `replaces` ends on the day before. With `norm_of` a patient has as long as the norm of the specialty says."""

    department_id: UUID
    template: Template
    norm_of: VisitKind | None = None
    room: str = ""
    specialty: str = ""
    replaces: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Overview:
    """One worker's hours as the actor may plan them."""

    people: list[Choice]
    practitioner_id: UUID
    name: str
    departments: dict[UUID, str]
    specialties: list[str]
    templates: list[ReceptionTemplate]
    closed: list[ReceptionClosed]
    own_until: date | None
    """The last day that has hours of its own, after today."""
    earliest: date
    """When a new template may begin."""


async def overview(session: AsyncSession, actor: Actor, *, who: str) -> Overview | None:
    """Whose hours are asked for, or whom the actor sees first; None when they are not the actor's to plan."""
    require(actor, Permission.SCHEDULE_EDIT)
    people = await calendar.people(session, actor)
    chosen = who or next(iter(people), "")
    if chosen not in people:
        return None
    practitioner_id, here, today = UUID(chosen), clinic_of(actor), clock.today(zone())
    try:
        departments = await require_worker(session, actor, practitioner_id)
    except NotFound:
        departments = set()
    rows = await hours.templates(session, practitioner_id, today, organisation_id=here)
    ahead = await hours.own_hours(session, practitioner_id, here, Span(clock.now(), clock.now() + _LOOKED_AT))
    own = [day_of(row.starts_at, zone()) for row in ahead]
    names = await queries.names_of_departments(session, departments | {row.department_id for row in rows})
    return Overview(
        people=[{"id": key, "name": name} for key, name in people.items()], practitioner_id=practitioner_id, name=people[chosen],
        departments={key: name for key, name in names.items() if key in departments},
        specialties=list((await right_of(session, practitioner_id)).open_on(today)), templates=rows,
        closed=await hours.closed_days(session, practitioner_id, here, today), own_until=max(own) if own and max(own) > today else None,
        earliest=today + _DAY,
    )  # fmt: skip


async def open_reception(
    session: AsyncSession, actor: Actor, *, practitioner_id: UUID, department_id: UUID, starts_at: datetime, ends_at: datetime,
    slot_minutes: int, room: str = "", specialty: str = "",
) -> UUID:  # fmt: skip
    """Offer hours of one day in which a worker of this department sees patients; the reception's id.

    `specialty` may be left out by whoever has one only. What a template has on that day becomes hours of the day's own.
    """
    require(actor, Permission.SCHEDULE_EDIT)
    await _require_place(session, actor, practitioner_id, department_id)
    span = Span(starts_at, ends_at)
    _demand_hours(span, slot_minutes)
    specialty = specialty or await _only_specialty(session, practitioner_id, day_of(span.starts_at, zone()))
    await demand_right(session, practitioner_id, span, specialty)
    await take_turns(session, topic(practitioner_id))
    if await queries.has_reception(session, practitioner_id, span):
        raise Conflict("В эти часы у врача уже есть приём.")
    here = clinic_of(actor)
    await days.write_day(session, practitioner_id, here, day_of(span.starts_at, zone()))
    made = Hours(here, department_id, practitioner_id, span.starts_at, span.ends_at, slot_minutes, room, specialty)
    [reception_id] = await days.write(session, [made])
    audit.record(session, actor, Action.RECEPTION_OPEN, reception_id, practitioner=practitioner_id)
    days.tell(session, practitioner_id, {department_id})
    return reception_id


async def keep_template(
    session: AsyncSession, actor: Actor, *, practitioner_id: UUID, new: NewTemplate, seen: frozenset[UUID] = frozenset()
) -> list[Affected]:
    """Let the template hold from its first day on; empty: done. What it would leave outside, and was not `seen` yet: nothing is done."""
    require(actor, Permission.SCHEDULE_EDIT)
    await _require_place(session, actor, practitioner_id, new.department_id)
    await take_turns(session, topic(practitioner_id))
    new = await _completed(session, practitioner_id, new)
    former = await _former(session, actor, practitioner_id, new)
    await _demand_no_clash(session, practitioner_id, new.template, former)
    made = _row(actor, practitioner_id, new)
    before = await plan_now(session, practitioner_id, made.organisation_id)
    after = _with(_ended(before, former, new.template.since - _DAY), made)
    if left := await left_outside(session, actor, practitioner_id, before, after, seen):
        return left
    if former:
        await _end(session, former, new.template.since - _DAY)
    session.add(made)
    await session.flush()
    await follow(session, made.organisation_id, [practitioner_id])
    audit.record(session, actor, Action.TEMPLATE_KEEP, made.id, practitioner=practitioner_id, replaces=new.replaces)
    days.tell(session, practitioner_id, {new.department_id, *({former.department_id} if former else ())})
    return []


async def end_template(
    session: AsyncSession, actor: Actor, *, template_id: UUID, last_day: date, seen: frozenset[UUID] = frozenset()
) -> list[Affected]:
    """The template holds up to this day and no longer; as `keep_template` otherwise."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await _own_template(session, actor, template_id)
    if last_day < clock.today(zone()):
        raise Invalid("Последний день уже прошёл: сегодняшний изменить нельзя, он уже открыт.")
    await take_turns(session, topic(row.practitioner_id))
    if row.until and row.until <= last_day:
        raise Conflict(f"Шаблон и так действует только до {formats.day(row.until)}.")
    before = await plan_now(session, row.practitioner_id, row.organisation_id)
    if left := await left_outside(session, actor, row.practitioner_id, before, _ended(before, row, last_day), seen):
        return left
    await _end(session, row, last_day)
    audit.record(session, actor, Action.TEMPLATE_END, template_id, practitioner=row.practitioner_id, last_day=last_day)
    days.tell(session, row.practitioner_id, {row.department_id})
    return []


async def plan_now(session: AsyncSession, practitioner_id: UUID, organisation_id: UUID) -> Plan:
    """What the templates of a worker in a clinic say, from today on."""
    today = clock.today(zone())
    rows = await hours.templates(session, practitioner_id, today, organisation_id=organisation_id)
    return await hours.plan_of(session, practitioner_id, organisation_id, rows, today, today + _LOOKED_AT)


def _ended(plan: Plan, row: ReceptionTemplate | None, last: date) -> Plan:
    """The same with this template up to its last day."""
    if row is None:
        return plan
    kept = [each for each in plan.templates if each[0] != row.id]
    if last >= row.since:
        kept.append((row.id, replace(hours.template_of(row), until=last), row.written_until))
    return replace(plan, templates=tuple(kept))


def _with(plan: Plan, row: ReceptionTemplate) -> Plan:
    return replace(plan, templates=(*plan.templates, (row.id, hours.template_of(row), row.written_until)))


async def left_outside(
    session: AsyncSession, actor: Actor, practitioner_id: UUID, before: Plan, after: Plan, seen: frozenset[UUID], *, going: Sequence[Span] = ()
) -> list[Affected]:  # fmt: skip
    """Booked visits that were within hours and would not be; none when all of them were `seen`."""
    now = clock.now()
    found: list[Affected] = []
    for each in await queries.visits(session, actor, practitioner_id, Span(now, now + _LOOKED_AT)):
        visit = each.appointment
        if visit.status is not AppointmentStatus.BOOKED or visit.organisation_id != actor.organisation_id:
            continue
        day, span = day_of(visit.starts_at, zone()), Span(visit.starts_at, visit.ends_at)
        if outside([span], [*before.spans_on(day, zone()), *going], after.spans_on(day, zone())):
            name = person_name.short(each.family_name, each.given_name, each.patronymic) if each.family_name else ""
            found.append(Affected(visit.id, visit.starts_at, name))
    return [] if {each.id for each in found} <= seen else found


async def _former(
    session: AsyncSession, actor: Actor, practitioner_id: UUID, new: NewTemplate
) -> ReceptionTemplate | None:
    if new.replaces is None:
        return None
    row = await _own_template(session, actor, new.replaces)
    if row.practitioner_id != practitioner_id:
        raise NoTemplate
    if row.until and row.until < new.template.since:
        raise Conflict("Этот шаблон закончится раньше: создайте новый.")
    return row


async def _own_template(session: AsyncSession, actor: Actor, template_id: UUID) -> ReceptionTemplate:
    """One that the actor may change, as it is now."""
    row = await session.get(ReceptionTemplate, template_id, populate_existing=True)
    if row is None or row.organisation_id != actor.organisation_id:
        raise NoTemplate
    await _require_place(session, actor, row.practitioner_id, row.department_id)
    return row


async def _end(session: AsyncSession, row: ReceptionTemplate, last_day: date) -> None:
    """One that would end before it begins has never been."""
    if last_day < row.since:
        await session.delete(row)
    else:
        row.until = last_day
    await session.flush()


async def _demand_no_clash(
    session: AsyncSession, practitioner_id: UUID, template: Template, former: ReceptionTemplate | None
) -> None:
    """Nobody is at two places at once, in whatever clinics."""
    for row in await hours.templates(session, practitioner_id, template.since):
        if (former is None or row.id != former.id) and (day := meet(template, hours.template_of(row))):
            raise Conflict(f"{formats.day(day)} у врача уже есть приём в эти часы по другому шаблону.")


def _row(actor: Actor, practitioner_id: UUID, new: NewTemplate) -> ReceptionTemplate:
    given: dict[str, Any] = asdict(new.template) | {"weekdays": sum(1 << day for day in new.template.weekdays)}
    return ReceptionTemplate(
        organisation_id=clinic_of(actor), department_id=new.department_id, practitioner_id=practitioner_id, room=new.room.strip()[:20],
        specialty=new.specialty, written_until=clock.today(zone()), **given,
    )  # fmt: skip


async def _completed(session: AsyncSession, practitioner_id: UUID, new: NewTemplate) -> NewTemplate:
    """With what was left to the rules: the only specialty, the norm's minutes; or `Invalid`."""
    specialty = new.specialty or await _only_specialty(session, practitioner_id, new.template.since)
    template = replace(new.template, slot_minutes=minutes_of(specialty, new.norm_of)) if new.norm_of else new.template
    if sentence := fault(template):
        raise Invalid(sentence)
    if template.since <= clock.today(zone()):
        raise Invalid("Шаблон начинается не раньше завтрашнего дня: сегодняшние часы уже открыты.")
    return replace(new, specialty=specialty, template=template)


async def _only_specialty(session: AsyncSession, practitioner_id: UUID, day: date) -> str:
    """What can be meant when nothing is said: the one specialty; empty when none is written down."""
    could = (await right_of(session, practitioner_id)).open_on(day)
    if len(could) > 1:
        raise Invalid(f"Укажите специальность приёма: {', '.join(could)}.", field="specialty")
    return could[0] if could else ""


def clinic_of(actor: Actor) -> UUID:
    """The one that was chosen in the header."""
    if actor.organisation_id is None:
        raise NotFound
    return actor.organisation_id


async def require_worker(session: AsyncSession, actor: Actor, practitioner_id: UUID) -> set[UUID]:
    """The departments in which the actor may offer this worker's hours; `NotFound` when there are none."""
    today = clock.today(zone())
    works = await queries.places(session, practitioner_id, clinic_of(actor), today)
    if actor.may(Permission.SCHEDULE_ORGANISATION):
        found = works
    else:
        is_own = practitioner_id == actor.person_id
        found = works & (actor.department_ids if is_own else actor.departments_with(Permission.SCHEDULE_DEPARTMENT))
    if not found:
        raise NotFound("Такого врача нет, или его расписание вам не открыто.")
    return found


async def _require_place(session: AsyncSession, actor: Actor, practitioner_id: UUID, department_id: UUID) -> None:
    """Whether the actor may offer this worker's hours in this department; otherwise there is no such worker."""
    if department_id not in await require_worker(session, actor, practitioner_id):
        raise NotFound


def _demand_hours(span: Span, slot_minutes: int) -> None:
    if not SHORTEST_SLOT <= slot_minutes <= LONGEST_SLOT:
        raise Invalid(f"Приём одного пациента длится от {SHORTEST_SLOT} до {LONGEST_SLOT} минут.", field="slot_minutes")
    if not timedelta(minutes=slot_minutes) <= span.ends_at - span.starts_at <= LONGEST_RECEPTION:
        raise Invalid("В эти часы не помещается ни одного приёма.", field="ends_at")
