"""Numbers that belong to nobody, as far as is known, with right check digits.

SNILS begin with 9 (the fund has not come so far); INN with 7700, an office that registers no persons; telephones with +7 975, a code for
which phonenumbers knows no operator; mail is at medcab.example (RFC 2606).
"""

import re
from datetime import date
from typing import Literal

import numpy as np

from medcab.identifiers import enp, inn, snils

MAIL_DOMAIN = "medcab.example"
_REGION = 77
_TRIPLE = re.compile(r"(\d)\1\1")


def draw_snils(rng: np.random.Generator, count: int) -> list[str]:
    """Different numbers of 11 digits; none repeats a digit three times in a row."""
    bodies = [f"9{number:08}" for number in rng.choice(10**8, size=2 * count + 20, replace=False)]
    return [snils.with_check_digits(body) for body in bodies if not _TRIPLE.search(body)][:count]


def draw_inn(rng: np.random.Generator, count: int) -> list[str]:
    """Different personal numbers of 12 digits."""
    return [inn.with_check_digits(f"7700{number:06}") for number in rng.choice(10**6, size=count, replace=False)]


def draw_phones(rng: np.random.Generator, count: int) -> list[str]:
    """Different mobile numbers, E.164; those of workers begin with +7 975 000, these do not."""
    return [f"+7975{number:07}" for number in rng.choice(np.arange(10**6, 10**7), size=count, replace=False)]


def worker_phone(number: int) -> str:
    """The number of one worker, 0…9999."""
    return f"+7975000{number:04}"


def policy(born: date, sex: Literal["M", "F"], serial: int) -> str:
    """The 16 digits of an insurance policy; `serial` below 100 000 tells people of one birthday apart."""
    return enp.compose(_REGION, born, sex, serial)
