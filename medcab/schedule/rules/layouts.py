"""A rota's table read into what it says of whom and which day: a row for each day, or a month drawn as a matrix.

What is wrong in a cell goes with its entry; only what is no rota at all is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from medcab.errors import Invalid
from medcab.identifiers.day_time import formatted
from medcab.schedule.rules.cells import (
    WEEKDAYS,
    backwards,
    day_of,
    head_day,
    month_in,
    off_of,
    plain,
    said,
    tidy,
    time_of,
)
from medcab.schedule.rules.templates import Block

COLUMNS = {
    "who": "ФИО", "email": "E-mail", "department": "Отделение", "specialty": "Специальность", "day": "Дата", "starts": "С", "ends": "До",
    "break_starts": "Перерыв с", "break_ends": "Перерыв до", "minutes": "Минут на приём", "room": "Кабинет", "off": "Без приёма",
}  # fmt: skip
"""Of the long form, in the order of the sample; a file may have them in another order, and more."""
_ALSO = {
    "who": "фио врача|ф и о|ф и о врача|сотрудник|врач|работник|специалист|фамилия имя отчество|фамилия и о|фамилия|фамилия инициалы",
    "email": "email|e mail|почта|электронная почта", "department": "подразделение", "specialty": "специальность приема",
    "day": "день|число", "starts": "начало|от|начало приема|время с", "ends": "конец|по|окончание|конец приема|время до",
    "break_starts": "начало перерыва|обед с", "break_ends": "конец перерыва|обед до", "minutes": "минут|мин|длительность|длительность приема|мин на прием",
    "room": "каб|№ кабинета|кабинет №", "off": "отсутствие|причина|нет приема", "hours": "часы|время|часы приема|время приема|смена",
    "given": "имя", "patronymic": "отчество",
}  # fmt: skip
_TITLES = {plain(title): name for name, title in COLUMNS.items()} | {
    title: name for name, titles in _ALSO.items() for title in titles.split("|")
}
_LOOKALIKES = str.maketrans("abcehkmoptxy", "авсенкмортху")
_HEAD_ROWS, _LABELS_ABOVE, _DAYS_WITHOUT_LABEL = 20, 3, 3
MOST_ENTRIES = 20_000
_NO_HEAD = (
    "Не нашли заголовков: нужны столбцы «ФИО», «Дата», «С», «До» или «ФИО» и числа месяца. Возьмите за основу образец."
)
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """What the file says of one worker's day at one place. A thing is None when the file has no column for it, empty when its cell is."""

    line: int
    who: str
    column: str = ""
    email: str = ""
    department: str = ""
    section: str = ""
    """The last line above that names nobody's hours; it may be a department's name."""
    specialty: str = ""
    room: str | None = None
    minutes: str | None = None
    day: date | None = None
    blocks: tuple[Block, ...] = ()
    off: str = ""
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rota:
    """All that the file says. `month` is that of a matrix whose columns are bare numbers; without it such a file says nothing yet."""

    entries: list[Entry]
    month: date | None = None
    needs_month: bool = False


@dataclass(frozen=True)
class _Head:
    """Where the headings are: `at` of the table, columns by name, and the days of a matrix by column."""

    at: int
    places: Mapping[str, int]
    days: Mapping[int, date | int]


def read(
    rows: Sequence[Sequence[str]], numbers: Sequence[int], *, today: date, names: Sequence[str] = (), month: date | None = None
) -> Rota:  # fmt: skip
    """The entries of a table; `names` (of the sheet, of the file) may tell its month, `month` overrules them."""
    head = _head(rows, today)
    lines = [(number, [tidy(cell) for cell in row]) for number, row in zip(numbers[head.at + 1 :], rows[head.at + 1 :], strict=True)]  # fmt: skip
    if not head.days:
        return Rota(_kept(_of_rows(lines, head, today)))
    is_numbered = any(isinstance(day, int) for day in head.days.values())
    above = [cell for row in rows[: head.at + 1] for cell in row if head_day(cell, today) is None]
    told = next((found for text in [*above, *names] if (found := month_in(text, today))), None)
    month = (month or told) if is_numbered else None
    if is_numbered and month is None:
        _kept(_of_matrix(lines, head, today.replace(day=1)))  # a file without anything in it is refused at once
        return Rota([], None, needs_month=True)
    return Rota(_kept(_of_matrix(lines, head, month)), month, is_numbered)


