"""Whose right to practise holds today, and whose will in ninety days if nothing is renewed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from medcab.accounts.rules.right import Right
from medcab.ui import formats

AHEAD = timedelta(90)
WORKER = ("сотрудник", "сотрудника", "сотрудников")


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody with a medical role in the department today."""

    id: UUID
    name: str
    post: str
    right: Right

    def why_not(self, day: date) -> str:
        """What stands in the way of any practice on the day; empty: nothing. Of several specialties one is enough."""
        if (why := self.right.why_not(day)) or not self.right.specialties or self.right.open_on(day):
            return why
        return f"право по всем специальностям подтверждено только по {formats.day(self._last_of_specialties or day)}"

    @property
    def until(self) -> date | None:
        """The last day of any practice; None: no end."""
        ends = [day for day in (self.right.until, self._last_of_specialties) if day]
        return min(ends, default=None)

    def holds_until(self, today: date) -> date | None:
        """The last day of a right that holds today; None: it has no end, or there is none."""
        return None if self.why_not(today) else self.until

    @property
    def _last_of_specialties(self) -> date | None:
        ends = list(self.right.specialties.values())
        return None if not ends or None in ends else max(day for day in ends if day)


@dataclass(frozen=True, slots=True)
class Staff:
    """The people of a department on a day."""

    people: Sequence[Worker]
    today: date

    def valid(self, *, ahead: bool = False) -> list[Worker]:
        """Those whose right holds today, or in ninety days."""
        return [each for each in self.people if not each.why_not(self._day(ahead=ahead))]

    def invalid(self, *, ahead: bool = False) -> list[Worker]:
        """The others: those who have none today at the top, then whoever loses it first."""
        found = [each for each in self.people if each.why_not(self._day(ahead=ahead))]
        return sorted(found, key=lambda each: (each.holds_until(self.today) or date.min, each.name))

    def _day(self, *, ahead: bool) -> date:
        return self.today + AHEAD if ahead else self.today


def conclusion(staff: Staff) -> str:
    """«Право на работу действует у 11 из 12. Без него: Иванова А. П. За 90 дней закончится у 2: Петрова А. П. (14.01.2027)…»"""
    if not staff.people:
        return "В отделении сегодня никто не числится."
    without = staff.invalid()
    gone = {each.id for each in without}
    soon = [each for each in staff.invalid(ahead=True) if each.id not in gone]
    told = [
        f"Право на работу действует у {len(staff.valid())} из {formats.plural(len(staff.people), 'сотрудника', 'сотрудников', 'сотрудников')}"
    ]
    if without:
        told.append(f"Без него сегодня: {without_words(without)}")
    if soon:
        told.append(f"За 90 дней закончится, если не продлить: {named(_dated(each) for each in soon)}")
    return " ".join(map(ended, told))


def ended(words: str) -> str:
    """With one full stop, also after initials."""
    return words if words.endswith(".") else f"{words}."


def without_words(people: Iterable[Worker]) -> str:
    """«Иванова А. П., Петрова А. П. и ещё 2»."""
    return named(each.name for each in people)


def _dated(each: Worker) -> str:
    return f"{each.name} ({formats.day(each.until)})" if each.until else each.name


_NAMED = 3


def named(names: Iterable[str]) -> str:
    """The first few, and how many more there are."""
    found = list(names)
    rest = f" и ещё {len(found) - _NAMED}" if len(found) > _NAMED else ""
    return ", ".join(found[:_NAMED]) + rest
