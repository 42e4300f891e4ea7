"""What the worker gives (`Claim`) and what the federal register holds (`RegisterRecord`).

Field meanings follow reference/domain.md 3.3. Dates are calendar days without a zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from medcab.identifiers.sameness import same_text
from medcab.verification.rules.items import DOCUMENTS, PERMITS, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Specialisation:
    """A specialty by its name in the nomenclature, and the ОКПД2 code of the service (a service code says no
    specialty).
    """

    name: str
    okpd2: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One paper of the worker. `item` is one of `DOCUMENTS`; `speciality` is needed for permits; `file` is
    the id of the accepted scan, empty while there is none. `issuer` is shown and never compared: institutions
    are renamed.
    """

    item: Item
    number: str
    series: str = ""
    issued: date | None = None
    issuer: str = ""
    speciality: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Employment:
    """Place of work; `organisation_oid` decides when it is known, the name otherwise."""

    organisation: str
    post: str
    organisation_oid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the worker says of themselves. `snils` and `inn` are bare digits; an empty string is "not given"."""

    last_name: str = ""
    first_name: str = ""
    patronymic: str = ""
    birth_date: date | None = None
    snils: str = ""
    inn: str = ""
    register_number: str = ""
    specialisations: tuple[Specialisation, ...] = ()
    documents: tuple[Document, ...] = ()
    employment: Employment | None = None

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part)

    def of(self, item: Item) -> tuple[Document, ...]:
        return tuple(document for document in self.documents if document.item is item)

    def gives(self, item: Item) -> bool:
        return bool(self._value(item))

    def _value(self, item: Item) -> object:
        """Everything that the comparison of `item` reads; a new scan counts, for it was sent to be looked at
        again.
        """
        if item is Item.FULL_NAME:
            named = self.last_name and self.first_name
            return (self.last_name, self.first_name, self.patronymic) if named else ()
        if item in DOCUMENTS:
            return self.of(item)
        return getattr(self, item.value)


class Status(StrEnum):
    """What the register says of a document."""

    VALID = "valid"
    NOT_PASSED = "not_passed"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person of a register record. `oid` is the register's own key, `register_number` is the number
    people know.
    """

    oid: str
    snils: str
    last_name: str
    first_name: str
    birth_date: date
    patronymic: str = ""
    inn: str = ""
    register_number: str = ""

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One employment («личное дело»); `rate` is the part of a full post (ставка), 1.0 is all of it."""

    organisation_oid: str
    organisation: str
    post: str
    begins: date
    ends: date | None = None
    department: str = ""
    rate: float = 1.0

    def is_open(self, today: date) -> bool:
        return self.begins <= today and (self.ends is None or self.ends >= today)


_FIVE_YEARS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredDocument:
    """A diploma, certificate, accreditation procedure or licence in the register. `registry_number` is the
    second number that accreditations carry; `holder_oid` is the organisation of a licence.
    """

    item: Item
    number: str
    issued: date
    series: str = ""
    registry_number: str = ""
    ends: date | None = None
    speciality: str = ""
    issuer: str = ""
    holder_oid: str = ""
    status: Status = Status.VALID

    @property
    def valid_until(self) -> date | None:
        """The last day of validity. Certificates and accreditations without an end date last five years;
        diplomas, and licences of today, have no end.
        """
        if self.ends or self.item not in PERMITS:
            return self.ends
        year = self.issued.year + _FIVE_YEARS
        leap_day = (self.issued.month, self.issued.day) == (2, 29)
        return self.issued.replace(year=year, day=28) if leap_day else self.issued.replace(year=year)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRecord:
    """One person as the register knows them, with the licences that were asked for."""

    person: Person
    cards: tuple[Card, ...] = ()
    documents: tuple[RegisteredDocument, ...] = ()

    def of(self, item: Item) -> tuple[RegisteredDocument, ...]:
        return tuple(document for document in self.documents if document.item is item)


def items_to_check(before: Claim | None, after: Claim) -> frozenset[Item]:
    """What has to be asked again after a correction: only what changed.

    A changed SNILS is another record of the register, so then nothing that was confirmed before may be
    carried over.
    """
    if before is None or before.snils != after.snils:
        return frozenset(Item)
    return frozenset(item for item in Item if before._value(item) != after._value(item))


@dataclass(frozen=True, slots=True)
class Missing:
    """What still has to be given before the check: `item` is where, `sentence` is Russian. `item` is None for
    specialisations.
    """

    item: Item | None
    sentence: str


_GIVE = {
    Item.FULL_NAME: "Укажите фамилию и имя.",
    Item.BIRTH_DATE: "Укажите дату рождения.",
    Item.SNILS: "Укажите СНИЛС.",
    Item.INN: "Укажите личный ИНН.",
    Item.REGISTER_NUMBER: "Укажите номер в регистре медицинских работников.",
    Item.DIPLOMA: "Добавьте диплом.",
    Item.LICENCE: "Добавьте лицензию.",
    Item.EMPLOYMENT: "Укажите место работы и должность.",
}


def may_submit(claim: Claim) -> list[Missing]:
    """What is missing before the register may be asked; empty when nothing is."""
    missing = [Missing(item, sentence) for item, sentence in _GIVE.items() if not claim.gives(item)]
    if not any(claim.gives(item) for item in PERMITS):
        missing.append(Missing(Item.ACCREDITATION, "Добавьте аккредитацию или сертификат специалиста."))
    missing += _missing_of_employment(claim.employment)
    for document in claim.documents:
        missing += _missing_of(document)
    return missing + list(_missing_specialisations(claim))


def _missing_of_employment(employment: Employment | None) -> Iterator[Missing]:
    if employment and not (employment.organisation or employment.organisation_oid):
        yield Missing(Item.EMPLOYMENT, "Укажите организацию.")
    if employment and not employment.post:
        yield Missing(Item.EMPLOYMENT, "Укажите должность.")


def _missing_of(document: Document) -> Iterator[Missing]:
    title = document.item.label.lower()
    if not document.number:
        yield Missing(document.item, f"Укажите номер: {title}.")
    if document.issued is None:
        yield Missing(document.item, f"Укажите дату выдачи: {title}.")
    if not document.file:
        yield Missing(document.item, f"Загрузите файл: {title}.")
    if document.item in PERMITS and not document.speciality:
        yield Missing(document.item, f"Укажите специальность: {title}.")


def _missing_specialisations(claim: Claim) -> Iterator[Missing]:
    if not claim.specialisations:
        yield Missing(None, "Укажите хотя бы одну специальность.")
    for each in claim.specialisations:
        if not each.okpd2:
            yield Missing(None, f"Укажите код ОКПД2 для специальности «{each.name}».")
        permitted = any(same_text(each.name, d.speciality) for d in claim.documents if d.item in PERMITS)
        if not permitted:
            yield Missing(Item.ACCREDITATION, f"Для специальности «{each.name}» нет ни аккредитации, ни сертификата.")
