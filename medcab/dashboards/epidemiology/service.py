"""«Заболеваемость»: what was found for the first time, week by week against the years before; the cases behind each mark."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission
from medcab.dashboards.epidemiology import queries
from medcab.dashboards.epidemiology.queries import Group, Row, facts_of
from medcab.dashboards.epidemiology.rules import words
from medcab.dashboards.epidemiology.rules.address import ALL, Address
from medcab.dashboards.epidemiology.rules.kpi import Facts
from medcab.dashboards.epidemiology.rules.weeks import Known, Week, by_class, finished, needed, week_of
from medcab.dashboards.exports.service import Drawn, cell, demand_kind
from medcab.dashboards.service import MOST_IN_A_FILE, NoDepartment, Place, TooManyRows, departments
from medcab.errors import NotFound
from medcab.schedule.diagnoses.rules.ages import AGE_TITLES, AgeGroup
from medcab.schedule.diagnoses.rules.classes import NO_ILLNESS
from medcab.schedule.diagnoses.rules.names import named
from medcab.schedule.service import zone
from medcab.tables.writer import Cell, Sheet
from medcab.ui import formats

ROWS_ON_PAGE = 20
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Report:
    """The cases of a view; every breakdown is a cut of the same groups."""

    address: Address
    departments: list[Place]
    """All that the actor may choose from."""
    shown: list[Place]
    groups: list[Group]
    visits: int
    known: Known

    @cached_property
    def facts(self) -> Facts:
        """Of illnesses, or of the class chosen whatever it is."""
        return facts_of(self.illnesses, self.visits)

    @cached_property
    def illnesses(self) -> list[Group]:
        return [each for each in self.groups if self.address.chapter or each.chapter not in NO_ILLNESS]

    @property
    def is_empty(self) -> bool:
        """Neither diagnoses nor weeks of an earlier system."""
        return not self.groups and all(week.cases is None for week in self.weeks)

    @cached_property
    def weeks(self) -> list[Week]:
        """Those of the months, of the class chosen or of all."""
        return [week_of(self.known, monday, self.address.chapter) for monday in self.address.mondays(_today())]

    @cached_property
    def last_week(self) -> list[Week]:
        """The last finished week, class by class."""
        found = by_class(self.known, finished(_today()))
        return [each for each in found if self.address.chapter in {"", each.chapter}]

    @cached_property
    def by_class(self) -> dict[str, Facts]:
        """By class, or by category of the class chosen; the most frequent first, and last what is no illness."""
        found = _cut(self.groups, lambda each: each.category if self.address.chapter else each.chapter, self.visits)
        return dict(sorted(found.items(), key=lambda item: (item[0] in NO_ILLNESS, -item[1].first_ever, item[0])))

    @cached_property
    def by_age(self) -> dict[AgeGroup, Facts]:
        found = _cut(self.illnesses, lambda each: each.age, self.visits)
        return {age: found.get(age, Facts()) for age in AgeGroup if age in found or age is not AgeGroup.UNKNOWN}


def _cut(groups: Sequence[Group], key: Callable[[Group], Key], visits: int) -> dict[Key, Facts]:
    grouped: dict[Key, list[Group]] = {}
    for each in groups:
        grouped.setdefault(key(each), []).append(each)
    return {name: facts_of(found, visits) for name, found in grouped.items()}


@dataclass(frozen=True)
class Page:
    """One page of the cases of a mark."""

    rows: list[Row]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // ROWS_ON_PAGE))


def _today():
    return clock.today(zone())


async def places(session: AsyncSession, actor: Actor, department_id: UUID | None) -> tuple[list[Place], list[Place]]:
    """All whose cases the actor may see, and those of the view. Somebody else's department is not found, like one that does not exist."""
    own = await departments(session, actor)
    if not own:
        raise NoDepartment
    shown = [place for place in own if department_id in {None, place.id}]
    if not shown:
        raise NotFound
    return own, shown


async def report(session: AsyncSession, actor: Actor, *, address: Address, refreshed: bool = False) -> Report:
    """The cases of a view. `refreshed`: the person has it open, which is no new line in the journal."""
    own, shown = await places(session, actor, address.department_id)
    ids = [place.id for place in shown]
    weeks = needed([*address.mondays(_today()), finished(_today())])
    found = Report(
        address, own, shown, await queries.groups(session, ids, address), await queries.done_visits(session, ids, address),
        await queries.known(session, ids, weeks),
    )  # fmt: skip
    if not refreshed:
        audit.record(session, actor, Action.CASES_VIEW, address.department_id, start=address.start, end=address.end)
    return found


