"""What all numbers share: they are pasted with spaces, dashes and invisible characters, and refused in the same words."""

import re
import unicodedata
from dataclasses import dataclass

from medcab.errors import Invalid

LONGEST = 320
"""No identifier is longer (an e-mail address: 64 + 1 + 255); longer text is not looked at."""

_DASHES = re.compile(r"[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]")


def tidy(text: str, *, field: str) -> str:
    """The text as a person sees it: NFC, plain dashes, single plain spaces, nothing invisible. `Invalid` when endless."""
    if len(text) > LONGEST:
        raise Invalid(f"Слишком длинно: нужно не больше {LONGEST} знаков.", field=field)
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(sign for sign in composed if sign.isspace() or unicodedata.category(sign)[0] != "C")
    return " ".join(_DASHES.sub("-", seen).split())


@dataclass(frozen=True)
class Number:
    """A number made of digits: its form field, its name in a sentence, and an example."""

    field: str
    name: str
    example: str

    def refuse(self, sentence: str) -> Invalid:
        return Invalid(sentence, field=self.field)

    def bare(self, text: str) -> str:
        """Nothing but digits, any number of them, or `Invalid`."""
        digits = re.sub(r"[ \-]", "", tidy(text, field=self.field))
        stray = re.search(r"[^0-9]", digits)
        if stray:
            raise self.refuse(f"{self._title} состоит только из цифр: уберите «{stray[0]}».")
        return digits

    def digits(self, text: str, *lengths: int) -> str:
        """The bare digits, of one of these lengths and not all zeros, or `Invalid`."""
        found = self.bare(text)
        if not found:
            raise self.refuse(f"Укажите {self.name}: {self._lengths(lengths)}, например {self.example}.")
        if len(found) not in lengths:
            what = "допишите недостающие" if len(found) < max(lengths) else "уберите лишние"
            raise self.refuse(f"В номере {self._lengths(lengths)}, а введено {len(found)}: {what}.")
        if not found.strip("0"):
            raise self.refuse(f"{self._title} не бывает из одних нулей: перепишите номер из документа.")
        return found

    def mismatch(self) -> Invalid:
        """The check digits do not fit: a digit was mistaken somewhere."""
        return self.refuse(f"В номере ошибка: такого {self.name} не бывает. Сверьте каждую цифру с документом.")

    @property
    def _title(self) -> str:
        return self.name[0].upper() + self.name[1:]

    @staticmethod
    def _lengths(lengths: tuple[int, ...]) -> str:
        return " или ".join(map(str, lengths)) + " цифр"


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    """Sum of digit times weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
