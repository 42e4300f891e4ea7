"""What the rules promise, tried on many claims at once."""

import string
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medcab.verification import rules
from medcab.verification.rules import (
    REFUSALS,
    CaseState,
    Claim,
    Code,
    Document,
    Employment,
    Finding,
    Item,
    ItemState,
    Mender,
    Permit,
    Specialisation,
    Status,
    compare,
    items_to_check,
    may_submit,
    standing,
)
from tests.verification.people import CARDIOLOGY, CLINIC, TODAY, doctor, held

CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
WORDS = st.text(CYRILLIC, min_size=2, max_size=12).map(str.capitalize)
DIGITS = st.text("123456789", min_size=4, max_size=9)
DAYS = st.dates(date(2022, 1, 1), date(2026, 11, 1))
PAPERS = (Item.DIPLOMA, Item.CERTIFICATE, Item.ACCREDITATION, Item.LICENCE)


@st.composite
def papers(draw: st.DrawFn, item: Item) -> Document:
    licence = item is Item.LICENCE
    number = f"Л041-01137-77/{draw(DIGITS):0>8}" if licence else draw(DIGITS)
    series = "" if licence else draw(st.text("АБВГ", max_size=3))
    speciality = "" if licence else draw(WORDS)
    return Document(item=item, number=number, series=series, issued=draw(DAYS), speciality=speciality, file="f")


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    documents = tuple(draw(papers(item)) for item in PAPERS)
    return Claim(
        last_name=draw(WORDS),
        first_name=draw(WORDS),
        patronymic=draw(st.one_of(st.just(""), WORDS)),
        birth_date=draw(st.dates(date(1940, 1, 1), date(2004, 1, 1))),
        snils=draw(st.text(string.digits, min_size=11, max_size=11)),
        inn=draw(st.text(string.digits, min_size=12, max_size=12)),
        register_number=draw(DIGITS),
        specialisations=(Specialisation(name=documents[1].speciality, okpd2="86.22"),),
        documents=documents,
        employment=Employment(organisation=draw(WORDS), organisation_oid=CLINIC, post=draw(WORDS)),
    )


def with_paper(claim: Claim, item: Item, **changes: Any) -> Claim:
    documents = tuple(replace(each, **changes) if each.item is item else each for each in claim.documents)
    return replace(claim, documents=documents)


def paper(claim: Claim, item: Item) -> Document:
    return claim.of(item)[0]


def other_job(claim: Claim, **changes: str) -> Claim:
    assert claim.employment
    return replace(claim, employment=replace(claim.employment, **changes))


# Each changes one essential field of a claim, and says whose item that is.
CHANGES: dict[str, tuple[Item, Callable[[Claim], Claim]]] = {
    "last name": (Item.FULL_NAME, lambda c: replace(c, last_name=c.last_name + "а")),
    "first name": (Item.FULL_NAME, lambda c: replace(c, first_name="Я" + c.first_name)),
    "patronymic": (Item.FULL_NAME, lambda c: replace(c, patronymic=c.patronymic + "вна")),
    "birth date": (Item.BIRTH_DATE, lambda c: replace(c, birth_date=c.birth_date + timedelta(1))),
    "snils": (Item.SNILS, lambda c: replace(c, snils=c.snils[:-1] + str((int(c.snils[-1]) + 1) % 10))),
    "inn": (Item.INN, lambda c: replace(c, inn=c.inn[:-1] + str((int(c.inn[-1]) + 1) % 10))),
    "register number": (Item.REGISTER_NUMBER, lambda c: replace(c, register_number=c.register_number + "1")),
    "post": (Item.EMPLOYMENT, lambda c: other_job(c, post=c.employment.post + "а")),
    "organisation": (Item.EMPLOYMENT, lambda c: other_job(c, organisation_oid=CLINIC + "1")),
}
for _item in PAPERS:
    CHANGES[f"{_item} number"] = (
        _item,
        lambda c, i=_item: with_paper(c, i, number=paper(c, i).number + "7"),
    )
    CHANGES[f"{_item} date"] = (
        _item,
        lambda c, i=_item: with_paper(c, i, issued=paper(c, i).issued - timedelta(1)),
    )
    if _item is not Item.LICENCE:
        CHANGES[f"{_item} series"] = (
            _item,
            lambda c, i=_item: with_paper(c, i, series=paper(c, i).series + "Ж"),
        )
        CHANGES[f"{_item} speciality"] = (
            _item,
            lambda c, i=_item: with_paper(c, i, speciality=paper(c, i).speciality + "я"),
        )


