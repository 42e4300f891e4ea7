"""What the page's address says: /finance?from=2026-01&to=2026-10&department=…&payer=oms&rows=…&page=…"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from medcab.dashboards.rules.links import link, page_of, turned
from medcab.dashboards.rules.period import department_of, month_of, months_back
from medcab.finance.rules.sums import Outcome
from medcab.schedule.rules.visits import Payer

PATH = "/finance"
BACK = 24
"""Months one can go back."""
LONGEST_CODE = 20
FIRST_REFUSED = "first:rejected"


@dataclass(frozen=True, slots=True)
class Cut:
    """What one mark of a chart counts; nothing given: all of the view. `is_first`: of first lines, whatever became of the visit later."""

    outcome: Outcome | None = None
    is_first: bool = False
    reason: str | None = None
    month: date | None = None
    department_id: UUID | None = None
    payer: Payer | None = None

    @classmethod
    def read(cls, text: str) -> "Cut":
        """`outcome:rejected`, `first:rejected`, `reason:5.1`, `month:2026-10-01`, `department:<id>`, `payer:oms`; anything else is the whole."""
        kind, _, value = text.partition(":")
        with suppress(ValueError):
            match kind:
                case "outcome":
                    return cls(outcome=Outcome(value))
                case "first":
                    return cls(outcome=Outcome(value), is_first=True)
                case "reason" if value.isprintable() and len(value) <= LONGEST_CODE:
                    return cls(reason=value)
                case "month":
                    return cls(month=date.fromisoformat(value))
                case "department":
                    return cls(department_id=UUID(value))
                case "payer":
                    return cls(payer=Payer(value))
        return cls()


@dataclass(frozen=True, slots=True)
class Address:
    """A view: months from `start` to `end` inclusive, by their first days."""

    start: date
    end: date
    department_id: UUID | None = None
    payer: Payer | None = None
    rows: str = ""
    page: int = 1

    @classmethod
    def read(cls, parameters: Mapping[str, str], *, today: date) -> "Address":
        """What cannot be read is as if it were not there; a department that is none stays one that nobody finds."""
        latest = today.replace(day=1)
        start = month_of(parameters.get("from", ""), latest, BACK) or months_back(latest, 12)
        end = month_of(parameters.get("to", ""), latest, BACK) or months_back(latest, 1)
        payer = parameters.get("payer", "")
        return cls(
            min(start, end), max(start, end), department_of(parameters.get("department", "")),
            Payer(payer) if payer in set(Payer) else None, parameters.get("rows", "")[:80],
            page_of(parameters.get("page", "")),
        )  # fmt: skip

    @property
    def cut(self) -> Cut:
        return Cut.read(self.rows)

    @property
    def months(self) -> list[date]:
        count = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        return [months_back(self.end, back) for back in range(count, -1, -1)]

    def of_view(self, parameters: Mapping[str, str], *, today: date) -> "Address":
        """Another period, department or payer; the rows of a mark are closed."""
        now = {"from": f"{self.start:%Y-%m}", "to": f"{self.end:%Y-%m}", "payer": self.payer or ""}
        return Address.read({**now, "department": str(self.department_id or ""), **parameters}, today=today)

    def of_rows(self, rows: str, page: int = 1) -> "Address":
        return replace(self, rows=rows, page=page)

    def __str__(self) -> str:
        parts = {
            "from": f"{self.start:%Y-%m}", "to": f"{self.end:%Y-%m}", "department": self.department_id, "payer": self.payer,
            "rows": self.rows, "page": turned(self.page),
        }  # fmt: skip
        return link(PATH, parts)
