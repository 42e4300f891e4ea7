"""«Показатели отделения»: the page's state. Everything is rebuilt from the address; nothing here is kept for later."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, live
from medcab.access import Actor, Permission, why_closed
from medcab.dashboards import charts, service
from medcab.dashboards.attention.service import Surroundings, surroundings
from medcab.dashboards.charts import Chart
from medcab.dashboards.exports import service as exports
from medcab.dashboards.exports.service import Drawn
from medcab.dashboards.queries import DayRow
from medcab.dashboards.rules import against, kpi
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.attention import NOTHING, Attention, attention, fresh
from medcab.dashboards.rules.lines import ALL, Choice, Line, cuts, line, narrowed, on_paper, people
from medcab.dashboards.rules.period import Preset, chosen, preset_of
from medcab.dashboards.rules.selection import EVERYTHING, Selection
from medcab.dashboards.rules.tiles import OF_NO_KIND, Tile, tiles
from medcab.dashboards.service import Overview, Page
from medcab.dashboards.views import service as views
from medcab.dashboards.views.state import FigureViews
from medcab.dashboards.visits.state import FigureVisits
from medcab.errors import Forbidden
from medcab.guard import actor, failure, reading, requires, transaction, watch
from medcab.schedule.calendar.service import clinic
from medcab.schedule.rules.given import identity
from medcab.ui import formats
from medcab.ui.files import saved

ROWS = "figures-rows"
"""Where the focus goes when a mark has been opened."""
NOT_YOURS = (
    "Показатели видит руководитель отделения. Если они нужны вам для работы, обратитесь к администратору клиники."
)
OWN = "own"
NO_CHART: Chart = {"conclusion": "", "figure": {"data": [], "layout": {}}, "rows": [], "marks": [], "parts": []}

FRESH = timedelta(minutes=1)
"""A click that only opens other lines does not count everything anew."""


def redraw(state: rx.State, shown: Mapping[str, Any]) -> None:
    """Vars by name: only what differs from what is shown is sent again."""
    for name, value in shown.items():
        if getattr(state, name) != value:
            setattr(state, name, value)


class FiguresState(rx.State):
    """Figures of one department over one period."""

    ready: bool = False
    closed: str = ""
    """Why there is nothing to see."""
    is_missing: bool = False
    """Nothing came of loading: the notice says why."""
    lead: str = ""
    department: str = ""
    paper: str = ""
    """What the head of a printed page adds: clinic, moment, who."""
    paper_lines: list[Line] = []
    """All of them, up to a bound: only when the page is being printed."""
    paper_note: str = ""
    printed: int = 0
    """Counts how often the page was made ready for paper."""
    departments: list[Choice] = []
    has_departments: bool = False
    """More than one to choose from."""
    doctors: list[Choice] = []
    doctor: str = ALL
    kind: str = ALL
    narrowed: str = ""
    """What the figures are narrowed to, in words."""
    attention: Attention = NOTHING
    fresh: str = ""
    preset: str = ""
    start: str = ""
    end: str = ""
    today: str = ""
    is_empty: bool = False
    tiles: list[Tile] = []
    compare: str = ""
    compared: str = ""
    visits: Chart = NO_CHART
    utilisation: Chart = NO_CHART
    no_shows: Chart = NO_CHART
    waiting: Chart = NO_CHART
    rows_of: str = ""
    cuts: list[Choice] = []
    lines: list[Line] = []
    lines_summary: str = ""
    page: int = 1
    pages: int = 1
    _address: Address | None = None

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; figures that are not open to the person say why."""
        sentence = why_closed(actor(), Permission.FIGURES_DEPARTMENT)
        self.closed = NOT_YOURS if sentence == Forbidden.message else sentence
        asked = set(self.router.url.query_parameters)
        return None if self.closed else FiguresState.show if asked - {"sent"} else FiguresState.begin

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def begin(self):
        """The address names a view that a colleague sent, or nothing: then the person's own first view, if there is one."""
        sent = self.router.url.query_parameters.get("sent")
        self.ready, self.is_missing = False, bool(sent)
        async with transaction(self) as (session, actor):
            address = await (
                views.open_sent(session, actor, view_id=identity(sent, views.NoView.message))
                if sent
                else views.first(session, actor)
            )
        return rx.redirect(address, replace=True) if address else FiguresState.show

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def show(self):
        """Read the figures, journal the look at them, and watch them from now on."""
        self._empty()
        self._address = address = Address.read(self.router.url.query_parameters, today=clock.today())
        async with transaction(self) as (session, actor):
            found = await _read(session, actor, address.department_id, address)
        self._show(*found)
        watch(self, dict.fromkeys((f"figures:{self.department}", live.DAY), FiguresState.refresh))
        focus = [rx.set_focus(ROWS)] if address.rows and not address.cases else []
        return [FigureVisits.show, FigureViews.show, _workforce().show, _outlook().show, *focus]

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def refresh(self):
        """Something was counted anew: show it without moving anything. Who may no longer see it is left with nothing of it."""
        if not self.department:
            return None
        place, found = UUID(self.department), None
        async with reading(self) as (session, actor):
            if await service.sees(session, actor, place):
                found = await _read(session, actor, place, self._at(), refreshed=True)
        if found is None:
            return await self._forget()
        self._show(*found)
        return [FigureVisits.refresh, _workforce().refresh, _outlook().refresh]

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose_preset(self, preset: str):
        """Go to a ready period."""
        if preset in set(Preset):
            return self._go(self._at().of_period(Preset(preset).period(clock.today())))
        return None

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose_period(self, form: dict[str, Any]):
        """Go to the person's own period."""
        start, end = (str(form.get(name, "")) for name in ("from", "to"))
        return self._go(self._at().of_period(chosen(start, end, today=clock.today())))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose_department(self, department_id: str):
        """Go to another department, same period."""
        return self._go(self._at().of_department(identity(department_id)))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose_doctor(self, doctor: str):
        """One doctor's figures, or everybody's; the kind of visit stays."""
        kind = self._at().selection.kind or ""
        return self._go(self._at().of_selection(Selection.read("" if doctor == ALL else doctor, kind)))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose_kind(self, kind: str):
        """Visits of one kind, or all; the doctor stays."""
        return self._go(self._at().of_selection(replace(self._at().selection, kind=Selection.read(kind=kind).kind)))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose_everything(self):
        """Doctor and kind are given up, the period stays."""
        return self._go(self._at().of_selection(EVERYTHING))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose_compare(self, compare: str):
        """Compare with another span."""
        return self._go(self._at().of_compare(against.read(compare)))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose_rows(self, rows: str):
        """Show the lines behind one mark, or behind everything."""
        return self._go(self._at().of_rows(rows))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def open_mark(self, chart: str, index: int, trace: int):
        """A bar was clicked: show the visits that it counts."""
        found = self._charts().get(chart, NO_CHART)
        if 0 <= index < len(found["marks"]) and 0 <= trace < len(found["parts"]):
            return self._go(self._at().of_mark(found["marks"][index], found["parts"][trace]))
        return None

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def turn(self, by: int):
        """Another page of the lines."""
        return self._go(self._at().of_rows(self.rows_of, max(1, self.page + by)))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def export(self, ending: str):
        """The lines shown, all pages, as a file for a spreadsheet: csv or xlsx."""
        exports.demand_kind(ending)
        at, address = identity(self.department), self._at()
        async with reading(self) as (session, actor):
            sheet = await service.export_csv(
                session, actor, at=at, address=address, selection=address.selection, ending=ending
            )
        async with transaction(self) as (session, actor):
            await service.exported(session, actor, at=at, address=address, sheet=sheet)
        return await saved(sheet)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def export_chart(self, chart: str, ending: str):
        """The table of a chart as it is shown."""
        found = self._charts().get(chart)
        if found is None:
            return None
        drawn = Drawn(chart, *charts.TABLES[chart], found["rows"])
        async with transaction(self) as (session, actor):
            sheet = await exports.chart(
                session, actor, at=identity(self.department), address=self._at(), drawn=drawn, narrowed=self.narrowed, ending=ending
            )  # fmt: skip
        return await saved(sheet)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def for_paper(self):
        """Fetch the lines of all pages, then the browser prints."""
        at = identity(self.department)
        async with transaction(self) as (session, actor):
            page = await service.for_paper(session, actor, at=at, address=self._at())
        self.paper_lines = [_line(row) for row in page.rows]
        self.paper_note = on_paper(len(page.rows), page.total)
        self.printed += 1

    def _charts(self) -> dict[str, Chart]:
        return {name: getattr(self, name) for name in charts.TABLES}

    def _empty(self) -> None:
        """Nothing of any figure stays in the tab, and nothing is pushed to it."""
        self.ready, self.is_missing = False, True
        self.tiles, self.lines, self.paper_lines, self.attention, self.lead = [], [], [], NOTHING, ""
        self.doctors, self.cuts, self.departments, self.department = [], [], [], ""
        self.compared, self.lines_summary, self._address = "", "", None
        for name in charts.TABLES:
            setattr(self, name, NO_CHART)
        watch(self, {})

    async def _forget(self):
        """The department was closed to whoever looks."""
        visits = await self.get_state(FigureVisits)
        visits.is_open, visits.lines, visits.people, visits.rooms = False, [], [], []
        for part in (_workforce(), _outlook()):
            (await self.get_state(part))._forget()
        self._empty()
        return failure("Показатели этого отделения вам больше не открыты.")

    def _at(self) -> Address:
        """The view that is shown; a tab that lost its state begins anew."""
        return self._address or Address.read(self.router.url.query_parameters, today=clock.today())

    def _go(self, address: Address):
        """On the way there already: a click that comes before the page has followed builds on this one."""
        self._address = address
        return rx.redirect(str(address), replace=True)

    def _show(self, overview: Overview, page: Page, around: Surroundings, clinic: str, who: str) -> None:
        address, today = self._at(), clock.today()
        period = overview.period
        self._show_choice(overview, around)
        self.start, self.end, self.today = period.start.isoformat(), period.end.isoformat(), today.isoformat()
        self.preset = preset_of(period, today) or OWN
        days = f"{overview.department.name}, {formats.period(period.start, period.end)}"
        self.lead = f"{days}; {self.narrowed}" if self.narrowed else days
        self.paper = f"{clinic}. Составлено {formats.moment(clock.now())}, {who}"
        self.attention = attention(around.recent, address, around.staff)
        self.fresh = fresh(around.counted_at)
        self.is_empty = overview.now.is_empty
        self.tiles = tiles(overview.now, overview.before, address)
        self.compare = overview.against
        self.compared = against.told(overview.against, period, today=today, is_compared=not overview.before.is_empty)
        self.visits, self.utilisation = charts.visits(overview), charts.utilisation(overview)
        if address.selection.kind:
            self.utilisation = {**NO_CHART, "conclusion": f"{kpi.UTILISATION.title} {OF_NO_KIND}."}
        self.no_shows, self.waiting = charts.no_shows(overview), charts.waiting(overview)
        doctors = [(doctor.id, doctor.name) for doctor in overview.doctors]
        self.cuts = [*cuts(doctors, overview.weekdays, overview.weeks, period), *beyond(address)]
        self.rows_of = address.rows if any(cut["value"] == address.rows for cut in self.cuts) else ALL
        self._show_lines(page)
        self.ready, self.is_missing = True, False

    def _show_lines(self, page: Page) -> None:
        self.lines, self.paper_lines = [_line(row) for row in page.rows], []
        self.paper_note = on_paper(len(page.rows), page.total)
        self.lines_summary = formats.plural(page.total, "строка", "строки", "строк")
        self.page, self.pages = page.number, page.pages

    def _show_choice(self, overview: Overview, around: Surroundings) -> None:
        """Departments, doctors and kinds, and which of them are chosen."""
        selection = self._at().selection
        self.department = str(overview.department.id)
        self.departments = [{"value": str(place.id), "label": place.name} for place in overview.departments]
        self.has_departments = len(self.departments) > 1
        self.doctors = people([(doctor.id, doctor.name) for doctor in around.doctors], selection.doctor_id)
        self.doctor, self.kind = str(selection.doctor_id or ALL), selection.kind or ALL
        self.narrowed = narrowed(selection, self.doctors)


