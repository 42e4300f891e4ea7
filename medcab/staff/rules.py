"""Who works in a clinic, as what, and what its administrator may do about it. Pure: the day comes in as an argument."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from medcab.access import GIVEN_BY_CLINIC, ROLE_TITLES, Role
from medcab.errors import Conflict, Invalid
from medcab.ui import formats

FULL, LEAST, MOST = 100, 5, 200
"""Rates in hundredths of a full post."""
LONGEST_NAME, LONGEST_POST, LONGEST_REASON = 160, 160, 500
FARTHEST = timedelta(days=366)
"""No decision is made for a day farther ahead."""
NEEDS_DEPARTMENT = frozenset({Role.DEPARTMENT_HEAD})
LINK_LIVES = timedelta(days=7)
LETTERS_A_DAY = 3
"""To one address, by everybody together: nobody's mailbox is flooded through medcab."""
LETTERS_OF_A_CLINIC = 4_000
FLOODED = "На этот адрес сегодня уже отправлено несколько писем. Попробуйте завтра."
_DAY = timedelta(days=1)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula, were the text ever exported."""


class State(StrEnum):
    """How somebody stands in a clinic on a day."""

    WORKS = "works"
    INVITED = "invited"
    SUSPENDED = "suspended"
    DISMISSED = "dismissed"


STATE_TITLES = {
    State.WORKS: "Работает",
    State.INVITED: "Приглашён",
    State.SUSPENDED: "Приостановлен",
    State.DISMISSED: "Уволен",
}
STATE_TONES = {State.WORKS: "done", State.INVITED: "info", State.SUSPENDED: "soon", State.DISMISSED: "quiet"}


@dataclass(frozen=True)
class Days:
    """From the first to the last, both included; None: without end."""

    since: date
    until: date | None = None

    def hold_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or self.until >= day)

    def are_over(self, day: date) -> bool:
        return self.until is not None and self.until < day


@dataclass(frozen=True)
class Employment:
    """Everything one clinic knows of one person: places, and what was decided and not taken back."""

    places: tuple[Days, ...]
    suspension: Days | None = None
    dismissal: Days | None = None

    def works_on(self, day: date) -> bool:
        """Whether the rights of at least one place hold."""
        against = (self.suspension, self.dismissal)
        return any(place.hold_on(day) for place in self.places) and not any(one and one.hold_on(day) for one in against)

    def state_on(self, day: date) -> State:
        """A place that is still to begin counts: the person has been taken on."""
        if all(place.are_over(day) for place in self.places) or (self.dismissal and self.dismissal.hold_on(day)):
            return State.DISMISSED
        return State.SUSPENDED if self.suspension and self.suspension.hold_on(day) else State.WORKS

    def words_on(self, day: date) -> str:
        """The same in a sentence."""
        state = self.state_on(day)
        if state is State.DISMISSED:
            last = self.dismissal.since - _DAY if self.dismissal else max(one.until for one in self.places if one.until)
            return f"Последний день работы: {formats.day(last)}."
        if state is State.SUSPENDED and self.suspension:
            ends = self.suspension.until
            return (
                f"Права приостановлены до {formats.day(ends)} включительно."
                if ends
                else "Права приостановлены, пока их не вернут."
            )
        if self.dismissal:
            return f"Работает до {formats.day(self.dismissal.since - _DAY)} включительно, затем увольнение."
        first = min(place.since for place in self.places if not place.are_over(day))
        if first > day:
            return f"Выходит на работу {formats.day(first)}."
        lasts = [place.until for place in self.places if place.hold_on(day)]
        return "Работает." if None in lasts else f"Работает до {formats.day(max(filter(None, lasts)))}."


def may_give(role: str) -> Role:
    """The role, if a clinic's administrator gives it."""
    if role not in GIVEN_BY_CLINIC:
        raise Invalid("Выберите роль из списка.", field="role")
    return Role(role)


def role_called(title: str) -> Role:
    """The role by its title, as in a list from a file."""
    for role in GIVEN_BY_CLINIC:
        if same_name(title, ROLE_TITLES[role]):
            return role
    known = ", ".join(ROLE_TITLES[role] for role in GIVEN_BY_CLINIC)
    raise Invalid(f"Такой роли нет. Бывают: {known}.", field="role")


def need_department(role: Role, department_id: UUID | None) -> None:
    if role in NEEDS_DEPARTMENT and department_id is None:
        raise Invalid("Руководителю нужно отделение: выберите его.", field="department_id")


def rate_of(text: str) -> int:
    """«0,5» as 50 hundredths; empty is a full post."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return FULL
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,4})?", plain):
        raise Invalid("Ставка пишется числом: 1, 0,5 или 0,25.", field="rate")
    hundredths = round(float(plain) * FULL, 6)
    if hundredths != int(hundredths) or not LEAST <= hundredths <= MOST:
        raise Invalid("Ставка бывает от 0,05 до 2, не точнее сотых.", field="rate")
    return int(hundredths)


def rate_words(hundredths: int) -> str:
    """«1», «0,5», «1,25»."""
    return f"{hundredths / FULL:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def line_of(text: str, *, field: str, longest: int, empty: str = "") -> str:
    """One line of a person's typing; `empty` is the refusal of nothing, where something is needed."""
    line = " ".join(text.split())
    if not line and empty:
        raise Invalid(empty, field=field)
    if len(line) > longest:
        raise Invalid(f"Не больше {longest} знаков.", field=field)
    if line.startswith(_FORMULA) or not line.isprintable():
        raise Invalid("Начните с буквы или цифры, без служебных знаков.", field=field)
    return line


def same_name(one: str, other: str) -> bool:
    """Whether two names of departments are the same to a reader."""
    return plain(one) == plain(other)


def plain(text: str) -> str:
    """For comparing what people typed: no case, no ё, single spaces."""
    return " ".join(text.lower().replace("ё", "е").split())


def day_of(text: str, *, field: str) -> date | None:
    """«01.12.2026»; empty is None."""
    if not text.strip():
        return None
    try:
        return datetime.strptime(text.strip(), "%d.%m.%Y").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        raise Invalid("Такой даты нет. Напишите день, месяц и год: 22.11.2026.", field=field) from None


def first_day(given: date | None, today: date) -> date:
    """Of a place: today, or later."""
    day = given or today
    if day < today:
        raise Invalid("Первый день работы не может быть в прошлом.", field="since")
    return _near(day, today, "since")


def suspension(until: date | None, today: date) -> Days:
    """From today on."""
    if until and until < today:
        raise Invalid("Последний день приостановки не может быть в прошлом.", field="until")
    return Days(today, _near(until, today, "until") if until else None)


def dismissal(last_day: date | None, today: date) -> Days:
    """From the day after the last day at work, without end."""
    if last_day is None:
        raise Invalid("Укажите последний день работы.", field="last_day")
    if last_day < today:
        raise Invalid("Последний день работы — сегодня или позже.", field="last_day")
    return Days(_near(last_day, today, "last_day") + _DAY)


def _near(day: date, today: date, field: str) -> date:
    if day - today > FARTHEST:
        raise Invalid("Это больше года вперёд: проверьте дату.", field=field)
    return day


def keep_an_administrator(lasting: Collection[UUID], leaving: UUID) -> None:
    """Raise unless somebody who administers the clinic, today and without a known end, is left. `lasting`: those who do so now."""
    if not any(one != leaving for one in lasting):
        raise Conflict("В клинике должен остаться администратор без даты увольнения: сначала назначьте другого.")
