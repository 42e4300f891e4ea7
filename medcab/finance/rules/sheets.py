"""Tables of tariffs and of a payer's answers read row by row: what is wrong in a row goes with it, only what is no such table is refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from medcab.errors import Invalid, MedcabError
from medcab.finance.rules.sums import Outcome
from medcab.schedule.rules.cells import day_of, plain, tidy
from medcab.schedule.rules.visits import KIND_TITLES, PAYER_TITLES, Payer, VisitKind

TARIFFS = {
    "payer": "Плательщик", "specialty": "Специальность", "kind": "Вид приёма", "price": "Цена, ₽", "since": "С", "until": "По",
}  # fmt: skip
"""Columns of a file of tariffs: the export has them, the import takes them in any order."""
REGISTER = {
    "number": "№ строки", "register": "Реестр", "day": "Дата приёма", "department": "Отделение", "doctor": "Врач", "specialty": "Специальность",
    "kind": "Вид приёма", "patient": "Пациент", "policy": "Полис", "sum": "Сумма, ₽", "outcome": "Результат", "code": "Код причины",
    "reason": "Причина",
}  # fmt: skip
"""Columns of a register for its payer, who fills in the last three and sends the table back; docs/registers.md says what stands in each."""
ANSWERS = {name: REGISTER[name] for name in ("number", "register", "sum", "outcome", "code", "reason")}
_ALSO = {
    "price": "цена|тариф|стоимость|цена руб|тариф руб|сумма руб", "kind": "вид|вид посещения|вид приема", "since": "действует с|дата начала|начало|с даты",
    "until": "до|действует по|дата окончания|окончание|по дату", "number": "номер строки|номер|№|n|№ п/п|строка|номер в реестре",
    "register": "номер реестра|код реестра|счет", "sum": "сумма|сумма ₽|сумма руб|сумма, руб", "outcome": "ответ|решение|итог|статус",
    "code": "код|код отказа|код дефекта", "reason": "причина отказа|комментарий|пояснение|основание", "payer": "источник оплаты|источник финансирования",
}  # fmt: skip
_ACCEPTED = frozenset({"принято", "принят", "принята", "оплачено", "оплачен", "да", "1", "+"})
_REJECTED = frozenset(
    {"отклонено", "отклонен", "отклонена", "отказ", "отказано", "не принято", "снято", "нет", "0", "-"}
)
_HEAD_ROWS, MOST_TARIFFS = 20, 3000
_MOST = Decimal(10_000_000)
Found = TypeVar("Found")
LONGEST_CODE, LONGEST_REASON, LONGEST_SPECIALTY = 20, 1000, 500


class Kind(StrEnum):
    """What a row of a file would do."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"
    UNKNOWN = "unknown"


REFUSED = frozenset({Kind.WRONG, Kind.UNKNOWN})
"""Rows that are never applied: what is wrong in them, or a specialty that the clinic does not have."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is shown before anything is done: where it stands, what it is of, what is so now, what will be."""

    line: int
    kind: Kind
    title: str
    before: str = ""
    after: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class TariffRow:
    """What a row says; `error` when that cannot be understood."""

    line: int
    payer: Payer = Payer.OMS
    specialty: str = ""
    kind: VisitKind = VisitKind.FIRST
    kopecks: int = 0
    since: date = date.min
    until: date | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a row answers: outcome None: nothing yet; `kopecks` None: it has no sum."""

    line: int
    number: int = 0
    register: str = ""
    kopecks: int | None = None
    outcome: Outcome | None = None
    code: str = ""
    reason: str = ""
    error: str = ""


def money(text: str) -> int:
    """Kopecks of a price as people and spreadsheets write it: «1 234,50 ₽», «1234.5»; or `Invalid`."""
    bare = re.sub(r"[\s\u00a0\u202f]|₽|руб\.?|р\.", "", tidy(text).casefold()).replace(",", ".")
    try:
        roubles = Decimal(bare)
    except InvalidOperation:
        raise Invalid(f"«{text[:40]}» не похоже на сумму. Напишите, например, 1234,50.") from None
    if not roubles.is_finite() or not 0 < roubles <= _MOST:
        raise Invalid("Сумма должна быть больше нуля и не больше 10 миллионов рублей.")
    kopecks = roubles.scaleb(2)
    if abs(kopecks - round(kopecks)) > Decimal("0.001"):  # a spreadsheet keeps 623,41 as 623.4099999999999
        raise Invalid(f"«{text[:40]}»: у копеек больше двух знаков.")
    return round(kopecks)


def payer_of(text: str) -> Payer:
    """Out of a cell or a form."""
    words = {plain(title): payer for payer, title in PAYER_TITLES.items()} | {
        "платные": Payer.PAID,
        "платные услуги": Payer.PAID,
    }
    if found := words.get(plain(text)):
        return found
    raise Invalid(f"Плательщик «{text[:40]}» неизвестен. Напишите: {', '.join(PAYER_TITLES.values())}.")


def kind_of(text: str) -> VisitKind:
    words = {plain(title): kind for kind, title in KIND_TITLES.items()}
    if found := words.get(plain(text).removesuffix(" прием")):
        return found
    raise Invalid(f"Вид приёма «{text[:40]}» неизвестен. Напишите: {', '.join(KIND_TITLES.values())}.")


def tariffs(rows: Sequence[Sequence[str]], numbers: Sequence[int], today: date) -> list[TariffRow]:
    """Every row of a file of tariffs."""
    table = _table(rows, numbers, TARIFFS, optional={"until"})
    if len(table) > MOST_TARIFFS:
        raise Invalid(f"В файле больше {MOST_TARIFFS} тарифов. Разделите его на части.", field="file")
    return _not_empty([_tariff(line, cells, today) for line, cells in table])


def _tariff(line: int, cells: Mapping[str, str], today: date) -> TariffRow:
    try:
        specialty = tidy(cells["specialty"])
        if not specialty or len(specialty) > LONGEST_SPECIALTY:
            raise Invalid("Укажите специальность, как она названа в часах приёма.")
        until = day_of(cells["until"], today) if cells.get("until", "") else None
        made = TariffRow(
            line, payer_of(cells["payer"]), specialty, kind_of(cells["kind"]), money(cells["price"]), day_of(cells["since"], today), until
        )  # fmt: skip
        if until and until < made.since:
            raise Invalid("Последний день раньше первого.")
    except MedcabError as problem:
        return TariffRow(line, specialty=tidy(cells["specialty"])[:LONGEST_SPECIALTY], error=problem.message)
    return made


def answers(rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> list[Answer]:
    """Every row of a payer's answer."""
    optional = set(ANSWERS) - {"number", "outcome"}
    return _not_empty([_answer(line, cells) for line, cells in _table(rows, numbers, ANSWERS, optional)])


