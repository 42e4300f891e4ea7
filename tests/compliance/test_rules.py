"""Duties as rules over facts: time never mends, a paper never harms, hours count once."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.accounts.rules.right import Standing
from medcab.compliance.rules.days import is_working, months_before, whole_months, working_days_before
from medcab.compliance.rules.duties import Day, Duty, Facts, Paper, State, duties, training_plan, worst
from medcab.compliance.rules.reminders import due
from medcab.compliance.rules.training import plan
from medcab.documents.kinds.rules import DocumentKind
from medcab.norms import NORMS

TODAY = date(2026, 11, 23)
DAYS = st.dates(date(2022, 1, 1), date(2033, 1, 1))
PAPERS = st.builds(
    Paper, st.sampled_from(DocumentKind), st.sampled_from(["", "Терапия", "Хирургия"]), DAYS, st.none() | DAYS, st.integers(0, 200), st.booleans()
)  # fmt: skip
FACTS = st.builds(
    Facts, standing=st.sampled_from(Standing), specialties=st.dictionaries(st.sampled_from(["Терапия", "Хирургия"]), st.none() | DAYS),
    papers=st.lists(PAPERS, max_size=8).map(tuple), certificate_until=st.none() | DAYS, password_set=st.none() | DAYS, has_app=st.booleans(),
)  # fmt: skip


def on(day: date) -> Day:
    return Day(day, NORMS[0])


@given(FACTS, DAYS, st.integers(1, 1500))
def test_waiting_mends_nothing(facts: Facts, day: date, more: int) -> None:
    """Training is judged for the permit that runs out next: another one is another duty."""
    later = day + timedelta(days=more)
    before = {
        (row.duty, row.subject): row.state.rank for row in duties(facts, on(day)) if row.duty is not Duty.TRAINING
    }
    after = {
        (row.duty, row.subject): row.state.rank for row in duties(facts, on(later)) if row.duty is not Duty.TRAINING
    }
    assert set(before) == set(after)
    assert all(after[key] <= rank for key, rank in before.items())


@given(FACTS, DAYS, st.sampled_from([DocumentKind.COURSE, DocumentKind.EVENT]), DAYS, st.integers(1, 200))
def test_more_training_harms_nobody(facts: Facts, day: date, kind: DocumentKind, issued: date, hours: int) -> None:
    more = Facts(**{name: getattr(facts, name) for name in facts.__dataclass_fields__ if name != "papers"},
                 papers=(*facts.papers, Paper(kind, issued=issued, hours=hours)))  # fmt: skip
    first, second = training_plan(facts, on(day)), training_plan(more, on(day))
    if first and second:
        assert second.left <= first.left
        assert second.courses_left <= first.courses_left


@given(st.lists(st.tuples(DAYS, st.integers(1, 100), st.booleans()), max_size=20), DAYS, DAYS)
def test_hours_count_in_one_cycle_only(training: list[tuple[date, int, bool]], ends: date, today: date) -> None:
    found = plan(training, ends, today=today, norms=NORMS[0])
    earlier = plan(training, months_before(ends, 60), today=today, norms=NORMS[0])
    assert found.hours + earlier.hours <= sum(hours for _, hours, _ in training)
    assert found.left >= found.courses_left >= 0
    assert found.left == 0 or found.hours < 144 or found.courses < 72


@pytest.mark.parametrize(
    ("training", "left", "courses_left", "words"),
    [
        ([(100, 83, False)], 72, 72, "Осталось 72 ч, из них 72 ч курсов; по 6 ч в месяц успеете."),
        ([(100, 31, False), (90, 52, True)], 61, 20, "Осталось 61 ч, из них 20 ч курсов; по 6 ч в месяц успеете."),
        ([(100, 72, False), (90, 72, True)], 0, 0, "Набрано 144 часа: для аккредитации достаточно."),
        ([], 144, 72, "Осталось 144 ч, из них 72 ч курсов: нужно по 12 ч в месяц."),
        ([(5000, 300, True)], 144, 72, "Осталось 144 ч, из них 72 ч курсов: нужно по 12 ч в месяц."),
    ],
)
def test_the_plan_in_words(training: list[tuple[int, int, bool]], left: int, courses_left: int, words: str) -> None:
    """An accreditation with 14 months to go: 12 and a bit until the portfolio is due."""
    given_ = [(TODAY - timedelta(days=ago), hours, is_course) for ago, hours, is_course in training]
    found = plan(given_, date(2028, 1, 31), today=TODAY, norms=NORMS[0])
    assert (found.left, found.courses_left, found.months) == (left, courses_left, 12)
    assert found.sentence().replace("\xa0", " ") == words


def test_the_worst_comes_first_and_the_nearest_of_the_same() -> None:
    facts = Facts(
        standing=Standing.ACTIVE, specialties={"Терапия": TODAY - timedelta(days=1), "Хирургия": TODAY - timedelta(days=9)}, has_app=True,
        papers=(Paper(DocumentKind.MEDICAL_BOOK, ends=TODAY + timedelta(days=10)),),
    )  # fmt: skip
    rows = duties(facts, on(TODAY))
    assert [(row.duty, row.subject) for row in rows[:2]] == [(Duty.PERMIT, "Хирургия"), (Duty.PERMIT, "Терапия")]
    assert [row.state.rank for row in rows] == sorted(row.state.rank for row in rows)
    assert worst(rows) is State.OVERDUE


@pytest.mark.parametrize(
    ("left", "state"),
    [
        (400, State.DONE),
        (365, State.SOON),
        (60, State.SOON),
        (40, State.URGENT),
        (0, State.URGENT),
        (-1, State.OVERDUE),
    ],
)
def test_a_permit_from_the_open_window_to_its_end(left: int, state: State) -> None:
    facts = Facts(standing=Standing.ACTIVE, specialties={"Терапия": TODAY + timedelta(days=left)})
    [row] = [row for row in duties(facts, on(TODAY)) if row.duty is Duty.PERMIT]
    assert row.state is state


def test_whoever_is_not_verified_is_asked_for_that_alone() -> None:
    rows = duties(Facts(standing=Standing.UNVERIFIED, password_set=TODAY), on(TODAY))
    assert {row.duty for row in rows} == {Duty.STANDING, Duty.PASSWORD, Duty.APP}


@given(DAYS, st.integers(0, 60))
def test_so_many_working_days_are_left(day: date, count: int) -> None:
    first = working_days_before(day, count)
    assert sum(is_working(first + timedelta(days=n)) for n in range((day - first).days)) == count


@given(DAYS, st.integers(0, 120))
def test_months_there_and_back(day: date, count: int) -> None:
    assert whole_months(months_before(day, count), day) == count


@pytest.mark.parametrize(("left", "state"), [(90, State.DONE), (30, State.URGENT), (0, State.URGENT)])
def test_what_operators_believed_is_not_called_the_registers_word(left: int, state: State) -> None:
    last = TODAY + timedelta(days=left)
    rows = duties(Facts(standing=Standing.ACTIVE, review_on=last), on(TODAY))
    [row] = [row for row in rows if row.duty is Duty.STANDING]
    assert (row.deadline, "операторы, а не регистр" in row.sentence) == (last, True)
    assert row.state is state or left > 30
    told = due(rows, (), today=TODAY, steps=NORMS[0].reminder_days)
    assert [(one.subject, one.valid_until) for one in told] == [("Статус по решению операторов", last)]
