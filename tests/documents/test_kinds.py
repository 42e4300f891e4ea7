"""What a paper proves, and until when: pure rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.documents.kinds.rules import (
    NO_FACTS,
    PERMITS,
    Category,
    DocumentKind,
    Facts,
    Validity,
    ends_on,
    facts_text,
    finds,
    validity,
    wrong_facts,
)  # fmt: skip
from medcab.norms import NORMS, Norms, norms_on

DAYS = st.dates(date(1960, 1, 1), date(2060, 1, 1))
KINDS = st.sampled_from(DocumentKind)


@given(KINDS, DAYS, DAYS)
def test_the_day_on_the_paper_counts_before_every_norm(kind: DocumentKind, issued: date, printed: date) -> None:
    assert ends_on(kind, issued, printed, NORMS[0]) == printed


@given(st.sampled_from(sorted(PERMITS)), DAYS, st.integers(1, 10))
def test_a_permit_without_a_last_day_lasts_a_cycle(kind: DocumentKind, issued: date, years: int) -> None:
    ends = ends_on(kind, issued, None, Norms(since=date.min, cycle_years=years))
    assert ends
    assert ends.year == issued.year + years
    assert (ends.month, ends.day) in {(issued.month, issued.day), (2, 28)}


@given(DAYS, st.integers(1, 60))
def test_a_medical_book_ends_so_many_months_later_however_short_the_month(issued: date, months: int) -> None:
    ends = ends_on(DocumentKind.MEDICAL_BOOK, issued, None, Norms(since=date.min, medical_book_months=months))
    assert ends
    assert (ends.year - issued.year) * 12 + ends.month - issued.month == months
    assert ends.day <= issued.day
    assert ends.day == issued.day or (ends + timedelta(days=1)).day == 1


@pytest.mark.parametrize("kind", [DocumentKind.DIPLOMA, DocumentKind.LICENCE, DocumentKind.COURSE])
def test_what_has_no_norm_has_no_end(kind: DocumentKind) -> None:
    assert ends_on(kind, date(1990, 6, 1), None, NORMS[0]) is None
    assert validity(None, date(2026, 11, 23)) is Validity.ENDLESS


@pytest.mark.parametrize(
    ("left", "state"), [(-1, Validity.ENDED), (0, Validity.ENDS_SOON), (90, Validity.ENDS_SOON), (91, Validity.HOLDS)]
)
def test_the_last_day_is_included(left: int, state: Validity) -> None:
    today = date(2026, 11, 23)
    assert validity(today + timedelta(days=left), today) is state


@given(DAYS, st.lists(DAYS, min_size=1, unique=True))
def test_the_norm_in_force_is_the_newest_that_has_begun(day: date, begun: list[date]) -> None:
    chosen = norms_on(day, [Norms(since=since) for since in begun])
    before = [since for since in begun if since <= day]
    assert chosen.since == (max(before) if before else min(begun))


@pytest.mark.parametrize(
    ("kind", "facts", "field"),
    [
        (DocumentKind.COURSE, NO_FACTS, "hours"),
        (DocumentKind.EVENT, Facts(hours=0), "hours"),
        (DocumentKind.COURSE, Facts(hours=2001), "hours"),
        (DocumentKind.QUALIFICATION, NO_FACTS, "category"),
        (DocumentKind.EMPLOYMENT, Facts(rate=float("nan")), "rate"),
        (DocumentKind.EMPLOYMENT, Facts(rate=2.5), "rate"),
        (DocumentKind.SENIORITY, NO_FACTS, "months"),
    ],
)
def test_what_a_kind_asks_for_must_be_possible(kind: DocumentKind, facts: Facts, field: str) -> None:
    assert list(wrong_facts(kind, facts)) == [field]


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (Facts(hours=36), "36 часов"),
        (Facts(category=Category.HIGHEST), "высшая"),
        (Facts(rate=0.5), "0,5 ставки"),
        (Facts(months=148), "12 лет 4 месяца"),
        (Facts(months=5), "5 месяцев"),
        (NO_FACTS, ""),
    ],
)
def test_facts_in_words(facts: Facts, text: str) -> None:
    assert facts_text(facts).replace("\xa0", " ") == text


def test_a_search_sees_no_marks_and_no_case() -> None:
    paper = ("Лицензия", "Л041-01137-77/00584930", "Департамент здравоохранения, отдел учёта")
    assert finds("л041 01137", paper)
    assert finds("УЧЕТА лицензия", paper)
    assert not finds("диплом", paper)
