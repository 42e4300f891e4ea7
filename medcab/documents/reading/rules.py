"""What the text of a paper suggests for its form. Suggestions only: a person checks each of them."""

import re
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

MOST_TEXT = 20_000
"""Characters of a file that are read; what comes after is not looked at."""

Read = TypeVar("Read")
_DAY = r"(\d{2})\.(\d{2})\.(\d{4})"
_NUMBER = re.compile(r"(?:№|\bномер)[ :]{0,3}(\d[\d/-]{0,30}(?: \d[\d/-]{0,30}){0,2})", re.IGNORECASE)
_NOT_ITS_OWN = re.compile(
    r"(?:приказ\w{0,4}|протокол\w{0,4}|распоряжени\w{1,3}|постановлени\w{1,3}|решени\w{1,3}|договор\w{0,4}|тел|телефон\w{0,3}|факс\w{0,3}|"
    r"школ\w{1,3}|больниц\w{1,3}|поликлиник\w{1,3}|бланк\w{0,3}|форм\w{1,3}|приложени\w{1,3})"
    r"(?: \w{2,20}){0,3}[ .,:]{0,3}(?:от \d{2}\.\d{2}\.\d{4}(?: ?г\.?)?[ ,]{0,2})?$",
    re.IGNORECASE,
)
"""What stands before the number of something else: an order, the minutes of a meeting, a telephone, a clinic's name."""
_BEFORE = 80
"""Characters before a number that say whose it is."""
_ISSUED = re.compile(r"\b(?:от|выдан[оа]?)[ :]{1,3}" + _DAY, re.IGNORECASE)
_EXPIRES = re.compile(
    r"\b(?:действител\w{1,4}|действует|срок действия)[ :]{1,3}(?:до|по)[ :]{1,3}" + _DAY, re.IGNORECASE
)
_PATRONYMIC = re.compile(
    r"[а-я]{2,20}(?:(?:ов|ев)ич(?:а|у|ем|е)?|(?:овн|евн|ичн)(?:а|у|ы|е|ой))|(?:иль|лук|фом|кузьм|никит|савв|фок)ич(?:а|у|ем|е)?"
)
_SHORT_NAME = 4
_HOURS = re.compile(r"\b(\d{1,4}) (?:академических )?час(?:а|ов)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Suggested:
    """Values for the fields of the form; None where the text says nothing, or says two different things."""

    number: str | None = None
    issued_on: date | None = None
    expires_on: date | None = None
    hours: int | None = None


def suggested(text: str) -> Suggested:
    """What stands in the text exactly once, or always the same."""
    read = re.sub(r"\s+", " ", text[:MOST_TEXT])
    hours = _only({int(found[1]) for found in _HOURS.finditer(read)} - {0})
    return Suggested(
        number=_only({found[1].rstrip("/- ") for found in _NUMBER.finditer(read) if _is_its_own(read, found.start())}),
        issued_on=_only(_days(_ISSUED, read)),
        expires_on=_only(_days(_EXPIRES, read)),
        hours=hours,
    )


def is_somebody_elses(text: str, family_name: str) -> bool:
    """Whether the text names people, and none of them by this family name in any of its cases."""
    words = re.findall(r"[а-я-]+", text[:MOST_TEXT].casefold().replace("ё", "е"))
    stem = family_name.casefold().replace("ё", "е")
    stem = stem[:-2] if len(stem) > _SHORT_NAME else stem
    patronymics = [word for word in words if _PATRONYMIC.fullmatch(word)]
    return bool(patronymics) and not any(word.startswith(stem) for word in words if word not in patronymics)


def _is_its_own(text: str, at: int) -> bool:
    """Whether the number that begins there is the paper's, as far as the words of its sentence before it tell."""
    return not _NOT_ITS_OWN.search(text[max(at - _BEFORE, 0) : at])


def _only(found: set[Read]) -> Read | None:
    return next(iter(found)) if len(found) == 1 else None


def _days(pattern: re.Pattern[str], text: str) -> set[date]:
    days: set[date] = set()
    for found in pattern.finditer(text):
        try:
            days.add(date(int(found[3]), int(found[2]), int(found[1])))
        except ValueError:
            continue  # a day that is not in the calendar
    return days
