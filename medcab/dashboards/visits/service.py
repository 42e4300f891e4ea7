"""The visits that a mark counts: shown by the page, written to a file, each look at them in the journal."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor
from medcab.dashboards import queries as figures
from medcab.dashboards.exports.service import demand_kind, head
from medcab.dashboards.queries import DayRow, Room
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.parts import FREE, PARTS, Part, Rows
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.rules.staff import Worker
from medcab.dashboards.rules.tally import Tally
from medcab.dashboards.service import MOST_IN_A_FILE, Place, TooManyRows, place_of
from medcab.dashboards.visits import queries
from medcab.dashboards.visits.queries import Extent, Row
from medcab.dashboards.workforce import service as workforce
from medcab.errors import NotFound
from medcab.schedule.service import zone
from medcab.tables.writer import Cell, Sheet
from medcab.ui import formats

ROWS_ON_PAGE = 20


@dataclass(frozen=True)
class Found:
    """One page of what is behind a mark; `number` counts from 1."""

    part: Part
    extent: Extent
    rows: Sequence[Row]
    number: int
    people: Sequence[Worker] = ()
    """Of a part of people, instead of rows."""
    days: Sequence[DayRow] = ()
    """Of a part of days, the same; `tally` is what all of them, on every page, add up to."""
    tally: Tally = field(default_factory=Tally)

    @property
    def pages(self) -> int:
        return max(1, -(-self.extent.rows // ROWS_ON_PAGE))


async def found(
    session: AsyncSession, actor: Actor, *, department_id: UUID | None, address: Address, refreshed: bool = False
) -> Found:
    """What the address opens. `refreshed`: the person has it open, which is no new line in the journal. Needs a transaction unless so."""
    place, part = await place_of(session, actor, department_id), _part(address)
    if part.rows is Rows.DAYS:
        return await _days(session, actor, place, part, address, refreshed=refreshed)
    people = await workforce.behind(session, place.id, part) if part.rows is Rows.PEOPLE else []
    extent = await _extent(session, part, place.id, address, people)
    number = min(max(1, address.cases_page), Found(part, extent, [], 1).pages)
    offset = (number - 1) * ROWS_ON_PAGE
    people = people[offset : offset + ROWS_ON_PAGE]
    rows = []
    if part.rows is not Rows.PEOPLE:
        rows = await queries.rows(session, actor, part, place.id, address, limit=ROWS_ON_PAGE, offset=offset)
    if not refreshed:
        shown = [row.id for row in rows if row.patient] + [each.id for each in people]
        _journal(session, actor, Action.FIGURES_VISITS_VIEW, place.id, address, page=number, named=shown)
    return Found(part, extent, rows, number, people)


async def _days(
    session: AsyncSession, actor: Actor, place: Place, part: Part, address: Address, *, refreshed: bool
) -> Found:
    """Lines of the roll-up: what was offered, taken and left."""
    of, cut = Selection(address.selection.doctor_id), address.cut
    tally = await figures.cut_total(session, place.id, address.period, cut, of)
    count = await figures.count_days(session, place.id, address.period, cut, of, room=_lead(part))
    extent = Extent(count, part.count(tally))
    number = min(max(1, address.cases_page), Found(part, extent, [], 1).pages)
    lines = await figures.days(
        session, place.id, address.period, cut, of, limit=ROWS_ON_PAGE, offset=(number - 1) * ROWS_ON_PAGE, room=_lead(part)
    )  # fmt: skip
    if not refreshed:
        _journal(session, actor, Action.FIGURES_VISITS_VIEW, place.id, address, page=number, named=[])
    return Found(part, extent, [], number, days=lines, tally=tally)


def _lead(part: Part) -> Room:
    return Room.MOST if part is FREE else Room.LEAST


async def export(
    session: AsyncSession, actor: Actor, *, department_id: UUID | None, address: Address, ending: str
) -> Sheet:
    """All pages as a table; `ending` is csv or xlsx."""
    place, part = await place_of(session, actor, department_id), _part(address)
    demand_kind(ending)
    if part.rows is Rows.PEOPLE:
        return await _people_sheet(session, actor, place, part, address, ending)
    if part.rows is Rows.DAYS:
        return await _days_sheet(session, actor, place, part, address, ending)
    if (await _extent(session, part, place.id, address, [])).rows > MOST_IN_A_FILE:
        raise TooManyRows
    rows = await queries.rows(session, actor, part, place.id, address)
    headings, line = (_HOURS, _hours_line) if part.rows is Rows.HOURS else (_VISITS, _visit_line)
    return _sheet(actor, place, part, address, headings, [line(row) for row in rows], ending)


async def _days_sheet(
    session: AsyncSession, actor: Actor, place: Place, part: Part, address: Address, ending: str
) -> Sheet:
    of = Selection(address.selection.doctor_id)
    if await figures.count_days(session, place.id, address.period, address.cut, of, room=_lead(part)) > MOST_IN_A_FILE:
        raise TooManyRows
    found = await figures.days(session, place.id, address.period, address.cut, of, room=_lead(part))
    lines: list[list[Cell]] = [
        [row.day, row.doctor.name, row.tally.offered_minutes, row.tally.booked_minutes, part.count(row.tally), k.UTILISATION.measure(row.tally).value]
        for row in found
    ]  # fmt: skip
    return _sheet(actor, place, part, address, _DAYS, lines, ending)


def _sheet(
    actor: Actor, place: Place, part: Part, address: Address, headings: list[str], lines: list[list[Cell]], ending: str
) -> Sheet:
    """Named after the days that its rows are of, which are not those of the page where a mark looks behind or ahead."""
    at = replace(address, period=address.shown)
    name = f"{part.code}-{at.period.start}-{at.period.end}.{ending}"
    return Sheet(name, headings, lines, head=head(actor, place.name, at, part.title))


async def exported(
    session: AsyncSession, actor: Actor, *, department_id: UUID | None, address: Address, sheet: Sheet
) -> None:
    """Journal that the rows are taken away: in a write of its own, before they are; nobody's write waits while they are read."""
    place, ending = await place_of(session, actor, department_id), sheet.name.rpartition(".")[2]
    _journal(session, actor, Action.FIGURES_VISITS_EXPORT, place.id, address, lines=len(sheet.lines), ending=ending)


