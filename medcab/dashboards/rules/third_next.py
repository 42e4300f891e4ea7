"""How soon somebody who calls today can be seen: the third free time from now, by specialty.

The third, because a first one is often an accident (somebody has just cancelled). Limits: the Programme of State Guarantees 2026–2028, which
gives a therapist, a paediatrician and a family doctor 24 hours and other specialists 14 working days from the asking.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from statistics import median

from medcab.holidays import DayKind, kind_of
from medcab.ui import formats

THIRD = 3
_NAMED = 3
"""Specialties named over the chart; the others are counted."""
FIRST_CONTACT = frozenset({"терапия", "педиатрия", "общая врачебная практика (семейная медицина)"})
"""Specialties in their plain spelling whose limit is 24 hours."""
DAY, FORTNIGHT = timedelta(hours=24), 14
SOURCE = "Программа государственных гарантий на 2026–2028 годы"


@dataclass(frozen=True, slots=True)
class Wait:
    """As measured at `at`: when the third free time of the specialty is; None: there are not so many within the days looked at. Clinic's time."""

    specialty: str
    at: datetime
    third: datetime | None

    @property
    def days(self) -> int | None:
        """Whole days; today is 0."""
        return (self.third.date() - self.at.date()).days if self.third else None

    @property
    def limit(self) -> int:
        """The whole days that the limit leaves."""
        if is_first_contact(self.specialty):
            return DAY.days
        days = FORTNIGHT
        while working_days(self.at.date(), self.at.date() + timedelta(days)) <= FORTNIGHT:
            days += 1
        return days - 1

    @property
    def is_met(self) -> bool:
        """Within the limit of the specialty."""
        if self.third is None:
            return False
        if is_first_contact(self.specialty):
            return self.third - self.at <= DAY
        return working_days(self.at.date(), self.third.date()) <= FORTNIGHT


def is_first_contact(specialty: str) -> bool:
    return plain(specialty) in FIRST_CONTACT


def plain(specialty: str) -> str:
    """As specialties are compared."""
    return " ".join(specialty.lower().replace("ё", "е").split())


def limit_words(specialty: str) -> str:
    return "не больше 24 часов" if is_first_contact(specialty) else "не больше 14 рабочих дней"


def working_days(since: date, until: date) -> int:
    """Working days after `since` up to and with `until`."""
    days = (since + timedelta(number) for number in range(1, (until - since).days + 1))
    return sum(kind_of(day) is DayKind.WORKING for day in days)


def third_of(slots: Iterable[datetime]) -> datetime | None:
    """The third of these, in time."""
    first = sorted(slots)[:THIRD]
    return first[-1] if len(first) == THIRD else None


def usual(waits: Iterable[Wait]) -> int | None:
    """The median of measured days; None when it lies where nothing was found."""
    known = sorted((wait.days is None, wait.days or 0) for wait in waits)
    if not known:
        return None
    middle = known[(len(known) - 1) // 2 : len(known) // 2 + 1]
    return None if any(map(itemgetter(0), middle)) else round(median(days for _, days in middle))


def conclusion(today: Mapping[str, Wait]) -> str:
    """Over the chart: «Утром 29 ноября дольше срока: Кардиология — через 21 день (срок: не больше 14 рабочих дней)…»."""
    if not today:
        return "Доступность записи ещё не измерена: её измеряют каждое утро."
    late = [wait for wait in today.values() if not wait.is_met]
    found = sorted(late or today.values(), key=lambda wait: (wait.days is not None, -(wait.days or 0), wait.specialty))
    named = "; ".join(map(_told, found[:_NAMED])) + (f"; и ещё {len(found) - _NAMED}" if len(found) > _NAMED else "")
    day = formats.day_words(max(wait.at for wait in found))
    if late:
        return f"Утром {day} дольше срока: {named}."
    return f"Утром {day} по всем специальностям записаться можно в пределах срока: {named}."


def _told(wait: Wait) -> str:
    return f"{wait.specialty} — {in_days(wait.days)} (срок: {limit_words(wait.specialty)})"


def in_days(days: int | None) -> str:
    """«в тот же день», «на следующий день», «через 21 день», «свободного времени нет»: counted from the morning it was measured."""
    if days is None:
        return "свободного времени нет"
    near = {0: "в тот же день", 1: "на следующий день"}.get(days)
    return near or f"через {formats.plural(days, 'день', 'дня', 'дней')}"
