"""«Показатели отделения»: who may see which department's figures, and the figures of a period."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.dashboards import queries
from medcab.dashboards.queries import DayRow, Doctor
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.against import Against
from medcab.dashboards.rules.kpi import CATALOGUE, Unit
from medcab.dashboards.rules.period import Period, is_comparable, monday_of
from medcab.dashboards.rules.selection import EVERYTHING, Selection
from medcab.dashboards.rules.tally import Tally, total
from medcab.errors import Invalid, NotFound
from medcab.tables.writer import CSV, Cell, Sheet
from medcab.ui.formats import day

ROWS_ON_PAGE = 20
MOST_IN_A_FILE = 20_000
MOST_ON_PAPER = 300
Key = TypeVar("Key")


class TooManyRows(Invalid):
    """More rows than a file should carry away."""

    message = "Строк больше 20 000. Сократите период или выберите врача и скачайте по частям."


class NoDepartment(NotFound):
    """The person may see figures, but of no department."""

    message = "За вами не закреплено отделение. Обратитесь к администратору клиники."


@dataclass(frozen=True)
class Place:
    """A department whose figures the actor may see."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Overview:
    """A department's figures of a period; `days` and `doctors` are two cuts of the same sum, `before` that of the span `against`.

    `before` is empty when that span was not recorded as fully as this one (a year against two months is no comparison), and while
    this one still goes on.
    """

    department: Place
    departments: list[Place]
    period: Period
    days: dict[date, Tally]
    doctors: dict[Doctor, Tally]
    before: Tally
    against: Against = Against.BEFORE

    @cached_property
    def now(self) -> Tally:
        return total(self.days.values())

    @cached_property
    def weeks(self) -> dict[date, Tally]:
        """By Monday; a week without figures between two that have some is there, empty: a gap must be seen."""
        found = _summed((monday_of(day), tally) for day, tally in self.days.items())
        first, last = min(found, default=None), max(found, default=None)
        if first is None or last is None:
            return {}
        mondays = [first + timedelta(days) for days in range(0, (last - first).days + 1, 7)]
        return {monday: found.get(monday, Tally()) for monday in mondays}

    @cached_property
    def weekdays(self) -> dict[int, Tally]:
        """By weekday, 0 is Monday; only those that have figures."""
        return dict(sorted(_summed((day.weekday(), tally) for day, tally in self.days.items()).items()))


@dataclass(frozen=True)
class Page:
    """One page of lines; `number` counts from 1."""

    rows: list[DayRow]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // ROWS_ON_PAGE))


def _summed(pairs: Iterable[tuple[Key, Tally]]) -> dict[Key, Tally]:
    grouped: dict[Key, list[Tally]] = {}
    for key, tally in pairs:
        grouped.setdefault(key, []).append(tally)
    return {key: total(tallies) for key, tallies in grouped.items()}


async def departments(session: AsyncSession, actor: Actor) -> list[Place]:
    """Whose figures the actor may see, by name: the own department's, or the whole organisation's."""
    require(actor, Permission.FIGURES_DEPARTMENT)
    if actor.organisation_id is None:
        return []
    found = await queries.departments(session, actor.organisation_id)
    own = None if actor.may(Permission.FIGURES_ORGANISATION) else actor.departments_with(Permission.FIGURES_DEPARTMENT)
    return [Place(place.id, place.name) for place in found if own is None or place.id in own]


async def overview(
    session: AsyncSession, actor: Actor, *, department_id: UUID | None, start: date, end: date, selection: Selection = EVERYTHING,
    compare: Against = Against.BEFORE, refreshed: bool = False,
) -> Overview:  # fmt: skip
    """The figures of a department, the first one by name unless given; of all that is in it or of what is selected.

    `refreshed`: the person has it open already and was only shown newer figures, which is no new line in the journal.
    """
    places, place = await _place(session, actor, department_id)
    period = Period(start, end)
    days = await queries.by_day(session, place.id, period, selection)
    found = Overview(
        place, places, period, days,
        doctors=await queries.by_doctor(session, place.id, period, selection),
        before=await _before(session, place.id, period, compare, len(days), selection),
        against=compare,
    )  # fmt: skip
    if not refreshed:
        audit.record(session, actor, Action.FIGURES_VIEW, place.id, start=start, end=end)
    return found


async def _before(
    session: AsyncSession, department_id: UUID, period: Period, compare: Against, days: int, selection: Selection
) -> Tally:
    """The span compared with, as far as the two can be."""
    span = compare.of(period)
    if span is None or period.end >= clock.today():
        return Tally()
    recorded, before = await queries.whole(session, department_id, span, selection)
    return before if is_comparable(days, recorded) else Tally()