async def _extent(
    session: AsyncSession, part: Part, department_id: UUID, address: Address, people: Sequence[Worker]
) -> Extent:
    """Of visits as the figure itself has it: to count a large department's year again would take seconds at each click."""
    if part.rows is Rows.PEOPLE:
        return Extent(len(people), 0)
    if part.rows is Rows.HOURS:
        return await queries.hours_extent(session, department_id, address)
    tally = await figures.cut_total(session, department_id, address.period, address.cut, address.selection)
    return Extent(part.count(tally), part.measured(tally) if part.minutes else 0)


async def _people_sheet(
    session: AsyncSession, actor: Actor, place: Place, part: Part, address: Address, ending: str
) -> Sheet:
    people, today = await workforce.behind(session, place.id, part), clock.today(zone())
    lines: list[list[Cell]] = [
        [each.name, each.post, why or "действует", "" if why else each.until or "без срока", *specialties_of(each)]
        for each in people
        for why in [each.why_not(today)]
    ]
    headings = ["Сотрудник", "Должность", "Право сегодня", "Действует по", "Специальности"]
    lead = [f"{place.name}, на {formats.day(today)}", part.title, *head(actor, place.name, address)[-1:]]
    return Sheet(f"{part.code}-{today}.{ending}", headings, lines, head=lead)


def specialties_of(each: Worker) -> list[str]:
    """In one sentence: «терапия по 14.01.2027, кардиология без срока»."""
    ends = {name: f"по {formats.day(day)}" if day else "без срока" for name, day in each.right.specialties.items()}
    return [", ".join(f"{name} {end}" for name, end in sorted(ends.items()))]


def _part(address: Address) -> Part:
    if address.cases not in PARTS:
        raise NotFound("Такого показателя нет. Откройте его из плитки или графика ещё раз.")
    return PARTS[address.cases]


def _journal(session: AsyncSession, actor: Actor, action: Action, place: UUID, address: Address, **more: Any) -> None:
    audit.record(
        session, actor, action, place, start=address.shown.start, end=address.shown.end, cases=address.cases,
        rows=address.rows, **more,
    )  # fmt: skip


_VISITS = ["Дата", "Начало", "Минут", "Врач", "Пациент", "Вид приёма", "Состояние", "Ожидание, мин"]
_DAYS = ["Дата", "Врач", "Предложено, мин", "Занято, мин", "Свободно, мин", "Заполненность"]
_HOURS = ["Дата", "Начало", "Окончание", "Врач", "Минут приёма"]


def _visit_line(row: Row) -> list[Cell]:
    day = row.starts_at.astimezone(zone()).date()
    name = row.patient or "имя не показано"
    return [day, formats.time(row.starts_at), row.minutes, row.doctor, name, row.kind, row.status, row.waited]


def _hours_line(row: Row) -> list[Cell]:
    day = row.starts_at.astimezone(zone()).date()
    return [day, formats.time(row.starts_at), formats.time(row.ends_at), row.doctor, row.minutes]
