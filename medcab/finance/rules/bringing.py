"""What the rows of a file would do to tariffs, or to the lines of a register: judged in order, each with what is so now and what will be."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid5

from medcab.errors import Conflict, Invalid, MedcabError
from medcab.finance.rules import tariffs
from medcab.finance.rules.sheets import Answer, Kind, Row, TariffRow
from medcab.finance.rules.sums import OUTCOME_TITLES, Outcome, reason_of
from medcab.finance.rules.tariffs import Change, Price, What
from medcab.finance.rules.words import money
from medcab.schedule.rules.cells import plain
from medcab.schedule.rules.visits import KIND_TITLES, PAYER_TITLES
from medcab.ui import formats


def price_words(price: Price | None) -> str:
    """«623,41 ₽ с 01.01.2026 по 31.12.2026»."""
    if price is None:
        return ""
    until = f" по {formats.day(price.until)}" if price.until else ""
    return f"{money(price.kopecks)} с {formats.day(price.since)}{until}"


def change_words(change: Change) -> str:
    """What a new price does: itself, and what holds after its last day."""
    after = change.resumed
    if change.priceless:
        return f"{price_words(change.added or change.replaced)}; с {formats.day(change.priceless)} цены нет"
    then = f"; с {formats.day(after.since)} снова {money(after.kopecks)}" if after else ""
    return price_words(change.added or change.replaced) + then


def what_words(what: What) -> str:
    return f"{PAYER_TITLES[what.payer]} · {what.specialty} · {KIND_TITLES[what.kind].lower()}"


def judge_tariffs(
    rows: Iterable[TariffRow], held: Mapping[What, Sequence[Price]], known: Iterable[str], new_id: Mapping[int, UUID]
) -> tuple[list[Row], list[Change]]:
    """Row by row, each on what the ones before it leave. `known` are specialties as the clinic writes them; `new_id` names what is added."""
    names = list(known)
    state = {what: list(prices) for what, prices in held.items()}
    lines: dict[tuple[What, date], int] = {}
    told: list[Row] = []
    changes: list[Change] = []
    for row in rows:
        try:
            new = _price_of(row, names, lines)
        except MedcabError as refused:
            told.append(Row(row.line, Kind.WRONG, row.specialty or "без специальности", error=refused.message))
            continue
        shown, change = _judged(row, new, state.get(new.what, []), new_id)
        if change:
            state[new.what] = tariffs.after(state.get(new.what, []), change)
            changes.append(change)
            shown = replace(shown, error=tariffs.doubt(new.what.specialty, names))
        told.append(shown)
    return told, changes


def _price_of(row: TariffRow, known: Iterable[str], lines: dict[tuple[What, date], int]) -> Price:
    """Of a row that can be judged; `lines` remembers which one said what."""
    if row.error:
        raise Invalid(row.error)
    what = What(row.payer, tariffs.spelt(row.specialty, known), row.kind)
    first = lines.setdefault((what, row.since), row.line)
    if first != row.line:
        raise Invalid(f"Та же цена с того же дня названа в строке {first}: оставьте одну.")
    return Price(what, row.kopecks, row.since, row.until)


def _judged(row: TariffRow, new: Price, held: Sequence[Price], new_id: Mapping[int, UUID]) -> tuple[Row, Change | None]:
    before = next((price for price in held if price.holds(new.since)), None)
    shown = Row(row.line, Kind.SAME, what_words(new.what), price_words(before), price_words(before))
    try:
        change = tariffs.put(held, new)
    except MedcabError as refused:
        return replace(shown, kind=Kind.WRONG, after=price_words(new), error=refused.message), None
    if change.is_nothing:
        return shown, None
    change = _named(change, new_id.get(row.line))
    return replace(shown, kind=Kind.CHANGED if before else Kind.NEW, after=change_words(change)), change


def _named(change: Change, key: UUID | None) -> Change:
    """With ids for what is added, as later rows of the file may change it again."""
    if key is None:
        return change
    added = change.added and replace(change.added, id=key)
    return replace(change, added=added, resumed=change.resumed and replace(change.resumed, id=uuid5(key, "resumed")))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the register that is answered. `is_last`: no later one of the same visit counts in its place; `stands`: the visit is as it was billed."""

    id: UUID
    number: int
    kopecks: int
    outcome: Outcome
    code: str
    reason: str
    is_last: bool
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Given:
    """What a line becomes."""

    id: UUID
    outcome: Outcome
    code: str
    reason: str
    kopecks: int = 0


