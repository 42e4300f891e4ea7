"""What the page's address says, so that a link reproduces the view: /figures?from=…&to=…&department=…&compare=…&rows=…&page=…"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from medcab.dashboards.rules import against
from medcab.dashboards.rules.against import Against
from medcab.dashboards.rules.period import Cut, Period, Preset, chosen
from medcab.errors import Invalid

PATH = "/figures"


@dataclass(frozen=True, slots=True)
class Address:
    """A view of the page. `rows` is the text of a `Cut`; `department_id` None is the first one the person may see."""

    period: Period
    department_id: UUID | None = None
    rows: str = ""
    page: int = 1
    compare: Against = Against.BEFORE

    @classmethod
    def read(cls, parameters: Mapping[str, str], *, today: date) -> "Address":
        """What cannot be read is as if it were not there, but a department that is none stays one that nobody finds."""
        try:
            period = chosen(parameters.get("from", ""), parameters.get("to", ""), today=today)
        except Invalid:
            period = Preset.MONTH.period(today)
        page = parameters.get("page", "")
        return cls(
            period,
            _department(parameters.get("department", "")),
            parameters.get("rows", ""),
            int(page) if page.isascii() and page.isdigit() and len(page) <= len("9999") else 1,
            against.read(parameters.get("compare", "")),
        )

    @property
    def cut(self) -> Cut:
        return Cut.read(self.rows)

    def of_period(self, period: Period) -> "Address":
        """Another period: the rows of a mark that may not be in it are closed."""
        return Address(period, self.department_id, compare=self.compare)

    def of_department(self, department_id: UUID) -> "Address":
        return Address(self.period, department_id, compare=self.compare)

    def of_compare(self, compare: Against) -> "Address":
        return replace(self, compare=compare)

    def of_rows(self, rows: str, page: int = 1) -> "Address":
        return replace(self, rows=rows, page=page)

    def __str__(self) -> str:
        parts = {
            "from": self.period.start,
            "to": self.period.end,
            "department": self.department_id,
            "compare": self.compare if self.compare is not Against.BEFORE else None,
            "rows": self.rows,
            "page": self.page if self.page > 1 else None,
        }
        return f"{PATH}?{urlencode({name: str(value) for name, value in parts.items() if value})}"


_NOBODYS = UUID(int=0)


def _department(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return _NOBODYS
