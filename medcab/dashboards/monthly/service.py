"""The report of a month: made by the durable work on the first days of the next one, kept sealed, told to the heads of its department.

Its id follows from department and month: a killed try is begun anew over what it left, and nobody is told twice.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, db, jobs, live, outbox, storage
from medcab.access import Action, Actor, Permission
from medcab.accounts.notices import service as notices
from medcab.dashboards import charts
from medcab.dashboards import queries as figures
from medcab.dashboards.charts import Chart
from medcab.dashboards.monthly import queries
from medcab.dashboards.monthly.charts import plot_of
from medcab.dashboards.monthly.models import MonthlyReport
from medcab.dashboards.rules import report as rules
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.period import is_comparable
from medcab.dashboards.rules.tally import Tally
from medcab.dashboards.service import Overview, Place, departments, place_of
from medcab.dashboards.workforce import charts as of_people
from medcab.dashboards.workforce import service as workforce
from medcab.dashboards.workforce.service import Workforce
from medcab.errors import NotFound
from medcab.jobs import Later
from medcab.outbox import OutboxMessage
from medcab.schedule.service import zone
from medcab.tables import paper
from medcab.tables.paper import Chapter, Table
from medcab.ui import formats

log = logging.getLogger(__name__)

MONTHLY = "figures.monthly"
SHOWN_MONTHS = 12
TOLD_DAYS = 10
"""So long into the month the desk speaks of the report."""
_MORNING = time(7)
_IDS = UUID("6f0d9a52-7f0e-4d27-9d3b-6f1b7a3f6f10")


class NewReport(NamedTuple):
    """What the desk says: a department's report is ready."""

    department_id: UUID
    department: str
    month: date


@jobs.hourly
async def begin_month(session: AsyncSession) -> None:
    """Once in the first days of a month, in the morning."""
    today = clock.today(zone())
    begins = datetime.combine(today.replace(day=1), _MORNING, zone())
    if today.day > TOLD_DAYS or clock.now() < begins:
        return
    begun = sa.select(sa.literal(1)).where(col(OutboxMessage.kind) == MONTHLY, col(OutboxMessage.created_at) >= begins)
    if (await session.execute(begun.limit(1))).first() is None:
        month = rules.month_before(today)
        if await queries.unreported(session, month, rules.period_of(month)):
            outbox.add(session, MONTHLY, {"month": month.isoformat()})


@jobs.performer(MONTHLY)
async def report_everybody(_key: UUID, payload: dict[str, Any]) -> Later | None:
    """One department after another, each in a transaction of its own; one that fails is tried again and keeps nobody waiting."""
    month = date.fromisoformat(payload["month"])
    async with db.reading() as session:
        waiting = await queries.unreported(session, month, rules.period_of(month))
    failed = 0
    for department_id in waiting:
        try:
            await make(department_id, month)
        except Exception:
            failed += 1
            log.exception("a monthly report was not made")
    return Later() if failed else None


async def make(department_id: UUID, month: date) -> UUID:
    """Draw, seal and note one report, and tell the heads."""
    async with db.reading() as session:
        content = await _drawn(session, department_id, month)
    made = uuid5(_IDS, f"{department_id}/{month}")
    await storage.delete(made)  # what a killed try has left
    await storage.write(made, _once(await asyncio.to_thread(content)))
    async with db.transaction() as session:
        session.add(MonthlyReport(id=made, department_id=department_id, month=month, made_at=clock.now()))
        await _tell(session, department_id, month)
    return made


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _tell(session: AsyncSession, department_id: UUID, month: date) -> None:
    name, _ = await queries.place(session, department_id)
    href = str(Address(rules.period_of(month), department_id))
    for head in await queries.heads(session, department_id, clock.today(zone())):
        said = f"Готов отчёт за {rules.named(month)}: {name}. Он лежит в разделе «Показатели отделения»."
        notices.informed(session, head, "отчёт за месяц", said, href=href)
    live.publish(session, f"figures:{department_id}")


async def _drawn(session: AsyncSession, department_id: UUID, month: date) -> Any:
    """What draws the report, to be called in a thread."""
    name, clinic = await queries.place(session, department_id)
    overview = await _overview(session, Place(department_id, name), month)
    people = await workforce.of_department(session, department_id, Address(rules.period_of(month), department_id))
    title = f"Показатели отделения за {rules.named(month)}"
    made = f"Составлено {formats.moment(clock.now(), zone())} по данным расписания"
    lead = [clinic, f"{name}, {rules.span_words(month)}", made]
    chapters = [
        Chapter("Вне нормы", rules.off_norm(overview.now, people.staff)),
        Chapter("Показатели", table=rules.figures(overview.now, overview.before)),
        *_charts(overview, people),
        rules.caveats(),
    ]
    return lambda: paper.pdf_bytes(title, lead, chapters)


def _charts(overview: Overview, people: Workforce) -> list[Chapter]:
    """What each chart of the page says, drawn, and as a table."""
    chapters = [_chapter(*told, getattr(charts, name)(overview)) for name, told in charts.TABLES.items()]
    return [*chapters, *(_chapter(*told, getattr(of_people, name)(people)) for name, told in of_people.TABLES.items())]


def _chapter(title: str, headings: Sequence[str], chart: Chart) -> Chapter:
    widths = (8, *(4 for _ in headings[1:]))  # names stay on one line
    return Chapter(title, [chart["conclusion"]], Table(headings, chart["rows"], widths), plot_of(chart))


async def _overview(session: AsyncSession, place: Place, month: date) -> Overview:
    period = rules.period_of(month)
    days = await figures.by_day(session, place.id, period)
    recorded, before = await figures.whole(session, place.id, period.previous)
    doctors = await figures.by_doctor(session, place.id, period)
    compared = before if is_comparable(len(days), recorded) else Tally()
    return Overview(place, [place], period, days, doctors, compared)


async def listed(session: AsyncSession, actor: Actor, *, at: UUID | None) -> list[MonthlyReport]:
    """The department's reports of the last year."""
    place = await place_of(session, actor, at)
    since = clock.today(zone()).replace(day=1)
    return await queries.reports(session, [place.id], since.replace(year=since.year - 1), SHOWN_MONTHS)


async def ready(session: AsyncSession, actor: Actor) -> list[NewReport]:
    """What is new for the desk of a head: the own departments' reports, in the first days of the month."""
    today = clock.today(zone())
    if today.day > TOLD_DAYS or not actor.may(Permission.FIGURES_DEPARTMENT):
        return []
    own = actor.departments_with(Permission.FIGURES_DEPARTMENT)
    places = {place.id: place.name for place in await departments(session, actor) if place.id in own}
    found = await queries.reports(session, list(places), rules.month_before(today), len(places))
    return [NewReport(each.department_id, places[each.department_id], each.month) for each in found]


async def read(session: AsyncSession, actor: Actor, *, report_id: UUID) -> tuple[MonthlyReport, bytes]:
    """One report with its file; somebody else's department has none."""
    places = {place.id for place in await departments(session, actor)}
    found = await session.get(MonthlyReport, report_id)
    if found is None or found.department_id not in places:
        raise NotFound("Такого отчёта нет.")
    audit.record(session, actor, Action.FIGURES_EXPORT, found.department_id, report=found.month)
    return found, await storage.read_whole(found.id)
