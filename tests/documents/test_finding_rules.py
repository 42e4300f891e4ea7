"""The number beside a choice is what the choice leaves, whatever else is asked."""

from hypothesis import given
from hypothesis import strategies as st

from medcab.documents.finding.rules import Asked, Card, Facet, options
from medcab.identifiers.sameness import plain

ISSUERS = ["", "МГМУ им. Сеченова", "мгму  им. сеченова", "Центр – осмотров", "Центр-осмотров"]
CARDS = st.lists(
    st.builds(
        lambda kind, specialty, issuer, word: Card(
            {Facet.KIND: kind, Facet.STATE: "holds", Facet.SPECIALTY: specialty, Facet.ISSUER: issuer}, (word, issuer)
        ),
        st.sampled_from(["diploma", "accreditation"]),
        st.sampled_from(["", "Терапия", "Неотложная помощь"]),
        st.sampled_from(ISSUERS),
        st.sampled_from(["первый", "второй"]),
    ),
    max_size=12,
)
ASKED = st.builds(
    Asked,
    st.sampled_from(["", "первый", "сеченова"]),
    st.dictionaries(st.sampled_from(list(Facet)), st.sampled_from(["", "diploma", "терапия", plain(ISSUERS[1])])),
)


@given(CARDS, ASKED, st.sampled_from(list(Facet)))
def test_a_choice_leaves_as_many_as_it_says(cards: list[Card], asked: Asked, facet: Facet) -> None:
    for value, _spelling, count in options(cards, asked, facet):
        chosen = Asked(asked.words, {**asked.chosen, facet: value})
        assert count == sum(chosen.admits(card) for card in cards)


@given(CARDS, ASKED, st.sampled_from(list(Facet)))
def test_what_is_chosen_can_be_taken_back(cards: list[Card], asked: Asked, facet: Facet) -> None:
    chosen = asked.chosen.get(facet, "")
    offered = [value for value, _spelling, _count in options(cards, asked, facet)]
    assert len(offered) == len(set(offered))
    assert "" not in offered
    if any(card.facets[facet] and card.value(facet) == plain(chosen) for card in cards):
        assert plain(chosen) in offered


def test_two_spellings_of_an_issuer_are_one_choice() -> None:
    cards = [
        Card({Facet.KIND: "diploma", Facet.STATE: "holds", Facet.SPECIALTY: "", Facet.ISSUER: issuer}, ("",))
        for issuer in ISSUERS
    ]
    assert options(cards, Asked("", {}), Facet.ISSUER) == [
        (plain(ISSUERS[1]), ISSUERS[1], 2),
        (plain(ISSUERS[3]), ISSUERS[3], 2),
    ]
