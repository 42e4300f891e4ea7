"""What the worker has to give, as a list with ticks: one row a form or a kind of paper, in the words of the page."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from medcab.verification.rules.findings import REFUSED, Finding, given_text
from medcab.verification.rules.items import IDENTITY, PERMITS, Item, ItemState
from medcab.verification.rules.records import Claim, Missing


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to give. `tone` is one of the theme's; `missing` are Russian sentences; `edit` is the form (`identity`,
    `details`), empty for papers, whose kinds are `items`.
    """

    title: str
    tone: str
    word: str
    given: str
    missing: tuple[str, ...]
    edit: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    title: str
    edit: str
    items: tuple[Item, ...]
    given: Callable[[Claim], str] = field(default=lambda _: "")
    takes_specialties: bool = False

    def needs(self, missing: Missing) -> bool:
        return missing.item in self.items or (missing.item is None and self.takes_specialties)


def _person(claim: Claim) -> str:
    return ", ".join(filter(None, [claim.full_name, given_text(claim, Item.BIRTH_DATE)]))


def _work(claim: Claim) -> str:
    number = f"№ {claim.register_number}" if claim.register_number else ""
    return "; ".join(filter(None, [number, given_text(claim, Item.EMPLOYMENT)]))


def _specialties(claim: Claim) -> str:
    return "; ".join(f"{each.name} (ОКПД2 {each.okpd2})" for each in claim.specialisations)


_ENTRIES = (
    _Entry("Личные данные", "identity", tuple(item for item in Item if item in IDENTITY), _person),
    _Entry("Регистр и место работы", "details", (Item.REGISTER_NUMBER, Item.EMPLOYMENT), _work),
    _Entry("Специальности", "details", (), _specialties, takes_specialties=True),
    _Entry("Диплом", "", (Item.DIPLOMA,)),
    _Entry("Аккредитация или сертификат", "", (Item.ACCREDITATION, Item.CERTIFICATE)),
    _Entry("Лицензия", "", (Item.LICENCE,)),
)


def checklist(
    claim: Claim, findings: Mapping[Item, Finding], *, missing: Sequence[Missing], changed: AbstractSet[Item]
) -> list[Row]:
    """The rows in the order in which people have the papers at hand."""
    return [_row(entry, claim, findings, missing, changed) for entry in _ENTRIES]


def _row(
    entry: _Entry, claim: Claim, findings: Mapping[Item, Finding], missing: Sequence[Missing], changed: AbstractSet[Item]
) -> Row:  # fmt: skip
    lacks = tuple(each.sentence for each in missing if entry.needs(each))
    given = [item for item in entry.items if claim.gives(item)]
    is_begun = bool(given) or (entry.takes_specialties and bool(claim.specialisations))
    tone, word = _standing([findings[item] for item in given], changed)
    if lacks:
        tone, word = ("soon", "нужно дополнить") if is_begun else ("quiet", "не заполнено")
    return Row(entry.title, tone, word, entry.given(claim), lacks, entry.edit, entry.items)


def _standing(findings: Sequence[Finding], changed: AbstractSet[Item]) -> tuple[str, str]:
    """How the row stands when nothing is missing."""
    fresh = [finding for finding in findings if finding.item not in changed]
    if any(finding.state in REFUSED for finding in fresh):
        return "act", "расхождение"
    if any(finding.item in changed for finding in findings):
        return "info", "исправлено"
    if findings and all(finding.state is ItemState.CONFIRMED for finding in findings):
        return "done", "подтверждено"
    return "done", "заполнено"


def way_to(item: Item) -> str:
    """The form in which the item is mended: `identity`, `details` or `paper`."""
    entry = next(entry for entry in _ENTRIES if item in entry.items)
    return entry.edit or "paper"


def is_needed(item: Item, findings: Mapping[Item, Finding]) -> bool:
    """Whether the check shows the item: all but the permit that was not given."""
    return item not in PERMITS or findings[item].state is not ItemState.NOT_GIVEN
