"""Form № 2 «Сведения об инфекционных и паразитарных заболеваниях» (monthly): what our cases come to in its rows and columns.

Columns for which the clinic has no data (villagers, children who go to a kindergarten) are left out, and the document says so. Before it
is sent to the authority somebody has to hold it against the form in force.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from medcab.dashboards.epidemiology.rules.form_rows import COVID, INFECTIOUS, PARASITIC, FormRow
from medcab.schedule.diagnoses.rules.ages import AgeGroup
from medcab.schedule.diagnoses.rules.refined import CATEGORIES

TITLE = "Сведения об инфекционных и паразитарных заболеваниях"
FORM = "Форма № 2, месячная"
HEADINGS = ("Заболевание", "№", "МКБ-10", "Всего", "0–17 лет", "0–14 лет", "до 1 года", "1–2 года", "3–6 лет")
WIDTHS = (47, 6, 24, 9, 9, 9, 9, 9, 9)
CAVEATS = (
    "Считаются случаи, впервые выявленные у пациентов на приёмах этого месяца; вычеркнутые диагнозы и приёмы, которых не было, не считаются.",
    "Прочерк — МКБ-10 таких случаев не различает (например, группу сальмонелл или род гриба): заполните строку по журналу формы № 060/у.",
    "Графы «сельские жители» и «посещают дошкольные организации» не заполнены: этих данных в medcab нет.",
    (
        "Строки первого раздела пронумерованы, как в сводках формы за 2011–2020 годы; у остальных строк номера нет. Перед отправкой сверьте их "
        "с действующей редакцией формы."
    ),
)
NOTHING = "Диагнозов за этот месяц не записано: нули ниже значат, что данных нет, а не что никто не болел."
CLASS_I = "A00-B99"
OTHER = FormRow("Прочие болезни класса I, не названные выше", CLASS_I)
WHOLE = FormRow("Всего по классу I (для сверки со страницей «Заболеваемость»)", CLASS_I)
SECTIONS: dict[str, tuple[FormRow, ...]] = {
    "Раздел 1. Инфекционные заболевания": INFECTIOUS,
    "Раздел 2. Паразитарные заболевания": PARASITIC,
    "Кроме строк формы": (COVID, OTHER, WHOLE),
}
ROWS = (*INFECTIOUS, *PARASITIC, COVID)
NOT_TOLD_APART = {
    "Z22.1": "строки 5 и 14 (вибриононосители, бактерионосители дизентерии)",
    "B35": "строки 101 и 103 (дерматофития по роду гриба)",
}
"""Of which rows cases of these codes are, one cannot know from the code."""


class FormAge(StrEnum):
    """Groups of age that the form's columns are sums of."""

    INFANT = "до 1 года"
    TODDLER = "1–2 года"
    PRESCHOOL = "3–6 лет"
    SCHOOL = "7–14 лет"
    ADOLESCENT = "15–17 лет"
    OLDER = "старше или неизвестно"


SAME_AGE = {AgeGroup.INFANT: FormAge.INFANT, AgeGroup.ADOLESCENT: FormAge.ADOLESCENT} | dict.fromkeys(
    (AgeGroup.ADULT, AgeGroup.ELDER, AgeGroup.UNKNOWN), FormAge.OLDER
)
"""All groups but children of 1–14: those the form divides further, by the birth date (`age_of_child`)."""
_UNTIL = ((2, FormAge.TODDLER), (6, FormAge.PRESCHOOL))
_CHILDREN = (FormAge.INFANT, FormAge.TODDLER, FormAge.PRESCHOOL, FormAge.SCHOOL)
Cases = Mapping[tuple[str, FormAge], int]
"""Primary cases of a month by code and age."""


class Count(NamedTuple):
    """The form's columns."""

    total: int
    minors: int
    children: int
    infants: int
    toddlers: int
    preschool: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the form, filled in; `number` is None where none is known, `count` where the codes do not tell."""

    number: int | None
    row: FormRow
    count: Count | None


def age_of_child(years: int) -> FormAge:
    """Of a child of 1–14 whole years."""
    return next((age for until, age in _UNTIL if years <= until), FormAge.SCHOOL)


def lines(cases: Cases) -> dict[str, list[Line]]:
    """All rows of each section in order, those without cases too."""
    named = [row for row in ROWS if not row.depth]
    rest = {key: count for key, count in cases.items() if not any(row.holds(key[0]) for row in named)}
    filled: dict[str, list[Line]] = {}
    for title, rows in SECTIONS.items():
        counts = [_count(row, rest if row is OTHER else cases) for row in rows]
        numbers = range(1, len(rows) + 1) if rows is INFECTIOUS else [None] * len(rows)
        filled[title] = [Line(*line) for line in zip(numbers, rows, counts, strict=True)]
    return filled


def unplaced(cases: Cases) -> list[str]:
    """Sentences on cases that are in no row of their own, because of how they are coded."""
    counts: Counter[str] = Counter()
    for (code, _), count in cases.items():
        counts[code] += count
    bare = _listed((code, count) for code, count in counts.items() if code in CATEGORIES)
    said = [f"Записаны без уточнения и в строку своей болезни не попали: {bare}."] if bare else []
    for begins, rows in NOT_TOLD_APART.items():
        found = _listed((code, count) for code, count in counts.items() if code.startswith(begins))
        said += [f"Заполните сами {rows}, по коду их не различить: {found}."] if found else []
    return said


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{code} — {count}" for code, count in sorted(counts) if count)


def _count(row: FormRow, cases: Cases) -> Count | None:
    if not row.codes:
        return None
    by_age: Counter[FormAge] = Counter()
    for (code, age), count in cases.items():
        by_age[age] += count if row.holds(code) else 0
    children = sum(by_age[age] for age in _CHILDREN)
    minors = children + by_age[FormAge.ADOLESCENT]
    return Count(
        by_age.total(), minors, children, by_age[FormAge.INFANT], by_age[FormAge.TODDLER], by_age[FormAge.PRESCHOOL]
    )
