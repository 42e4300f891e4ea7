"""A table of weeks as an earlier system counted them, read: «Отделение; Неделя; Класс; Случаев», each line by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from medcab.dashboards.epidemiology.rules.address import CHAPTERS
from medcab.dashboards.rules.period import monday_of
from medcab.errors import Invalid
from medcab.tables.reader import day_written

HEADINGS = ("Отделение", "Неделя", "Класс", "Случаев")
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Week:
    """Primary cases of a class in the week of a department, by its name."""

    department: str
    monday: date
    chapter: str
    cases: int


def read(rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> list[Week]:
    """All lines after the headings, or `Invalid` with the first line that is wrong: half an archive would be a false level."""
    if not rows or [cell.strip().casefold() for cell in rows[0][: len(HEADINGS)]] != [
        each.casefold() for each in HEADINGS
    ]:
        raise Invalid(f"Первая строка должна быть: {'; '.join(HEADINGS)}.", field="file")
    found: dict[tuple[str, date, str], Week] = {}
    for row, number in zip(rows[1:], numbers[1:], strict=True):
        week = _line(list(row) + [""] * len(HEADINGS), number)
        key = (week.department.casefold(), week.monday, week.chapter)
        if key in found:
            raise Invalid(f"Строка {number}: эта неделя этого класса уже была в файле.", field="file")
        found[key] = week
    return list(found.values())


def _line(cells: list[str], number: int) -> Week:
    department, day, chapter, cases = (cell.strip() for cell in cells[: len(HEADINGS)])
    try:
        monday = monday_of(datetime.strptime(day_written(day), "%d.%m.%Y").date())  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        raise Invalid(
            f"Строка {number}: «{day[:20]}» не похоже на день недели, например 16.11.2026.", field="file"
        ) from None
    if chapter.upper() not in CHAPTERS:
        raise Invalid(
            f"Строка {number}: класса МКБ-10 «{chapter[:20]}» нет, напишите его римскими цифрами, например X.",
            field="file",
        )
    if not (cases.isascii() and cases.isdigit() and int(cases[:9]) <= _MOST and len(cases) <= len(str(_MOST))):
        raise Invalid(f"Строка {number}: «{cases[:20]}» — не число случаев.", field="file")
    return Week(department, monday, chapter.upper(), int(cases))
