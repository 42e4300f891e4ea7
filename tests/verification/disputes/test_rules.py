"""Overrides over random days and answers: they give a right for a while, never a longer one than the papers, and never against the law."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.verification.disputes.rules import (
    TEXT_FROM,
    TEXT_TO,
    DisputeState,
    EntryKind,
    Proof,
    Step,
    accepted,
    fate,
    may,
    text_fault,
    wait_tone,
    wait_words,
    why_not,
    why_not_accept,
)
from medcab.verification.rules import (
    REFUSALS,
    Code,
    Finding,
    Item,
    ItemState,
    Override,
    compare,
    difference,
    standing,
    upheld,
)
from medcab.verification.rules.codes import LOST, WITHDRAWN
from medcab.verification.rules.findings import REFUSED, refused, state_of
from tests.verification.people import CARDIOLOGY, TODAY, doctor, held

WHOLE = compare(doctor(), held(doctor()), today=TODAY)
CODES = st.sampled_from(sorted(set(Code) - LOST))
DAYS = st.integers(0, 900).map(lambda days: TODAY + timedelta(days=days))


def refusal(code: Code, item: Item | None = None) -> Finding:
    return Finding(item or sorted(REFUSALS[code].items)[0], state_of(code), code, given="x")


def overridden(finding: Finding, until: date, papers: tuple[Proof, ...] = ()) -> Finding:
    return accepted(finding, papers, by=("А", "Б"), why="потому что так", review_on=until, today=TODAY)


@given(CODES, DAYS, DAYS)
def test_an_override_counts_until_its_last_day_and_then_never(code: Code, until: date, day: date) -> None:
    denied = refusal(code)
    paper = Proof(denied.item, CARDIOLOGY, date(2030, 1, 1), is_of_claim=True)
    with_it = {**WHOLE, denied.item: overridden(denied, until, (paper,))}
    rights = standing(with_it, today=day)
    if day > until:
        assert rights == standing({**WHOLE, denied.item: denied}, today=day)
    else:
        assert with_it[denied.item].on(day).state is ItemState.CONFIRMED
        assert not rights.is_active or (rights.until is not None and rights.until <= until)
    assert not standing(with_it, today=until + timedelta(days=1)).is_active


@given(st.sampled_from([Item.ACCREDITATION, Item.CERTIFICATE]), DAYS, DAYS, st.booleans())
def test_a_permit_never_outlives_its_paper_nor_opens_what_was_not_sent(
    item: Item, ends: date, day: date, is_of_claim: bool
) -> None:
    code = {Item.ACCREDITATION: Code.ACCREDITATION_NOT_FOUND, Item.CERTIFICATE: Code.CERTIFICATE_NOT_FOUND}[item]
    paper = Proof(item, "Хирургия", ends, is_of_claim)
    found = overridden(refusal(code, item), date(2040, 1, 1), (paper,))
    rights = standing({**WHOLE, item: found}, today=day)
    assert ("Хирургия" in rights.specialities) is (is_of_claim and day <= ends)
    assert bool(why_not_accept(refusal(code, item), [paper], today=day)) is not (is_of_claim and day <= ends)


@pytest.mark.parametrize("code", sorted(LOST | WITHDRAWN))
def test_what_was_lost_or_taken_away_is_never_overridden(code: Code) -> None:
    denied = refusal(code)
    assert "не medcab" in why_not(denied, is_changed=False)
    assert why_not_accept(denied, [Proof(denied.item, "x", date(2040, 1, 1), is_of_claim=True)], today=TODAY)
    with pytest.raises(ValueError, match="never overridden"):
        Override(denied, ("А", "Б"), "", date(2040, 1, 1))
    told = fate(Code.DIPLOMA_MISMATCH, denied)
    assert told
    assert told[0] is EntryKind.CLOSED


def test_only_a_refusal_is_overridden() -> None:
    for state in set(ItemState) - REFUSED:
        with pytest.raises(ValueError, match="never overridden"):
            Override(Finding(Item.DIPLOMA, state), ("А", "Б"), "", TODAY)


@given(CODES, CODES, DAYS, DAYS, st.booleans())
def test_the_same_answer_leaves_an_override_and_any_other_ends_it(
    first: Code, second: Code, until: date, day: date, is_shown: bool
) -> None:
    denied = refusal(first)
    item = denied.item
    answer = replace(refusal(second, item), in_register="иначе" if is_shown else None)
    kept = upheld({item: overridden(denied, until)}, {item: answer}, today=day)
    stands = first is second and not is_shown and day <= until
    assert kept == ({} if stands else {item: answer})


@given(CODES, DAYS)
def test_a_confirmation_by_the_register_is_told(code: Code, until: date) -> None:
    item = refusal(code).item
    before, answer = {item: overridden(refusal(code), until)}, {item: Finding(item, ItemState.CONFIRMED, given="x")}
    assert upheld(before, answer, today=TODAY) == answer
    assert difference(before, answer, today=TODAY, were_open=()).changes


@given(CODES)
def test_without_an_override_every_answer_counts(code: Code) -> None:
    answers = refused(code, doctor())
    assert upheld(WHOLE, answers, today=TODAY) == answers


@given(CODES, CODES)
def test_another_refusal_brings_a_dispute_back_to_its_beginning(first: Code, second: Code) -> None:
    told = fate(first, refusal(second))
    assert (told is None) is (first is second)
    assert told is None or told[0] is EntryKind.CHANGED


def test_what_is_closed_stays_closed() -> None:
    for state in (DisputeState.ACCEPTED, DisputeState.REFUSED, DisputeState.WITHDRAWN, DisputeState.CLOSED):
        assert not any(may(step, state) for step in Step)


@given(st.text(max_size=TEXT_TO + 50))
def test_texts_have_limits(text: str) -> None:
    assert (text_fault(text) == "") is (TEXT_FROM <= len(text) <= TEXT_TO)


@pytest.mark.parametrize(
    ("hours", "words", "tone"),
    [(0, "ждёт 0 мин", "quiet"), (2, "ждёт 2 ч", "quiet"), (8, "ждёт 8 ч", "soon"), (24, "ждёт 24 ч", "act"), (72, "ждёт 3 дня", "act")],
)  # fmt: skip
def test_how_long_it_waits(hours: int, words: str, tone: str) -> None:
    waits = timedelta(hours=hours)
    assert (wait_words(waits).replace("\N{NO-BREAK SPACE}", " "), wait_tone(waits)) == (words, tone)
