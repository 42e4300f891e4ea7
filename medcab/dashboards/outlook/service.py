"""Is it steady, and what is to be expected: a department's weeks behind the chosen period, and the weeks ahead of today."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db, live
from medcab.access import Actor
from medcab.dashboards import queries, service
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules.comparison import LEAST
from medcab.dashboards.rules.control import BASELINE_WEEKS, Control, Week, p_chart, xmr_chart
from medcab.dashboards.rules.forecast import HORIZON, Forecast, forecast
from medcab.dashboards.rules.kpi import Kpi
from medcab.dashboards.rules.period import Period, monday_of
from medcab.dashboards.rules.selection import EVERYTHING, Selection
from medcab.dashboards.rules.tally import Tally, total
from medcab.dashboards.rules.third_next import Wait
from medcab.dashboards.third_next.service import waits
from medcab.errors import NotFound

_WEEK = timedelta(7)
_DAY = timedelta(1)
_MEASURED = timedelta(27)
_JUDGED = 52 * _WEEK
_HISTORY = 3 * 52 * _WEEK
"""Three years: two seasons to learn from, the last to be tried on."""


@dataclass(frozen=True)
class Outlook:
    """`weeks`: whole ones by Monday, from half a year before `since` to the end of the period; from `since` on they are judged.

    `planned`: visits of a day, those booked ahead included. Nothing here depends on what the lines are narrowed to.
    """

    today: date
    since: date
    weeks: dict[date, Tally]
    planned: Mapping[date, int]
    forecast: Forecast
    access: dict[str, list[Wait]] = field(default_factory=dict)
    """Of the last four weeks, by specialty and day."""

    def control(self, kpi: Kpi) -> Control:
        """No-shows are shares of cases; fill and waiting are one number a week."""
        weeks = [Week(monday, kpi.measure(tally)) for monday, tally in self.weeks.items()]
        chart = p_chart if kpi is k.NO_SHOW else xmr_chart
        return chart(weeks, since=self.since, least=LEAST[kpi.unit])

    @property
    def now(self) -> date:
        """The Monday of the week that goes on."""
        return monday_of(self.today)

    @cached_property
    def visits(self) -> dict[date, int]:
        """Of each week by Monday, as far as there are any."""
        summed: dict[date, int] = {}
        for day, count in self.planned.items():
            summed[monday_of(day)] = summed.get(monday_of(day), 0) + count
        return summed


async def outlook(
    session: AsyncSession, actor: Actor, *, department_id: UUID, period: Period, selection: Selection = EVERYTHING
) -> Outlook:
    """For whoever may see the department's figures. The journal has the look at the page itself, of which this is a part."""
    if department_id not in {place.id for place in await service.departments(session, actor)}:
        raise NotFound
    today = clock.today()
    since, window = window_of(period, today)
    known = Period(min(window.start, today - _HISTORY), today + HORIZON * _WEEK)
    days = await queries.by_day(session, department_id, known, selection)
    planned = {day: tally.planned for day, tally in days.items() if day >= today - _HISTORY}
    expected = await asyncio.to_thread(forecast, planned, today=today)
    access = await waits(session, department_id, Period(today - _MEASURED, today))
    return Outlook(today, since, weeks_of(days, window), planned, expected, access)


async def again(actor: Actor, *, department_id: UUID, period: Period, selection: Selection) -> Outlook:
    """The same for a tab that was told of a change: one count for all who see the same of it."""

    async def read() -> Outlook:
        async with db.reading() as session:
            return await outlook(session, actor, department_id=department_id, period=period, selection=selection)

    async with db.reading() as session:
        if not await service.sees(session, actor, department_id):
            raise NotFound
    return await live.shared(f"figures:{department_id}", ("outlook", clock.today(), period, selection), read)


def window_of(period: Period, today: date) -> tuple[date, Period]:
    """The first week that is judged, and all weeks that are looked at: whole ones that are over.

    Of a long period it is the last year: what was usual before cannot be the measure of two.
    """
    end = monday_of(min(period.end + _DAY, today))
    since = max(min(monday_of(period.start), end), end - _JUDGED)
    return since, Period(since - BASELINE_WEEKS * _WEEK, end - _DAY)


def weeks_of(days: Mapping[date, Tally], window: Period) -> dict[date, Tally]:
    """From the first whole week that has figures to the end of the window; empty ones between them are there, so that a gap is seen.

    A week in the midst of which the history begins is no whole one: as a point of the line it would be a fall.
    """
    grouped: dict[date, list[Tally]] = {}
    for day, tally in days.items():
        if window.holds(day):
            grouped.setdefault(monday_of(day), []).append(tally)
    first = min(grouped, default=window.end + _DAY)
    if grouped and first < min(days):
        first += _WEEK
    mondays = [first + number * _WEEK for number in range(-(-(window.end - first).days // 7))]
    return {monday: total(grouped.get(monday, [])) for monday in mondays}
