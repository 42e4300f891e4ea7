"""The register's JSON (field names of reference/domain.md 3.3) to `RegisterRecord` and back.

Strict on purpose: a field of the wrong kind is refused and never becomes an empty value that might match an
empty claim.
"""

# ruff: noqa: N815  (the names of the fields are the register's)

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from medcab.verification.rules import Card, Item, Person, RegisteredDocument, RegisterRecord, Status


def _day(value: object) -> date:
    """`2026-11-22` and nothing else: no moment, no number, no other order."""
    if not isinstance(value, str) or len(value) != len("2026-11-22"):
        raise ValueError("a date is YYYY-MM-DD")
    return date.fromisoformat(value)


Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, StringConstraints(max_length=500)]
Filled = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"\S")]
Digits11 = Annotated[str, StringConstraints(pattern=r"^[0-9]{11}$")]


class _Payload(BaseModel):
    """Known fields are strict; unknown ones are the register's own business. Errors never carry the values."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class PersonPayload(_Payload):
    oid: Filled
    snils: Digits11
    lastName: Filled
    firstName: Filled
    patronymic: Text | None = None
    birthDate: Day
    inn: Text | None = None
    registryNumber: Text | None = None


class CardPayload(_Payload):
    organization: Filled
    organizationName: Text | None = None
    department: Text | None = None
    post: Filled
    rate: float = Field(1.0, ge=0, le=10)
    beginDate: Day
    endDate: Day | None = None


class ProfPayload(_Payload):
    docSerial: Text | None = None
    docNumber: Filled
    docDate: Day
    institution: Text | None = None
    spec: Text | None = None
    cancelled: bool = False


class CertPayload(_Payload):
    serial: Text | None = None
    number: Filled
    examDate: Day | None = None
    passDate: Day
    endDate: Day | None = None
    spec: Filled
    institution: Text | None = None
    cancelled: bool = False


class ProcedurePayload(_Payload):
    registryNumber: Text | None = None
    spec: Filled
    institution: Text | None = None
    passed: bool
    excluded: bool
    passDate: Day
    endDate: Day | None = None


class AccreditationPayload(_Payload):
    regNumber: Text | None = None
    docSerial: Text | None = None
    docNumber: Filled
    procedures: list[ProcedurePayload] = Field(max_length=100)


class LicencePayload(_Payload):
    number: Filled
    organization: Filled
    organizationName: Text | None = None
    beginDate: Day
    endDate: Day | None = None
    status: Literal["действует", "приостановлена", "прекращена"]


class ReferencePayload(_Payload):
    """Whose data a part is."""

    oid: Filled
    snils: Digits11


class PersonAnswer(_Payload):
    person: PersonPayload


class PartAnswer(_Payload):
    """One part of a record: the list that was asked for is there, the others are None."""

    person: ReferencePayload
    card: list[CardPayload] | None = Field(None, max_length=200)
    prof: list[ProfPayload] | None = Field(None, max_length=200)
    cert: list[CertPayload] | None = Field(None, max_length=200)
    accreditation: list[AccreditationPayload] | None = Field(None, max_length=200)


class FullAnswer(_Payload):
    person: PersonPayload
    card: list[CardPayload] = Field(max_length=200)
    prof: list[ProfPayload] = Field(max_length=200)
    cert: list[CertPayload] = Field(max_length=200)
    accreditation: list[AccreditationPayload] = Field(max_length=200)


class LicenceAnswer(_Payload):
    licence: LicencePayload


class PeopleAnswer(_Payload):
    """Several people at once: each is a `FullAnswer`, or a `RefusalAnswer` with the SNILS it is about."""

    people: list[dict[str, Any]] = Field(max_length=200)


class LicencesAnswer(_Payload):
    """Those of the licences asked for that exist: each is a `LicencePayload`."""

    licences: list[dict[str, Any]] = Field(max_length=200)


class RefusalAnswer(_Payload):
    code: Filled
    message: Text
    retryable: bool


def to_person(payload: PersonPayload) -> Person:
    return Person(
        oid=payload.oid,
        snils=payload.snils,
        last_name=payload.lastName,
        first_name=payload.firstName,
        patronymic=payload.patronymic or "",
        birth_date=payload.birthDate,
        inn=payload.inn or "",
        register_number=payload.registryNumber or "",
    )


def to_record(full: FullAnswer, licences: tuple[LicencePayload, ...] = ()) -> RegisterRecord:
    """The whole record with the licences that were asked for."""
    papers = [_diploma(each) for each in full.prof] + [_certificate(each) for each in full.cert]
    papers += [paper for each in full.accreditation for paper in _accreditations(each)]
    papers += [_licence(each) for each in licences]
    return RegisterRecord(person=to_person(full.person), cards=tuple(map(_card, full.card)), documents=tuple(papers))


def _card(payload: CardPayload) -> Card:
    return Card(
        organisation_oid=payload.organization,
        organisation=payload.organizationName or "",
        department=payload.department or "",
        post=payload.post,
        rate=payload.rate,
        begins=payload.beginDate,
        ends=payload.endDate,
    )


def _diploma(payload: ProfPayload) -> RegisteredDocument:
    return RegisteredDocument(
        item=Item.DIPLOMA,
        series=payload.docSerial or "",
        number=payload.docNumber,
        issued=payload.docDate,
        issuer=payload.institution or "",
        speciality=payload.spec or "",
        status=Status.EXCLUDED if payload.cancelled else Status.VALID,
    )


def _certificate(payload: CertPayload) -> RegisteredDocument:
    return RegisteredDocument(
        item=Item.CERTIFICATE,
        series=payload.serial or "",
        number=payload.number,
        issued=payload.passDate,
        ends=payload.endDate,
        speciality=payload.spec,
        issuer=payload.institution or "",
        status=Status.EXCLUDED if payload.cancelled else Status.VALID,
    )


def _accreditations(payload: AccreditationPayload) -> list[RegisteredDocument]:
    """One document may hold several procedures, each with a specialty and an end of its own."""
    return [
        RegisteredDocument(
            item=Item.ACCREDITATION,
            series=payload.docSerial or "",
            number=payload.docNumber,
            registry_number=each.registryNumber or payload.regNumber or "",
            issued=each.passDate,
            ends=each.endDate,
            speciality=each.spec,
            issuer=each.institution or "",
            status=_procedure_status(each),
        )
        for each in payload.procedures
    ]


def _procedure_status(payload: ProcedurePayload) -> Status:
    if payload.excluded:
        return Status.EXCLUDED
    return Status.VALID if payload.passed else Status.NOT_PASSED


def _licence(payload: LicencePayload) -> RegisteredDocument:
    return RegisteredDocument(
        item=Item.LICENCE,
        number=payload.number,
        issued=payload.beginDate,
        ends=payload.endDate,
        issuer=payload.organizationName or "",
        holder_oid=payload.organization,
        status=Status.VALID if payload.status == "действует" else Status.EXCLUDED,
    )


def to_payload(record: RegisterRecord) -> dict[str, Any]:
    """A record in the register's words, without its licences (`licence_payloads`): what seeds and tests load."""
    person = record.person
    return {
        "person": {
            "oid": person.oid,
            "snils": person.snils,
            "lastName": person.last_name,
            "firstName": person.first_name,
            "patronymic": person.patronymic or None,
            "birthDate": person.birth_date.isoformat(),
            "inn": person.inn or None,
            "registryNumber": person.register_number or None,
        },
        "card": [_card_payload(card) for card in record.cards],
        "prof": [_diploma_payload(paper) for paper in record.of(Item.DIPLOMA)],
        "cert": [_certificate_payload(paper) for paper in record.of(Item.CERTIFICATE)],
        "accreditation": [_accreditation_payload(paper) for paper in record.of(Item.ACCREDITATION)],
    }


