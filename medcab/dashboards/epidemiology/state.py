"""«Заболеваемость»: the page's state, rebuilt from the address."""

import asyncio
from typing import TypedDict
from uuid import UUID

import reflex as rx
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Actor, Permission, why_closed
from medcab.dashboards.charts import Chart
from medcab.dashboards.epidemiology import charts, service
from medcab.dashboards.epidemiology.form import service as forms
from medcab.dashboards.epidemiology.queries import Row
from medcab.dashboards.epidemiology.rules import words
from medcab.dashboards.epidemiology.rules.address import ALL, BACK, Address
from medcab.dashboards.epidemiology.rules.kpi import CATALOGUE, Facts
from medcab.dashboards.epidemiology.rules.weeks import finished
from medcab.dashboards.epidemiology.service import Page, Report
from medcab.dashboards.exports.service import Drawn
from medcab.dashboards.rules.attention import NOTHING, Attention
from medcab.dashboards.rules.lines import Choice, months_to_choose
from medcab.dashboards.rules.period import months_back
from medcab.dashboards.rules.report import named
from medcab.dashboards.service import sees
from medcab.dashboards.state import NO_CHART
from medcab.errors import Forbidden
from medcab.guard import actor, failure, reading, requires, transaction, watch
from medcab.schedule.diagnoses.queries import topic
from medcab.schedule.diagnoses.rules.ages import AGE_TITLES
from medcab.schedule.diagnoses.rules.classes import CLASSES
from medcab.schedule.service import zone
from medcab.ui import formats
from medcab.ui.chart import card_id
from medcab.ui.files import saved

ROWS = "epidemiology-rows"
"""Where the focus goes when a mark has been opened."""
NOT_YOURS = "Заболеваемость видят руководитель отделения и администратор клиники. Если она нужна вам для работы, обратитесь к администратору клиники."
_CHOICES = {"from", "to", "department", "chapter"}


class Tile(TypedDict):
    """A figure over the charts and what it means."""

    code: str
    title: str
    value: str
    doubt: str
    formula: str
    numerator: str
    denominator: str
    caveat: str


class Line(TypedDict):
    """A case, ready to draw."""

    key: str
    day: str
    doctor: str
    patient: str
    age: str
    code: str
    title: str
    kind: str


