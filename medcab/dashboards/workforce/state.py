"""«Нагрузка и право на работу»: shown after the figures of the page, which do not wait for them."""

from datetime import datetime
from uuid import UUID

import reflex as rx

from medcab import clock
from medcab.access import Permission
from medcab.dashboards.charts import Chart
from medcab.dashboards.exports import service as exports
from medcab.dashboards.exports.service import Drawn
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules import words
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.against import Against
from medcab.dashboards.rules.comparison import change
from medcab.dashboards.rules.period import Period
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.rules.tiles import Tile, plain
from medcab.dashboards.state import FRESH, NO_CHART, FiguresState, redraw
from medcab.dashboards.workforce import charts, service
from medcab.dashboards.workforce.service import Workforce
from medcab.guard import actor, reading, requires, transaction
from medcab.schedule.rules.given import identity
from medcab.ui import formats
from medcab.ui.files import saved

Wanted = tuple[str, Period, Selection, Against]
"""Department, and what of the address counts here."""
_OF_NO_KIND = "для одного вида приёма не считается: норма должности общая"


class WorkforceState(rx.State):
    """Load of the doctors over the period of the page, and the staff of its department today."""

    ready: bool = False
    tiles: list[Tile] = []
    load: Chart = NO_CHART
    staff: Chart = NO_CHART
    _shown: Wanted | None = None
    _counted_at: datetime | None = None

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def show(self):
        """Of what the page has just shown: its look is in the journal, and where it found nothing there is nothing here."""
        figures = await self.get_state(FiguresState)
        at, wanted = figures._at(), _wanted(figures)
        if wanted and wanted == self._shown and self._counted_at and clock.now() - self._counted_at < FRESH:
            return
        if wanted != self._shown:
            self._forget()  # should counting fail, nothing of another period stands for this one
        if wanted:
            async with reading(self) as (session, actor):
                found = await service.workforce(session, actor, department_id=UUID(figures.department), address=at)
            self._show(found, at, wanted)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def refresh(self):
        """Something was counted anew. The page has asked whether it is still open to the person."""
        figures = await self.get_state(FiguresState)
        at, wanted = figures._at(), _wanted(figures)
        if self.ready and wanted:
            found = await service.again(actor(), department_id=UUID(figures.department), address=at)
            self._show(found, at, wanted)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def open_mark(self, chart: str, index: int, trace: int):
        """A bar was clicked: the visits or the people that it counts."""
        figures = await self.get_state(FiguresState)
        at, marks = figures._at(), self.load["marks"]
        if chart == "load" and trace == 0 and 0 <= index < len(marks):
            return figures._go(at.of_mark(marks[index], self.load["parts"][0]))
        if chart == "staff" and 0 <= trace < len(charts.STAFF_PARTS) and 0 <= index < len(charts.STAFF_PARTS[0]):
            return figures._go(at.of_mark("", charts.STAFF_PARTS[trace][index]))
        return None

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def export_chart(self, chart: str, ending: str):
        """The table of a chart as it is shown."""
        if chart not in charts.TABLES:
            return None
        figures = await self.get_state(FiguresState)
        drawn = Drawn(chart, *charts.TABLES[chart], getattr(self, chart)["rows"])
        async with transaction(self) as (session, actor):
            sheet = await exports.chart(
                session, actor, at=identity(figures.department), address=figures._at(), drawn=drawn, narrowed="", ending=ending
            )  # fmt: skip
        return await saved(sheet)

    def _show(self, found: Workforce, at: Address, wanted: Wanted) -> None:
        load = {**NO_CHART, "conclusion": f"Нагрузка {_OF_NO_KIND}."} if at.selection.kind else charts.load(found)
        redraw(self, {"load": load, "staff": charts.staff(found), "tiles": tiles(found, at)})
        self.ready, self._shown, self._counted_at = True, wanted, clock.now()

    def _forget(self) -> None:
        """Nothing is shown, or the department was closed to whoever looks."""
        redraw(self, {"load": NO_CHART, "staff": NO_CHART, "tiles": []})
        self.ready, self._shown = False, None


def _wanted(figures: FiguresState) -> Wanted | None:
    """What the page shows, as far as it changes anything here; None when it shows nothing."""
    at = figures._at()
    return (figures.department, at.period, at.selection, at.compare) if figures.ready else None


def tiles(found: Workforce, at: Address) -> list[Tile]:
    """Load, and staff today and in ninety days, with what was divided by what."""
    measure = found.measure
    load = plain(k.LOAD, measure, change(k.LOAD, measure, k.LOAD.measure(found.before)), at)
    if at.selection.kind:
        load.update(value=formats.NO_DATA, doubt=_OF_NO_KIND, change="")
    elif found.loads:
        norm = f" при норме {formats.number(round(found.load.expected))}" if found.load.expected else ""
        rest = f", ещё {formats.number(found.load.without_norm)} без нормы" if found.load.without_norm else ""
        load.update(part=f"{formats.plural(found.load.counted, *words.VISIT)}{norm}{rest}")
    people = found.staff
    counts = {"valid": len(people.valid()), "valid_ahead": len(people.valid(ahead=True))}
    of_staff = [_of_staff(kpi, found, counts[kpi.code], at) for kpi in (k.VALID, k.VALID_AHEAD)]
    return [load, *of_staff]


def _of_staff(kpi: k.Kpi, found: Workforce, count: int, at: Address) -> Tile:
    tile = plain(kpi, kpi.measure(found.staff), None, at)
    if found.staff.people:
        tile.update(part=formats.number(count), whole=formats.number(len(found.staff.people)))
    return tile
