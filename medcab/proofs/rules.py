"""Whether the person that somebody else vouches for is the cabinet's. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from medcab.identifiers.sameness import plain_digits, same_text


class Part(StrEnum):
    """What is compared, in the order it is told."""

    NAME = "фамилия, имя или отчество"
    BIRTH_DATE = "дата рождения"
    SNILS = "СНИЛС"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who somebody is; `snils` may be empty where it is not said."""

    family_name: str
    given_name: str
    patronymic: str
    birth_date: date
    snils: str

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.family_name, self.given_name, self.patronymic) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Identity):
    """A person as a bank knows them: `subject` is theirs within the `issuer`, for ever."""

    issuer: str
    subject: str


def differing(own: Identity, told: Identity) -> list[Part]:
    """Which parts are not the same; spelling (ё, hyphens, case) is no difference. Empty: it is the same person.

    SNILS is compared when it is said: not every bank knows it.
    """
    same = {
        Part.NAME: same_text(own.name, told.name),
        Part.BIRTH_DATE: own.birth_date == told.birth_date,
        Part.SNILS: not told.snils or plain_digits(own.snils) == plain_digits(told.snils),
    }
    return [part for part, holds in same.items() if not holds]
