"""«Устойчиво ли это?» and «Чего ждать»: shown after the figures of the page, which do not wait for them."""

import asyncio
from datetime import datetime
from uuid import UUID

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.dashboards.charts import Chart
from medcab.dashboards.outlook import charts, service
from medcab.dashboards.outlook.service import Outlook
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.period import Period
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.state import FRESH, NO_CHART, FiguresState, redraw
from medcab.guard import actor, reading, requires
from medcab.ui import formats

_CHARTS = ("no_shows", "utilisation", "waiting", "weeks", "days", "access")


class OutlookState(rx.State):
    """Control charts and forecast of the department and period that the page shows."""

    ready: bool = False
    no_shows: Chart = NO_CHART
    utilisation: Chart = NO_CHART
    waiting: Chart = NO_CHART
    weeks: Chart = NO_CHART
    days: Chart = NO_CHART
    access: Chart = NO_CHART
    has_access: bool = False
    has_weeks: bool = False
    has_forecast: bool = False
    counted: str = ""
    """How fresh it is."""
    _marks: dict[str, list[str]] = {}
    """Of each chart; the browser needs none of them and is sent less."""
    _shown: tuple[str, Period, Selection] | None = None
    _at: datetime | None = None

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def show(self):
        """Of what the page has just shown: its look is in the journal, and where it found nothing there is nothing here."""
        figures = await self.get_state(FiguresState)
        at = figures._at()
        wanted = (figures.department, at.period, at.selection) if figures.ready else None
        if wanted and wanted == self._shown and self._at and clock.now() - self._at < FRESH:
            return
        if not wanted or not self._shown or wanted[0] != self._shown[0]:
            self._forget()  # of the same department what another period leaves as it is is not sent again
        self.ready, self._shown = False, None  # should counting fail, nothing of another period stands for this one
        if wanted:
            await self._count(UUID(figures.department), at)
            self._shown = wanted

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def refresh(self):
        """Something was counted anew: only charts that it changes are sent. The page has asked whether they are still open to the person."""
        if not self.ready or not self._shown:
            return
        place, period, selection = self._shown
        found = await service.again(actor(), department_id=UUID(place), period=period, selection=selection)
        self._show(found, await asyncio.to_thread(charts.drawn, found))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def open_mark(self, chart: str, index: int):
        """A week or a day was clicked: its lines."""
        figures = await self.get_state(FiguresState)
        marks = self._marks.get(chart, [])
        return figures._go(figures._at().of_rows(marks[index])) if 0 <= index < len(marks) else None

    async def _count(self, department_id: UUID, at: Address) -> None:
        async with reading(self) as (session, actor):
            found = await service.outlook(
                session, actor, department_id=department_id, period=at.period, selection=at.selection
            )
        self._show(found, await asyncio.to_thread(charts.drawn, found))

    def _show(self, found: Outlook, drawn: dict[str, Chart]) -> None:
        self._marks = {name: chart["marks"] for name, chart in drawn.items()}
        redraw(self, {name: _unmarked(chart) for name, chart in drawn.items()})
        self.has_weeks, self.has_forecast = bool(found.weeks), not found.forecast.is_empty
        self.has_access = bool(found.access)
        self._at = clock.now()
        self.counted = f"Посчитано {formats.moment(self._at)}."
        self.ready = True

    def _forget(self) -> None:
        """Nothing is shown: it is being counted, or the department was closed to whoever looks."""
        redraw(self, dict.fromkeys(_CHARTS, NO_CHART))
        self.ready, self.has_weeks, self.has_forecast, self._shown, self._marks = False, False, False, None, {}
        self.has_access = False


def _unmarked(chart: Chart) -> Chart:
    return {**chart, "marks": []}
