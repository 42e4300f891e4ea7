"""The classes of МКБ-10: every valid code belongs to one of them, or to none when its range is not given out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DiagnosisClass:
    """`first` and `last` are three-character categories, both within."""

    number: str
    first: str
    last: str
    title: str

    def holds(self, code: str) -> bool:
        """Whether the code, with or without what follows its point, belongs here."""
        return self.first <= code[:3] <= self.last


CLASSES = (
    DiagnosisClass("I", "A00", "B99", "Некоторые инфекционные и паразитарные болезни"),
    DiagnosisClass("II", "C00", "D48", "Новообразования"),
    DiagnosisClass(
        "III", "D50", "D89",
        "Болезни крови, кроветворных органов и отдельные нарушения, вовлекающие иммунный механизм",
    ),
    DiagnosisClass("IV", "E00", "E90", "Болезни эндокринной системы, расстройства питания и нарушения обмена веществ"),
    DiagnosisClass("V", "F00", "F99", "Психические расстройства и расстройства поведения"),
    DiagnosisClass("VI", "G00", "G99", "Болезни нервной системы"),
    DiagnosisClass("VII", "H00", "H59", "Болезни глаза и его придаточного аппарата"),
    DiagnosisClass("VIII", "H60", "H95", "Болезни уха и сосцевидного отростка"),
    DiagnosisClass("IX", "I00", "I99", "Болезни системы кровообращения"),
    DiagnosisClass("X", "J00", "J99", "Болезни органов дыхания"),
    DiagnosisClass("XI", "K00", "K93", "Болезни органов пищеварения"),
    DiagnosisClass("XII", "L00", "L99", "Болезни кожи и подкожной клетчатки"),
    DiagnosisClass("XIII", "M00", "M99", "Болезни костно-мышечной системы и соединительной ткани"),
    DiagnosisClass("XIV", "N00", "N99", "Болезни мочеполовой системы"),
    DiagnosisClass("XV", "O00", "O99", "Беременность, роды и послеродовой период"),
    DiagnosisClass("XVI", "P00", "P96", "Отдельные состояния, возникающие в перинатальном периоде"),
    DiagnosisClass("XVII", "Q00", "Q99", "Врождённые аномалии, деформации и хромосомные нарушения"),
    DiagnosisClass(
        "XVIII", "R00", "R99",
        "Симптомы, признаки и отклонения от нормы, выявленные при клинических и лабораторных исследованиях, "
        "не классифицированные в других рубриках",
    ),
    DiagnosisClass(
        "XIX", "S00", "T98", "Травмы, отравления и некоторые другие последствия воздействия внешних причин"
    ),
    DiagnosisClass("XX", "V01", "Y98", "Внешние причины заболеваемости и смертности"),
    DiagnosisClass(
        "XXI", "Z00", "Z99", "Факторы, влияющие на состояние здоровья населения и обращения в учреждения здравоохранения"
    ),
    DiagnosisClass("XXII", "U00", "U85", "Коды для особых целей"),
)  # fmt: skip
"""In the order of the classification."""
NO_ILLNESS = frozenset({"XX", "XXI"})
"""Causes from outside and reasons to come (Z00, an examination): nobody fell ill by them, and no total of illnesses has them."""


def class_of(code: str) -> DiagnosisClass | None:
    """None: the code is well formed, but the classification gives this range to nobody (`D49`, `E95`)."""
    return next((each for each in CLASSES if each.holds(code)), None)
