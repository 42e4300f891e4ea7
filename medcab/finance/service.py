"""«Финансы»: who may see whose money, what was billed and what became of it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor, Permission, require
from medcab.dashboards import queries as places
from medcab.dashboards.service import MOST_IN_A_FILE, NoDepartment, Place, TooManyRows
from medcab.errors import NotFound
from medcab.finance import queries
from medcab.finance.queries import Group, Plan, Row, View
from medcab.finance.rules.address import Address
from medcab.finance.rules.kpi import Facts
from medcab.finance.rules.sums import OUTCOME_TITLES, Amount, Outcome, Sums, reason_of, roubles
from medcab.schedule.rules.visits import PAYER_TITLES, Payer
from medcab.tables.writer import CSV, XLSX, Cell, Sheet
from medcab.ui import formats

ROWS_ON_PAGE = 20
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Report:
    """The money of a view; every breakdown is a cut of the same groups."""

    address: Address
    departments: list[Place]
    """All that the actor may choose from."""
    groups: list[Group]
    plans: list[Plan]
    reason_words: dict[str, str]

    @cached_property
    def facts(self) -> Facts:
        return sum(map(_facts, (*self.groups, *self.plans)), Facts(Sums(), Amount()))

    @cached_property
    def by_month(self) -> dict[date, Facts]:
        """Every month of the period; one without a register is there, empty: a gap must be seen."""
        found = self._cut(lambda each: each.month)
        return {month: found.get(month, Facts(Sums(), Amount())) for month in self.address.months}

    @cached_property
    def by_department(self) -> dict[Place, Facts]:
        found = self._cut(lambda each: each.department_id)
        return {place: found[place.id] for place in self.departments if place.id in found}

    @cached_property
    def by_payer(self) -> dict[Payer, Sums]:
        found = self._cut(lambda each: each.payer)
        return {payer: found[payer].sums for payer in Payer if payer in found and not found[payer].sums.is_empty}

    @cached_property
    def by_reason(self) -> dict[str, Amount]:
        """Of what was rejected, the dearest first."""
        found: dict[str, Amount] = {}
        for group in self.groups:
            if group.outcome is Outcome.REJECTED and group.is_last:
                found[group.reason_code] = found.get(group.reason_code, Amount()) + group.amount
        return dict(sorted(found.items(), key=lambda item: (-item[1].kopecks, item[0])))

    def reason(self, code: str) -> str:
        """The payer's own words of a code, or the list's."""
        return self.reason_words.get(code) or reason_of(code) or "без пояснения"

    def _cut(self, key: Callable[[Group | Plan], Key]) -> dict[Key, Facts]:
        found: dict[Key, Facts] = {}
        for each in (*self.groups, *self.plans):
            found[key(each)] = found.get(key(each), Facts(Sums(), Amount())) + _facts(each)
        return found


def _facts(each: Group | Plan) -> Facts:
    if isinstance(each, Plan):
        return Facts(Sums(), each.amount)
    is_answered = each.outcome in {Outcome.ACCEPTED, Outcome.REJECTED}
    return Facts(
        each.sums if each.is_last else Sums(), Amount(), each.sums if each.is_first and is_answered else Sums()
    )


@dataclass(frozen=True)
class Page:
    """One page of lines of a mark, and what the whole mark comes to."""

    rows: list[Row]
    number: int
    amount: Amount

    @property
    def pages(self) -> int:
        return max(1, -(-self.amount.visits // ROWS_ON_PAGE))


async def departments(session: AsyncSession, actor: Actor) -> list[Place]:
    """Whose money the actor may see, by name."""
    require(actor, Permission.FINANCE_DEPARTMENT)
    if actor.organisation_id is None:
        raise NoDepartment
    found = await places.departments(session, actor.organisation_id)
    wards = (
        None if actor.may(Permission.FINANCE_ORGANISATION) else actor.departments_with(Permission.FINANCE_DEPARTMENT)
    )
    own = [Place(place.id, place.name) for place in found if wards is None or place.id in wards]
    if not own:
        raise NoDepartment
    return own


async def _view(session: AsyncSession, actor: Actor, address: Address) -> tuple[list[Place], View]:
    """Somebody else's department is not found, like one that does not exist."""
    own = await departments(session, actor)
    chosen = [place.id for place in own if address.department_id in {None, place.id}]
    if not chosen or actor.organisation_id is None:
        raise NotFound
    return own, View(actor.organisation_id, chosen, address.start, address.end, address.payer)


async def report(session: AsyncSession, actor: Actor, *, address: Address) -> Report:
    """The money of a view, journalled."""
    own, view = await _view(session, actor, address)
    found = Report(
        address, own, await queries.groups(session, view), await queries.plans(session, view), await queries.reasons(session, view),
    )  # fmt: skip
    audit.record(session, actor, Action.FINANCE_VIEW, address.department_id, start=address.start, end=address.end)
    return found


async def rows(session: AsyncSession, actor: Actor, *, address: Address) -> Page:
    """The visits behind a mark, journalled: they have names. A page beyond the last one is the last one."""
    _, view = await _view(session, actor, address)
    amount = await queries.amount(session, view, address.cut)
    number = min(max(1, address.page), Page([], 1, amount).pages)
    found = await queries.rows(
        session, actor, view, address.cut, limit=ROWS_ON_PAGE, offset=(number - 1) * ROWS_ON_PAGE
    )
    audit.record(
        session, actor, Action.FINANCE_ROWS, address.department_id, rows=address.rows, page=number, start=address.start, end=address.end,
        payer=address.payer, named=[row.id for row in found if row.patient],
    )  # fmt: skip
    return Page(found, number, amount)


_HEADINGS = ["Дата", "Отделение", "Врач", "Пациент", "Плательщик", "Сумма, ₽", "Ответ", "Код", "Причина"]


async def export(session: AsyncSession, actor: Actor, *, address: Address, kind: str) -> Sheet:
    """All visits of a mark for a spreadsheet; sums are exact."""
    own, view = await _view(session, actor, address)
    if (await queries.amount(session, view, address.cut)).visits > MOST_IN_A_FILE:
        raise TooManyRows
    names = {place.id: place.name for place in own}
    lines: list[list[Cell]] = [
        [
            formats.day(row.starts_at.astimezone(formats.MOSCOW).date()), names[row.department_id], row.doctor, row.patient,
            PAYER_TITLES[row.payer], float(roubles(row.kopecks)), OUTCOME_TITLES[row.outcome], row.reason_code, row.reason,
        ]
        for row in await queries.rows(session, actor, view, address.cut)
    ]  # fmt: skip
    audit.record(session, actor, Action.FINANCE_EXPORT, address.department_id, rows=address.rows, lines=len(lines))
    ending = XLSX if kind == XLSX else CSV
    return Sheet(f"finansy-{address.start:%Y-%m}-{address.end:%Y-%m}.{ending}", _HEADINGS, lines)
