"""When a person is told that something runs out: each step once, the nearest only after an outage, and never for what was renewed. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from medcab.compliance.rules.duties import TITLES, Duty, Row, State

TOLD = frozenset(
    {Duty.STANDING, Duty.PERMIT, Duty.TRAINING, Duty.LICENCE, Duty.MEDICAL_BOOK, Duty.QUALIFICATION, Duty.SIGNATURE}
)
"""Duties that somebody is reminded of beforehand; of a password the cabinet speaks itself."""


@dataclass(frozen=True, slots=True, order=True)
class Reminder:
    """Something holds until `valid_until`, included; `step` is the one of the norm's `reminder_days` that has been reached."""

    valid_until: date
    subject: str
    step: int
    is_permit: bool = False

    def days_left(self, today: date) -> int:
        return (self.valid_until - today).days


def subject_of(row: Row) -> str:
    """What it is about, in the words of the message; a permit by its specialty alone, as it always was."""
    return row.subject if row.duty is Duty.PERMIT else " ".join(filter(None, (TITLES[row.duty], row.subject)))


def due(
    rows: Iterable[Row], sent: Collection[Reminder], *, today: date, steps: Collection[int]
) -> tuple[Reminder, ...]:
    """What is to be told today, the soonest first; `sent` has been told before, `steps` are days ahead."""
    told: dict[tuple[str, date], int] = {}
    for each in sent:
        key = (each.subject, each.valid_until)
        told[key] = min(each.step, told.get(key, each.step))
    found = []
    for row in rows:
        step = _step(row, today, steps)
        if step is not None and row.deadline and step < told.get((subject_of(row), row.deadline), max(steps) + 1):
            found.append(Reminder(row.deadline, subject_of(row), step, row.duty is Duty.PERMIT))
    return tuple(sorted(found))


def _step(row: Row, today: date, steps: Collection[int]) -> int | None:
    """The closest step that so many days have reached; None: too early, too late, or nothing to do (hours that have been learned)."""
    if row.duty not in TOLD or row.deadline is None or (row.duty is Duty.TRAINING and row.state is State.DONE):
        return None
    left = (row.deadline - today).days
    return min((step for step in steps if 0 <= left <= step), default=None)