class EpidemiologyState(rx.State):
    """Cases of the departments over some months."""

    ready: bool = False
    closed: str = ""
    """Why there is nothing to see."""
    is_missing: bool = False
    lead: str = ""
    paper: str = ""
    department: str = ALL
    departments: list[Choice] = []
    has_departments: bool = False
    chapter: str = ALL
    start: str = ""
    end: str = ""
    starts: list[Choice] = []
    ends: list[Choice] = []
    form_month: str = ""
    form_months: list[Choice] = []
    attention: Attention = NOTHING
    is_empty: bool = False
    tiles: list[Tile] = []
    weeks: Chart = NO_CHART
    classes: Chart = NO_CHART
    ages: Chart = NO_CHART
    rows_of: str = ALL
    cuts: list[Choice] = []
    lines: list[Line] = []
    lines_summary: str = ""
    page: int = 1
    pages: int = 1
    _address: Address | None = None
    _watched: list[str] = []

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; what is not open to the person says why."""
        sentence = why_closed(actor(), Permission.FIGURES_DEPARTMENT)
        self.closed = NOT_YOURS if sentence == Forbidden.message else sentence
        return None if self.closed else EpidemiologyState.show

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def show(self):
        """Read the report and the cases of the open mark, journal both looks, and watch them from now on."""
        self._empty()
        self._address = address = Address.read(self.router.url.query_parameters, today=clock.today(zone()))
        async with transaction(self) as (session, actor):
            found = await _read(session, actor, address)
        self._show(*found, actor)
        watch(
            self,
            {name: EpidemiologyState.refresh for place in self._watched for name in (topic(place), f"figures:{place}")},
        )
        place = ROWS if address.rows else card_id(address.chart) if address.chart else ""
        return rx.set_focus(place) if place else None

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def refresh(self):
        """A case was written or struck out: show it without moving anything. Who may no longer see it is left with nothing of it."""
        if not self.ready or self._address is None:
            return None
        async with reading(self) as (session, actor):
            is_open = await _is_open(session, actor, self._watched)
            found = await _read(session, actor, self._address, refreshed=True) if is_open else None
        if found is None:
            self._empty()
            return failure("Заболеваемость этого отделения вам больше не открыта.")
        return self._show(*found, actor)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose(self, what: str, value: str):
        """Another month, department or class."""
        if what not in _CHOICES:
            return None
        return self._go(self._at().of_view({what: "" if value == ALL else value}, today=clock.today(zone())))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose_rows(self, rows: str):
        """Show the cases behind one mark, or behind everything."""
        return self._go(self._at().of_rows(rows))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def open_mark(self, chart: str, index: int):
        """A point or a bar was clicked."""
        marks = self._charts().get(chart, NO_CHART)["marks"]
        return self._go(self._at().of_rows(marks[index])) if 0 <= index < len(marks) and marks[index] else None

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def turn(self, by: int):
        """Another page of the cases."""
        return self._go(self._at().of_rows(self._at().rows or ALL, max(1, self.page + by)))

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def export(self, ending: str):
        """The cases of the open mark, all pages; `ending` is csv or xlsx."""
        async with transaction(self) as (session, actor):
            sheet = await service.export(session, actor, address=self._at(), ending=ending)
        return await saved(sheet)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def export_chart(self, chart: str, ending: str):
        """The table of a chart as it is shown."""
        if chart not in charts.TABLES:
            return None
        drawn = Drawn(chart, *charts.TABLES[chart], self._charts()[chart]["rows"])
        async with transaction(self) as (session, actor):
            sheet = await service.export_chart(session, actor, address=self._at(), drawn=drawn, ending=ending)
        return await saved(sheet)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def choose_form_month(self, month: str):
        """Of which month the form is to be."""
        self.form_month = next((each["value"] for each in self.form_months if each["value"] == month), self.form_month)

    @rx.event
    @requires(Permission.FIGURES_DEPARTMENT)
    async def make_form(self, ending: str):
        """Form № 2 of the month and the departments shown; `ending` is pdf or xlsx."""
        async with transaction(self) as (session, actor):
            made = await forms.make(session, actor, at=self._at().department_id, month=self.form_month, ending=ending)
        content = await asyncio.to_thread(made.draw)
        return rx.download(data=content, filename=made.name, mime_type=made.mime)

    def _charts(self) -> dict[str, Chart]:
        return {name: getattr(self, name) for name in charts.TABLES}

    def _at(self) -> Address:
        """The view that is shown; a tab that lost its state begins anew."""
        return self._address or Address.read(self.router.url.query_parameters, today=clock.today(zone()))

    def _go(self, address: Address):
        self._address = address  # a click before the page has followed builds on this one
        return rx.redirect(str(address), replace=True)

    def _empty(self) -> None:
        """Nothing of any case stays in the tab, and nothing is pushed to it."""
        self.ready, self.is_missing, self.lead, self.paper = False, True, "", ""
        self.tiles, self.lines, self.cuts, self.attention = [], [], [], NOTHING
        self.departments, self.lines_summary, self._address, self._watched = [], "", None, []
        for name in charts.TABLES:
            setattr(self, name, NO_CHART)
        watch(self, {})

    def _show(self, report: Report, page: Page | None, actor: Actor) -> None:
        address, today = report.address, clock.today(zone())
        self._watched = [str(place.id) for place in report.shown]
        self._show_choices(
            report, "Все отделения" if actor.may(Permission.FIGURES_ORGANISATION) else "Все мои отделения"
        )
        self.lead, *_, self.paper = service.head(actor, report.shown, address)
        self.attention = words.attention(report.last_week, finished(today), address)
        self.is_empty = report.is_empty
        self.tiles = tiles_of(report.facts)
        self.weeks, self.classes, self.ages = charts.weeks(report), charts.classes(report), charts.ages(report)
        self.cuts = cuts_of(report)
        self.rows_of = address.rows if any(cut["value"] == address.rows for cut in self.cuts) else ALL
        self._show_lines(page)
        self.ready, self.is_missing = True, False

    def _show_choices(self, report: Report, whole: str) -> None:
        address, latest = report.address, clock.today(zone()).replace(day=1)
        self.departments = [
            {"value": ALL, "label": whole},
            *({"value": str(place.id), "label": place.name} for place in report.departments),
        ]  # fmt: skip
        self.has_departments = len(report.departments) > 1
        self.department, self.chapter = str(address.department_id or ALL), address.chapter or ALL
        months = [months_back(latest, back) for back in range(BACK + 1)]
        self.starts, self.ends = months_to_choose("с", months), months_to_choose("по", months)
        self.start, self.end = f"{address.start:%Y-%m}", f"{address.end:%Y-%m}"
        self.form_months = [{"value": f"{month:%Y-%m}", "label": formats.capital(named(month))} for month in months]
        self.form_month = self.form_month or self.form_months[1]["value"]

    def _show_lines(self, page: Page | None) -> None:
        """Nothing is open until somebody asks: names are not read for nothing."""
        self.lines = [line_of(row) for row in page.rows] if page else []
        self.page, self.pages = (page.number, page.pages) if page else (1, 1)
        self.lines_summary = words.cases(page.total) if page else ""


async def _read(
    session: AsyncSession, actor: Actor, address: Address, *, refreshed: bool = False
) -> tuple[Report, Page | None]:
    """All that the page draws."""
    report = await service.report(session, actor, address=address, refreshed=refreshed)
    page = await service.rows(session, actor, address=address, refreshed=refreshed) if address.rows else None
    return report, page


async def _is_open(session: AsyncSession, actor: Actor, watched: list[str]) -> bool:
    """Whether every department shown is open to the actor now."""
    return all([await sees(session, actor, UUID(place)) for place in watched])


def chapters() -> list[Choice]:
    """All classes to choose from."""
    return [
        {"value": ALL, "label": "Все классы болезней"},
        *({"value": each.number, "label": words.chapter_shortly(each.number)} for each in CLASSES),
    ]


def tiles_of(facts: Facts) -> list[Tile]:
    """The catalogue's figures of the view."""
    return [
        {
            "code": kpi.code, "title": kpi.title, "value": words.value(kpi, facts), "formula": kpi.formula, "numerator": kpi.numerator,
            "doubt": "" if measure.value is None or measure.is_reliable else words.UNRELIABLE,
            "denominator": kpi.denominator, "caveat": kpi.caveat,
        }
        for kpi in CATALOGUE
        for measure in [kpi.measure(facts)]
    ]  # fmt: skip


