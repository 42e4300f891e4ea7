"""Visits as a view of the schedule shows them, as a file; who saw whom this way is in the journal."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.schedule.calendar import queries as many
from medcab.schedule.calendar import service as calendar
from medcab.schedule.calendar.queries import Seen
from medcab.schedule.hours.queries import Hours
from medcab.schedule.rules.address import LISTED, WEEK, Address
from medcab.schedule.rules.slots import Span, bounds, week_of
from medcab.schedule.rules.visits import KIND_TITLES, STATUS_TITLES, title_of
from medcab.schedule.service import zone
from medcab.tables.writer import Cell, Sheet
from medcab.ui import formats

MOST_LINES = 10_000
HEADINGS = ("Дата", "С", "До", "Врач", "Кабинет", "Пациент", "Дата рождения", "Приём", "Статус", "Сверх плана", "Причина отмены")  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What the view is of: whose, called what, and the days."""

    subject: str
    people: dict[UUID, str]
    title: str
    first: date
    days: int

    @property
    def span(self) -> Span:
        return bounds(self.first, self.days, zone())

    @property
    def last(self) -> date:
        return self.first + timedelta(self.days - 1)


async def export(session: AsyncSession, actor: Actor, *, at: Address, ending: str) -> Sheet:
    """All pages of what the address shows; time that is held elsewhere is «Занято» here too."""
    require(actor, Permission.SCHEDULE_READ)
    shown = await _shown(session, actor, at)
    seen = await _seen(session, actor, at, shown)
    hours = await many.receptions(session, actor, shown.people, shown.span)
    lines = [_line(each, shown, hours) for each in seen]
    audit.record(
        session, actor, Action.VISITS_EXPORT, shown.subject, view=at.view, since=shown.first, until=shown.last, lines=len(lines),
        status=at.status.value if at.status else "", people=sorted(map(str, shown.people)),
    )  # fmt: skip
    head = [*await _head(session, actor, at, shown), ""]
    return Sheet(f"priemy-{shown.first}-{shown.last}.{ending}", HEADINGS, lines, head)


async def _shown(session: AsyncSession, actor: Actor, at: Address) -> Shown:
    if at.view == "people":
        everyone = await many.workers(session, actor, clock.today(zone()))
        names = {each.department_id: each.department for each in everyone}
        ward = await calendar.department_of(session, actor, at, list(names))
        people = {each.id: calendar.name_of(each) for each in everyone if each.department_id == ward}
        return Shown(str(ward or ""), people, f"отделение: {names[ward] if ward else 'нет'}", at.day, 1)
    who, known = await calendar.choose(session, actor, at.who)
    name = known[str(who)]
    first, days = _days(at)
    return Shown(str(who), {who: name}, f"врач: {name}", first, days)


def _days(at: Address) -> tuple[date, int]:
    match at.view:
        case "week":
            return week_of(at.day), WEEK
        case "list":
            return at.day, LISTED
        case "month":
            first = at.day.replace(day=1)
            return first, ((first + timedelta(31)).replace(day=1) - first).days
        case _:
            return at.day, 1


async def _seen(session: AsyncSession, actor: Actor, at: Address, shown: Shown) -> Sequence[Seen]:
    if at.view == "list":
        [who] = shown.people
        found, _ = await many.listed(session, actor, who, shown.span, at.status, limit=MOST_LINES, offset=0)
        return found
    found = await many.visits(session, actor, shown.people, shown.span)
    return [each for each in found if each.facts.family_name or each.visit.holds_time][:MOST_LINES]


async def _head(session: AsyncSession, actor: Actor, at: Address, shown: Shown) -> list[str]:
    """What the table is of, for whoever finds the file."""
    status = [f"Статус: {STATUS_TITLES[at.status]}"] if at.status and at.view == "list" else []
    return [
        f"Расписание. {formats.capital(shown.title)}. {await calendar.clinic(session, actor)}",
        f"Период: {formats.day(shown.first)} – {formats.day(shown.last)}",
        *status,
        f"Выгружено: {formats.moment(clock.now(), zone())}, {actor.name}",
    ]


def _line(seen: Seen, shown: Shown, hours: Collection[Hours]) -> list[Cell]:
    visit, facts = seen.visit, seen.facts
    when: list[Cell] = [visit.starts_at.astimezone(zone()).date(), formats.time(visit.starts_at, zone()), formats.time(visit.ends_at, zone())]  # fmt: skip
    doctor = shown.people.get(visit.practitioner_id, "")
    if not facts.family_name:
        return [*when, doctor, "", "Занято", None, "", "", "", ""]
    room = next((each.room for each in hours if each.practitioner_id == visit.practitioner_id and each.starts_at <= visit.starts_at < each.ends_at), "")  # fmt: skip
    patient = " ".join(filter(None, (facts.family_name, facts.given_name, facts.patronymic)))
    over = visit.over_reason if visit.is_over else ""
    return [*when, doctor, room, patient, facts.birth_date, KIND_TITLES[facts.kind], title_of(visit), over, visit.cancel_reason]  # fmt: skip