@given(claims())
def test_true_data_are_always_confirmed(claim: Claim) -> None:
    found = compare(claim, held(claim), today=TODAY)
    assert {each.state for each in found.values()} == {ItemState.CONFIRMED}
    assert set(found) == set(Item)
    assert rules.is_active(found, today=TODAY)


@pytest.mark.parametrize("change", CHANGES)
@settings(max_examples=25)
@given(claim=claims())
def test_one_changed_field_is_found_at_its_own_item_only(change: str, claim: Claim) -> None:
    item, make = CHANGES[change]
    found = compare(make(claim), held(claim), today=TODAY)
    refused = {each for each, finding in found.items() if finding.state is not ItemState.CONFIRMED}
    assert refused == {item}
    assert found[item].state in (ItemState.MISMATCH, ItemState.NO_RECORD)
    assert found[item].sentence
    assert found[item].what_to_do
    assert not rules.is_active(found, today=TODAY)


@given(claims(), st.sampled_from(list(CHANGES)), st.sets(st.sampled_from(Item)))
def test_only_the_asked_items_are_checked_and_the_rest_do_not_sway_them(
    claim: Claim, change: str, asked: set[Item]
) -> None:
    changed = CHANGES[change][1](claim)
    whole = compare(changed, held(claim), today=TODAY)
    assert compare(changed, held(claim), today=TODAY, items=asked) == {item: whole[item] for item in asked}


@given(claims(), st.sampled_from(list(CHANGES)))
def test_a_correction_asks_again_only_about_what_changed(claim: Claim, change: str) -> None:
    item, make = CHANGES[change]
    expected = frozenset(Item) if item is Item.SNILS else frozenset({item})
    assert items_to_check(make(claim), claim) == expected
    assert items_to_check(claim, claim) == frozenset()
    assert items_to_check(None, claim) == frozenset(Item)


PERMITS = st.lists(st.builds(Permit, WORDS, st.none() | DAYS | st.dates(TODAY, date(2030, 1, 1))), max_size=2)


@st.composite
def findings(draw: st.DrawFn) -> dict[Item, Finding]:
    """Any state of any items, mostly confirmed so that rights are sometimes there."""
    found = {}
    for item in draw(st.sets(st.sampled_from(Item), min_size=8)):
        state = draw(st.just(ItemState.CONFIRMED) | st.just(ItemState.CONFIRMED) | st.sampled_from(ItemState))
        refused = state in (ItemState.MISMATCH, ItemState.NO_RECORD)
        code = draw(st.sampled_from(Code)) if refused else None
        found[item] = Finding(item, state, code, permits=tuple(draw(PERMITS)))
    return found


@given(findings(), st.booleans(), st.booleans())
def test_nothing_is_active_with_an_item_unconfirmed_or_without_a_valid_permit(
    found: dict[Item, Finding], submitted: bool, activated: bool
) -> None:
    rights = standing(found, today=TODAY)
    state = rules.case_state(found, today=TODAY, submitted=submitted, activated=activated)
    assert (state in (CaseState.ACTIVE, CaseState.CONFIRMED)) <= rights.is_active
    assert (state is CaseState.ACTIVE) <= activated
    if rights.is_active:
        core = frozenset(Item) - {Item.CERTIFICATE, Item.ACCREDITATION}
        assert all(found[item].state is ItemState.CONFIRMED for item in core)
        assert rights.specialities
        assert rights.until is None or rights.until >= TODAY
    else:
        assert rights.reasons


def test_every_code_says_what_is_wrong_who_mends_it_and_what_to_do() -> None:
    assert set(REFUSALS) == set(Code)
    for refusal in REFUSALS.values():
        assert refusal.sentence.endswith(".")
        assert refusal.what_to_do.endswith(".")
        assert refusal.items
        assert refusal.mender in Mender


