"""When a refusal may be answered with a document, who may do what next, and what an accepted document opens."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from medcab.identifiers.sameness import plain
from medcab.ui import formats
from medcab.verification.rules.codes import LOST, Code
from medcab.verification.rules.findings import REFUSED, Finding, Override, Permit, day_text
from medcab.verification.rules.items import PERMITS, Item, ItemState

TEXT_FROM, TEXT_TO = 10, 2000
"""Letters of an explanation: enough to say something, little enough to be read."""
MOST_PAPERS = 10
REVIEW_DAYS = 30
"""After so many days an override is looked at again, unless the operators say otherwise."""
REVIEW_CHOICES = (7, 14, REVIEW_DAYS, 60, 90)
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
WAITS_LONG, WAITS_TOO_LONG = timedelta(hours=8), timedelta(hours=24)


class DisputeState(StrEnum):
    """Where a dispute stands."""

    WAITING = "waiting"
    ASKED = "asked"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return _TOLD[self][1]

    @property
    def tone(self) -> str:
        return _TOLD[self][0]


_TOLD = {
    DisputeState.WAITING: ("info", "ждёт оператора"),
    DisputeState.ASKED: ("act", "нужны уточнения"),
    DisputeState.PROPOSED: ("info", "ждёт второго оператора"),
    DisputeState.ACCEPTED: ("done", "принято"),
    DisputeState.REFUSED: ("act", "отказано"),
    DisputeState.WITHDRAWN: ("quiet", "отозвано"),
    DisputeState.CLOSED: ("quiet", "закрыто"),
}
OPEN = frozenset({DisputeState.WAITING, DisputeState.ASKED, DisputeState.PROPOSED})
FOR_OPERATORS = frozenset({DisputeState.WAITING, DisputeState.PROPOSED})


class Step(StrEnum):
    """What may happen to a dispute."""

    ADD = "add"
    WITHDRAW = "withdraw"
    ASK = "ask"
    REFUSE = "refuse"
    PROPOSE = "propose"
    CONFIRM = "confirm"
    SEND_BACK = "send_back"


_FROM: dict[Step, frozenset[DisputeState]] = {
    Step.ADD: frozenset({DisputeState.WAITING, DisputeState.ASKED}),
    Step.WITHDRAW: OPEN,
    Step.ASK: frozenset({DisputeState.WAITING}),
    Step.REFUSE: frozenset({DisputeState.WAITING, DisputeState.ASKED}),
    Step.PROPOSE: frozenset({DisputeState.WAITING}),
    Step.CONFIRM: frozenset({DisputeState.PROPOSED}),
    Step.SEND_BACK: frozenset({DisputeState.PROPOSED}),
}


class EntryKind(StrEnum):
    """A line of a dispute's own story."""

    OPENED = "opened"
    ADDED = "added"
    ASKED = "asked"
    PROPOSED = "proposed"
    SENT_BACK = "sent_back"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    CHANGED = "changed"
    ENDED = "ended"

    @property
    def label(self) -> str:
        return _ENTRIES[self]


