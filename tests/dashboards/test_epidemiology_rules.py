"""Classes, ages and the threshold: worked out by hand, and what must hold for any figures at all."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.dashboards.epidemiology.rules import threshold as t
from medcab.dashboards.epidemiology.rules import words
from medcab.dashboards.epidemiology.rules.address import Address
from medcab.dashboards.epidemiology.rules.weeks import Week
from medcab.identifiers import icd10
from medcab.schedule.diagnoses.rules.ages import AGE_TITLES, AgeGroup, age_on, group_of
from medcab.schedule.diagnoses.rules.classes import CLASSES, DiagnosisClass, class_of
from medcab.schedule.diagnoses.rules.names import ALSO, NAMES, named, search
from medcab.schedule.diagnoses.rules.refined import REFINED

WEEK = date(2026, 11, 16)
days = st.dates(date(1905, 1, 1), date(2035, 12, 31))
cases = st.integers(0, 5000)


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("A00", "I"), ("B99.9", "I"), ("D48", "II"), ("D50.0", "III"), ("H59", "VII"), ("H60", "VIII"), ("J06.9", "X"),
        ("T98", "XIX"), ("U07.1", "XXII"), ("D49", None), ("E95", None), ("V00", None),
    ],
)  # fmt: skip
def test_a_code_belongs_to_the_class_of_its_range(code: str, number: str | None) -> None:
    found = class_of(code)
    assert (found.number if found else None) == number


@given(st.from_regex(r"[A-Z][0-9]{2}(\.[0-9]{1,2})?", fullmatch=True))
def test_no_code_belongs_to_two_classes(code: str) -> None:
    assert icd10.parse(code) == code
    assert sum(each.holds(code) for each in CLASSES) <= 1


def test_there_are_22_classes() -> None:
    assert len({each.number for each in CLASSES}) == len(CLASSES) == 22


@pytest.mark.parametrize(
    ("born", "day", "group"),
    [
        (date(2025, 11, 29), date(2026, 11, 28), AgeGroup.INFANT),
        (date(2025, 11, 28), date(2026, 11, 28), AgeGroup.CHILD),
        (date(2011, 11, 28), date(2026, 11, 28), AgeGroup.ADOLESCENT),
        (date(2008, 11, 29), date(2026, 11, 28), AgeGroup.ADOLESCENT),
        (date(2008, 2, 29), date(2026, 2, 28), AgeGroup.ADOLESCENT),
        (date(2008, 2, 29), date(2026, 3, 1), AgeGroup.ADULT),
        (date(1966, 11, 28), date(2026, 11, 28), AgeGroup.ELDER),
        (date(2026, 11, 29), date(2026, 11, 28), None),
    ],
)
def test_the_group_is_that_of_the_day(born: date, day: date, group: AgeGroup | None) -> None:
    assert group_of(born, day) == group


@given(days, days)
def test_a_person_grows_by_a_year_at_a_time(born: date, day: date) -> None:
    assert age_on(born, day + timedelta(days=1)) - age_on(born, day) in {0, 1}
    assert (group_of(born, day) in AGE_TITLES) == (day >= born)


def test_a_threshold_by_hand() -> None:
    """8, 10 and 12 cases: mean 10, squares of deviations 4 + 0 + 4, by n - 1 = 2 gives σ = 2, threshold 14."""
    usual = t.level([8, None, 10, 12])
    assert usual == t.Level(10.0, 14.0, 3)
    assert not t.is_above(14, usual)
    assert t.is_above(15, usual)


def test_no_threshold_from_two_years_and_no_alert_of_few_cases() -> None:
    assert t.level([8, 10, None, None]) is None
    assert not t.is_above(500, None)
    assert not t.is_above(4, t.level([0, 0, 0]))
    assert t.is_above(5, t.level([0, 0, 0]))


@given(st.lists(cases, min_size=3, max_size=5), st.permutations(range(5)))
def test_a_threshold_is_never_below_the_mean_and_knows_no_order(past: list[int], order: list[int]) -> None:
    usual, other = t.level(past), t.level([past[i] for i in order if i < len(past)])
    assert usual is not None
    assert other is not None
    assert min(past) <= usual.mean <= usual.threshold
    assert other.threshold == pytest.approx(usual.threshold)


def test_the_53rd_week_is_compared_with_the_last_of_each_year() -> None:
    assert t.same_weeks(date(2026, 12, 28), 2) == [date(2025, 12, 22), date(2024, 12, 23)]
    assert t.same_weeks(date(2026, 12, 28), 6)[-1] == date(2020, 12, 28)


@given(days)
def test_same_weeks_are_mondays_of_each_previous_year(day: date) -> None:
    found = t.same_weeks(day)
    year = day.isocalendar().year
    assert [each.isocalendar().year for each in found] == [year - 1 - i for i in range(t.YEARS_NEEDED)]
    assert {each.weekday() for each in found} == {0}


def test_every_listed_category_is_a_code_of_some_class_and_in_order() -> None:
    assert list(NAMES) == sorted(NAMES)
    assert all(icd10.parse(code) == code and class_of(code) for code in NAMES)


def test_a_code_off_the_list_bears_the_title_of_its_class() -> None:
    listed, unlisted = named("J45.1"), named("N21.0")
    assert listed is not None
    assert unlisted is not None
    assert (listed.title, listed.is_listed) == ("Астма", True)
    assert (unlisted.title, unlisted.is_listed) == ("Болезни мочеполовой системы", False)
    assert named("D49") is None


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("j4", ["J40", "J41", "J42", "J43", "J44", "J45", "J46", "J47"]),
        ("бронхит хронический", ["J40", "J41", "J42"]),
        ("легочная", ["J44"]),
        ("ыва", []),
        ("covid-19, вирус", ["U07.1", "U07.2"]),
        ("  ", []),
        ("ъъ", []),
    ],
)
def test_a_category_is_found_by_its_code_and_by_words_of_its_title(text: str, codes: list[str]) -> None:
    assert [each.code for each in search(text)] == codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("гипертония", "I10"), ("Гипертоническая болезнь", "I10"), ("давление", "I10"), ("ОРВИ", "J06"), ("орз", "J06"), ("простуда", "J06"),
        ("грипп", "J11"), ("сахарный диабет", "E11"), ("диабет 2", "E11"), ("ангина", "J03.9"), ("остеохондроз", "M42"),
        ("гастрит", "K29"), ("астма", "J45"), ("бронхиальная астма", "J45"), ("ковид", "U07.1"), ("герпангина", "B08.5"), ("клещ", "W57"),
    ],
)  # fmt: skip
def test_a_doctors_own_words_find_what_the_classification_calls_otherwise(text: str, code: str) -> None:
    assert code in [each.code for each in search(text)]


def test_common_names_are_of_codes_that_can_be_found() -> None:
    assert list(ALSO) == sorted(ALSO)
    assert {code[:3] for code in ALSO} <= {code[:3] for code in NAMES | REFINED}


def test_the_last_whole_week_is_named_and_the_running_one_is_not_told() -> None:
    usual = t.Level(100.0, 200.0, 3)
    told = words.on_weeks([Week(WEEK, "", 190, usual), Week(date(2026, 11, 23), "", 7, usual)], date(2026, 11, 28))
    assert told.replace("\xa0", " ") == (
        "Все болезни вместе. Ни одна неделя не выше порога. Последняя полная неделя, 16–22 ноября, — 190 случаев: порог 200,0, обычно 100,0."
    )


@given(
    st.dates(date(2024, 1, 1), date(2026, 11, 1)),
    st.dates(date(2024, 1, 1), date(2026, 11, 1)),
    st.sampled_from(CLASSES),
)
def test_the_way_from_an_alert_to_its_chart_shows_its_week_and_class(
    one: date, other: date, each: DiagnosisClass
) -> None:
    view = Address(min(one, other).replace(day=1), max(one, other).replace(day=1), rows="all", page=3)
    shown = view.of_chart(WEEK, each.number)
    assert WEEK in shown.mondays(date(2026, 11, 28))
    assert (shown.chapter, shown.rows, shown.page) == (each.number, "", 1)
