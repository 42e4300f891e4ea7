"""Which papers a search and its facets leave, and how many each other choice would leave. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from medcab.documents.kinds.rules import finds
from medcab.identifiers.sameness import plain


class Facet(StrEnum):
    """By what papers are told apart; the value is the name in the address."""

    KIND = "kind"
    STATE = "state"
    SPECIALTY = "specialty"
    ISSUER = "issuer"


@dataclass(frozen=True, slots=True)
class Card:
    """What a paper is found by: its value in each facet, and every word in it."""

    facets: Mapping[Facet, str]
    words: tuple[str, ...]

    def value(self, facet: Facet) -> str:
        """Folded where people type it: two spellings of one issuer are one choice."""
        return plain(self.facets[facet])


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: words, and a folded value in some facets (empty: any)."""

    words: str
    chosen: Mapping[Facet, str]

    def admits(self, card: Card, *, but: Facet | None = None) -> bool:
        """Whether it leaves this paper; `but` is the facet that does not count."""
        wanted = ((facet, plain(value)) for facet, value in self.chosen.items() if value and facet is not but)
        return all(card.value(facet) == value for facet, value in wanted) and finds(self.words, card.words)


def options(cards: Sequence[Card], asked: Asked, facet: Facet) -> list[tuple[str, str, int]]:
    """The choices of a facet as (value, spelling, papers), the most frequent first; a choice counts what the rest of the question leaves.

    What is chosen stays among them, also when nothing of it is left: or nobody could take it back.
    """
    left = [card for card in cards if card.facets[facet] and asked.admits(card, but=facet)]
    counts = Counter(card.value(facet) for card in left)
    chosen = plain(asked.chosen.get(facet, ""))
    known = _spellings(cards, facet)
    if chosen and chosen in known:
        counts[chosen] += 0
    return sorted(((value, known[value], count) for value, count in counts.items()), key=lambda one: (-one[2], one[1]))


def _spellings(cards: Iterable[Card], facet: Facet) -> dict[str, str]:
    """The first spelling of each value."""
    found: dict[str, str] = {}
    for card in cards:
        found.setdefault(card.value(facet), card.facets[facet])
    return found
