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

REASONS = {
    "5.1": "Оформление и предъявление счетов и реестров",
    "5.2": "Принадлежность застрахованного к страховой организации",
    "5.3": "Помощь не входит в территориальную программу",
    "5.4": "Необоснованное применение тарифа",
    "5.5": "Нет лицензии на этот вид деятельности",
    "5.6": "Нет сертификата или аккредитации у работника",
    "5.7": "Повторное или необоснованное включение в реестр",
}
"""Groups of defects of the medico-economic control by the order of the federal fund of 01.12.2010 № 230, section 5, in short words.

Put down from memory, not from the text: have somebody check the list before it is relied on. Later orders number the defects anew,
so nothing is decided by it: a line keeps the code and the words that the payer gave, whichever they are, and these stand in where a
file has a code without words.
"""
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
