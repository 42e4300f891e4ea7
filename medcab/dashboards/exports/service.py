"""The tables of the page as files: the days behind the figures, and what a chart draws. Formulas are defused by the writer."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor
from medcab.dashboards.rules.address import Address
from medcab.dashboards.service import place_of
from medcab.errors import Invalid
from medcab.schedule.service import zone
from medcab.tables.writer import MIMES, Cell, Sheet
from medcab.ui import formats

_NUMBER = re.compile(r"[−-]?\d{1,3}(?: ?\d{3})*(?:,\d+)?( %)?")


class Drawn(NamedTuple):
    """A chart's table as it is shown."""

    name: str
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def demand_kind(ending: str) -> None:
    """Raise `Invalid` unless such files are made."""
    if ending not in MIMES:
        raise Invalid("Скачать можно как CSV или XLSX.")


def head(actor: Actor, place: str, address: Address, *more: str) -> list[str]:
    """The lines above a table: what it is of, who has made it and when."""
    period = formats.period(address.period.start, address.period.end)
    made = f"Составлено {formats.moment(clock.now(), zone())}, {actor.name}"
    return [f"{place}, {period}", *filter(None, more), made]


async def chart(
    session: AsyncSession, actor: Actor, *, at: UUID, address: Address, drawn: Drawn, narrowed: str, ending: str
) -> Sheet:
    """The table of a chart; what is a number there is one here, a share of one where it is per cent."""
    demand_kind(ending)
    place = await place_of(session, actor, at)
    period = address.period
    audit.record(
        session, actor, Action.FIGURES_EXPORT, place.id, start=period.start, end=period.end, chart=drawn.name,
        ending=ending, lines=len(drawn.rows),
    )  # fmt: skip
    lines = [[row[0], *map(cell, row[1:])] for row in drawn.rows]
    name = f"{drawn.name}-{period.start}-{period.end}.{ending}"
    return Sheet(name, drawn.headings, lines, head=head(actor, place.name, address, drawn.title, narrowed))


def cell(text: str) -> Cell:
    """«1 204» as 1204, «8,5 %» as 0.085, «нет данных» as an empty cell; anything else stays text."""
    plain = text.replace(formats.NBSP, " ")
    if plain == formats.NO_DATA:
        return None
    if not (found := _NUMBER.fullmatch(plain)):
        return text
    number = float(plain.removesuffix(" %").replace(" ", "").replace(",", ".").replace("−", "-"))
    if found[1]:
        return round(number / 100, 6)
    return int(number) if number.is_integer() else number
