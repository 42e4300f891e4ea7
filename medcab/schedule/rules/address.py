"""Which view of whose schedule an address asks for: `/schedule?date=2026-11-23&view=week&who=<id>`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID

View = Literal["day", "week"]
PATH = "/schedule"
FARTHEST = timedelta(days=3 * 366)


@dataclass(frozen=True)
class Address:
    """`who` is None for whom the actor sees first: themselves, or a colleague."""

    day: date
    view: View = "day"
    who: UUID | None = None

    @classmethod
    def read(cls, given: Mapping[str, str], *, today: date) -> "Address":
        """What makes no sense is as if it were not there."""
        day = _date(given.get("date", ""), today)
        return cls(
            day if abs(day - today) < FARTHEST else today,
            "week" if given.get("view") == "week" else "day",
            _id(given.get("who", "")),
        )

    def __str__(self) -> str:
        query = {"date": self.day.isoformat(), "view": self.view, **({"who": str(self.who)} if self.who else {})}
        return f"{PATH}?{urlencode(query)}"

    def on(self, day: date) -> "Address":
        return replace(self, day=day)

    def seen_by(self, view: View) -> "Address":
        return replace(self, view=view)

    def of(self, who: UUID) -> "Address":
        return replace(self, who=who)

    def turned(self, by: int) -> "Address":
        """The next or previous day or week."""
        return self.on(self.day + timedelta(days=by * (7 if self.view == "week" else 1)))


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
