"""The right to practise: one rule, wherever something depends on it. Pure.

Verification writes down what it rests on (`Right`: the standing and the last day of each specialty); who asks, asks for a day and a specialty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Standing(StrEnum):
    """Whether the professional status is proved; written by verification only."""

    UNVERIFIED = "unverified"
    ACTIVE = "active"
    SUSPENDED = "suspended"


_WITHOUT = {
    Standing.UNVERIFIED: "профессиональный статус ещё не подтверждён",
    Standing.SUSPENDED: "право на работу приостановлено",
}


@dataclass(frozen=True)
class Right:
    """Of one person. `until` is the last day of any practice (None: no end), `specialties` the last day of each, by its name as the register
    has it; empty where none were written down.
    """

    standing: Standing
    until: date | None
    specialties: Mapping[str, date | None] = field(default_factory=dict)

    def holds_on(self, day: date, specialty: str = "") -> bool:
        return not self.why_not(day, specialty)

    def why_not(self, day: date, specialty: str = "") -> str:
        """What stands in the way of practising `specialty` (any, when empty) on the day, to go on a sentence; empty: nothing does."""
        if self.standing is not Standing.ACTIVE:
            return _WITHOUT[self.standing]
        if _is_over(self.until, day):
            return f"право на работу подтверждено только по {_words(self.until)}"
        if not specialty:
            return ""
        ends = [until for name, until in self.specialties.items() if _plain(name) == _plain(specialty)]
        if not ends:
            return f"специальность «{specialty}» не подтверждена"
        if not all(_is_over(until, day) for until in ends):
            return ""
        last = max(until for until in ends if until)
        return f"право по специальности «{specialty}» подтверждено только по {_words(last)}"

    def open_on(self, day: date) -> tuple[str, ...]:
        """The specialties that may be practised on the day, by name."""
        return tuple(sorted(name for name in self.specialties if self.holds_on(day, name)))


@dataclass(frozen=True, slots=True)
class Practised:
    """A specialty that somebody has or had, and when, both days included; None: as long as is known, or without end."""

    specialty: str
    since: date | None
    until: date | None

    def touches(self, first: date, last: date) -> bool:
        return (self.since is None or self.since <= last) and (self.until is None or first <= self.until)


def _is_over(until: date | None, day: date) -> bool:
    return until is not None and until < day


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").split())


def _words(day: date | None) -> str:
    return day.strftime("%d.%m.%Y") if day else ""
