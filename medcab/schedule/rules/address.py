"""Which view of whose schedule an address asks for: `/schedule?date=2026-11-23&view=week&who=<id>`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, get_args
from urllib.parse import urlencode
from uuid import UUID

from medcab.schedule.rules.visits import AppointmentStatus

View = Literal["day", "week", "month", "list", "people"]
By = Literal["person", "room"]
VIEWS: tuple[View, ...] = get_args(View)
_VIEWS: dict[str, View] = {view: view for view in VIEWS}
PATH = "/schedule"
FARTHEST = timedelta(days=3 * 366)
WEEK, LISTED = 7, 28
"""Days that a week shows, and a list."""
_LAST_PAGE = 9999


@dataclass(frozen=True)
class Address:
    """`who` is None for whom the actor sees first: themselves, or a colleague; so is `department` for the view of people.

    `by` is what the columns of that view are, `status` what a list is narrowed to, `page` counts from 1.
    """

    day: date
    view: View = "day"
    who: UUID | None = None
    department: UUID | None = None
    by: By = "person"
    status: AppointmentStatus | None = None
    page: int = 1

    @classmethod
    def read(cls, given: Mapping[str, str], *, today: date) -> "Address":
        """What makes no sense is as if it were not there."""
        day = _date(given.get("date", ""), today)
        return cls(
            day if abs(day - today) < FARTHEST else today,
            _VIEWS.get(given.get("view", ""), "day"),
            _id(given.get("who", "")),
            _id(given.get("department", "")),
            "room" if given.get("by") == "room" else "person",
            next((status for status in AppointmentStatus if status == given.get("status")), None),
            _number(given.get("page", "")),
        )

    def __str__(self) -> str:
        asked = {
            "date": self.day.isoformat(), "view": self.view, "who": self.who, "department": self.department,
            "by": self.by if self.by != "person" else None, "status": self.status, "page": self.page if self.page > 1 else None,
        }  # fmt: skip
        return f"{PATH}?{urlencode({name: str(value) for name, value in asked.items() if value})}"

    def on(self, day: date) -> "Address":
        return replace(self, day=day, page=1)

    def seen_by(self, view: View) -> "Address":
        return replace(self, view=view, page=1)

    def of(self, who: UUID) -> "Address":
        return replace(self, who=who, page=1)

    def turned(self, by: int) -> "Address":
        """The next or previous day, week or month."""
        if self.view == "month":
            return self.on(_month(self.day, by))
        return self.on(self.day + timedelta(days=by * {"week": WEEK, "list": LISTED}.get(self.view, 1)))


def _month(day: date, by: int) -> date:
    """The first day of a month that many months away."""
    months = day.year * 12 + day.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


def _date(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int:
    return max(1, min(int(text), _LAST_PAGE)) if text.isascii() and text.isdigit() and len(text) < 9 else 1  # noqa: PLR2004
