"""What each worker says of themselves and what the federal register holds: the same, but where the story wants it otherwise."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from uuid import UUID

import numpy as np

from medcab.demo.clinic import CLINICS, WARDS, identity
from medcab.demo.staff import EXPIRED_DAYS_AGO, EXPIRES_IN_DAYS, MISTYPED, Story, Worker, newcomers, workers
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

_PAPERS = (Item.DIPLOMA, Item.ACCREDITATION, Item.LICENCE)
_INSTITUTES = (
    "Заречный государственный медицинский университет", "Приволжская медицинская академия имени Н. Ф. Дроздова",
    "Северный медицинский институт", "Институт здравоохранения «Берег»",
)  # fmt: skip
_COLLEGE = "Заречный медицинский колледж"
_CENTRE = "Центральная аккредитационная комиссия"
_MIDDLE = ("сестра", "фармацевт")


@dataclass(frozen=True)
class Dossier:
    """`record` is the register's; None: it knows nobody like that."""

    worker: Worker
    claim: Claim
    record: RegisterRecord | None


@cache
def dossiers(today: date) -> tuple[Dossier, ...]:
    """Of every medical worker, as of the day on which the demo was loaded."""
    medical = [worker for worker in workers() if worker.story is not Story.NOT_NEEDED]
    rng = np.random.default_rng(11)
    return tuple(_dossier(rng, number, worker, today) for number, worker in enumerate(medical))


@cache
def newcomers_dossiers(today: date) -> tuple[Dossier, ...]:
    """Of those who are still to register: the claim is what they hold in their hands."""
    rng = np.random.default_rng(12)
    return tuple(_dossier(rng, 900 + number, worker, today) for number, worker in enumerate(newcomers()))


def paper_id(worker: Worker, item: Item) -> UUID:
    return identity("document", f"{worker.login}/{item.value}")


def file_id(worker: Worker, item: Item) -> UUID:
    return identity("file", f"{worker.login}/{item.value}")


def _dossier(rng: np.random.Generator, number: int, worker: Worker, today: date) -> Dossier:
    record = RegisterRecord(
        person=_person(worker, number), cards=_cards(rng, worker), documents=_papers(rng, worker, today)
    )
    claim = Claim() if worker.story is Story.DRAFT else _claim(worker, record)
    return Dossier(worker, claim, None if worker.story is Story.NO_RECORD else record)


def _person(worker: Worker, number: int) -> Person:
    name = worker.name
    return Person(
        oid=f"1.2.643.5.1.13.13.12.9.{990000 + number}", snils=worker.snils, last_name=name.family, first_name=name.given,
        patronymic=name.patronymic, birth_date=worker.born, inn=worker.inn, register_number=f"77{26000000 + number * 137}",
    )  # fmt: skip


def _cards(rng: np.random.Generator, worker: Worker) -> tuple[Card, ...]:
    """One employment in each clinic, open."""
    begins = date(2012, 1, 1) + timedelta(days=int(rng.integers(0, 4000)))
    begins = max(begins, worker.born.replace(day=1, year=worker.born.year + 25))
    places = {post.clinic: post.ward for post in reversed(worker.posts)}
    return tuple(
        Card(
            organisation_oid=CLINICS[clinic].oid, organisation=CLINICS[clinic].name, post=worker.training.post, begins=begins,
            department=WARDS[ward].name if ward else "", rate=1.0 if len(places) == 1 else 0.5,
        )
        for clinic, ward in places.items()
    )  # fmt: skip


def _papers(rng: np.random.Generator, worker: Worker, today: date) -> tuple[RegisteredDocument, ...]:
    specialty, clinic = worker.training.title, CLINICS[worker.posts[0].clinic]
    is_middle = worker.specialty in _MIDDLE
    graduated = date(worker.born.year + (21 if is_middle else 24), 6, int(rng.integers(20, 31)))
    issued, ends = _accredited(rng, worker, today)
    diploma = RegisteredDocument(
        item=Item.DIPLOMA, series=f"1077{rng.integers(10, 99)}", number=f"{rng.integers(1_000_000, 9_999_999)}", issued=graduated,
        issuer=_COLLEGE if is_middle else str(rng.choice(_INSTITUTES)), speciality=specialty if is_middle else "Лечебное дело",
    )  # fmt: skip
    accreditation = RegisteredDocument(
        item=Item.ACCREDITATION, series="7725", number=f"03{rng.integers(1_000_000, 9_999_999)}",
        registry_number=f"{rng.integers(10**11, 10**12)}", issued=issued, ends=ends, speciality=specialty, issuer=_CENTRE,
    )  # fmt: skip
    licence = RegisteredDocument(
        item=Item.LICENCE,
        number=clinic.licence,
        issued=date.fromisoformat(clinic.licensed_on),
        issuer=clinic.name,
        holder_oid=clinic.oid,
    )
    return diploma, accreditation, licence


def _accredited(rng: np.random.Generator, worker: Worker, today: date) -> tuple[date, date]:
    """An accreditation lasts five years."""
    left = {Story.EXPIRING: EXPIRES_IN_DAYS, Story.EXPIRED: -EXPIRED_DAYS_AGO}.get(
        worker.story, int(rng.integers(150, 1700))
    )
    ends = today + timedelta(days=left)
    return ends.replace(year=ends.year - 5, day=min(ends.day, 28)), ends


def _claim(worker: Worker, record: RegisterRecord) -> Claim:
    person, card = record.person, record.cards[0]
    documents = tuple(_given(worker, record.of(item)[0]) for item in _PAPERS)
    return Claim(
        last_name=person.last_name, first_name=person.first_name, patronymic=person.patronymic, birth_date=person.birth_date,
        snils=person.snils, inn=person.inn, register_number=person.register_number, documents=documents,
        specialisations=(Specialisation(name=worker.training.title, okpd2=worker.training.okpd2),),
        employment=Employment(organisation=card.organisation, post=card.post, organisation_oid=card.organisation_oid),
    )  # fmt: skip


def _given(worker: Worker, held: RegisteredDocument) -> Document:
    given = Document(
        item=held.item, series=held.series, number=held.number, issued=held.issued, issuer=held.issuer, speciality=held.speciality,
        file=str(file_id(worker, held.item)),
    )  # fmt: skip
    is_mistyped = worker.story in MISTYPED and held.item is Item.DIPLOMA
    return replace(given, number=swapped(given.number)) if is_mistyped else given


def swapped(number: str) -> str:
    """The number with its last two different neighbours exchanged, as fingers do."""
    place = next(i for i in range(len(number) - 1, 0, -1) if number[i] != number[i - 1])
    return f"{number[: place - 1]}{number[place]}{number[place - 1]}{number[place + 1 :]}"
