"""What a comparison changes, over random histories of credentials: rights never outlive what carries them, and carry nothing else away."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.accounts.rules.right import Right, Standing
from medcab.verification.rules import (
    Claim,
    Document,
    Finding,
    Item,
    RegisteredDocument,
    RegisterRecord,
    Specialisation,
    Status,
    compare,
    difference,
    evidence,
    permits_of,
    standing,
)
from medcab.verification.rules.findings import last_days
from tests.verification.people import doctor, held

SPECIALITIES = ("Кардиология", "Терапия", "Функциональная диагностика")
FIRST_DAY = date(2024, 1, 1)


def of_three() -> Claim:
    """A doctor with three accreditations, one for each specialty."""
    others = tuple(paper for paper in doctor().documents if paper.item not in (Item.ACCREDITATION, Item.CERTIFICATE))
    permits = tuple(
        Document(item=Item.ACCREDITATION, series="7723", number=f"03123456{n}", issued=date(2023, 2, 1), speciality=name, file=f"f{n}")
        for n, name in enumerate(SPECIALITIES)
    )  # fmt: skip
    return replace(
        doctor(), documents=others + permits, specialisations=tuple(Specialisation(name=name, okpd2="86.22.11") for name in SPECIALITIES)
    )  # fmt: skip


CLAIM, WHOLE = of_three(), held(of_three())
EVENTS = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from(SPECIALITIES), st.sampled_from(["exclude", "restore", "run out", "renew"])), max_size=12,
)  # fmt: skip


def after(record: RegisterRecord, speciality: str, event: str, day: date) -> RegisterRecord:
    def changed(paper: RegisteredDocument) -> RegisteredDocument:
        if paper.item is not Item.ACCREDITATION or paper.speciality != speciality:
            return paper
        made = {
            "exclude": {"status": Status.EXCLUDED}, "restore": {"status": Status.VALID},
            "run out": {"ends": day - timedelta(days=1)}, "renew": {"ends": day + timedelta(days=300)},
        }  # fmt: skip
        return replace(paper, **made[event])

    return replace(record, documents=tuple(changed(paper) for paper in record.documents))


def may_practise(record: RegisterRecord, day: date) -> frozenset[str]:
    """Straight from the register, by no rule of ours."""
    permits = [p for p in record.documents if p.item is Item.ACCREDITATION and p.status is Status.VALID]
    return frozenset(p.speciality for p in permits if p.valid_until is None or p.valid_until >= day)


def answered(record: RegisterRecord, day: date) -> dict[Item, Finding]:
    return evidence(compare(CLAIM, record, today=day))


def _history(rng: Random) -> list[tuple[int, str, str]]:
    return [
        (rng.randrange(401), rng.choice(SPECIALITIES), rng.choice(["exclude", "restore", "run out", "renew"]))
        for _ in range(rng.randrange(1, 6))
    ]


@pytest.mark.long
def test_rights_are_those_of_the_credentials_after_every_night() -> None:
    """10,000 histories: each specialty is open exactly while the register carries it, whatever happens to the others."""
    rng = Random(23)
    for _ in range(10_000):
        day, record = FIRST_DAY, WHOLE
        known = answered(record, day)
        were_open = standing(known, today=day).specialities
        for days, speciality, event in _history(rng):
            day += timedelta(days=days)
            record = after(record, speciality, event, day)
            found = answered(record, day)
            diff = difference(known, found, today=day, were_open=were_open)
            known |= found
            rights = standing(known, today=day)
            assert rights.specialities == may_practise(record, day)
            assert rights.is_active is bool(rights.specialities)
            assert frozenset(diff.closes) == were_open - rights.specialities
            assert frozenset(diff.opens) == rights.specialities - were_open
            were_open = rights.specialities


@given(EVENTS, st.integers(0, 2000))
def test_what_is_written_down_answers_as_the_rule_does(events: list[tuple[int, str, str]], later: int) -> None:
    """A right by specialty is kept beside the findings; on no day may the two say different things."""
    day, record = FIRST_DAY, WHOLE
    for days, speciality, event in events:
        day += timedelta(days=days)
        record = after(record, speciality, event, day)
    known = answered(record, day)
    now = standing(known, today=day)
    kept = Right(Standing.ACTIVE if now.is_active else Standing.SUSPENDED, now.until, last_days(permits_of(known)))
    then = day + timedelta(days=later)
    for speciality in SPECIALITIES:
        assert kept.holds_on(then, speciality) is standing(known, today=then).allows(speciality)


@given(EVENTS)
def test_the_same_answer_twice_changes_nothing(events: list[tuple[int, str, str]]) -> None:
    day, record = FIRST_DAY, WHOLE
    for days, speciality, event in events:
        day += timedelta(days=days)
        record = after(record, speciality, event, day)
    known = answered(record, day)
    again = difference(known, answered(record, day), today=day, were_open=standing(known, today=day).specialities)
    assert again.changes == again.closes == again.opens == ()


@given(st.sampled_from(SPECIALITIES))
def test_restoring_opens_what_was_closed(speciality: str) -> None:
    before = answered(WHOLE, FIRST_DAY)
    lost = answered(after(WHOLE, speciality, "exclude", FIRST_DAY), FIRST_DAY)
    gone = difference(before, lost, today=FIRST_DAY, were_open=SPECIALITIES)
    assert gone.closes == (speciality,)
    left = standing({**before, **lost}, today=FIRST_DAY).specialities
    back = difference({**before, **lost}, before, today=FIRST_DAY, were_open=left)
    assert back.opens == (speciality,)


def test_what_was_and_what_is_are_told_in_words() -> None:
    before = answered(WHOLE, FIRST_DAY)
    lost = answered(after(WHOLE, "Терапия", "exclude", FIRST_DAY), FIRST_DAY)
    (change,) = difference(before, lost, today=FIRST_DAY, were_open=SPECIALITIES).changes
    assert (
        change.was
        == "Подтверждено: Кардиология до 01.02.2028; Терапия до 01.02.2028; Функциональная диагностика до 01.02.2028."
    )
    assert "исключена" in change.now
    assert "Действует: Кардиология до 01.02.2028; Функциональная диагностика до 01.02.2028." in change.now
