"""The rows of form № 2 «Сведения об инфекционных и паразитарных заболеваниях» (monthly), and what our cases come to in them.

The list of rows, their codes and the columns are written from memory of the form, not from its approved text: the numbers of rows are our own,
columns for which the clinic has no data here (villagers, children of 1–2 and 3–6 years) are left out, and the document says so. Before it
is sent to the authority somebody has to hold it against the form in force.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from medcab.schedule.diagnoses.rules.ages import AgeGroup
from medcab.schedule.diagnoses.rules.refined import CATEGORIES

TITLE = "Сведения об инфекционных и паразитарных заболеваниях"
FORM = "Форма № 2, месячная"
HEADINGS = ("Заболевание", "№", "МКБ-10", "Всего", "0–17 лет", "0–14 лет", "до 1 года")
WIDTHS = (46, 7, 25, 10, 11, 11, 11)
CAVEATS = (
    "Считаются случаи, впервые выявленные у пациентов на приёмах этого месяца; вычеркнутые диагнозы и приёмы, которых не было, не считаются.",
    "Номера строк — порядковые. Графы «сельские жители», «1–2 года», «3–6 лет» не заполнены: этих данных в medcab нет.",
    "Перечень строк сверьте с действующей редакцией формы перед отправкой.",
)
NOTHING = "Диагнозов за этот месяц не записано: нули ниже значат, что данных нет, а не что никто не болел."
_CHILDREN = (AgeGroup.INFANT, AgeGroup.CHILD)
_MINORS = (*_CHILDREN, AgeGroup.ADOLESCENT)


@dataclass(frozen=True, slots=True)
class FormRow:
    """`codes`: codes, categories and ranges of them, «A01.1-A01.4, A02»; a `part` is counted in the row above as well."""

    title: str
    codes: str
    is_part: bool = False

    def holds(self, code: str) -> bool:
        return any(_within(code, each.strip()) for each in self.codes.split(","))


def _within(code: str, span: str) -> bool:
    first, _, last = span.partition("-")
    return first <= code[: len(first)] <= (last or first)


ROWS = (
    FormRow("Брюшной тиф", "A01.0"), FormRow("Паратифы A, B, C и неуточнённый", "A01.1-A01.4"),
    FormRow("Другие сальмонеллёзные инфекции", "A02"), FormRow("Бактериальная дизентерия (шигеллёз)", "A03"),
    FormRow("Другие острые кишечные инфекции, вызванные установленными возбудителями", "A04,A05,A08.0-A08.3,A08.5"),
    FormRow("из них ротавирусный энтерит", "A08.0", is_part=True), FormRow("из них вызванные вирусом Норволк", "A08.1", is_part=True),
    FormRow("Острые кишечные инфекции, вызванные неустановленными возбудителями, пищевые токсикоинфекции", "A08.4,A09"),
    FormRow("Острый полиомиелит", "A80"), FormRow("Энтеровирусные инфекции", "A87.0,B08.4,B08.5,B30.3,B33.0,B34.1"),
    FormRow("Острый гепатит A", "B15"), FormRow("Острый гепатит B", "B16"), FormRow("Острый гепатит C", "B17.1"), FormRow("Острый гепатит E", "B17.2"),
    FormRow("Хронические вирусные гепатиты, впервые установленные", "B18"), FormRow("из них гепатит B", "B18.0-B18.1", is_part=True),
    FormRow("из них гепатит C", "B18.2", is_part=True), FormRow("Дифтерия", "A36"), FormRow("Коклюш", "A37"), FormRow("Скарлатина", "A38"),
    FormRow("Менингококковая инфекция", "A39"), FormRow("Столбняк", "A33-A35"), FormRow("Ветряная оспа", "B01"), FormRow("Опоясывающий лишай", "B02"),
    FormRow("Корь", "B05"), FormRow("Краснуха", "B06"), FormRow("Эпидемический паротит", "B26"), FormRow("Инфекционный мононуклеоз", "B27"),
    FormRow("Туляремия", "A21"), FormRow("Сибирская язва", "A22"), FormRow("Бруцеллёз", "A23"), FormRow("Лептоспироз", "A27"),
    FormRow("Клещевой вирусный энцефалит", "A84"), FormRow("Болезнь Лайма (клещевой боррелиоз)", "A69.2"),
    FormRow("Геморрагическая лихорадка с почечным синдромом", "A98.5"), FormRow("Бешенство", "A82"),
    FormRow("Туберкулёз, впервые выявленный", "A15-A19"), FormRow("из них органов дыхания", "A15-A16", is_part=True),
    FormRow("Сифилис", "A50-A53"), FormRow("Гонококковая инфекция", "A54"), FormRow("Болезнь, вызванная ВИЧ", "B20-B24"), FormRow("Малярия", "B50-B54"),
    FormRow("Лямблиоз", "A07.1"), FormRow("Описторхоз", "B66.0"), FormRow("Трихинеллёз", "B75"), FormRow("Аскаридоз", "B77"), FormRow("Энтеробиоз", "B80"),
    FormRow("Токсокароз", "B83.0"), FormRow("Дерматофития", "B35"), FormRow("Педикулёз", "B85"), FormRow("Чесотка", "B86"),
    FormRow("Острые инфекции верхних дыхательных путей множественной и неуточнённой локализации", "J06"), FormRow("Грипп", "J09-J11"),
    FormRow("Пневмонии", "J12-J18"), FormRow("Коронавирусная инфекция COVID-19", "U07.1-U07.2"),
)  # fmt: skip
INFECTIOUS = "A00-B99"
OTHER = FormRow("Прочие болезни класса I, не названные выше", INFECTIOUS)
WHOLE = FormRow("Всего по классу I (для сверки со страницей «Заболеваемость»)", INFECTIOUS)

Cases = Mapping[tuple[str, AgeGroup], int]
"""Primary cases of a month by code and age."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the form, filled in."""

    number: int
    row: FormRow
    total: int
    minors: int
    children: int
    infants: int


def lines(cases: Cases) -> list[Line]:
    """All rows in order, those without cases too, then the rest of class I and the whole of it."""
    named = [row for row in ROWS if not row.is_part]
    rest = {key: count for key, count in cases.items() if not any(row.holds(key[0]) for row in named)}
    filled = [(row, cases) for row in ROWS] + [(OTHER, rest), (WHOLE, cases)]
    return [_line(number, row, found) for number, (row, found) in enumerate(filled, start=1)]


def unplaced(cases: Cases) -> str:
    """Codes written before they had to be refined: the form has no row of theirs. Nothing where there are none."""
    counts: Counter[str] = Counter()
    for (code, _), count in cases.items():
        counts[code] += count if code in CATEGORIES else 0
    listed = ", ".join(f"{code} — {count}" for code, count in sorted(counts.items()) if count)
    return f"Записаны без уточнения и в строку своей болезни не попали: {listed}." if listed else ""


def _line(number: int, row: FormRow, cases: Cases) -> Line:
    here = [(age, count) for (code, age), count in cases.items() if row.holds(code)]

    def of(*ages: AgeGroup) -> int:
        return sum(count for age, count in here if age in ages)

    return Line(number, row, sum(count for _, count in here), of(*_MINORS), of(*_CHILDREN), of(AgeGroup.INFANT))