def _kept(entries: Iterator[Entry]) -> list[Entry]:
    found = []
    for entry in entries:
        if len(found) == MOST_ENTRIES:
            raise Invalid(
                f"В файле больше {MOST_ENTRIES // 1000}\u00a0тысяч рабочих дней. Разделите его на части.", field="file"
            )
        found.append(entry)
    if not found:
        raise Invalid("В файле нет ни одного дня с часами или отметкой.", field="file")
    return found


def _named(text: str) -> str:
    """Which column a heading means; empty: none that is known."""
    bare = plain(text).rstrip(":").strip()
    return _TITLES.get(bare) or _TITLES.get(bare.translate(_LOOKALIKES), "")


def _places(row: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        if name := _named(cell):
            found.setdefault(name, at)
    return found


def _head(rows: Sequence[Sequence[str]], today: date) -> _Head:
    for at, row in enumerate(rows[:_HEAD_ROWS]):
        places = _places(row)
        if "who" in places and "day" in places and ({"starts", "hours"} & places.keys()):
            return _Head(at, places, {})
        days = {column: day for column, cell in enumerate(row) if (day := head_day(cell, today)) is not None}
        above = [_places(each) for each in rows[max(0, at - _LABELS_ABOVE) : at]]
        labels = {name: column for one in [*above, places] for name, column in one.items() if column not in days}
        first = min(days, default=0)
        if days and "who" not in labels and len(days) >= _DAYS_WITHOUT_LABEL and first > 0:
            labels["who"] = first - 1
        if days and "who" in labels:
            return _Head(at, labels, {column: day for column, day in days.items() if column > labels["who"]})
    raise Invalid(_NO_HEAD, field="file")


def _cell(row: Sequence[str], head: _Head, name: str) -> str:
    at = head.places.get(name)
    return row[at] if at is not None and at < len(row) else ""


def _maybe(row: Sequence[str], head: _Head, name: str) -> str | None:
    return _cell(row, head, name) if name in head.places else None


def _base(number: int, row: Sequence[str], head: _Head) -> Entry:
    """Who it is about, and what else is said of the row as a whole."""
    who = " ".join(filter(None, (_cell(row, head, name) for name in ("who", "given", "patronymic"))))
    return Entry(
        number, who, email=_cell(row, head, "email"), department=_cell(row, head, "department"), specialty=_cell(row, head, "specialty"),
        room=_maybe(row, head, "room"), minutes=_maybe(row, head, "minutes"),
    )  # fmt: skip


def _of_rows(lines: Sequence[tuple[int, Sequence[str]]], head: _Head, today: date) -> Iterator[Entry]:
    """The long form."""
    for number, row in lines:
        if row and row[0].startswith("#"):
            continue  # the sample's own remark
        base = _base(number, row, head)
        if base.who or _cell(row, head, "day"):
            yield _of_row(base, row, head, today)


def _of_row(base: Entry, row: Sequence[str], head: _Head, today: date) -> Entry:
    errors: list[str] = [] if base.who else ["ФИО: укажите, чьи это часы."]
    day = None
    try:
        day = day_of(_cell(row, head, "day"), today)
    except Invalid as refusal:
        errors.append(f"Дата: {refusal.message}")
    blocks, off, room, wrong = _hours_of_row(row, head)
    return replace(
        base, day=day, blocks=blocks, off=off, room=room or base.room, errors=tuple(errors + wrong)
    )  # fmt: skip


def _hours_of_row(row: Sequence[str], head: _Head) -> tuple[tuple[Block, ...], str, str, list[str]]:
    """Hours, why there are none, the room among the hours, what is wrong."""
    starts, ends = _cell(row, head, "starts"), _cell(row, head, "ends")
    reason = _cell(row, head, "off")
    off = off_of(reason) or reason[:_LONGEST_REASON] or ("" if ends else off_of(starts))
    if off:
        has_hours = ends or (starts and not off_of(starts))
        return (), off, "", ["Без приёма: указаны и часы, и причина. Оставьте что-нибудь одно."] if has_hours else []
    if cell := _cell(row, head, "hours"):
        return _hours_of_cell(cell, "Часы")
    if starts and not ends and len(starts) > len("09:00:00"):
        return _hours_of_cell(starts, COLUMNS["starts"])
    return (*_typed_hours(row, head, starts, ends),)


def _hours_of_cell(cell: str, title: str) -> tuple[tuple[Block, ...], str, str, list[str]]:
    try:
        found = said(cell)
    except Invalid as refusal:
        return (), "", "", [f"{title}: {refusal.message}"]
    return (found.blocks, found.off, found.room, []) if found else ((), "", "", [])


def _typed_hours(
    row: Sequence[str], head: _Head, starts: str, ends: str
) -> tuple[tuple[Block, ...], str, str, list[str]]:
    """From «С», «До» and the break."""
    errors: list[str] = []
    minutes: dict[str, int] = {}
    given = {name: _cell(row, head, name) for name in ("break_starts", "break_ends")} | {"starts": starts, "ends": ends}
    for name in ("starts", "ends", "break_starts", "break_ends"):
        if not given[name]:
            continue
        try:
            minutes[name] = time_of(given[name])
        except Invalid as refusal:
            errors.append(f"{COLUMNS[name]}: {refusal.message}")
    errors += [f"{COLUMNS[name]}: укажите время." for name in ("starts", "ends") if not given[name]]
    if bool(given["break_starts"]) != bool(given["break_ends"]):
        errors.append("Перерыв: укажите и начало, и конец, или ни того, ни другого.")
    if errors:
        return (), "", "", errors
    blocks, fault = _around_break(minutes)
    return blocks, "", "", [fault] if fault else []


def _around_break(minutes: Mapping[str, int]) -> tuple[tuple[Block, ...], str]:
    starts, ends = minutes["starts"], minutes["ends"]
    if ends <= starts:
        return (), f"До: {backwards(f'{formatted(starts)}–{formatted(ends)}')}"
    if "break_starts" not in minutes:
        return (Block(starts, ends),), ""
    begins, stops = minutes["break_starts"], minutes["break_ends"]
    if not starts < begins < stops < ends:
        return (), "Перерыв: он должен быть внутри приёма."
    return (Block(starts, begins), Block(stops, ends)), ""


def _of_matrix(lines: Sequence[tuple[int, Sequence[str]]], head: _Head, month: date | None) -> Iterator[Entry]:
    """A line without a name goes on with the one above; a name without any day may head a department."""
    above: Entry | None = None
    section = ""
    for number, row in lines:
        base = _base(number, row, head)
        cells = {column: row[column] for column in head.days if column < len(row) and row[column]}
        if not cells or all(cell.casefold() in WEEKDAYS for cell in cells.values()):
            section = base.who or next(filter(None, row), "") or section
            continue
        if not base.who and above:
            base = replace(above, line=number)
        above = base = replace(base, section=section)
        for column, cell in cells.items():
            yield _of_cell(base, head.days[column], cell, month)


def _of_cell(base: Entry, heading: date | int, cell: str, month: date | None) -> Entry:
    column = str(heading) if isinstance(heading, int) else f"{heading:%d.%m}"
    errors = [] if base.who else ["ФИО: укажите, чьи это часы."]
    day = heading if isinstance(heading, date) else _day_in(month, heading)
    if day is None:
        errors.append(f"В этом месяце нет {heading}-го числа: очистите ячейку.")
    found = None
    try:
        found = said(cell)
    except Invalid as refusal:
        errors.append(refusal.message)
    entry = replace(base, column=column, day=day, errors=tuple(errors))
    return replace(entry, blocks=found.blocks, off=found.off, room=found.room or base.room) if found else entry


def _day_in(month: date | None, number: int) -> date | None:
    try:
        return month.replace(day=number) if month else None
    except ValueError:
        return None
