"""What the law asks of a medical worker, as it is in force since a day. Another day's norm is another row, never a change of an old one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

VISIT_MINUTES: Mapping[str, int] = {
    "Терапия": 15, "Педиатрия": 15, "Общая врачебная практика (семейная медицина)": 18, "Неврология": 22, "Оториноларингология": 16,
    "Офтальмология": 14, "Акушерство и гинекология": 22,  # 290н of 2015
    "Кардиология": 24, "Эндокринология": 19, "Стоматология терапевтическая": 44,  # 973н of 2016
    "Гематология": 20, "Инфекционные болезни": 20, "Онкология": 23, "Пульмонология": 26, "Хирургия": 26, "Фтизиатрия": 35,  # 2017–2018
}  # fmt: skip
"""Minutes of a first visit, by the title in the nomenclature of specialties (reference/domain.md 3.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Norms:
    """In force from `since` to the next row (reference/domain.md 0.4, 3.4 and 3.8)."""

    since: date
    cycle_years: int = 5
    """How long an accreditation, a certificate or a qualification category lasts when it names no last day."""
    training_hours: int = 144
    """Hours of training in one cycle; `course_hours` of them in courses that end with an «удостоверение» (709н)."""
    course_hours: int = 72
    portfolio_months: int = 12
    """The portfolio may be handed in so many months before the accreditation ends, not earlier."""
    review_working_days: int = 35
    """What the centres may take to look at it: later than this, there may be a gap."""
    medical_book_months: int = 12
    """From one medical examination to the next."""
    reminder_days: tuple[int, ...] = (180, 90, 60, 30, 14, 7, 1)
    visit_minutes: Mapping[str, int] = field(default_factory=lambda: dict(VISIT_MINUTES))
    """What one first visit takes, by specialty; the orders recommend it."""
    reception_hours: int = 33
    """The working week of a full post of somebody who only sees outpatients (government resolution 101 of 14.02.2003, annex 2)."""


NORMS = (Norms(since=date(2021, 1, 1)),)


def norms_on(day: date, history: Sequence[Norms] = NORMS) -> Norms:
    """The norms of the day; before the first of them, the first."""
    known = sorted(history, key=lambda each: each.since)
    return [known[0], *(each for each in known if each.since <= day)][-1]
