"""The visits that a mark counts: shown by the page, written to a file, each look at them in the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor
from medcab.dashboards.exports.service import demand_kind, head
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.parts import PARTS, Part, Rows
from medcab.dashboards.service import MOST_IN_A_FILE, TooManyRows, place_of
from medcab.dashboards.visits import queries
from medcab.dashboards.visits.queries import Extent, Row
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

    @property
    def pages(self) -> int:
        return max(1, -(-self.extent.rows // ROWS_ON_PAGE))


async def found(
    session: AsyncSession, actor: Actor, *, department_id: UUID | None, address: Address, refreshed: bool = False
) -> Found:
    """What the address opens. `refreshed`: the person has it open, which is no new line in the journal. Needs a transaction unless so."""
    place, part = await place_of(session, actor, department_id), _part(address)
    extent = await queries.extent(session, part, place.id, address)
    number = min(max(1, address.cases_page), Found(part, extent, [], 1).pages)
    rows = await queries.rows(
        session, actor, part, place.id, address, limit=ROWS_ON_PAGE,
        offset=(number - 1) * ROWS_ON_PAGE,
    )  # fmt: skip
    if not refreshed:
        shown = [row.id for row in rows if row.patient]
        _journal(session, actor, Action.FIGURES_VISITS_VIEW, place.id, address, page=number, named=shown)
    return Found(part, extent, rows, number)


async def export(
    session: AsyncSession, actor: Actor, *, department_id: UUID | None, address: Address, ending: str
) -> Sheet:
    """All pages as a table; `ending` is csv or xlsx."""
    place, part = await place_of(session, actor, department_id), _part(address)
    demand_kind(ending)
    extent = await queries.extent(session, part, place.id, address)
    if extent.rows > MOST_IN_A_FILE:
        raise TooManyRows
    rows = await queries.rows(session, actor, part, place.id, address)
    _journal(session, actor, Action.FIGURES_VISITS_EXPORT, place.id, address, lines=len(rows), ending=ending)
    headings, line = (_HOURS, _hours_line) if part.rows is Rows.HOURS else (_VISITS, _visit_line)
    name = f"{part.code}-{address.period.start}-{address.period.end}.{ending}"
    return Sheet(name, headings, [line(row) for row in rows], head=head(actor, place.name, address, part.title))


def _part(address: Address) -> Part:
    if address.cases not in PARTS:
        raise NotFound("Такого показателя нет. Откройте его из плитки или графика ещё раз.")
    return PARTS[address.cases]


def _journal(session: AsyncSession, actor: Actor, action: Action, place: UUID, address: Address, **more: Any) -> None:
    audit.record(
        session, actor, action, place, start=address.period.start, end=address.period.end, cases=address.cases,
        rows=address.rows, **more,
    )  # fmt: skip


_VISITS = ["Дата", "Начало", "Минут", "Врач", "Пациент", "Вид приёма", "Состояние", "Ожидание, мин"]
_HOURS = ["Дата", "Начало", "Окончание", "Врач", "Минут приёма"]


def _visit_line(row: Row) -> list[Cell]:
    day = row.starts_at.astimezone(zone()).date()
    name = row.patient or "имя не показано"
    return [day, formats.time(row.starts_at), row.minutes, row.doctor, name, row.kind, row.status, row.waited]


def _hours_line(row: Row) -> list[Cell]:
    day = row.starts_at.astimezone(zone()).date()
    return [day, formats.time(row.starts_at), formats.time(row.ends_at), row.doctor, row.minutes]
