"""From which day another post or rate holds. Pure: the days come in as arguments."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from medcab.accounts.rules.terms import Terms, on
from medcab.errors import Conflict, Invalid
from medcab.staff.rules import FARTHEST, rate_words
from medcab.ui import formats

_DAY = timedelta(days=1)


def words(terms: Terms) -> str:
    """«врач-терапевт, ставка 0,5»."""
    return ", ".join(filter(None, (terms.post, f"ставка {rate_words(terms.rate)}")))


def days_words(terms: Terms) -> str:
    """«с 01.10.2026 по 30.11.2026»."""
    return f"с {formats.day(terms.since)}" + (f" по {formats.day(terms.until)}" if terms.until else "")


def following(told: Sequence[Terms], new: Terms, today: date, *, is_correction: bool) -> Terms:
    """The new terms with the last day on which they hold: until those that are written down for a later day, or to the end of the role."""
    _demand_within(told, new.since, today)
    later = next((each for each in told if each.since > new.since), None)
    made = replace(new, until=later.since - _DAY if later else told[-1].until)
    if on(told, new.since).say_the_same(new):
        raise Conflict(
            f"С {formats.day(new.since)} и так действует: {words(new)}. Измените ставку, должность или день."
        )
    if is_correction:
        return made
    if new.since < today:
        raise Invalid(
            f"{formats.day(new.since)} уже прошло: нагрузка за прошлые дни будет посчитана заново. Если так и было, отметьте «Исправление».",
            field="since",
        )
    if later:
        raise Invalid(
            f"С {formats.day(later.since)} уже записано: {words(later)}. Новая запись действовала бы только по {formats.day(later.since - _DAY)}. "
            "Если так и нужно, отметьте «Исправление».",
            field="since",
        )
    return made


def _demand_within(told: Sequence[Terms], day: date, today: date) -> None:
    """Neither before the role nor after it: there would be a rate without a role."""
    if day < told[0].since:
        raise Invalid(f"Роль назначена с {formats.day(told[0].since)}: до этого дня у неё нет ставки.", field="since")
    if (last := told[-1].until) and day > last:
        raise Invalid(f"Последний день этой роли — {formats.day(last)}: после него у неё нет ставки.", field="since")
    if day - today > FARTHEST:
        raise Invalid("Это больше года вперёд: проверьте дату.", field="since")


def transfer_day(given: date | None, held: Terms, today: date) -> date:
    """The first day of another role or department instead of the one that is held: rights of days that have been do not change."""
    day = given or max(held.since, today)
    if day < today:
        raise Invalid(
            "Другая роль или другое отделение — с сегодняшнего дня или позже: права за прошлые дни не меняются. Задним числом исправляются "
            "только должность и ставка.",
            field="since",
        )
    if day < held.since:
        raise Invalid(f"Эта роль начинается {formats.day(held.since)}: другая вместо неё — не раньше.", field="since")
    if held.until and day > held.until + _DAY:
        raise Invalid(
            f"Прежняя роль заканчивается {formats.day(held.until)}: между ними получился бы перерыв.", field="since"
        )
    return day
