"""The comparison of what the worker gave with what the federal register holds, item by item.

What the register holds is shown back only to the person it is about: SNILS, birth date and full name must all
match (for a mismatch of names, SNILS and birth date). SNILS, INN, birth date and register number are never
shown from the register: they are what others prove themselves by.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from medcab.identifiers.sameness import plain_digits, plain_licence, plain_number, same_text
from medcab.verification.rules.codes import LOST, Code
from medcab.verification.rules.findings import Finding, Permit, day_text, given_text, paper_text, state_of
from medcab.verification.rules.items import DOCUMENTS, PERMITS, Item, ItemState
from medcab.verification.rules.records import (
    Card,
    Claim,
    Document,
    Employment,
    RegisteredDocument,
    RegisterRecord,
    Status,
)


@dataclass(frozen=True, slots=True)
class _Question:
    """One comparison; `is_same_person` says whether the register's words about papers and work may be shown."""

    claim: Claim
    record: RegisterRecord
    today: date

    @property
    def is_same_key(self) -> bool:
        person = self.record.person
        same_snils = plain_digits(self.claim.snils) == plain_digits(person.snils)
        return same_snils and self.claim.birth_date == person.birth_date

    @property
    def is_same_person(self) -> bool:
        return self.is_same_key and not _different_names(self)


def compare(
    claim: Claim, record: RegisterRecord, *, today: date, items: AbstractSet[Item] | None = None
) -> dict[Item, Finding]:
    """Findings for the asked items only (all when `items` is None)."""
    question = _Question(claim, record, today)
    asked = frozenset(Item) if items is None else items
    return {item: _finding(item, question) for item in Item if item in asked}


def _finding(item: Item, question: _Question) -> Finding:
    if not question.claim.gives(item):
        return Finding(item, ItemState.NOT_GIVEN)
    if item in DOCUMENTS:
        return _documents(item, question)
    return _PERSONAL[item](question)


def _result(
    item: Item, code: Code | None, given: str, shown: str | None = None, differs: tuple[str, ...] = ()
) -> Finding:
    state = state_of(code) if code else ItemState.CONFIRMED
    return Finding(item, state, code, given, shown if code else None, differs if code else ())


# --- the person


def _different_names(question: _Question) -> tuple[str, ...]:
    claim, person = question.claim, question.record.person
    parts = (
        ("фамилия", claim.last_name, person.last_name),
        ("имя", claim.first_name, person.first_name),
        ("отчество", claim.patronymic, person.patronymic),
    )
    return tuple(title for title, given, held in parts if not same_text(given, held))


def _full_name(question: _Question) -> Finding:
    differs = _different_names(question)
    code = Code.VALUE_MISMATCH_METADATA_AND_FRMR if differs else None
    if not question.is_same_key:
        return _result(Item.FULL_NAME, code, question.claim.full_name)
    return _result(Item.FULL_NAME, code, question.claim.full_name, question.record.person.full_name, differs)


def _birth_date(question: _Question) -> Finding:
    given = question.claim.birth_date
    code = None if given == question.record.person.birth_date else Code.VALUE_MISMATCH_METADATA_AND_FRMR
    return _result(Item.BIRTH_DATE, code, day_text(given), differs=("дата рождения",))


def _number_of(item: Item, mismatch: Code, same_as: Callable[[str], str]) -> Callable[[_Question], Finding]:
    """SNILS, INN and the register number are alike: the same, not the same, or not in the record."""

    def finding(question: _Question) -> Finding:
        given, held = getattr(question.claim, item.value), getattr(question.record.person, item.value)
        if not held:
            return _result(item, Code.VALUE_NOT_IN_REGISTER, given)
        return _result(item, None if same_as(given) == same_as(held) else mismatch, given)

    return finding


def _employment(question: _Question) -> Finding:
    job = question.claim.employment
    assert job is not None  # `gives` said so
    given = given_text(question.claim, Item.EMPLOYMENT)
    cards = [card for card in question.record.cards if _same_organisation(job, card)]
    if not cards:
        return _result(Item.EMPLOYMENT, Code.PERSON_CARD_NOT_FOUND, given)
    present = [card for card in cards if card.is_open(question.today)]
    if not present:
        return _result(Item.EMPLOYMENT, Code.EMPLOYMENT_ENDED, given)
    if any(same_text(card.post, job.post) for card in present):
        return _result(Item.EMPLOYMENT, None, given)
    posts = ", ".join(card.post for card in present) if question.is_same_person else None
    return _result(Item.EMPLOYMENT, Code.PERSON_POST_IN_FRMR_MISMATCH, given, posts, ("должность",))


def _same_organisation(job: Employment, card: Card) -> bool:
    if job.organisation_oid and card.organisation_oid:
        return job.organisation_oid == card.organisation_oid
    return same_text(job.organisation, card.organisation)


_PERSONAL: dict[Item, Callable[[_Question], Finding]] = {
    Item.FULL_NAME: _full_name,
    Item.BIRTH_DATE: _birth_date,
    Item.SNILS: _number_of(Item.SNILS, Code.SNILS_MISMATCH, plain_digits),
    Item.INN: _number_of(Item.INN, Code.INN_MISMATCH, plain_digits),
    Item.REGISTER_NUMBER: _number_of(Item.REGISTER_NUMBER, Code.REGISTER_NUMBER_MISMATCH, plain_number),
    Item.EMPLOYMENT: _employment,
}