@pytest.mark.parametrize(
    "spelling",
    [
        {"last_name": " СОЛОВЬЕВА  –  королева "},
        {"last_name": "Соловьёва\u2011Королёва", "first_name": "алена"},
        {"snils": "112-233-445 95"},
        {"inn": "5001 0073 2259"},
        {"register_number": "077.0001.2345"},
    ],
)
def test_how_people_type_is_forgiven(spelling: dict[str, str]) -> None:
    found = compare(replace(doctor(), **spelling), held(doctor()), today=TODAY)
    assert {each.state for each in found.values()} == {ItemState.CONFIRMED}


@pytest.mark.parametrize(
    ("item", "spelling"),
    [
        (Item.DIPLOMA, {"series": "BCГ"}),  # Latin B and C
        (Item.DIPLOMA, {"number": "№ 123456"}),
        (Item.DIPLOMA, {"series": "", "number": "ВСГ 0123456"}),
        (Item.LICENCE, {"number": "L041 – 01137-77/00584930"}),
        (Item.ACCREDITATION, {"issuer": "Первый МГМУ"}),
    ],
)
def test_how_papers_are_typed_is_forgiven(item: Item, spelling: dict[str, str]) -> None:
    found = compare(with_paper(doctor(), item, **spelling), held(doctor()), today=TODAY)
    assert found[item].state is ItemState.CONFIRMED


@pytest.mark.parametrize(
    ("changes", "item"),
    [
        ({"last_name": "Соловьёва"}, Item.FULL_NAME),
        ({"patronymic": ""}, Item.FULL_NAME),
        ({"register_number": "—"}, Item.REGISTER_NUMBER),
        ({"inn": "нет"}, Item.INN),
    ],
)
def test_what_is_not_the_same_is_not_forgiven(changes: dict[str, str], item: Item) -> None:
    found = compare(replace(doctor(), **changes), held(doctor()), today=TODAY)
    assert found[item].state is ItemState.MISMATCH


def test_names_of_the_register_are_shown_only_to_who_knows_snils_and_birth_date() -> None:
    named = replace(doctor(), last_name="Иванова")
    own = compare(named, held(doctor()), today=TODAY)[Item.FULL_NAME]
    assert own.in_register == "Соловьёва-Королёва Алёна Игоревна"
    assert own.differs == ("фамилия",)
    for stranger in (replace(named, birth_date=date(1990, 1, 1)), replace(named, snils="16072239447")):
        finding = compare(stranger, held(doctor()), today=TODAY)[Item.FULL_NAME]
        assert finding.state is ItemState.MISMATCH
        assert finding.in_register is None
        assert finding.differs == ()


@given(claims(), st.sampled_from(list(CHANGES)), st.sampled_from(["last name", "birth date", "snils"]))
def test_a_stranger_is_shown_nothing_that_the_register_holds(claim: Claim, change: str, who: str) -> None:
    wrong = CHANGES[change][1](CHANGES[who][1](claim))
    found = compare(wrong, held(claim), today=TODAY)
    shown = {item for item, finding in found.items() if finding.in_register}
    assert shown <= ({Item.FULL_NAME} if who == "last name" else set())


def test_numbers_that_prove_identity_are_never_shown() -> None:
    claim = replace(
        doctor(), inn="771234567859", birth_date=date(1985, 3, 15), register_number="1", snils="16072239447"
    )
    found = compare(claim, held(doctor()), today=TODAY)
    for item in (Item.SNILS, Item.INN, Item.BIRTH_DATE, Item.REGISTER_NUMBER):
        assert found[item].state is ItemState.MISMATCH
        assert found[item].in_register is None


def test_a_wrong_paper_says_what_differs_and_shows_the_register_to_its_owner() -> None:
    claim = with_paper(doctor(), Item.DIPLOMA, issued=date(2008, 6, 26))
    finding = compare(claim, held(doctor()), today=TODAY)[Item.DIPLOMA]
    assert finding.code is Code.DIPLOMA_MISMATCH
    assert finding.given == "ВСГ № 0123456 от 26.06.2008, Лечебное дело"
    assert finding.in_register == "ВСГ № 0123456 от 25.06.2008, Лечебное дело"
    assert "Расходится: дата." in finding.sentence


