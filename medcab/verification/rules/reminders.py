"""When a person is told that a permit runs out: each step once, the nearest only after an outage, and never for what was renewed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from medcab.verification.rules.findings import Permit, last_days


@dataclass(frozen=True, slots=True, order=True)
class Reminder:
    """A specialty may be practised until `valid_until`, included; `step` is the one of the norm's `reminder_days` that has been reached."""

    valid_until: date
    speciality: str
    step: int

    def days_left(self, today: date) -> int:
        return (self.valid_until - today).days


def due(
    permits: Iterable[Permit], sent: Collection[Reminder], *, today: date, steps: Collection[int]
) -> tuple[Reminder, ...]:
    """What is to be told today, the soonest first; `sent` has been told before, `steps` are days ahead."""
    reached = [
        (speciality, until, _step((until - today).days, steps))
        for speciality, until in last_days(permits).items()
        if until
    ]
    told = {(each.speciality, each.valid_until): each.step for each in sorted(sent, key=lambda each: -each.step)}
    return tuple(sorted(
        Reminder(until, speciality, step)
        for speciality, until, step in reached
        if step is not None and step < told.get((speciality, until), max(steps) + 1)
    ))  # fmt: skip


def _step(left: int, steps: Collection[int]) -> int | None:
    """The closest step that so many days have reached; None: too early, or too late."""
    reached = [step for step in steps if 0 <= left <= step]
    return min(reached, default=None)
