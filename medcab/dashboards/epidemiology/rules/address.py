"""What the page's address says: /epidemiology?from=2026-01&to=2026-11&department=…&chapter=X&rows=…&page=…"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from medcab.dashboards.rules.links import link, page_of, turned
from medcab.dashboards.rules.period import department_of, monday_of, month_of, months_back
from medcab.schedule.diagnoses.rules.ages import AgeGroup
from medcab.schedule.diagnoses.rules.classes import CLASSES
from medcab.schedule.diagnoses.rules.names import named

PATH = "/epidemiology"
BACK = 36
"""Months one can go back."""
SHOWN = 11
"""Months before the current one that are shown unless others are asked for."""
ALL = "all"
WEEKS = "weeks"
"""The chart of weeks, by its name."""
CHAPTERS = {each.number: each for each in CLASSES}
_LAST_YEAR = 2100


@dataclass(frozen=True, slots=True)
class Cut:
    """What one mark counts. `week` is a Monday, and the whole week whatever months are shown; nothing given: all of the view."""

    week: date | None = None
    chapter: str | None = None
    category: str | None = None
    age: AgeGroup | None = None

    @classmethod
    def read(cls, text: str) -> "Cut":
        """`week:2026-11-16`, `chapter:X`, `category:J11`, `age:60+`, several by commas; anything else leaves the whole."""
        found = cls()
        for part in text.split(",")[:4]:
            kind, _, value = part.partition(":")
            with suppress(ValueError):
                found = replace(found, **_narrowed(kind, value))
        return found


def _narrowed(kind: str, value: str) -> dict[str, object]:
    match kind:
        case "week":
            day = date.fromisoformat(value)
            return {"week": monday_of(day)} if date.min.year < day.year < _LAST_YEAR else {}
        case "chapter" if value in CHAPTERS:
            return {"chapter": value}
        case "category" if named(value):
            return {"category": value[:3]}
        case "age":
            return {"age": AgeGroup(value)}
    return {}


@dataclass(frozen=True, slots=True)
class Address:
    """A view: months from `start` to `end` inclusive, by their first days; of one department or all, of one class or all."""

    start: date
    end: date
    department_id: UUID | None = None
    chapter: str = ""
    rows: str = ""
    page: int = 1
    chart: str = ""
    """The chart that is asked for: it gets the focus."""

    @classmethod
    def read(cls, parameters: Mapping[str, str], *, today: date) -> "Address":
        """What cannot be read is as if it were not there; a department that is none stays one that nobody finds."""
        latest = today.replace(day=1)
        start = month_of(parameters.get("from", ""), latest, BACK) or months_back(latest, SHOWN)
        end = month_of(parameters.get("to", ""), latest, BACK) or latest
        chapter = parameters.get("chapter", "")
        return cls(
            min(start, end), max(start, end), department_of(parameters.get("department", "")), chapter if chapter in CHAPTERS else "",
            parameters.get("rows", "")[:80], page_of(parameters.get("page", "")),
            WEEKS if parameters.get("chart", "") == WEEKS else "",
        )  # fmt: skip

    @property
    def cut(self) -> Cut:
        return Cut.read(self.rows)

    @property
    def last_day(self) -> date:
        return months_back(self.end, -1) - timedelta(days=1)

    def mondays(self, today: date) -> list[date]:
        """Of the weeks that touch the months and have begun, in order; each is shown whole."""
        first, last = monday_of(self.start), monday_of(min(self.last_day, today))
        return [first + timedelta(days) for days in range(0, (last - first).days + 1, 7)]

    def of_view(self, parameters: Mapping[str, str], *, today: date) -> "Address":
        """Another period, department or class; the rows of a mark are closed."""
        now = {"from": f"{self.start:%Y-%m}", "to": f"{self.end:%Y-%m}", "chapter": self.chapter}
        return Address.read({**now, "department": str(self.department_id or ""), **parameters}, today=today)

    def of_rows(self, rows: str, page: int = 1) -> "Address":
        return replace(self, rows=rows, page=page, chart="")

    def of_chart(self, monday: date, chapter: str) -> "Address":
        """The weeks of one class, whatever months were shown this week among them."""
        month = monday.replace(day=1)
        return replace(
            self, start=min(self.start, month), end=max(self.end, month), chapter=chapter, rows="", page=1, chart=WEEKS
        )

    def __str__(self) -> str:
        parts = {
            "from": f"{self.start:%Y-%m}", "to": f"{self.end:%Y-%m}", "department": self.department_id, "chapter": self.chapter,
            "rows": self.rows, "page": turned(self.page), "chart": self.chart,
        }  # fmt: skip
        return link(PATH, parts)