@pytest.mark.parametrize("nothing", ["", " ", "—", "№", "000"])
@pytest.mark.parametrize("item", PAPERS)
def test_a_number_that_is_no_number_matches_nothing(item: Item, nothing: str) -> None:
    found = compare(with_paper(doctor(), item, number=nothing, series=nothing), held(doctor()), today=TODAY)
    assert found[item].state in (ItemState.MISMATCH, ItemState.NO_RECORD)


def record_with(item: Item, **changes: Any) -> rules.RegisterRecord:
    record = held(doctor())
    documents = tuple(replace(each, **changes) if each.item is item else each for each in record.documents)
    return replace(record, documents=documents)


@pytest.mark.parametrize(
    ("item", "changes", "code"),
    [
        (Item.ACCREDITATION, {"ends": date(2026, 11, 21)}, Code.ACCREDITATION_EXPIRED),
        (Item.ACCREDITATION, {"status": Status.EXCLUDED}, Code.ACCREDITATION_EXCLUDED),
        (Item.ACCREDITATION, {"status": Status.NOT_PASSED}, Code.ACCREDITATION_NOT_PASSED),
        (Item.CERTIFICATE, {"ends": date(2026, 1, 1)}, Code.CERTIFICATE_EXPIRED),
        (Item.CERTIFICATE, {"status": Status.EXCLUDED}, Code.CERTIFICATE_CANCELLED),
        (Item.DIPLOMA, {"status": Status.EXCLUDED}, Code.DIPLOMA_CANCELLED),
        (Item.LICENCE, {"status": Status.EXCLUDED}, Code.LICENCE_WITHDRAWN),
        (Item.LICENCE, {"ends": date(2026, 1, 1)}, Code.LICENCE_EXPIRED),
        (Item.LICENCE, {"holder_oid": "1.2.3"}, Code.LICENCE_OF_ANOTHER_ORGANISATION),
        (Item.LICENCE, {"number": "Л041-00000-77/00000001", "issued": date(2000, 1, 1)}, Code.LICENCE_NOT_FOUND),
        (Item.DIPLOMA, {"number": "999", "issued": date(2000, 1, 1)}, Code.DIPLOMA_NOT_FOUND),
    ],
)
def test_each_loss_has_its_own_code(item: Item, changes: dict[str, Any], code: Code) -> None:
    found = compare(doctor(), record_with(item, **changes), today=TODAY)
    assert found[item].code is code
    assert {each for each, finding in found.items() if finding.code} == {item}


def test_a_job_that_ended_has_not_begun_or_is_not_there_is_told_apart() -> None:
    record = held(doctor())
    card = record.cards[0]
    for cards, code in (
        ((), Code.PERSON_CARD_NOT_FOUND),
        ((replace(card, ends=date(2026, 11, 21)),), Code.EMPLOYMENT_ENDED),
        ((replace(card, begins=date(2026, 12, 1)),), Code.EMPLOYMENT_ENDED),
        ((replace(card, post="врач-терапевт"),), Code.PERSON_POST_IN_FRMR_MISMATCH),
        ((replace(card, ends=date(2026, 11, 21)), card), None),
    ):
        finding = compare(doctor(), replace(record, cards=cards), today=TODAY)[Item.EMPLOYMENT]
        assert finding.code is code


def test_a_permit_without_an_end_lasts_five_years_also_from_a_leap_day() -> None:
    record = record_with(Item.CERTIFICATE, issued=date(2024, 2, 29))
    assert record.of(Item.CERTIFICATE)[0].valid_until == date(2029, 2, 28)
    assert record.of(Item.DIPLOMA)[0].valid_until is None


def test_a_forged_paper_beside_an_expired_one_is_not_hidden_by_it() -> None:
    forged = Document(item=Item.ACCREDITATION, number="666", issued=date(2024, 1, 1), speciality="Хирургия", file="f")
    claim = replace(doctor(), documents=(*doctor().documents, forged))
    found = compare(claim, record_with(Item.ACCREDITATION, ends=date(2026, 1, 1)), today=TODAY)
    assert found[Item.ACCREDITATION].code is Code.ACCREDITATION_NOT_FOUND
    assert not rules.is_active(found, today=TODAY)


