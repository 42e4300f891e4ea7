"""Date of birth, typed as 14.03.1985 or brought by the browser as 1985-03-14."""

import re
from datetime import date

from medcab.errors import Invalid
from medcab.identifiers.digits import tidy

_RUSSIAN = re.compile(r"(?P<day>\d{1,2})[./\- ](?P<month>\d{1,2})[./\- ](?P<year>\d{4})", re.ASCII)
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}[./\- ]\d{1,2}[./\- ]\d{2}", re.ASCII)
_EXAMPLE = "например 14.03.1985"

YOUNGEST_WORKER, OLDEST = 18, 100


def parse(text: str, *, today: date, youngest: int = YOUNGEST_WORKER, oldest: int = OLDEST) -> date:
    """The day, in the past, of somebody `youngest`…`oldest` full years old today (a worker unless said otherwise), or `Invalid`."""
    born = _day(text)
    if born > today:
        raise _refuse("Эта дата ещё не наступила: проверьте год.")
    years = age(born, today=today)
    if years < youngest:
        raise _refuse(f"По этой дате возраст меньше {youngest} лет: проверьте год рождения.")
    if years > oldest:
        raise _refuse(f"По этой дате возраст больше {oldest} лет: проверьте год рождения.")
    return born


def age(born: date, *, today: date) -> int:
    """Full years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def formatted(value: date) -> str:
    return f"{value.day:02}.{value.month:02}.{value.year:04}"


def masked(value: date) -> str:
    return f"••.••.{value.year:04}"


def _day(text: str) -> date:
    seen = tidy(text, field="birth_date")
    if not seen:
        raise _refuse(f"Укажите дату рождения, {_EXAMPLE}.")
    if _SHORT_YEAR.fullmatch(seen):
        raise _refuse(f"Укажите год четырьмя цифрами, {_EXAMPLE}.")
    parts = _RUSSIAN.fullmatch(seen) or _ISO.fullmatch(seen)
    if not parts:
        raise _refuse(f"Укажите день, месяц и год, {_EXAMPLE}.")
    try:
        return date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    except ValueError:
        raise _refuse(f"В календаре нет дня {seen}: проверьте число и месяц.") from None


def _refuse(sentence: str) -> Invalid:
    return Invalid(sentence, field="birth_date")
