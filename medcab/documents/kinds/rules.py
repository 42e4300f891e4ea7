"""What a paper proves, what is written on it besides number and dates, and how long it holds. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from medcab.norms import Norms
from medcab.ui.formats import plural


class DocumentKind(StrEnum):
    """What the paper proves."""

    DIPLOMA = "diploma"
    POSTGRADUATE = "postgraduate"
    CERTIFICATE = "certificate"
    ACCREDITATION = "accreditation"
    QUALIFICATION = "qualification"
    COURSE = "course"
    EVENT = "event"
    LICENCE = "licence"
    EMPLOYMENT = "employment"
    SENIORITY = "seniority"
    MEDICAL_BOOK = "medical_book"
    OTHER = "other"


TITLES = {
    DocumentKind.DIPLOMA: "Диплом об образовании",
    DocumentKind.POSTGRADUATE: "Ординатура или интернатура",
    DocumentKind.CERTIFICATE: "Сертификат специалиста",
    DocumentKind.ACCREDITATION: "Выписка об аккредитации",
    DocumentKind.QUALIFICATION: "Квалификационная категория",
    DocumentKind.COURSE: "Удостоверение о повышении квалификации",
    DocumentKind.EVENT: "Образовательное мероприятие НМО",
    DocumentKind.LICENCE: "Лицензия",
    DocumentKind.EMPLOYMENT: "Документ о месте работы",
    DocumentKind.SENIORITY: "Справка о стаже",
    DocumentKind.MEDICAL_BOOK: "Медицинская книжка",
    DocumentKind.OTHER: "Другой документ",
}

PERMITS = frozenset({DocumentKind.CERTIFICATE, DocumentKind.ACCREDITATION})
TRAINING = frozenset({DocumentKind.COURSE, DocumentKind.EVENT})
BY_SPECIALTY = PERMITS | {DocumentKind.QUALIFICATION}
"""Several may be in force at once, one for each specialty."""
RENEWABLE = BY_SPECIALTY | {DocumentKind.COURSE, DocumentKind.LICENCE, DocumentKind.MEDICAL_BOOK}
"""Such a paper ends, and the next one of the same kind takes its place."""
SOON = timedelta(days=90)


class Category(StrEnum):
    """A qualification category."""

    SECOND = "second"
    FIRST = "first"
    HIGHEST = "highest"


CATEGORIES = {Category.SECOND: "вторая", Category.FIRST: "первая", Category.HIGHEST: "высшая"}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What only some kinds carry. `rate` is the part of a full post (1.0 is all of it), `months` the length of service."""

    hours: int | None = None
    category: Category | None = None
    rate: float | None = None
    months: int | None = None


NO_FACTS = Facts()
_HOURS, _RATE, _MONTHS = (1, 2000), (0.05, 2.0), (1, 70 * 12)
_ASKED = {
    **dict.fromkeys(TRAINING, ("hours", "Укажите, сколько часов зачтено: целое число от 1 до 2000.")),
    DocumentKind.QUALIFICATION: ("category", "Выберите категорию: вторая, первая или высшая."),
    DocumentKind.EMPLOYMENT: ("rate", "Укажите ставку: от 0,05 до 2, например 0,5."),
    DocumentKind.SENIORITY: ("months", "Укажите стаж: сколько полных лет и месяцев."),
}


def wrong_facts(kind: DocumentKind, facts: Facts) -> dict[str, str]:
    """What is missing or impossible, a sentence by field; a rate may be left out."""
    name, sentence = _ASKED.get(kind, ("", ""))
    bounds = {"hours": _HOURS, "rate": _RATE, "months": _MONTHS}
    if not name:
        return {}
    value = getattr(facts, name)
    if value is None:
        return {} if name == "rate" else {name: sentence}
    low, high = bounds.get(name, (value, value))
    return {} if name == "category" or low <= value <= high else {name: sentence}


def facts_text(facts: Facts) -> str:
    """«36 часов», «высшая», «0,5 ставки», «12 лет 4 месяца»: as the page shows it; empty when there is nothing to say."""
    if facts.hours:
        return plural(facts.hours, "час", "часа", "часов")
    if facts.category:
        return CATEGORIES[facts.category]
    if facts.rate:
        return f"{facts.rate:g} ставки".replace(".", ",")
    return _service_text(facts.months) if facts.months else ""


def _service_text(months: int) -> str:
    years, rest = divmod(months, 12)
    words = [
        plural(years, "год", "года", "лет") if years else "",
        plural(rest, "месяц", "месяца", "месяцев") if rest else "",
    ]
    return " ".join(filter(None, words))


class Validity(StrEnum):
    """Whether a paper still holds."""

    ENDLESS = "endless"
    HOLDS = "holds"
    ENDS_SOON = "ends_soon"
    ENDED = "ended"


def ends_on(kind: DocumentKind, issued_on: date | None, expires_on: date | None, norms: Norms) -> date | None:
    """The last day of a paper: its own, or what the norms give to its kind (reference/domain.md 3.4)."""
    months = {
        **dict.fromkeys(BY_SPECIALTY, norms.cycle_years * 12), DocumentKind.MEDICAL_BOOK: norms.medical_book_months,
    }.get(kind)  # fmt: skip
    return expires_on if expires_on or issued_on is None or not months else _later(issued_on, months)


def _later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def validity(ends: date | None, today: date) -> Validity:
    """How a paper whose last day is `ends` stands today."""
    if ends is None:
        return Validity.ENDLESS
    if ends < today:
        return Validity.ENDED
    return Validity.ENDS_SOON if ends - today <= SOON else Validity.HOLDS


def finds(query: str, texts: Iterable[str]) -> bool:
    """Whether every word of the query stands somewhere in the texts; case, ё and the marks between digits do not count."""
    pile = _searched(" ".join(texts))
    return all(word in pile or word in pile.replace(" ", "") for word in _searched(query).split())


def _searched(text: str) -> str:
    return re.sub(r"[^\w/]+", " ", text.casefold().replace("ё", "е"))
