"""What the check found about one item, in the words that the page shows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from medcab.verification.rules.codes import LOST, REFUSALS, Code, Refusal
from medcab.verification.rules.items import DOCUMENTS, Item, ItemState, Mender
from medcab.verification.rules.records import Claim, Document, RegisteredDocument

REFUSED = frozenset({ItemState.MISMATCH, ItemState.NO_RECORD})
_UNANSWERED = frozenset({ItemState.READY, ItemState.CHECKING, ItemState.POSTPONED})
_SENTENCES = {
    ItemState.NOT_GIVEN: "Не указано.",
    ItemState.READY: "Готово к проверке.",
    ItemState.CHECKING: "Сверяем с федеральным регистром.",
    ItemState.CONFIRMED: "Подтверждено федеральным регистром.",
    ItemState.POSTPONED: "Проверка отложена. Повторим её сами, как только регистр ответит.",
}

_NO_RECORD = frozenset(
    {
        Code.PERSON_NOT_FOUND,
        Code.PERSON_CARD_NOT_FOUND,
        Code.VALUE_NOT_IN_REGISTER,
        Code.DIPLOMA_NOT_FOUND,
        Code.CERTIFICATE_NOT_FOUND,
        Code.ACCREDITATION_NOT_FOUND,
        Code.LICENCE_NOT_FOUND,
    }
)


@dataclass(frozen=True, slots=True)
class Permit:
    """A specialty that the register confirms, and the last day it may be practised on (None: no end)."""

    speciality: str
    valid_until: date | None

    def is_valid(self, today: date) -> bool:
        return self.valid_until is None or self.valid_until >= today


def last_days(permits: Iterable[Permit]) -> dict[str, date | None]:
    """Until when each specialty may be practised by the longest of its permits; None: no end."""
    last: dict[str, date | None] = {}
    for permit in permits:
        known = last.get(permit.speciality, date.min)
        last[permit.speciality] = max(known, permit.valid_until) if known and permit.valid_until else None
    return last


@dataclass(frozen=True, slots=True)
class Finding:
    """One item after a check. `given` is what the worker gave; `in_register` is None where it may not be
    shown; `differs` names the parts that are not the same; `permits` are set on certificates and
    accreditations only; `override` says that it is confirmed against the register.
    """

    item: Item
    state: ItemState
    code: Code | None = None
    given: str = ""
    in_register: str | None = None
    differs: tuple[str, ...] = ()
    permits: tuple[Permit, ...] = ()
    override: "Override | None" = None

    def __post_init__(self) -> None:
        if (self.code is not None) is not (self.state in REFUSED):
            raise ValueError("an item is refused with a code, and only then has one")
        if self.override and self.state is not ItemState.CONFIRMED:
            raise ValueError("only what is confirmed is confirmed against the register")

    @property
    def refusal(self) -> Refusal | None:
        return REFUSALS[self.code] if self.code else None

    def on(self, today: date) -> "Finding":
        """What counts on the day: an override that has had its last one leaves what the register says."""
        return self.override.register if self.override and self.override.until < today else self

    @property
    def sentence(self) -> str:
        if self.override:
            return f"Принято двумя операторами по документам до {day_text(self.override.until)}, хотя регистр пока не подтверждает."
        if self.refusal is None:
            return _SENTENCES[self.state]
        return self.refusal.sentence + (f" Расходится: {', '.join(self.differs)}." if self.differs else "")

    @property
    def mender(self) -> Mender | None:
        return self.refusal.mender if self.refusal else None

    @property
    def what_to_do(self) -> str:
        return self.refusal.what_to_do if self.refusal else ""

    @property
    def retry_helps(self) -> bool:
        """Whether asking again with the same data may confirm it: always where no answer was given yet."""
        unanswered = self.state in (ItemState.READY, ItemState.POSTPONED)
        return self.refusal.retry_helps if self.refusal else unanswered


@dataclass(frozen=True, slots=True)
class Override:
    """Two operators have accepted an item against the register. `register` is what it says and may go on saying; `until` is the last day,
    after which the item is what the register says again.
    """

    register: Finding
    by: tuple[str, ...]
    why: str
    until: date

    def __post_init__(self) -> None:
        if not may_be_overridden(self.register):
            raise ValueError("what was lost or withdrawn, and what is no refusal, is never overridden")


def may_be_overridden(finding: Finding) -> bool:
    """Whether operators may believe papers more than the register: never in what was lost or taken away."""
    return finding.state in REFUSED and finding.code not in LOST


def state_of(code: Code) -> ItemState:
    return ItemState.NO_RECORD if code in _NO_RECORD else ItemState.MISMATCH


def in_state(items: Iterable[Item], state: ItemState) -> dict[Item, Finding]:
    """The same state for several items: "checking" when the work begins, "postponed" when the register is
    out.
    """
    return {item: Finding(item, state) for item in items}


def beginning(claim: Claim) -> dict[Item, Finding]:
    """Every item before its first check."""
    return {item: Finding(item, ItemState.READY if claim.gives(item) else ItemState.NOT_GIVEN) for item in Item}


def refused(code: Code, claim: Claim, items: Iterable[Item] | None = None) -> dict[Item, Finding]:
    """The register refused the whole question: the items that the code is about carry it, the others are ready
    for the next check. Only an outage postpones them, for only that is repeated by itself.
    """
    touched = REFUSALS[code].items
    asked = frozenset(Item if items is None else items) | touched
    return {item: _refused_item(item, code if item in touched else None, claim) for item in Item if item in asked}


def _refused_item(item: Item, code: Code | None, claim: Claim) -> Finding:
    if not claim.gives(item):
        return Finding(item, ItemState.NOT_GIVEN)
    state = state_of(code) if code else ItemState.READY
    return Finding(item, state, code, given_text(claim, item))


def to_ask_again(findings: Mapping[Item, Finding], changed: Collection[Item], claim: Claim) -> frozenset[Item]:
    """What a new sending asks about: what changed, what never had an answer, and what was refused for the same
    reason as something that changed (a corrected name answers the refusal of name and birth date together).
    """
    codes = {findings[item].code for item in changed} - {None}
    wanted = {i for i, f in findings.items() if i in changed or f.state in _UNANSWERED or f.code in codes}
    return frozenset(item for item in wanted if claim.gives(item))


def given_text(claim: Claim, item: Item) -> str:
    """What the worker gave for the item, as the page shows it back to them."""
    if item is Item.EMPLOYMENT:
        job = claim.employment
        return f"{job.organisation or job.organisation_oid}, {job.post}" if job else ""
    if item is Item.BIRTH_DATE:
        return day_text(claim.birth_date)
    if item in DOCUMENTS:
        return "; ".join(paper_text(document) for document in claim.of(item))
    return str(getattr(claim, item.value))


def paper_text(paper: Document | RegisteredDocument) -> str:
    """`АБ № 123456 от 22.11.2021, Кардиология, до 22.11.2026`."""
    number = f"{paper.series} № {paper.number}".strip()
    until = paper.valid_until if isinstance(paper, RegisteredDocument) else None
    parts = [number, f"от {day_text(paper.issued)}" if paper.issued else ""]
    words = [" ".join(filter(None, parts)), paper.speciality, f"до {day_text(until)}" if until else ""]
    return ", ".join(filter(None, words))


def day_text(day: date | None) -> str:
    return day.strftime("%d.%m.%Y") if day else ""