def _answer(line: int, cells: Mapping[str, str]) -> Answer:
    bare = cells["number"].removesuffix(".0")
    number = int(bare) if bare.isascii() and bare.isdecimal() and len(bare) < len("10000000") else 0
    code, reason = tidy(cells.get("code", "")), tidy(cells.get("reason", ""))
    try:
        if not number:
            raise Invalid(f"«{cells['number'][:40]}» не похоже на номер строки реестра.")
        outcome = _outcome(cells["outcome"])
        kopecks = money(cells["sum"]) if cells.get("sum", "") else None
        _demand_reason(outcome, code)
    except MedcabError as problem:
        return Answer(line, number, error=problem.message)
    return Answer(line, number, tidy(cells.get("register", "")), kopecks, outcome, code, reason[:LONGEST_REASON])


def _outcome(text: str) -> Outcome | None:
    word = plain(text.removesuffix(".0"))
    if not word:
        return None
    if word in _ACCEPTED:
        return Outcome.ACCEPTED
    if word in _REJECTED:
        return Outcome.REJECTED
    raise Invalid(f"Результат «{text[:40]}» непонятен. Напишите «принято» или «отклонено».")


def _demand_reason(outcome: Outcome | None, code: str) -> None:
    if outcome is Outcome.REJECTED and not code:
        raise Invalid("Строка отклонена, но код причины не указан.")
    if outcome is not Outcome.REJECTED and code:
        raise Invalid(f"Указан код причины «{code[:20]}», но строка не отклонена.")
    if len(code) > LONGEST_CODE or not code.isprintable():
        raise Invalid(f"Код причины длиннее {LONGEST_CODE} знаков.")


def _table(
    rows: Sequence[Sequence[str]], numbers: Sequence[int], titles: Mapping[str, str], optional: set[str]
) -> list[tuple[int, dict[str, str]]]:
    """Cells by name, below the first row that has all the headings that are needed."""
    names = {plain(title): name for name, title in titles.items()} | {
        plain(other): name for name in titles for other in _ALSO.get(name, "").split("|") if other
    }
    for at, row in enumerate(rows[:_HEAD_ROWS], start=1):
        places: dict[str, int] = {}
        for column, cell in enumerate(row):
            if name := names.get(plain(cell)):
                places.setdefault(name, column)
        if set(titles) - optional <= set(places):
            return [
                (line, {name: cells[column].strip() if column < len(cells) else "" for name, column in places.items()})
                for line, cells in zip(numbers[at:], rows[at:], strict=True)
            ]
    needed = "», «".join(title for name, title in titles.items() if name not in optional)
    raise Invalid(f"Не нашли заголовков. Нужны столбцы «{needed}».", field="file")


def _not_empty(found: list[Found]) -> list[Found]:
    if not found:
        raise Invalid("В файле нет ни одной строки под заголовками.", field="file")
    return found