def judge_answers(rows: Iterable[Answer], lines: Mapping[int, Line], register: str) -> tuple[list[Row], list[Given]]:
    """Every row against its line: an answer that stands already changes nothing, one without a word says nothing."""
    said = list(rows)
    times = Counter(row.number for row in said)
    told: list[Row] = []
    given: list[Given] = []
    for row in said:
        line = lines.get(row.number)
        title = f"№ {row.number}" + (f", {money(line.kopecks)}" if line else "") if row.number else "без номера"
        before = _words(line.outcome, line.code, line.reason) if line else ""
        shown = Row(row.line, Kind.SAME, title, before, before)
        error = row.error or _objection(row, line, register, is_twice=times[row.number] > 1)
        if error:
            told.append(replace(shown, kind=Kind.WRONG, after="", error=error))
        elif line and (new := _given(row, line)):
            kind = Kind.NEW if line.outcome is Outcome.WAITING else Kind.CHANGED
            told.append(replace(shown, kind=kind, after=_words(new.outcome, new.code, new.reason)))
            given.append(new)
        else:
            told.append(shown)
    return told, given


def _objection(row: Answer, line: Line | None, register: str, *, is_twice: bool) -> str:
    if row.register and plain(row.register) != plain(register):
        return f"Строка другого реестра: «{row.register[:40]}», а открыт {register}."
    if line is None:
        return "Строки с таким номером в реестре нет."
    if is_twice:
        return "Этот номер встречается в файле несколько раз: оставьте одну строку."
    if row.kopecks is not None and row.kopecks != line.kopecks:
        return f"Сумма {money(row.kopecks)} не совпадает с выставленной {money(line.kopecks)}: строку принимают или отклоняют целиком."
    return _closed(line, row.outcome) if row.outcome and _given(row, line) else ""


def _closed(line: Line, outcome: Outcome) -> str:
    if line.outcome is Outcome.WITHDRAWN:
        return "Клиника отозвала эту строку: ответ на неё не нужен."
    if not line.is_last:
        return "Этот приём уже подан снова в другом реестре: прежний ответ не меняется."
    is_lost = outcome is Outcome.ACCEPTED and not line.stands
    return "После отказа приём изменили в расписании: отметку или плательщика. Сначала верните их." if is_lost else ""


def _given(row: Answer, line: Line) -> Given | None:
    """None: nothing is said, or it stands so already."""
    if row.outcome is None:
        return None
    reason = (row.reason or reason_of(row.code)) if row.outcome is Outcome.REJECTED else ""
    new = Given(line.id, row.outcome, row.code, reason, line.kopecks)
    return None if (new.outcome, new.code, new.reason) == (line.outcome, line.code, line.reason) else new


def _words(outcome: Outcome, code: str, reason: str) -> str:
    return f"{OUTCOME_TITLES[outcome]}: {code}. {reason}".rstrip(". ") if code else OUTCOME_TITLES[outcome]


def demand(rows: Sequence[Row], *, drop_wrong: bool) -> None:
    """Nothing is done with wrong rows, unless they are left out on purpose; nor where there is nothing to do."""
    if not drop_wrong and any(row.kind is Kind.WRONG for row in rows):
        raise Conflict("В файле есть строки с ошибками. Исправьте файл или примените строки без ошибок.")
    if not any(row.kind in {Kind.NEW, Kind.CHANGED} for row in rows):
        raise Conflict("В файле нет ничего нового: всё уже так.")


def ordered(rows: Iterable[TariffRow]) -> list[TariffRow]:
    """Earlier prices first, so that a file may list them in any order."""
    return sorted(rows, key=lambda row: (row.since if not row.error else date.min, row.line))