def cuts_of(report: Report) -> list[Choice]:
    """What the cases may be narrowed to: the marks that the charts have, and the one that is open."""
    is_one = bool(report.address.chapter)
    kind, name = ("category", words.category) if is_one else ("chapter", words.chapter_shortly)
    found: list[Choice] = [
        {"value": ALL, "label": "Все случаи за период"},
        *({"value": f"{kind}:{code}", "label": name(code)} for code, facts in report.by_class.items() if facts.first_ever),
        *({"value": f"age:{age}", "label": AGE_TITLES[age]} for age in report.by_age),
        *({"value": f"week:{each.monday}", "label": f"Неделя {words.week(each.monday)}"} for each in reversed(report.weeks) if each.is_own),
    ]  # fmt: skip
    cut, rows = report.address.cut, report.address.rows
    if rows and all(each["value"] != rows for each in found):
        parts = [words.week(cut.week) if cut.week else "", words.chapter(cut.chapter) if cut.chapter else ""]
        found.append({"value": rows, "label": ", ".join(filter(None, parts)) or "Выбранное"})
    return found


def line_of(row: Row) -> Line:
    """One line of the table."""
    return {
        "key": str(row.id),
        "day": formats.moment(row.starts_at),
        "doctor": formats.unbroken(row.doctor),
        "patient": formats.unbroken(row.patient) or "имя не показано",
        "age": AGE_TITLES[row.age],
        "code": row.code,
        "title": service.title_of(row.code),
        "kind": row.kind,
    }
