"""About sixty workers: the ones a visitor may be, by name, and their colleagues.

They do not depend on the seed of the visits: the accounts, numbers and names are the same in every demo.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from uuid import UUID

import numpy as np

from medcab.access import Role
from medcab.demo import fictional, names
from medcab.demo.clinic import SPECIALTIES, WARDS, Specialty, Ward, identity

_SEED = 7
EXPIRED_DAYS_AGO = 12
EXPIRES_IN_DAYS = 20
_BORN_AFTER, _BORN_BEFORE = date(1961, 1, 1), date(1995, 12, 31)
_WORKDAYS = frozenset(range(5))
_FAMILY_MEDICINE = ("терапевт", "воп")


class Story(StrEnum):
    """Where the worker's verification stands."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    """Active; the accreditation ends in `EXPIRES_IN_DAYS`."""
    EXPIRED = "expired"
    """Was active; the accreditation ended `EXPIRED_DAYS_AGO` and the rights with it."""
    DRAFT = "draft"
    READY = "ready"
    MISMATCH = "mismatch"
    POSTPONED = "postponed"
    NO_RECORD = "no_record"
    DISPUTED = "disputed"
    """As a mismatch, but the worker insists: an operator is to decide."""
    PROPOSED = "proposed"
    """The same; one operator believes the worker, the second is to confirm."""
    NOT_NEEDED = "not_needed"
    """Not a medical worker."""


MISTYPED = frozenset({Story.MISMATCH, Story.DISPUTED, Story.PROPOSED})
"""The diploma's number is another in the register."""


@dataclass(frozen=True)
class Post:
    """One role in one clinic; `ward` is empty for the whole clinic. `weekdays` of receptions (Monday is 0), none: sees no patients."""

    role: Role
    clinic: str
    ward: str = ""
    weekdays: frozenset[int] = frozenset()
    half_day: bool = False


@dataclass(frozen=True)
class Worker:
    """One person who works there. The first post is the one that the register knows."""

    login: str
    name: names.Name
    born: date
    specialty: str
    posts: tuple[Post, ...]
    story: Story = Story.ACTIVE
    snils: str = ""
    inn: str = ""
    phone: str = ""

    @property
    def id(self) -> UUID:
        return identity("person", self.login)

    @property
    def email(self) -> str:
        return f"{self.login}@{fictional.MAIL_DOMAIN}"

    @property
    def training(self) -> Specialty:
        return SPECIALTIES[self.specialty]


@dataclass(frozen=True)
class _Known:
    """A worker whom visitors know by name; `takes` is the ward and specialty of the place they fill among the doctors."""

    login: str
    name: str
    sex: names.Sex | None
    born: date
    specialty: str
    takes: str = ""
    posts: tuple[Post, ...] = ()
    story: Story = Story.ACTIVE


_KNOWN = (
    _Known("zaveduyushchaya", "Орлова Наталья Викторовна", "F", date(1972, 4, 18), "терапевт", takes="терапия"),
    _Known("terapevt", "Соколова Мария Андреевна", "F", date(1986, 9, 3), "терапевт", takes="терапия"),
    _Known("istekaet", "Гаврилов Олег Павлович", "M", date(1968, 12, 11), "терапевт", takes="терапия", story=Story.EXPIRING),
    _Known("istekla", "Белова Ирина Сергеевна", "F", date(1979, 1, 26), "лор", takes="хирургия", story=Story.EXPIRED),
    _Known(
        "vrach", "Левин Андрей Борисович", "M", date(1977, 6, 9), "кардиолог",
        posts=(
            Post(Role.SPECIALIST, "п7", "консультации", frozenset({0, 2, 4})),
            Post(Role.SPECIALIST, "роща", "диагностика", frozenset({1, 3})),
            Post(Role.DEPARTMENT_HEAD, "роща", "диагностика"),
        ),
    ),
    _Known("sestra", "Лебедева Ольга Николаевна", "F", date(1990, 2, 14), "сестра", posts=(Post(Role.NURSE, "п7", "терапия"),)),
    _Known("farmacevt", "Тихонова Анна Игоревна", "F", date(1988, 7, 30), "фармацевт", posts=(Post(Role.PHARMACIST, "п7"),)),
    _Known("administrator", "Крылов Павел Дмитриевич", "M", date(1975, 10, 5), "организатор", posts=(Post(Role.CLINIC_ADMIN, "п7"),)),
    _Known("administrator2", "Фомина Елена Юрьевна", "F", date(1981, 3, 22), "организатор", posts=(Post(Role.CLINIC_ADMIN, "роща"),)),
    _Known("podderzhka", "Щукина Дарья Олеговна", "F", date(1994, 5, 8), "", posts=(Post(Role.SUPPORT, "п7"),), story=Story.NOT_NEEDED),
    _Known("bezopasnost", "Громов Илья Константинович", "M", date(1984, 8, 17), "", posts=(Post(Role.SECURITY_ADMIN, "п7"),), story=Story.NOT_NEEDED),
    _Known("chernovik", "Зайцева Полина Романовна", "F", date(1995, 11, 19), "терапевт", posts=(Post(Role.THERAPIST, "п7", "терапия"),), story=Story.DRAFT),
    _Known("gotov", "Ершов Никита Алексеевич", "M", date(1991, 1, 15), "невролог", posts=(Post(Role.SPECIALIST, "п7", "консультации"),), story=Story.READY),
    _Known("raskhozhdenie", "Медведева Ксения Артёмовна", "F", date(1989, 6, 24), "хирург", posts=(Post(Role.SPECIALIST, "п7", "хирургия"),), story=Story.MISMATCH),
    _Known("otlozheno", "Жуков Денис Валерьевич", "M", date(1987, 12, 2), "офтальмолог", posts=(Post(Role.SPECIALIST, "роща", "диагностика"),), story=Story.POSTPONED),
    _Known("netzapisi", "Пахомова Вера Степановна", "F", date(1993, 9, 12), "гинеколог", posts=(Post(Role.SPECIALIST, "роща", "женская"),), story=Story.NO_RECORD),
    _Known("podderzhka2", "Рыжов Артур Львович", "M", date(1992, 2, 3), "", posts=(Post(Role.SUPPORT, "п7"),), story=Story.NOT_NEEDED),
    _Known("sporit", "Дроздова Лидия Матвеевна", "F", date(1983, 5, 17), "невролог", posts=(Post(Role.SPECIALIST, "п7", "консультации"),), story=Story.DISPUTED),
    _Known("sporit2", "Чернов Георгий Ильич", "M", date(1980, 11, 28), "хирург", posts=(Post(Role.SPECIALIST, "п7", "хирургия"),), story=Story.PROPOSED),
)  # fmt: skip

