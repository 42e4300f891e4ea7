"""«Финансы»: the page's state. Everything is rebuilt from the address; nothing here is kept for later."""

from typing import TypedDict

import reflex as rx

from medcab import clock
from medcab.access import Permission, why_closed
from medcab.dashboards.charts import Chart
from medcab.dashboards.rules.lines import Choice, months_to_choose
from medcab.dashboards.state import NO_CHART
from medcab.errors import Forbidden
from medcab.finance import charts, service
from medcab.finance.queries import Row
from medcab.finance.rules import words
from medcab.finance.rules.address import BACK, FIRST_REFUSED, Address, months_back
from medcab.finance.rules.kpi import CATALOGUE, Facts
from medcab.finance.rules.sums import OUTCOME_TITLES, REPORTED
from medcab.finance.service import Page, Report
from medcab.guard import actor, requires, transaction
from medcab.schedule.calendar.service import clinic
from medcab.schedule.rules.visits import PAYER_TITLES
from medcab.ui import formats
from medcab.ui.files import saved

ROWS = "finance-rows"
"""Where the focus goes when a mark has been opened."""
NOT_YOURS = "Финансы видят администратор клиники и руководитель отделения. Если они нужны вам для работы, обратитесь к администратору клиники."
NOT_KEPT = "Тарифы, планы и реестры ведёт администратор клиники. Если они нужны вам для работы, обратитесь к нему."
ALL = "all"
_CHOICES = {"from", "to", "department", "payer"}


class Tile(TypedDict):
    """A figure over the charts and what it means."""

    code: str
    title: str
    value: str
    doubt: str
    formula: str
    fraction: str
    source: str
    caveat: str


class Line(TypedDict):
    """A visit in a register, ready to draw."""

    key: str
    day: str
    doctor: str
    patient: str
    payer: str
    sum: str
    outcome: str
    reason: str


class FinanceState(rx.State):
    """Money of the departments over some months."""

    ready: bool = False
    closed: str = ""
    """Why there is nothing to see."""
    is_missing: bool = False
    lead: str = ""
    paper: str = ""
    """What the head of a printed page adds."""
    department: str = ALL
    keeps_money: bool = False
    """Whether tariffs, plans and registers are open to the person."""
    departments: list[Choice] = []
    has_departments: bool = False
    payer: str = ALL
    payers: list[Choice] = []
    start: str = ""
    end: str = ""
    starts: list[Choice] = []
    ends: list[Choice] = []
    is_empty: bool = False
    tiles: list[Tile] = []
    flow: Chart = NO_CHART
    reasons: Chart = NO_CHART
    by_month: Chart = NO_CHART
    by_department: Chart = NO_CHART
    by_payer: Chart = NO_CHART
    rows_of: str = ALL
    cuts: list[Choice] = []
    lines: list[Line] = []
    lines_summary: str = ""
    page: int = 1
    pages: int = 1
    _address: Address | None = None

    @rx.event
    @requires()
    async def load(self):
        """Show what the address asks for; money that is not open to the person says why."""
        sentence = why_closed(actor(), Permission.FINANCE_DEPARTMENT)
        self.closed = NOT_YOURS if sentence == Forbidden.message else sentence
        return None if self.closed else FinanceState.show

    @rx.event
    @requires(Permission.FINANCE_DEPARTMENT)
    async def show(self):
        """Read the report and the visits of the open mark; both looks are journalled."""
        address = Address.read(self.router.url.query_parameters, today=clock.today())
        self._address, self.ready, self.is_missing, self.lines = address, False, True, []
        async with transaction(self) as (session, actor):
            report = await service.report(session, actor, address=address)
            page = await service.rows(session, actor, address=address) if address.rows else None
            self.paper = f"{await clinic(session, actor)}. Составлено {formats.moment(clock.now())}, {actor.name}"
            self.keeps_money = actor.may(Permission.FINANCE_ORGANISATION)
        self._show(report, page)
        return rx.set_focus(ROWS) if address.rows else None

    @rx.event
    @requires(Permission.FINANCE_DEPARTMENT)
    async def choose(self, what: str, value: str):
        """Another month, department or payer."""
        if what not in _CHOICES:
            return None
        return self._go(self._at().of_view({what: "" if value == ALL else value}, today=clock.today()))

    @rx.event
    @requires(Permission.FINANCE_DEPARTMENT)
    async def choose_rows(self, rows: str):
        """Show the visits behind one mark, or behind everything."""
        return self._go(self._at().of_rows(rows))

    @rx.event
    @requires(Permission.FINANCE_DEPARTMENT)
    async def open_mark(self, chart: str, index: int):
        """A bar was clicked."""
        drawn = {
            "flow": self.flow, "reasons": self.reasons, "months": self.by_month, "departments": self.by_department, "payers": self.by_payer,
        }  # fmt: skip
        marks = drawn.get(chart, NO_CHART)["marks"]
        return self._go(self._at().of_rows(marks[index] or ALL)) if 0 <= index < len(marks) else None

    @rx.event
    @requires(Permission.FINANCE_DEPARTMENT)
    async def turn(self, by: int):
        """Another page of the visits."""
        return self._go(self._at().of_rows(self.rows_of, max(1, self.page + by)))

    @rx.event
    @requires(Permission.FINANCE_DEPARTMENT)
    async def export(self, kind: str):
        """The visits of the open mark, all pages, as a file for a spreadsheet."""
        async with transaction(self) as (session, actor):
            sheet = await service.export(session, actor, address=self._at(), kind=kind)
        return await saved(sheet)

    def _at(self) -> Address:
        """The view that is shown; a tab that lost its state begins anew."""
        return self._address or Address.read(self.router.url.query_parameters, today=clock.today())

    def _go(self, address: Address):
        self._address = address  # a click before the page has followed builds on this one
        return rx.redirect(str(address), replace=True)

    def _show(self, report: Report, page: Page | None) -> None:
        address = report.address
        self._show_choices(report)
        place = next((each.name for each in report.departments if each.id == address.department_id), "")
        whole = report.departments[0].name if len(report.departments) == 1 else "Все отделения"
        self.lead = f"{place or whole}, {address.start:%m.%Y}–{address.end:%m.%Y}"
        self.is_empty = report.facts.sums.is_empty and not report.facts.plan.kopecks
        self.tiles = tiles_of(report.facts)
        self.flow, self.reasons, self.by_month = charts.flow(report), charts.reasons(report), charts.months(report)
        self.by_department, self.by_payer = charts.departments(report), charts.payers(report)
        self.cuts = cuts_of(report)
        self.rows_of = address.rows if any(cut["value"] == address.rows for cut in self.cuts) else ALL
        self._show_lines(page)
        self.ready, self.is_missing = True, False

    def _show_choices(self, report: Report) -> None:
        address, today = report.address, clock.today()
        self.departments = [
            {"value": ALL, "label": "Все отделения"},
            *({"value": str(place.id), "label": place.name} for place in report.departments),
        ]  # fmt: skip
        self.has_departments = len(report.departments) > 1
        self.department = str(address.department_id or ALL)
        self.payers = payer_choices()
        self.payer = address.payer or ALL
        months = [months_back(today.replace(day=1), back) for back in range(BACK + 1)]
        self.starts, self.ends = months_to_choose("с", months), months_to_choose("по", months)
        self.start, self.end = f"{address.start:%Y-%m}", f"{address.end:%Y-%m}"

    def _show_lines(self, page: Page | None) -> None:
        """Nothing is open until somebody asks: names are not read for nothing."""
        self.lines = [line_of(row) for row in page.rows] if page else []
        self.page, self.pages = (page.number, page.pages) if page else (1, 1)
        amount = page.amount if page else None
        self.lines_summary = f"{words.visits(amount.visits)} на {words.money(amount.kopecks)}" if amount else ""


