"""What the page's address says, so that a link reproduces the view:
/figures?from=…&to=…&department=…&doctor=…&kind=…&compare=…&rows=…&page=…&cases=…&cases_page=…
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from medcab.dashboards.rules import against
from medcab.dashboards.rules.against import Against
from medcab.dashboards.rules.links import link, page_of, turned
from medcab.dashboards.rules.parts import PARTS
from medcab.dashboards.rules.period import Cut, Period, Preset, chosen, preset_of
from medcab.dashboards.rules.selection import EVERYTHING, Selection
from medcab.errors import Invalid

PATH = "/figures"
_LONGEST_ROWS, _LONGEST_CASES = 80, 20
"""What makes sense is shorter; columns and the journal keep it."""


@dataclass(frozen=True, slots=True)
class Address:
    """A view of the page. `rows` is the text of a `Cut`; `department_id` None is the first one the person may see.

    `cases` is the code of a `Part`: the visits behind a figure, within the cut.
    """

    period: Period
    department_id: UUID | None = None
    rows: str = ""
    page: int = 1
    cases: str = ""
    cases_page: int = 1
    selection: Selection = EVERYTHING
    compare: Against = Against.BEFORE

    @classmethod
    def read(cls, parameters: Mapping[str, str], *, today: date) -> "Address":
        """What cannot be read is as if it were not there, but a department that is none stays one that nobody finds."""
        return cls(
            _period(parameters, today),
            _department(parameters.get("department", "")),
            parameters.get("rows", "")[:_LONGEST_ROWS],
            page_of(parameters.get("page", "")),
            parameters.get("cases", "")[:_LONGEST_CASES],
            page_of(parameters.get("cases_page", "")),
            Selection.read(parameters.get("doctor", ""), parameters.get("kind", "")),
            against.read(parameters.get("compare", "")),
        )

    @property
    def cut(self) -> Cut:
        return Cut.read(self.rows)

    @property
    def shown(self) -> Period:
        """The days that the opened rows are of, before weekdays are chosen among them."""
        return self.cut.within(self.period)

    def of_period(self, period: Period) -> "Address":
        """Another period: the rows of a mark that may not be in it are closed, the choice of doctor and kind stays."""
        return replace(self.plain, period=period)

    def of_department(self, department_id: UUID) -> "Address":
        """Its doctors are others; the kind stays."""
        return replace(self.plain, department_id=department_id, selection=Selection(kind=self.selection.kind))

    def of_selection(self, selection: Selection) -> "Address":
        """Narrowed to a doctor or a kind, or no longer."""
        return replace(self.plain, selection=selection)

    def of_compare(self, compare: Against) -> "Address":
        """The same, compared with another span."""
        return replace(self, compare=compare)

    @property
    def plain(self) -> "Address":
        """The figures alone, no rows opened."""
        return replace(self, rows="", page=1, cases="", cases_page=1)

    def of_rows(self, rows: str, page: int = 1) -> "Address":
        """Another part of the period, or another page of its days; the visits stay open, those of that part."""
        return replace(self, rows=rows, page=page, cases_page=self.cases_page if rows == self.rows else 1)

    def of_cases(self, cases: str, page: int = 1) -> "Address":
        """The visits behind a figure; none: closed."""
        return replace(self, cases=cases, cases_page=page)

    def of_mark(self, rows: str, cases: str) -> "Address":
        """What one mark of a chart counts."""
        return replace(self, rows=rows, page=1, cases=cases, cases_page=1)

    def kept(self, today: date) -> str:
        """To be opened on other days: a ready period stays one («месяц» is the last month whenever that is); only rows that exist then."""
        preset = preset_of(self.period, today)
        known = replace(
            self, rows=self.rows if self.cut != Cut() else "", cases=self.cases if self.cases in PARTS else ""
        )
        return known._text({"period": preset} if preset else known._days)

    def __str__(self) -> str:
        return self._text(self._days)

    @property
    def _days(self) -> dict[str, object]:
        return {"from": self.period.start, "to": self.period.end}

    def _text(self, days: Mapping[str, object]) -> str:
        parts = {
            **days,
            "department": self.department_id,
            "doctor": self.selection.doctor_id,
            "kind": self.selection.kind,
            "compare": self.compare if self.compare is not Against.BEFORE else None,
            "rows": self.rows,
            "page": turned(self.page),
            "cases": self.cases,
            "cases_page": turned(self.cases_page),
        }
        return link(PATH, parts)


_NOBODYS = UUID(int=0)


def _period(parameters: Mapping[str, str], today: date) -> Period:
    """Days win over the name of a ready period."""
    start, end, name = (parameters.get(key, "") for key in ("from", "to", "period"))
    preset = Preset(name) if name in set(Preset) else Preset.MONTH
    if not start and not end:
        return preset.period(today)
    try:
        return chosen(start, end, today=today)
    except Invalid:
        return preset.period(today)


def _department(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return _NOBODYS
