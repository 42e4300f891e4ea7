"""A doctor as she describes herself, and as the register would hold her if all of it is true. All made up."""

from datetime import date

from medcab.verification.rules import (
    Card,
    Claim,
    Document,
    Employment,
    Item,
    Person,
    RegisteredDocument,
    RegisterRecord,
    Specialisation,
)

TODAY = date(2026, 11, 22)
CLINIC = "1.2.643.5.1.13.13.12.2.77.8000"
CARDIOLOGY = "Кардиология"


def doctor() -> Claim:
    """Everything given, everything in order."""
    return Claim(
        last_name="Соловьёва-Королёва",
        first_name="Алёна",
        patronymic="Игоревна",
        birth_date=date(1985, 3, 14),
        snils="11223344595",
        inn="500100732259",
        register_number="77.0001.2345",
        specialisations=(Specialisation(name=CARDIOLOGY, okpd2="86.22.11"),),
        documents=(
            Document(
                item=Item.DIPLOMA,
                series="ВСГ",
                number="0123456",
                issued=date(2008, 6, 25),
                speciality="Лечебное дело",
                file="f1",
            ),
            Document(
                item=Item.CERTIFICATE,
                series="0177",
                number="180054321",
                issued=date(2022, 5, 20),
                speciality=CARDIOLOGY,
                file="f2",
            ),
            Document(
                item=Item.ACCREDITATION,
                series="7723",
                number="031234567",
                issued=date(2023, 2, 1),
                speciality=CARDIOLOGY,
                file="f3",
            ),
            Document(item=Item.LICENCE, number="Л041-01137-77/00584930", issued=date(2020, 9, 3), file="f4"),
        ),
        employment=Employment(organisation="Клиника «Северная»", organisation_oid=CLINIC, post="врач-кардиолог"),
    )


def held(claim: Claim) -> RegisterRecord:
    """The record that confirms the whole claim."""
    job = claim.employment
    assert claim.birth_date
    person = Person(
        oid="1.2.643.5.1.13.13.12.1.100",
        snils=claim.snils,
        last_name=claim.last_name,
        first_name=claim.first_name,
        patronymic=claim.patronymic,
        birth_date=claim.birth_date,
        inn=claim.inn,
        register_number=claim.register_number,
    )
    card = job and Card(
        organisation_oid=job.organisation_oid or CLINIC,
        organisation=job.organisation,
        post=job.post,
        begins=date(2015, 1, 12),
    )
    return RegisterRecord(
        person=person,
        cards=(card,) if card else (),
        documents=tuple(registered(document) for document in claim.documents),
    )


def registered(document: Document) -> RegisteredDocument:
    assert document.issued
    return RegisteredDocument(
        item=document.item,
        series=document.series,
        number=document.number,
        issued=document.issued,
        issuer=document.issuer,
        speciality=document.speciality,
        holder_oid=CLINIC if document.item is Item.LICENCE else "",
    )
