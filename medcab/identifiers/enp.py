"""ЕНП, the number of a compulsory insurance policy: region(2), birth date and sex(8), serial(5), check digit (Luhn).

The eight digits are month, reversed year and day, each digit replaced by its complement to 9; the month carries the century
(+20 to 1950, +40 to 2000) and the day the sex (+50 for men). They keep what was known when the number was given, so a
difference from the person's birth date is worth a warning, never a refusal.
"""

from datetime import date
from typing import Literal

from medcab.identifiers.digits import Number

Sex = Literal["M", "F"]

_ENP = Number("policy", "номер полиса ОМС", "7756 4108 3500 1233")
_COMPLEMENT = str.maketrans("0123456789", "9876543210")
_MAN = 50


def parse(text: str) -> str:
    """Sixteen bare digits, or `Invalid`."""
    digits = _ENP.digits(text, 16)
    if with_check_digits(digits[:15]) != digits:
        raise _ENP.refuse("В номере ошибка: такого полиса не бывает. Сверьте каждую цифру с полисом.")
    return digits


def with_check_digits(body: str) -> str:
    """Fifteen digits completed to sixteen."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(body), start=1)]
    return f"{body}{-sum(number // 10 + number % 10 for number in doubled) % 10}"


def compose(region: int, birth_date: date, sex: Sex, serial: int) -> str:
    """The valid number of a person: region 1…99, serial 0…99999."""
    month = birth_date.month + _century(birth_date.year)
    day = birth_date.day + (_MAN if sex == "M" else 0)
    facet = f"{month:02}{f'{birth_date.year:04}'[::-1]}{day:02}".translate(_COMPLEMENT)
    return with_check_digits(f"{region:02}{facet}{serial:05}")


def birth_and_sex(value: str) -> tuple[date, Sex] | None:
    """What the number says of its owner; None when it says no real day."""
    facet = value[2:10].translate(_COMPLEMENT)
    year, day = int(facet[5:1:-1]), int(facet[6:])
    try:
        born = date(year, int(facet[:2]) - _century(year), day % _MAN)
    except ValueError:
        return None
    return born, "M" if day > _MAN else "F"


def formatted(value: str) -> str:
    return " ".join(value[start : start + 4] for start in range(0, 16, 4))


def masked(value: str) -> str:
    return f"•••• •••• •••• {value[-4:]}"


def _century(year: int) -> int:
    """What is added to the month for people born in this year."""
    last_of_first, last_of_second = 1950, 2000
    return 20 if year <= last_of_first else 40 if year <= last_of_second else 0