def test_losing_one_specialty_leaves_the_others_and_says_why() -> None:
    therapy = Document(item=Item.ACCREDITATION, number="777", issued=date(2025, 1, 1), speciality="Терапия", file="f")
    claim = replace(doctor(), documents=(*doctor().documents, therapy))
    record = held(claim)
    found = compare(claim, record, today=TODAY)
    assert standing(found, today=TODAY).allows("кардиология")
    later = standing(found, today=date(2028, 6, 1))
    assert later.is_active
    assert later.allows("Терапия")
    assert not later.allows(CARDIOLOGY)
    assert any("Кардиология" in reason for reason in later.reasons)
    assert later.until == date(2030, 1, 1)


def test_rights_end_with_the_last_permit_and_not_a_day_before() -> None:
    found = compare(doctor(), held(doctor()), today=TODAY)
    last = standing(found, today=TODAY).until
    assert last == date(2028, 2, 1)
    assert rules.is_active(found, today=last)
    assert not rules.is_active(found, today=last + timedelta(1))
    state = rules.case_state(found, today=last + timedelta(1), submitted=True, activated=True)
    assert state is CaseState.EXPIRED


def test_the_state_of_the_whole_follows_its_items() -> None:
    def state(found: dict[Item, Finding], *, submitted: bool = True, activated: bool = False) -> CaseState:
        return rules.case_state(found, today=TODAY, submitted=submitted, activated=activated)

    claim = doctor()
    ready = rules.beginning(claim)
    good = compare(claim, held(claim), today=TODAY)
    postponed = good | rules.in_state({Item.INN}, ItemState.POSTPONED)
    wrong = good | compare(replace(claim, inn="771234567859"), held(claim), today=TODAY, items={Item.INN})
    withdrawn = compare(claim, record_with(Item.LICENCE, status=Status.EXCLUDED), today=TODAY)
    assert state(ready, submitted=False) is CaseState.DRAFT
    assert state(ready) is CaseState.SENT
    assert state({item: good[item] for item in Item if item is not Item.INN}) is CaseState.DRAFT
    assert state(rules.in_state(Item, ItemState.CHECKING)) is CaseState.CHECKING
    assert state(wrong | rules.in_state({Item.DIPLOMA}, ItemState.CHECKING)) is CaseState.CHECKING
    assert state(postponed, activated=True) is CaseState.CHECKING
    assert state(wrong, activated=True) is CaseState.MISMATCH
    assert state(good) is CaseState.CONFIRMED
    assert state(good, activated=True) is CaseState.ACTIVE
    assert state(withdrawn) is CaseState.MISMATCH
    assert state(withdrawn, activated=True) is CaseState.WITHDRAWN


def test_either_permit_is_enough_and_none_is_not() -> None:
    claim = doctor()
    for left_out, active in (({Item.CERTIFICATE}, True), ({Item.ACCREDITATION}, True), (rules.items.PERMITS, False)):
        fewer = replace(claim, documents=tuple(d for d in claim.documents if d.item not in left_out))
        assert rules.is_active(compare(fewer, held(claim), today=TODAY), today=TODAY) is active


@pytest.mark.parametrize("code", list(Code)[:5])
def test_a_refusal_of_the_register_marks_its_items_and_the_others_stay_ready(code: Code) -> None:
    found = rules.refused(code, doctor())
    for item, finding in found.items():
        if item in REFUSALS[code].items:
            assert finding.code is code
            assert finding.given
        else:
            assert finding.state is ItemState.READY
    assert not rules.is_active(found, today=TODAY)


def test_what_is_missing_is_said_before_the_register_is_asked() -> None:
    assert may_submit(doctor()) == []
    assert {each.item for each in may_submit(Claim())} >= set(Item) - {Item.CERTIFICATE}
    no_file = with_paper(doctor(), Item.LICENCE, file="")
    assert [each.item for each in may_submit(no_file)] == [Item.LICENCE]
    surgeon = replace(doctor(), specialisations=(Specialisation(name="Хирургия", okpd2=""),))
    sentences = " ".join(each.sentence for each in may_submit(surgeon))
    assert "ОКПД2 для специальности «Хирургия»" in sentences
    assert "нет ни аккредитации, ни сертификата" in sentences