# --- the papers


@dataclass(frozen=True, slots=True)
class _Codes:
    """What can be wrong with a kind of paper."""

    not_found: Code
    mismatch: Code
    excluded: Code
    expired: Code | None = None
    not_passed: Code | None = None


_CODES = {
    Item.DIPLOMA: _Codes(Code.DIPLOMA_NOT_FOUND, Code.DIPLOMA_MISMATCH, Code.DIPLOMA_CANCELLED),
    Item.CERTIFICATE: _Codes(
        Code.CERTIFICATE_NOT_FOUND,
        Code.CERTIFICATE_MISMATCH,
        Code.CERTIFICATE_CANCELLED,
        Code.CERTIFICATE_EXPIRED,
    ),
    Item.ACCREDITATION: _Codes(
        Code.ACCREDITATION_NOT_FOUND,
        Code.ACCREDITATION_MISMATCH,
        Code.ACCREDITATION_EXCLUDED,
        Code.ACCREDITATION_EXPIRED,
        Code.ACCREDITATION_NOT_PASSED,
    ),
    Item.LICENCE: _Codes(Code.LICENCE_NOT_FOUND, Code.LICENCE_MISMATCH, Code.LICENCE_WITHDRAWN, Code.LICENCE_EXPIRED),
}


@dataclass(frozen=True, slots=True)
class _Verdict:
    """One paper against the register: `held` is the nearest record, None when there is none."""

    document: Document
    held: RegisteredDocument | None
    code: Code | None
    differs: tuple[str, ...] = ()


def _documents(item: Item, question: _Question) -> Finding:
    """The item is as good as its worst paper; the permits of the good ones are kept."""
    verdicts = [_verdict(document, question) for document in question.claim.of(item)]
    worst = min(verdicts, key=_weight)
    true = (None, _CODES[item].expired)
    permits = tuple(
        Permit(verdict.held.speciality, verdict.held.valid_until)
        for verdict in verdicts
        if item in PERMITS and verdict.held and verdict.code in true
    )
    may_show = worst.code is not None and worst.held is not None and question.is_same_person
    return Finding(
        item,
        state_of(worst.code) if worst.code else ItemState.CONFIRMED,
        worst.code,
        paper_text(worst.document),
        paper_text(worst.held) if may_show and worst.held else None,
        worst.differs if may_show else (),
        permits,
    )


def _weight(verdict: _Verdict) -> int:
    """What is untrue weighs more than what was true and has been lost."""
    if verdict.code is None:
        return 2
    return 1 if verdict.code in LOST else 0


def _verdict(document: Document, question: _Question) -> _Verdict:
    item, held = document.item, question.record.of(document.item)
    codes = _CODES[item]
    candidates = [(_differences(document, each), each) for each in held if _same_number(document, each)]
    if not candidates:
        near = next((each for each in held if _same_day_and_field(document, each)), None)
        return _Verdict(document, near, codes.mismatch if near else codes.not_found, ("номер",) if near else ())
    differs, nearest = min(candidates, key=lambda pair: (len(pair[0]), _lost(pair[1], question) is not None))
    return _Verdict(document, nearest, codes.mismatch if differs else _lost(nearest, question), differs)


def _lost(held: RegisteredDocument, question: _Question) -> Code | None:
    """Why a paper that is the register's own gives no right, if it does not."""
    codes, ends = _CODES[held.item], held.valid_until
    if held.status is Status.EXCLUDED:
        return codes.excluded
    if held.status is Status.NOT_PASSED:
        return codes.not_passed or codes.excluded
    if ends and ends < question.today:
        return codes.expired
    employers = {card.organisation_oid for card in question.record.cards if card.is_open(question.today)}
    if held.item is Item.LICENCE and held.holder_oid and employers and held.holder_oid not in employers:
        return Code.LICENCE_OF_ANOTHER_ORGANISATION
    return None


def _same_number(document: Document, held: RegisteredDocument) -> bool:
    if document.item is Item.LICENCE:
        return plain_licence(document.number) == plain_licence(held.number)
    number = plain_number(document.number)
    numbers = {plain_number(held.number), plain_number(held.registry_number)} - {""}
    return number in numbers or (number != "" and not _joined(document).isdisjoint(_joined(held)))


def _joined(paper: Document | RegisteredDocument) -> frozenset[str]:
    """Series and number together, with and without the zeros between them: people write both into one field."""
    apart = plain_number(paper.series) + plain_number(paper.number)
    return frozenset({apart, plain_number(paper.series + paper.number)})


def _differences(document: Document, held: RegisteredDocument) -> tuple[str, ...]:
    by_registry = bool(held.registry_number) and plain_number(document.number) == plain_number(held.registry_number)
    no_series = document.item is Item.LICENCE or (by_registry and not document.series)
    same_series = no_series or not _joined(document).isdisjoint(_joined(held))
    same_field = not document.speciality or same_text(document.speciality, held.speciality)
    checks = (("серия", same_series), ("дата", document.issued == held.issued), ("специальность", same_field))
    return tuple(title for title, same in checks if not same)


def _same_day_and_field(document: Document, held: RegisteredDocument) -> bool:
    return document.issued == held.issued and same_text(document.speciality, held.speciality)