_ENTRIES = {
    EntryKind.OPENED: "Сотрудник оспорил",
    EntryKind.ADDED: "Сотрудник дополнил",
    EntryKind.ASKED: "Оператор попросил уточнить",
    EntryKind.PROPOSED: "Первый оператор предложил принять",
    EntryKind.SENT_BACK: "Предложение возвращено",
    EntryKind.CONFIRMED: "Второй оператор подтвердил",
    EntryKind.REFUSED: "Отказано",
    EntryKind.WITHDRAWN: "Сотрудник отозвал спор",
    EntryKind.CLOSED: "Закрыто",
    EntryKind.CHANGED: "Регистр ответил иначе",
    EntryKind.ENDED: "Решение больше не действует",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What a paper of the worker says, as far as a permit needs it. `is_of_claim`: what was sent to the register names it."""

    item: str
    speciality: str
    expires_on: date | None
    is_of_claim: bool


def told(state: DisputeState, *, has_ended: bool) -> tuple[str, str]:
    """Tone and word; `has_ended`: what was accepted does not count any more."""
    return ("quiet", "решение больше не действует") if has_ended else _TOLD[state]


def may(step: Step, state: DisputeState) -> bool:
    return state in _FROM[step]


def why_not(finding: Finding, *, is_changed: bool) -> str:
    """Why the worker may not dispute this item, a sentence; empty when they may."""
    if is_changed:
        return "Вы изменили эти данные. Сначала отправьте их на проверку."
    if finding.state not in REFUSED:
        return "Оспорить можно только отказ: расхождение или отсутствие записи в регистре."
    if finding.code in LOST:
        return (
            f"{finding.sentence} Такое решение принимает не medcab: документом и оператором его не отменить. "
            f"{finding.what_to_do}"
        )
    return ""


def text_fault(text: str) -> str:
    """What is wrong with an explanation or a reason; empty when nothing is."""
    if len(text) < TEXT_FROM:
        return f"Напишите подробнее: хотя бы {formats.plural(TEXT_FROM, 'знак', 'знака', 'знаков')}."
    if len(text) > TEXT_TO:
        return f"Слишком длинно: не больше {formats.plural(TEXT_TO, 'знака', 'знаков', 'знаков')}."
    return ""


def permits_of(item: Item, papers: Iterable[Proof], *, today: date) -> tuple[Permit, ...]:
    """What the papers of a permit open: only a specialty that was sent to the register, and never longer than the paper itself says."""
    if item not in PERMITS:
        return ()
    return tuple(
        Permit(paper.speciality, paper.expires_on)
        for paper in papers
        if paper.item == item and paper.is_of_claim and paper.speciality and paper.expires_on and paper.expires_on >= today
    )  # fmt: skip


def why_not_accept(finding: Finding, papers: Collection[Proof], *, today: date) -> str:
    """Why operators may not accept this item against the register; empty when they may."""
    if finding.state in (ItemState.CHECKING, ItemState.POSTPONED):
        return "Пункт сейчас сверяется с регистром. Решить можно, когда он ответит."
    if sentence := why_not(finding, is_changed=False):
        return sentence
    if finding.item in PERMITS and not permits_of(finding.item, papers, today=today):
        return (
            "Право на специальность нельзя принять без документа: приложите отправленный на проверку документ этого вида со "
            "специальностью и сроком действия, который не истёк."
        )
    return ""


def accepted(
    finding: Finding, papers: Collection[Proof], *, by: tuple[str, ...], why: str, review_on: date, today: date
) -> Finding:
    """The item as two operators have accepted it, until the review; a specialty, not longer than its paper says."""
    opened = permits_of(finding.item, papers, today=today)
    named = {plain(permit.speciality) for permit in opened}
    kept = tuple(permit for permit in finding.permits if plain(permit.speciality) not in named)
    override = Override(finding, by, why, until=review_on)
    return Finding(finding.item, ItemState.CONFIRMED, given=finding.given, permits=kept + opened, override=override)


def fate(disputed: Code, now: Finding) -> tuple[EntryKind, str] | None:
    """What a new finding does to an open dispute about a refusal: closes it, brings it back to the beginning, or nothing (None)."""
    if now.state is ItemState.NOT_GIVEN:
        return EntryKind.CLOSED, "Данные убраны, спорить не о чем."
    if now.state is ItemState.CONFIRMED and not now.override:
        return EntryKind.CLOSED, "Регистр подтвердил этот пункт."
    if now.code in LOST:
        return EntryKind.CLOSED, f"{now.sentence} Это решает не medcab."
    if now.state in REFUSED and now.code is not disputed:
        return EntryKind.CHANGED, now.sentence
    return None


def mark_of(finding: Finding) -> str:
    """A hash of what the register says of an item: another answer is another mark, even under the same code."""
    said = (finding.state, finding.code, finding.differs, finding.in_register, finding.permits)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def wait_tone(waits: timedelta) -> str:
    """How urgent something is that has waited for an operator so long."""
    return "act" if waits >= WAITS_TOO_LONG else "soon" if waits >= WAITS_LONG else "quiet"


def wait_words(waits: timedelta) -> str:
    """«ждёт 3 дня», «ждёт 2 ч», «ждёт 15 мин»."""
    if waits >= timedelta(days=2):
        return f"ждёт {formats.plural(waits.days, 'день', 'дня', 'дней')}"
    step = _HOUR if waits >= _HOUR else _MINUTE
    return f"ждёт {formats.duration(int(max(waits, timedelta()) // step * step / _MINUTE))}"


def opens_words(permits: Iterable[Permit]) -> str:
    """«Хирургия до 01.02.2028»."""
    return "; ".join(f"{permit.speciality} до {day_text(permit.valid_until)}" for permit in permits)
