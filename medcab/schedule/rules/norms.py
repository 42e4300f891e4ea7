"""How long a visit lasts by the norms of the ministry; recommended, so a clinic may choose otherwise (reference/domain.md 3.6)."""

from medcab.schedule.rules.visits import VisitKind

USUAL = 15
_FIRST: dict[str, int] = {
    "Терапия": 15, "Педиатрия": 15, "Общая врачебная практика (семейная медицина)": 18, "Неврология": 22, "Оториноларингология": 16,
    "Офтальмология": 14, "Акушерство и гинекология": 22,  # 290н of 2015
    "Кардиология": 24, "Эндокринология": 19, "Стоматология терапевтическая": 44,  # 973н of 2016
    "Гематология": 20, "Инфекционные болезни": 20, "Онкология": 23, "Пульмонология": 26, "Хирургия": 26, "Фтизиатрия": 35,  # 2017–2018
}  # fmt: skip
"""Minutes of a first visit, by the title in the nomenclature of specialties."""
_SHARES = {VisitKind.FIRST: 100, VisitKind.REPEAT: 75, VisitKind.PROPHYLACTIC: 65}
"""Percent of a first visit: the middle of what the orders allow (70–80, 60–70)."""


def minutes_of(specialty: str, kind: VisitKind = VisitKind.FIRST) -> int:
    """Whole minutes for one patient; a specialty without a norm has the usual ones."""
    return round(_FIRST.get(specialty, USUAL) * _SHARES[kind] / 100)


def known_minutes() -> list[int]:
    """Every length that a norm gives, and those of five by five up to an hour and a half."""
    by_norm = {minutes_of(specialty, kind) for specialty in _FIRST for kind in VisitKind}
    return sorted(by_norm | set(range(5, 95, 5)))