_NURSES = (
    ("п7", "консультации"),
    ("п7", "хирургия"),
    ("роща", "семейная"),
    ("роща", "диагностика"),
    ("роща", "женская"),
)
_HEADED_BY_A_VISITOR = "диагностика"
ON_DUTY_TODAY = frozenset({"zaveduyushchaya", "terapevt", "vrach", "istekaet"})
"""Those a visitor signs in as have a reception on the day of the demo, be it a Sunday."""


def _doctors() -> Iterator[_Known]:
    """Every place of a doctor, filled by a known worker or still nameless."""
    waiting = [known for known in _KNOWN if known.takes]
    for ward in WARDS.values():
        for number, specialty in enumerate(key for key, count in ward.doctors for _ in range(count)):
            known = next((each for each in waiting if (each.takes, each.specialty) == (ward.key, specialty)), None)
            if known:
                waiting.remove(known)
            else:
                known = _Known(f"{_latin(ward.key)}{number + 1}", "", None, _BORN_AFTER, specialty)
            is_head = number == 0 and ward.key != _HEADED_BY_A_VISITOR
            yield replace(known, posts=_places(ward, specialty, is_head=is_head))


def _places(ward: Ward, specialty: str, *, is_head: bool) -> tuple[Post, ...]:
    role = Role.THERAPIST if specialty in _FAMILY_MEDICINE else Role.SPECIALIST
    reception = Post(role, ward.clinic, ward.key, _WORKDAYS, half_day=is_head)
    return (reception, Post(Role.DEPARTMENT_HEAD, ward.clinic, ward.key)) if is_head else (reception,)


def _nurses() -> Iterator[_Known]:
    for number, (clinic, ward) in enumerate(_NURSES):
        yield _Known(f"sestra{number + 2}", "", "F", _BORN_AFTER, "сестра", posts=(Post(Role.NURSE, clinic, ward),))
    yield _Known("farmacevt2", "", "F", _BORN_AFTER, "фармацевт", posts=(Post(Role.PHARMACIST, "роща"),))


def _latin(key: str) -> str:
    return {
        "терапия": "terapiya", "консультации": "konsultacii", "хирургия": "khirurgiya", "семейная": "semeynaya",
        "диагностика": "diagnostika", "женская": "zhenskaya",
    }[key]  # fmt: skip


@cache
def workers() -> tuple[Worker, ...]:
    """Everybody, those known by name first."""
    rng = np.random.default_rng(_SEED)
    places = [*(known for known in _KNOWN if not known.takes), *_doctors(), *_nurses()]
    sexes: list[names.Sex] = [place.sex or ("M" if rng.random() < _men(place.specialty) else "F") for place in places]
    drawn = names.draw(rng, sexes)
    born = rng.integers(0, (_BORN_BEFORE - _BORN_AFTER).days, len(places))
    snils, inn = fictional.draw_snils(rng, len(places)), fictional.draw_inn(rng, len(places))
    made = [
        Worker(
            place.login, _named(place.name, sexes[i]) if place.name else drawn[i],
            place.born if place.name else _BORN_AFTER + timedelta(days=int(born[i])), place.specialty, place.posts, place.story,
            snils=snils[i], inn=inn[i], phone=fictional.worker_phone(i + 1),
        )
        for i, place in enumerate(places)
    ]  # fmt: skip
    order = {known.login: place for place, known in enumerate(_KNOWN)}
    return tuple(sorted(made, key=lambda worker: order.get(worker.login, len(order))))


@cache
def newcomers() -> tuple[Worker, Worker]:
    """Two people whom the register knows and medcab does not yet: for visitors who want to register. The second one's papers hold a
    number that the register has otherwise."""
    rng = np.random.default_rng(_SEED + 1)
    snils, inn = fictional.draw_snils(rng, 2), fictional.draw_inn(rng, 2)
    first = Worker(
        "novichok", names.Name("Ветрова", "Алина", "Максимовна", "F"), date(1992, 4, 27), "терапевт",
        (Post(Role.THERAPIST, "п7", "терапия"),), snils=snils[0], inn=inn[0], phone=fictional.worker_phone(9001),
    )  # fmt: skip
    second = Worker(
        "novichok2", names.Name("Рябов", "Кирилл", "Евгеньевич", "M"), date(1985, 10, 13), "эндокринолог",
        (Post(Role.SPECIALIST, "п7", "консультации"),), Story.MISMATCH, snils[1], inn[1], fictional.worker_phone(9002),
    )  # fmt: skip
    return first, second


def _named(full: str, sex: names.Sex) -> names.Name:
    family, given, patronymic = full.split()
    return names.Name(family, given, patronymic, sex)


def _men(specialty: str) -> float:
    return 0.7 if specialty == "хирург" else 0.25