async def _place(session: AsyncSession, actor: Actor, department_id: UUID | None) -> tuple[list[Place], Place]:
    """Somebody else's department is not found, like one that does not exist."""
    places = await departments(session, actor)
    if not places:
        raise NoDepartment
    place = next((place for place in places if department_id in {None, place.id}), None)
    if place is None:
        raise NotFound
    return places, place


async def sees(session: AsyncSession, actor: Actor, department_id: UUID) -> bool:
    """Whether the department's figures are open to the actor now."""
    if not actor.may(Permission.FIGURES_DEPARTMENT):
        return False
    return any(place.id == department_id for place in await departments(session, actor))


async def place_of(session: AsyncSession, actor: Actor, department_id: UUID | None) -> Place:
    """The department whose figures the actor may see, the first one unless given; `NotFound` when it is somebody else's."""
    _, place = await _place(session, actor, department_id)
    return place


async def rows(
    session: AsyncSession, actor: Actor, *, at: UUID, address: Address, selection: Selection = EVERYTHING
) -> Page:
    """The lines behind a mark of a chart: a worker's day each, the newest first. A page beyond the last one is the last one."""
    await _place(session, actor, at)
    period, cut = address.period, address.cut
    count = await queries.count_days(session, at, period, cut, selection)
    number = min(max(1, address.page), Page([], 1, count).pages)
    offset = (number - 1) * ROWS_ON_PAGE
    found = await queries.days(session, at, period, cut, selection, limit=ROWS_ON_PAGE, offset=offset)
    return Page(found, number, count)


async def for_paper(session: AsyncSession, actor: Actor, *, at: UUID, address: Address) -> Page:
    """The same lines of all pages, as many as one would print, journalled as taken away."""
    _, place = await _place(session, actor, at)
    period, cut, selection = address.period, address.cut, address.selection
    count = await queries.count_days(session, place.id, period, cut, selection)
    found = await queries.days(session, place.id, period, cut, selection, limit=MOST_ON_PAPER)
    audit.record(
        session, actor, Action.FIGURES_EXPORT, place.id, start=address.shown.start, end=address.shown.end, lines=len(found),
        ending="print",
    )  # fmt: skip
    return Page(found, 1, count)


_SHEET: dict[str, str] = {
    "offered_minutes": "Предложено, мин", "booked_minutes": "Занято, мин", "attended_minutes": "Принято, мин", "planned": "Запланировано", "done": "Проведено",
    "no_show": "Неявок", "cancelled": "Отмен", "late_cancelled": "Поздних отмен", "waited": "Измерено ожидание",
    "waited_minutes": "Ожидание, всего мин", "first_starts": "Дней с отметкой начала", "on_time_starts": "Дней начато вовремя",
}  # fmt: skip


async def export_csv(
    session: AsyncSession,
    actor: Actor,
    *,
    at: UUID,
    address: Address,
    selection: Selection = EVERYTHING,
    ending: str = CSV,
) -> Sheet:
    """The same lines with every figure, for a spreadsheet; shares are of one, and an empty cell means no data."""
    _, place = await _place(session, actor, at)
    if await queries.count_days(session, place.id, address.period, address.cut, selection) > MOST_IN_A_FILE:
        raise TooManyRows
    period = address.cut.span or address.period
    shares = [kpi for kpi in CATALOGUE if kpi.unit is not Unit.COUNT]
    headings = ["Дата", "Врач", *_SHEET.values(), *(kpi.title for kpi in shares)]
    lines: list[list[Cell]] = [
        [
            day(line.day), line.doctor.name, *(getattr(line.tally, name) for name in _SHEET),
            *(kpi.measure(line.tally).value for kpi in shares),
        ]
        for line in await queries.days(session, place.id, period, address.cut, selection)
    ]  # fmt: skip
    return Sheet(f"pokazateli-{period.start}-{period.end}.{ending}", headings, lines)


async def exported(session: AsyncSession, actor: Actor, *, at: UUID, address: Address, sheet: Sheet) -> None:
    """Journal that the lines are taken away: in a write of its own, before they are; nobody's write waits while they are read."""
    _, place = await _place(session, actor, at)
    period, count = address.cut.span or address.period, len(sheet.lines)
    audit.record(session, actor, Action.FIGURES_EXPORT, place.id, start=period.start, end=period.end, lines=count)
