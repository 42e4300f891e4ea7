"""«Показатели отделения»: the page's state. Everything is rebuilt from the address; nothing here is kept for later."""

import asyncio
from typing import Any, TypedDict
from uuid import UUID

import reflex as rx

from medcab import clock
from medcab.access import Permission, why_closed
from medcab.dashboards import charts, service
from medcab.dashboards.charts import Chart
from medcab.dashboards.queries import DayRow
from medcab.dashboards.rules import against, words
from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.kpi import Kpi
from medcab.dashboards.rules.period import Preset, chosen, preset_of
from medcab.dashboards.rules.tiles import Tile, tiles
from medcab.dashboards.service import Overview, Page
from medcab.errors import Forbidden
from medcab.guard import actor, reading, requires, transaction, watch
from medcab.ui import formats

ROWS = "figures-rows"
"""Where the focus goes when a mark has been opened."""
NOT_YOURS = (
    "Показатели видит руководитель отделения. Если они нужны вам для работы, обратитесь к администратору клиники."
)
OWN, ALL = "own", "all"
NO_CHART: Chart = {"conclusion": "", "figure": {"data": [], "layout": {}}, "rows": [], "marks": []}


class Choice(TypedDict):
    """An entry of a list to choose from."""

    value: str
    label: str


class Line(TypedDict):
    """A worker's day, ready to draw."""

    key: str
    day: str
    doctor: str
    planned: str
    done: str
    no_show: str
    utilisation: str
    wait: str


class FiguresState(rx.State):
    """Figures of one department over one period."""

    ready: bool = False
    closed: str = ""
    """Why there is nothing to see."""
    is_missing: bool = False
    """Nothing came of loading: the notice says why."""
    lead: str = ""
    department: str = ""
    departments: list[Choice] = []
    has_departments: bool = False
    """More than one to choose from."""
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
        from medcab.dashboards.outlook.state import OutlookState  # it stands on this module

        return None if self.closed else [FiguresState.show, OutlookState.show]

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def show(self):
        """Read the figures, journal the look at them, and watch them from now on."""
        address = Address.read(self.router.url.query_parameters, today=clock.today())
        self._address, self.ready, self.is_missing = address, False, True
        async with transaction(self) as (session, actor):
            overview = await service.overview(
                session, actor, department_id=address.department_id, start=address.period.start,
                end=address.period.end, compare=address.compare,
            )  # fmt: skip
            page = await service.rows(session, actor, at=overview.department.id, address=address)
        self._show(overview, page)
        watch(self, {f"figures:{overview.department.id}": FiguresState.refresh})
        return rx.set_focus(ROWS) if address.rows else None

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def refresh(self):
        """Something was counted anew: show it without moving anything."""
        address = self._at()
        async with reading(self) as (session, actor):
            overview = await service.overview(
                session, actor, department_id=UUID(self.department), start=address.period.start,
                end=address.period.end, compare=address.compare, refreshed=True,
            )  # fmt: skip
            page = await service.rows(session, actor, at=overview.department.id, address=address)
        self._show(overview, page)

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
        return self._go(self._at().of_department(UUID(department_id)))

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
    async def open_mark(self, chart: str, index: int):
        """A bar was clicked."""
        marks = {
            "visits": self.visits,
            "utilisation": self.utilisation,
            "no_shows": self.no_shows,
            "waiting": self.waiting,
        }
        found = marks.get(chart, NO_CHART)["marks"]
        if 0 <= index < len(found):
            return self._go(self._at().of_rows(found[index]))
        return None

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def turn(self, by: int):
        """Another page of the lines."""
        return self._go(self._at().of_rows(self.rows_of, max(1, self.page + by)))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def export(self):
        """The lines shown, all pages, as a file for a spreadsheet."""
        async with transaction(self) as (session, actor):
            sheet = await service.export_csv(session, actor, at=UUID(self.department), address=self._at())
        content = await asyncio.to_thread(lambda: sheet.content)
        return rx.download(data=content, filename=sheet.name, mime_type=sheet.mime)

    def _at(self) -> Address:
        """The view that is shown; a tab that lost its state begins anew."""
        return self._address or Address.read(self.router.url.query_parameters, today=clock.today())

    def _go(self, address: Address):
        return rx.redirect(str(address), replace=True)

    def _show(self, overview: Overview, page: Page) -> None:
        address, today = self._at(), clock.today()
        period = overview.period
        self.lead = f"{overview.department.name}, {formats.period(period.start, period.end)}"
        self.department = str(overview.department.id)
        self.departments = [{"value": str(place.id), "label": place.name} for place in overview.departments]
        self.has_departments = len(self.departments) > 1
        self.preset = preset_of(period, today) or OWN
        self.start, self.end, self.today = period.start.isoformat(), period.end.isoformat(), today.isoformat()
        self.is_empty = overview.now.is_empty
        self.tiles = tiles(overview.now, overview.before)
        self.compare = overview.against
        self.compared = against.told(overview.against, period, today=today, is_compared=not overview.before.is_empty)
        self.visits, self.utilisation = charts.visits(overview), charts.utilisation(overview)
        self.no_shows, self.waiting = charts.no_shows(overview), charts.waiting(overview)
        self.cuts = [*cuts_of(overview), *beyond(address)]
        self.rows_of = address.rows if any(cut["value"] == address.rows for cut in self.cuts) else ALL
        self._show_lines(page)
        self.ready, self.is_missing = True, False

    def _show_lines(self, page: Page) -> None:
        self.lines = [line_of(row) for row in page.rows]
        self.lines_summary = formats.plural(page.total, "строка", "строки", "строк")
        self.page, self.pages = page.number, page.pages


def cuts_of(overview: Overview) -> list[Choice]:
    """What the lines may be narrowed to: doctors, weekdays, weeks; the same marks that the charts have."""
    doctors = sorted(overview.doctors, key=lambda doctor: doctor.name)
    return [
        {"value": ALL, "label": "Весь период"},
        *({"value": f"doctor:{doctor.id}", "label": doctor.name} for doctor in doctors),
        *({"value": f"weekday:{day}", "label": f"День недели: {words.WEEKDAYS[day]}"} for day in overview.weekdays),
        *(
            {"value": f"week:{monday}", "label": f"Неделя {formats.period(span.start, span.end)}"}
            for monday in overview.weeks
            for span in [overview.period.week(monday)]
        ),
    ]  # fmt: skip


def beyond(address: Address) -> list[Choice]:
    """What the lines are narrowed to when it is no part of the period: a mark of a chart that looks behind it or ahead."""
    span = address.cut.span
    return [{"value": address.rows, "label": formats.period(span.start, span.end)}] if span else []


def line_of(row: DayRow) -> Line:
    """One line of the table."""

    def value(kpi: Kpi) -> str:
        return words.value(kpi, kpi.measure(row.tally))

    return {
        "key": f"{row.day}/{row.doctor.id}",
        "day": formats.day(row.day),
        "doctor": row.doctor.name,
        "planned": formats.number(row.tally.planned),
        "done": formats.number(row.tally.done),
        "no_show": formats.number(row.tally.no_show),
        "utilisation": value(k.UTILISATION),
        "wait": value(k.WAIT_MEDIAN),
    }