def licence_payloads(record: RegisterRecord) -> list[dict[str, Any]]:
    return [
        {
            "number": paper.number,
            "organization": paper.holder_oid,
            "organizationName": paper.issuer or None,
            "beginDate": paper.issued.isoformat(),
            "endDate": _text(paper.ends),
            "status": "действует" if paper.status is Status.VALID else "прекращена",
        }
        for paper in record.of(Item.LICENCE)
    ]


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _card_payload(card: Card) -> dict[str, Any]:
    return {
        "organization": card.organisation_oid,
        "organizationName": card.organisation or None,
        "department": card.department or None,
        "post": card.post,
        "rate": card.rate,
        "beginDate": card.begins.isoformat(),
        "endDate": _text(card.ends),
    }


def _diploma_payload(paper: RegisteredDocument) -> dict[str, Any]:
    return {
        "docSerial": paper.series or None,
        "docNumber": paper.number,
        "docDate": paper.issued.isoformat(),
        "institution": paper.issuer or None,
        "spec": paper.speciality or None,
        "cancelled": paper.status is not Status.VALID,
    }


def _certificate_payload(paper: RegisteredDocument) -> dict[str, Any]:
    return {
        "serial": paper.series or None,
        "number": paper.number,
        "passDate": paper.issued.isoformat(),
        "endDate": _text(paper.ends),
        "spec": paper.speciality,
        "institution": paper.issuer or None,
        "cancelled": paper.status is not Status.VALID,
    }


def _accreditation_payload(paper: RegisteredDocument) -> dict[str, Any]:
    procedure = {
        "registryNumber": paper.registry_number or None,
        "spec": paper.speciality,
        "institution": paper.issuer or None,
        "passed": paper.status is not Status.NOT_PASSED,
        "excluded": paper.status is Status.EXCLUDED,
        "passDate": paper.issued.isoformat(),
        "endDate": _text(paper.ends),
    }
    return {"docSerial": paper.series or None, "docNumber": paper.number, "procedures": [procedure]}