def why_not_kept() -> str:
    """Why the person may not keep tariffs, plans and registers, a sentence; empty when they may."""
    sentence = why_closed(actor(), Permission.FINANCE_ORGANISATION)
    return NOT_KEPT if sentence == Forbidden.message else sentence


def payer_choices() -> list[Choice]:
    """All payers, or one."""
    return [{"value": ALL, "label": "Все плательщики"}, *_payers()]


def _payers() -> list[Choice]:
    return [{"value": payer.value, "label": title} for payer, title in PAYER_TITLES.items()]


def tiles_of(facts: Facts) -> list[Tile]:
    """The catalogue's figures of the view."""
    return [
        {
            "code": kpi.code, "title": kpi.title, "value": words.value(kpi, facts), "formula": kpi.formula, "source": kpi.source,
            "doubt": "" if measure.value is None or measure.is_reliable else "мало приёмов",
            "fraction": f"{formats.capital(kpi.numerator)}, делённая на: {kpi.denominator}." if kpi.denominator else "",
            "caveat": kpi.caveat,
        }
        for kpi in CATALOGUE
        for measure in [kpi.measure(facts)]
    ]  # fmt: skip


def cuts_of(report: Report) -> list[Choice]:
    """What the visits may be narrowed to: the same marks that the charts have."""
    return [
        {"value": ALL, "label": "Все приёмы реестров"},
        *({"value": f"outcome:{outcome}", "label": OUTCOME_TITLES[outcome]} for outcome in REPORTED),
        {"value": FIRST_REFUSED, "label": "Отклонено с первого раза"},
        *({"value": f"reason:{code}", "label": f"{code}. {report.reason(code)}"} for code in report.by_reason),
        *({"value": f"month:{month}", "label": f"Месяц {month:%m.%Y}"} for month in report.by_month),
        *({"value": f"department:{place.id}", "label": place.name} for place in report.by_department),
        *({"value": f"payer:{payer}", "label": PAYER_TITLES[payer]} for payer in report.by_payer),
    ]  # fmt: skip


def line_of(row: Row) -> Line:
    """One line of the table."""
    return {
        "key": str(row.id),
        "day": formats.moment(row.starts_at),
        "doctor": formats.unbroken(row.doctor),
        "patient": formats.unbroken(row.patient),
        "payer": PAYER_TITLES[row.payer],
        "sum": words.money(row.kopecks),
        "outcome": OUTCOME_TITLES[row.outcome],
        "reason": f"{row.reason_code}. {row.reason}" if row.reason_code else "",
    }
