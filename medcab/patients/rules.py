"""How what was typed into a search for a patient is understood, and how names are kept to be found."""

import re
from dataclasses import dataclass
from typing import Literal

SNILS_DIGITS, POLICY_DIGITS = 11, 16
SHORTEST = 2
_NUMBER = re.compile(r"[\d\s\-]+")
_WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*['\-]?")

By = Literal["name", "snils", "policy", "nothing"]


@dataclass(frozen=True, slots=True)
class Query:
    """`value`: bare digits of a number, or for a name the words, normalised: a family name, then beginnings of the rest."""

    by: By
    value: str = ""

    @property
    def words(self) -> list[str]:
        return self.value.split()


NOTHING = Query("nothing")


def normalised(name: str) -> str:
    """A name as it is searched: lower case, ё as е, single spaces."""
    return " ".join(re.sub(r"[`’ʼ]", "'", name).lower().replace("ё", "е").split())


def parse(text: str) -> Query:
    """Digits are a SNILS or a policy when complete; anything else is the beginning of a name, perhaps with initials («Иванов И. С.»)."""
    if _NUMBER.fullmatch(text):
        digits = re.sub(r"\D", "", text)
        return {SNILS_DIGITS: Query("snils", digits), POLICY_DIGITS: Query("policy", digits)}.get(len(digits), NOTHING)
    words = _WORD.findall(normalised(text))
    return Query("name", " ".join(words)) if words and len(words[0]) >= SHORTEST else NOTHING


def hint(text: str) -> str:
    """What to type more, while nothing can be looked for yet; empty when it can."""
    if parse(text) is not NOTHING or not text.strip():
        return ""
    if _NUMBER.fullmatch(text):
        count = len(re.sub(r"\D", "", text))
        return f"Номер целиком: 11 цифр СНИЛС или 16 цифр полиса, сейчас {count}."
    return "Введите хотя бы две буквы фамилии."
