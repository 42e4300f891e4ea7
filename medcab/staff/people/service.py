"""The list of the clinic's people."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor
from medcab.staff import queries
from medcab.staff.queries import PAGE, Colleague, Wanted
from medcab.staff.service import clinic


@dataclass(frozen=True)
class Listed:
    """One page, and how many there are in all."""

    lines: list[Colleague]
    total: int
    page: int
    pages: int


async def listed(session: AsyncSession, actor: Actor, *, wanted: Wanted, page: int = 1) -> Listed:
    """Who works here, did, or is invited, by name; `page` counts from 1, the last one stands for those after it."""
    here = clinic(actor)
    lines, total = await queries.people(session, here, wanted, clock.today(), page)
    pages = max(1, -(-total // PAGE))
    if page > pages:
        lines, total = await queries.people(session, here, wanted, clock.today(), pages)
    return Listed(lines, total, min(page, pages), pages)