async def _read(
    session: AsyncSession, actor: Actor, department_id: UUID | None, address: Address, *, refreshed: bool = False
) -> tuple[Overview, Page, Surroundings, str, str]:
    """All that the page draws."""
    overview = await service.overview(
        session, actor, department_id=department_id, start=address.period.start, end=address.period.end,
        selection=address.selection, compare=address.compare, refreshed=refreshed,
    )  # fmt: skip
    page = await service.rows(session, actor, at=overview.department.id, address=address, selection=address.selection)
    around = await surroundings(session, actor, overview=overview, address=address)
    return overview, page, around, await clinic(session, actor), actor.name


def _line(row: DayRow) -> Line:
    return line(row.day, row.doctor.id, row.doctor.name, row.tally)


def _outlook() -> Any:
    """It stands on this module."""
    from medcab.dashboards.outlook.state import OutlookState

    return OutlookState


def _workforce() -> Any:
    """The same."""
    from medcab.dashboards.workforce.state import WorkforceState

    return WorkforceState


def beyond(address: Address) -> list[Choice]:
    """What the lines are narrowed to when it is no part of the period: a mark of a chart that looks behind it or ahead."""
    span = address.cut.span
    return [{"value": address.rows, "label": formats.period(span.start, span.end)}] if span else []
