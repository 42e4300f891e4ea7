"""How numbers, money, dates and counted words are written in Russian. Pure text: no component, no clock of its own.

Spaces inside a number and before its unit are no-break ones (U+00A0), so that «9 %» never falls apart at the end of a line.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.numbers import format_currency, format_decimal

NBSP = "\u00a0"
NO_DATA = "нет данных"
MOSCOW = ZoneInfo("Europe/Moscow")  # not from medcab.clock: rules may use this module and must not see a clock
_RU = Locale("ru")
_JUST_NOW = timedelta(seconds=45)


def number(value: float | Decimal, digits: int = 0) -> str:
    """«12 345» or, with `digits` after the comma, «12 345,6»."""
    return format_decimal(value, format=_pattern(digits), locale=_RU)


@lru_cache
def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")


def percent(share: float, digits: int = 0) -> str:
    """A share of one as «9 %»; one part in a hundred is 0.01."""
    return f"{number(share * 100, digits)}{NBSP}%"


def signed(value: float, digits: int = 0) -> str:
    """«+5», «−3» with a true minus sign, «0» without a sign, also when it only rounds to zero."""
    rounded = round(value, digits)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return sign + number(abs(rounded), digits)


def money(amount: Decimal) -> str:
    """«1 234,50 ₽»."""
    return format_currency(amount, "RUB", locale=_RU)


def plural(count: int, one: str, few: str, many: str) -> str:
    """The number with the word that agrees with it: «1 приём, 2 приёма, 5 приёмов»."""
    return f"{number(count)}{NBSP}{plural_word(count, one, few, many)}"


def plural_word(count: int, one: str, few: str, many: str) -> str:
    """Only the word that agrees with the number."""
    return {"one": one, "few": few}.get(_RU.plural_form(abs(count)), many)


def day(value: date) -> str:
    """«22.11.2026»."""
    return value.strftime("%d.%m.%Y")


def day_words(value: date, *, year: bool = False) -> str:
    """«22 ноября», with `year` «22 ноября 2026»."""
    return format_date(value, "d MMMM y" if year else "d MMMM", locale=_RU)


def day_short(value: date) -> str:
    """«22.11», where the year is clear from what stands around."""
    return value.strftime("%d.%m")


def weekday(value: date) -> str:
    """«понедельник»."""
    return format_date(value, "EEEE", locale=_RU)


def weekday_short(value: date) -> str:
    """«Пн», where there is no room for more."""
    return capital(format_date(value, "EEE", locale=_RU).rstrip("."))


def period(start: date, end: date) -> str:
    """A span of days, both inclusive, without saying anything twice: «16–22 ноября 2026»."""
    if start == end:
        return day_words(end, year=True)
    if start.year != end.year:
        return f"{day_words(start, year=True)} – {day_words(end, year=True)}"
    if start.month != end.month:
        return f"{day_words(start)} – {day_words(end, year=True)}"
    return f"{start.day}–{day_words(end, year=True)}"


def time(value: datetime, tz: ZoneInfo = MOSCOW) -> str:
    """«09:30» at the clinic; `value` is aware."""
    return value.astimezone(tz).strftime("%H:%M")


def moment(value: datetime, tz: ZoneInfo = MOSCOW) -> str:
    """«22.11.2026, 09:30» at the clinic; `value` is aware."""
    return value.astimezone(tz).strftime("%d.%m.%Y, %H:%M")


def relative_time(value: datetime, now: datetime) -> str:
    """«5 минут назад», «через 2 часа», «только что»; show `moment` on hover."""
    ago = now - value
    if abs(ago) < _JUST_NOW:
        return "только что" if ago >= timedelta() else "сейчас"
    return format_timedelta(-ago, granularity="minute", threshold=0.75, add_direction=True, locale=_RU)


def minutes(value: float, digits: int = 0) -> str:
    """«9 мин»."""
    return f"{number(value, digits)}{NBSP}мин"


def duration(total_minutes: int) -> str:
    """«45 мин», «2 ч», «2 ч 15 мин»."""
    hours, rest = divmod(total_minutes, 60)
    parts = [f"{number(hours)}{NBSP}ч"] if hours else []
    return " ".join([*parts, minutes(rest)] if rest or not hours else parts)


def unbroken(name: str) -> str:
    """Initials stay with their name."""
    return name.replace(" ", NBSP)


def capital(sentence: str) -> str:
    """The same with its first letter capital; the others stay as they are."""
    return sentence[:1].upper() + sentence[1:]
