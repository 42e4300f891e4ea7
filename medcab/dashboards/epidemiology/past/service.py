"""Weeks of earlier years, brought from another system by whoever runs the server; own diagnoses of a week come before them."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action
from medcab.accounts.models import Department, Organisation
from medcab.dashboards.epidemiology.models import PastWeek
from medcab.dashboards.epidemiology.rules import archive
from medcab.dashboards.epidemiology.rules.archive import Week
from medcab.dashboards.epidemiology.rules.weeks import finished
from medcab.errors import Invalid, NotFound
from medcab.schedule.service import zone
from medcab.tables.reader import Bounds, opened

BOUNDS = Bounds(megabytes=4, rows=50_000, part_megabytes=32)


def read(data: bytes) -> list[Week]:
    """The weeks of a file; it takes a while: before the transaction, which holds up everybody who writes."""
    sheet = opened(data, BOUNDS)
    return archive.read(sheet.rows, sheet.numbers)


async def bring(session: AsyncSession, *, ogrn: str, weeks: Sequence[Week]) -> int:
    """Keep the weeks of a file, all of them or none; a week and class that were brought before are replaced. How many lines."""
    clinic = (await session.execute(sa.select(col(Organisation.id)).where(col(Organisation.ogrn) == ogrn))).scalar()
    if clinic is None:
        raise NotFound("Клиники с таким ОГРН нет.")
    places = await _places(session, clinic)
    for week in weeks:
        called = len(places.get(week.department.casefold(), []))
        if not called:
            raise Invalid(f"Отделения «{week.department[:60]}» в клинике нет.", field="file")
        if called > 1:
            raise Invalid(
                f"Отделений «{week.department[:60]}» в клинике несколько: неясно, чьи это недели.", field="file"
            )
        if week.monday > finished(clock.today(zone())):
            raise Invalid(f"Неделя {week.monday:%d.%m.%Y} ещё не закончилась.", field="file")
    rows = [
        {
            "department_id": places[each.department.casefold()][0],
            "week": each.monday,
            "chapter": each.chapter,
            "first_ever": each.cases,
        }
        for each in weeks
    ]
    if rows:
        made = (postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert)(PastWeek)
        put = made.on_conflict_do_update(
            index_elements=["department_id", "week", "chapter"], set_={"first_ever": made.excluded.first_ever}
        )
        await (await session.connection()).execute(put, rows)
    audit.record(session, None, Action.CASES_BRING, clinic, lines=len(weeks))
    return len(weeks)


async def _places(session: AsyncSession, clinic: UUID) -> dict[str, list[UUID]]:
    query = sa.select(col(Department.name), col(Department.id)).where(col(Department.organisation_id) == clinic)
    found: dict[str, list[UUID]] = {}
    for name, key in await session.execute(query):
        found.setdefault(name.casefold(), []).append(key)
    return found
