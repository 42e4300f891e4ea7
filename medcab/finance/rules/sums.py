"""Kopecks as whole numbers: what was billed, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Outcome(StrEnum):
    """What the payer said of a line of a register, or that the clinic took it back before an answer: no report counts that."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OUTCOME_TITLES = {
    Outcome.WAITING: "Ждёт ответа", Outcome.ACCEPTED: "Принято", Outcome.REJECTED: "Отклонено", Outcome.WITHDRAWN: "Отозвано",
}  # fmt: skip

_DEFECTS = (
    "Оформление и предъявление счетов и реестров",
    "Принадлежность застрахованного к страховой организации",
    "Помощь не входит в территориальную программу",
    "Необоснованное применение тарифа",
    "Нет лицензии на этот вид деятельности",
    "Нет сертификата или аккредитации у работника",
    "Повторное или необоснованное включение в реестр",
)
_SINCE_2021 = 3
REASONS = {f"5.{number}": words for number, words in enumerate(_DEFECTS, start=1)} | {
    f"1.{number + _SINCE_2021}": words for number, words in enumerate(_DEFECTS, start=1)
}
"""Groups of defects of the medico-economic control in short words: 5.1–5.7 by the order of the federal fund of 01.12.2010 № 230, 1.4–1.10 by
the order of the ministry of 19.03.2021 № 231н, which numbers the same groups anew.

Codes in use elsewhere agree with 5.1, 5.3, 5.7, 1.6 and 1.10; the text itself was not at hand. Nothing is decided by the list: a line keeps the
code and the words that the payer gave, whichever they are, and these stand in where a file has a code without words.
"""


def reason_of(code: str) -> str:
    """The words of the group that a code is of: «5.7.1.» is of 5.7. Nothing of a code that the list does not have."""
    return REASONS.get(".".join(code.split(".")[:2]), "")


REPORTED = (Outcome.ACCEPTED, Outcome.REJECTED, Outcome.WAITING)
"""What a line that counts may be."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Visits and their kopecks."""

    visits: int = 0
    kopecks: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.visits + other.visits, self.kopecks + other.kopecks)


@dataclass(frozen=True, slots=True)
class Sums:
    """Lines of registers by their outcome. What was billed is their sum, so the three always make it up."""

    accepted: Amount = Amount()
    rejected: Amount = Amount()
    waiting: Amount = Amount()

    @property
    def billed(self) -> Amount:
        return self.accepted + self.rejected + self.waiting

    @property
    def answered(self) -> Amount:
        return self.accepted + self.rejected

    @property
    def is_empty(self) -> bool:
        return self.billed.visits == 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.accepted + other.accepted, self.rejected + other.rejected, self.waiting + other.waiting)

    @classmethod
    def of(cls, outcome: Outcome, amount: Amount) -> "Sums":
        return cls(**{outcome.value: amount})


def total(sums: Iterable[Sums]) -> Sums:
    return sum(sums, Sums())


def roubles(kopecks: int) -> Decimal:
    """Exactly."""
    return Decimal(kopecks).scaleb(-2)
