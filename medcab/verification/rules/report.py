"""The check in the words of the page: each item, and the whole."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from medcab.ui import formats
from medcab.verification.rules.findings import REFUSED, Finding, day_text
from medcab.verification.rules.items import CaseState, Item, ItemState

_TONES = {
    ItemState.NOT_GIVEN: "quiet", ItemState.READY: "info", ItemState.CHECKING: "info", ItemState.CONFIRMED: "done",
    ItemState.MISMATCH: "act", ItemState.NO_RECORD: "act", ItemState.POSTPONED: "soon",
}  # fmt: skip
_SECRET = frozenset({Item.SNILS, Item.INN, Item.REGISTER_NUMBER})
_BY_CASE = {
    CaseState.DRAFT: ("quiet", "не активирован"), CaseState.SENT: ("info", "нужно отправить"), CaseState.CHECKING: ("info", "проверяется"),
    CaseState.MISMATCH: ("act", "нужно исправить"), CaseState.CONFIRMED: ("done", "подтверждён"), CaseState.ACTIVE: ("done", "активирован"),
    CaseState.WITHDRAWN: ("act", "право отозвано"), CaseState.EXPIRED: ("act", "срок истёк"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One item as the page tells of it."""

    item: Item
    tone: str
    word: str
    sentence: str
    given: str
    in_register: str
    mender: str
    what_to_do: str
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole in one callout."""

    tone: str
    title: str
    text: str


def tell(finding: Finding, *, is_changed: bool) -> Told:
    """What is known of one item. Numbers that prove who a person is are shown only where they are to be compared."""
    if is_changed:
        sentence = "Вы изменили эти данные. Отправьте их на проверку."
        return Told(finding.item, "info", "исправлено", sentence, "", "", "", "", is_refused=False)
    refused = finding.state in REFUSED
    word = "сверяем…" if finding.state is ItemState.CHECKING else finding.state.label
    if finding.override:
        word = f"принято до {day_text(finding.override.until)}"
    return Told(
        finding.item, _TONES[finding.state], word, finding.sentence,
        finding.given if refused or finding.item not in _SECRET else "", finding.in_register or "" if refused else "",
        formats.capital(finding.mender.label) if finding.mender else "", finding.what_to_do, is_refused=refused,
    )  # fmt: skip


def case_badge(state: CaseState) -> tuple[str, str]:
    """Tone and word for the whole cabinet."""
    return _BY_CASE[state]


def summary(
    state: CaseState, findings: Mapping[Item, Finding], *, changed: AbstractSet[Item], reasons: Collection[str],
    promised: datetime | None, asked: datetime | None,
) -> Summary:  # fmt: skip
    """Where the check stands and what comes next. `promised`: when the register will have answered; `asked`: when it was asked last."""
    states = {finding.state for finding in findings.values()}
    if state is CaseState.ACTIVE and not changed:
        return Summary("done", "Всё подтверждено", "Кабинет активирован.")
    if ItemState.CHECKING in states:
        return Summary(
            "info",
            "Сверяем с федеральным регистром",
            "Обычно это несколько секунд. Страницу можно закрыть: о результате мы сообщим.",
        )
    refused = [finding for finding in findings.values() if finding.state in REFUSED and finding.item not in changed]
    if refused and state in (CaseState.MISMATCH, CaseState.ACTIVE):
        return Summary(
            "act", f"Нужно исправить: {formats.plural(len(refused), 'пункт', 'пункта', 'пунктов')}", _after(refused)
        )
    if ItemState.POSTPONED in states:
        return Summary("soon", "Проверка отложена", _outage(promised, asked))
    if changed or ItemState.READY in states:
        return Summary(
            "info",
            "Есть что проверить",
            "Отправьте исправленное: остальное, что подтверждено, проверять заново не нужно.",
        )
    return Summary("act", "Права приостановлены", " ".join(reasons))


def _after(refused: Collection[Finding]) -> str:
    if all(finding.refusal and not finding.retry_helps for finding in refused):
        return "Исправьте отмеченное: проверим только это."
    return "Исправьте отмеченное. Что вносит клиника или регистр, проверим ещё раз, когда это будет сделано."


def _outage(promised: datetime | None, asked: datetime | None) -> str:
    if promised:
        return f"Регистр принял вопрос и обещает ответ к {formats.time(promised)}. Страница изменится сама."
    when = f"Последний раз мы спрашивали в {formats.time(asked)}. " if asked else ""
    return f"Регистр сейчас не отвечает. {when}Повторим сами, как только он ответит: делать ничего не нужно."
