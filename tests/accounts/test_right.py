"""The right to practise: the last day is included, a specialty stands for itself, and a refusal says why."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.accounts.rules.right import Right, Standing

DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1))
NAMES = ("Кардиология", "Терапия", "Лечебное дело")
SPECIALTIES = st.dictionaries(st.sampled_from(NAMES), st.none() | DAYS)
RIGHTS = st.builds(Right, st.sampled_from(Standing), st.none() | DAYS, SPECIALTIES)


@given(RIGHTS, DAYS, st.sampled_from(("", *NAMES)))
def test_a_refusal_has_a_reason_and_only_a_refusal(right: Right, day: date, specialty: str) -> None:
    assert right.holds_on(day, specialty) is (right.why_not(day, specialty) == "")


@given(RIGHTS, DAYS, st.sampled_from(("", *NAMES)), st.integers(1, 4000))
def test_a_right_never_comes_back_by_waiting(right: Right, day: date, specialty: str, more: int) -> None:
    if not right.holds_on(day, specialty):
        assert not right.holds_on(day + timedelta(days=more), specialty)


@given(RIGHTS, DAYS, st.sampled_from(NAMES))
def test_losing_one_specialty_leaves_the_others(right: Right, day: date, lost: str) -> None:
    rest = {name: until for name, until in right.specialties.items() if name != lost}
    after = Right(right.standing, right.until, rest)
    assert set(after.open_on(day)) == set(right.open_on(day)) - {lost}


@given(RIGHTS, DAYS)
def test_nobody_practises_a_specialty_without_the_right_to_practise(right: Right, day: date) -> None:
    if not right.holds_on(day):
        assert right.open_on(day) == ()


@pytest.mark.parametrize(
    ("right", "words"),
    [
        (Right(Standing.UNVERIFIED, None), "ещё не подтверждён"),
        (Right(Standing.SUSPENDED, None, {"Терапия": None}), "приостановлено"),
        (Right(Standing.ACTIVE, date(2026, 11, 22)), "только по 22.11.2026"),
        (Right(Standing.ACTIVE, None, {"Хирургия": None}), "«терапия» не подтверждена"),
        (Right(Standing.ACTIVE, None, {"Терапия": date(2026, 11, 22)}), "«терапия» подтверждено только по 22.11.2026"),
    ],
)
def test_it_is_said_in_words(right: Right, words: str) -> None:
    assert words in right.why_not(date(2026, 11, 23), "терапия")


def test_spelling_does_not_take_a_right() -> None:
    right = Right(Standing.ACTIVE, None, {"Акушерство и  гинекология": None, "Нефрология": date(2026, 11, 23)})
    assert right.holds_on(date(2026, 11, 23), "акушерство и гинекология")
    assert right.holds_on(date(2026, 11, 23), "Нефрология")
