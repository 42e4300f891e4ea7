"""Each step is told once, nothing is told of what was renewed, and an outage makes no heap."""

from datetime import date, timedelta
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from medcab.norms import NORMS
from medcab.verification.rules import reminders
from medcab.verification.rules.findings import Permit
from medcab.verification.rules.reminders import Reminder

STEPS = NORMS[0].reminder_days
due = partial(reminders.due, steps=STEPS)
END = date(2028, 2, 1)
MINE = [Permit("Кардиология", END)]


def nights(days: list[int], permits: list[Permit] = MINE) -> list[Reminder]:
    """What was told, when the comparison ran so many days before the end."""
    told: list[Reminder] = []
    for left in sorted(days, reverse=True):
        told += due(permits, told, today=END - timedelta(days=left))
    return told


def test_every_step_once_when_every_night_is_there() -> None:
    assert [each.step for each in nights(list(range(-5, 400)))] == list(STEPS)


@given(st.lists(st.integers(-5, 400)))
def test_after_an_outage_only_the_nearest_step_is_told(days: list[int]) -> None:
    steps = [each.step for each in nights(days)]
    assert steps == sorted(set(steps), reverse=True), "each once, and never back"
    reached = [min(step for step in STEPS if left <= step) for left in days if 0 <= left <= STEPS[0]]
    assert set(steps) == set(reached)


def test_what_was_renewed_is_not_reminded_of() -> None:
    longer = Permit("Кардиология", END + timedelta(days=1800))
    assert nights([30, 7], [*MINE, longer]) == []
    assert nights([30, 7], [*MINE, Permit("Кардиология", None)]) == []


def test_the_renewed_one_is_reminded_of_in_its_own_time() -> None:
    longer = Permit("Кардиология", END + timedelta(days=365))
    told = due(MINE, [], today=END - timedelta(days=7))
    later = due([*MINE, longer], told, today=longer.valid_until - timedelta(days=7) if longer.valid_until else END)
    assert [(each.valid_until, each.step) for each in later] == [(longer.valid_until, 7)]


def test_several_specialties_come_soonest_first() -> None:
    both = [Permit("Терапия", END + timedelta(days=20)), *MINE]
    assert [each.speciality for each in due(both, [], today=END - timedelta(days=10))] == ["Кардиология", "Терапия"]


def test_the_last_day_itself_is_told_and_the_day_after_is_not() -> None:
    assert [each.step for each in due(MINE, [], today=END)] == [1]
    assert due(MINE, [], today=END + timedelta(days=1)) == ()