async def rows(session: AsyncSession, actor: Actor, *, address: Address, refreshed: bool = False) -> Page:
    """The cases behind a mark, journalled: they have names. A page beyond the last one is the last one."""
    _, shown = await places(session, actor, address.department_id)
    ids = [place.id for place in shown]
    total = await queries.count(session, ids, address)
    number = min(max(1, address.page), Page([], 1, total).pages)
    found = await queries.rows(session, actor, ids, address, limit=ROWS_ON_PAGE, offset=(number - 1) * ROWS_ON_PAGE)
    if not refreshed:
        shown_names = [row.id for row in found if row.patient]
        _journal(session, actor, Action.CASES_ROWS, address, page=number, named=shown_names)
    return Page(found, number, total)


_HEADINGS = ["Дата", "Отделение", "Врач", "Пациент", "Возраст", "Код МКБ-10", "Диагноз", "Вид"]


async def export(session: AsyncSession, actor: Actor, *, address: Address, ending: str) -> Sheet:
    """All cases of a mark as a file."""
    _, shown = await places(session, actor, address.department_id)
    demand_kind(ending)
    ids, names = [place.id for place in shown], {place.id: place.name for place in shown}
    if await queries.count(session, ids, address) > MOST_IN_A_FILE:
        raise TooManyRows
    lines: list[list[Cell]] = [
        [
            row.starts_at.astimezone(zone()).date(), names[row.department_id], row.doctor, row.patient or "имя не показано",
            AGE_TITLES[row.age], row.code, title_of(row.code), row.kind,
        ]
        for row in await queries.rows(session, actor, ids, address)
    ]  # fmt: skip
    _journal(session, actor, Action.CASES_EXPORT, address, lines=len(lines), ending=ending)
    name = f"sluchai-{address.start:%Y-%m}-{address.end:%Y-%m}.{ending}"
    return Sheet(name, _HEADINGS, lines, head=head(actor, shown, address, "Случаи, выявленные впервые"))


async def export_chart(session: AsyncSession, actor: Actor, *, address: Address, drawn: Drawn, ending: str) -> Sheet:
    """The table of a chart as it is shown: what is a number there is one here."""
    _, shown = await places(session, actor, address.department_id)
    demand_kind(ending)
    _journal(session, actor, Action.CASES_EXPORT, address, chart=drawn.name, lines=len(drawn.rows), ending=ending)
    lines = [[row[0], *map(cell, row[1:])] for row in drawn.rows]
    name = f"{drawn.name}-{address.start:%Y-%m}-{address.end:%Y-%m}.{ending}"
    return Sheet(name, drawn.headings, lines, head=head(actor, shown, address, drawn.title))


def title_of(code: str) -> str:
    known = named(code)
    return known.title if known else ""


def whose(actor: Actor, shown: Sequence[Place], chosen: UUID | None) -> str:
    """The departments of a document by name; all of them together are the clinic only for who answers for it."""
    if chosen is None and actor.may(Permission.FIGURES_ORGANISATION):
        return "Все отделения"
    return ", ".join(place.name for place in shown)


def head(actor: Actor, shown: Sequence[Place], address: Address, *more: str) -> list[str]:
    """The lines above a table: what it is of, who has made it and when."""
    made = f"Составлено {formats.moment(clock.now(), zone())}, {actor.name}"
    narrowed = words.chapter(address.chapter) if address.chapter else ""
    return [
        f"{whose(actor, shown, address.department_id)}, {formats.period(address.start, address.last_day)}",
        *filter(None, (*more, narrowed)),
        made,
    ]


def _journal(session: AsyncSession, actor: Actor, action: Action, address: Address, **more: Any) -> None:
    """Which kind of mark was open, not which illness: beside the ids of cases that would be a diagnosis in the journal."""
    mark = ",".join(name for name, value in asdict(address.cut).items() if value) or ALL
    audit.record(
        session, actor, action, address.department_id, start=address.start, end=address.end, mark=mark, **more,
    )  # fmt: skip
