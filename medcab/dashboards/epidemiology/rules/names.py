"""Titles of categories of МКБ-10 that doctors of a polyclinic write most, and the search over them.

It is a part of the classification: any other valid code is taken with the title of its class (`named`),
and `is_listed` lets the page say that its own name is not in the list.
"""

from dataclasses import dataclass

from medcab.dashboards.epidemiology.rules.classes import class_of

NAMES: dict[str, str] = {
    "E10": "Инсулинзависимый сахарный диабет",
    "E11": "Инсулиннезависимый сахарный диабет",
    "E12": "Сахарный диабет, связанный с недостаточностью питания",
    "E13": "Другие уточнённые формы сахарного диабета",
    "E14": "Сахарный диабет неуточнённый",
    "I10": "Эссенциальная (первичная) гипертензия",
    "I11": "Гипертензивная болезнь сердца",
    "I12": "Гипертензивная болезнь с преимущественным поражением почек",
    "I13": "Гипертензивная болезнь с преимущественным поражением сердца и почек",
    "I15": "Вторичная гипертензия",
    "J00": "Острый назофарингит (насморк)",
    "J01": "Острый синусит",
    "J02": "Острый фарингит",
    "J03": "Острый тонзиллит",
    "J04": "Острый ларингит и трахеит",
    "J05": "Острый обструктивный ларингит (круп) и эпиглоттит",
    "J06": "Острые инфекции верхних дыхательных путей множественной и неуточнённой локализации",
    "J11": "Грипп, вирус не идентифицирован",
    "J12": "Вирусная пневмония, не классифицированная в других рубриках",
    "J13": "Пневмония, вызванная Streptococcus pneumoniae",
    "J14": "Пневмония, вызванная Haemophilus influenzae",
    "J15": "Бактериальная пневмония, не классифицированная в других рубриках",
    "J16": "Пневмония, вызванная другими инфекционными агентами, не классифицированная в других рубриках",
    "J18": "Пневмония без уточнения возбудителя",
    "J20": "Острый бронхит",
    "J21": "Острый бронхиолит",
    "J22": "Острая респираторная инфекция нижних дыхательных путей неуточнённая",
    "J40": "Бронхит, не уточнённый как острый или хронический",
    "J41": "Простой и слизисто-гнойный хронический бронхит",
    "J42": "Хронический бронхит неуточнённый",
    "J43": "Эмфизема",
    "J44": "Другая хроническая обструктивная лёгочная болезнь",
    "J45": "Астма",
    "J46": "Астматический статус",
    "J47": "Бронхоэктатическая болезнь",
    "K25": "Язва желудка",
    "K26": "Язва двенадцатиперстной кишки",
    "K27": "Пептическая язва неуточнённой локализации",
    "K28": "Гастроеюнальная язва",
    "K29": "Гастрит и дуоденит",
    "M54": "Дорсалгия",
}
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Named:
    """A code and what it is called; `is_listed` False: the title is that of its class."""

    code: str
    title: str
    is_listed: bool


def named(code: str) -> Named | None:
    """None: the classification has no such code."""
    title = NAMES.get(code[:3])
    if title is not None:
        return Named(code, title, is_listed=True)
    found = class_of(code)
    return Named(code, found.title, is_listed=False) if found else None


def search(text: str) -> list[Named]:
    """Categories whose code begins with the text, or whose title holds each of its words; in order of code."""
    sought = _plain(text)
    words = sought.split()
    if not words:
        return []
    return [
        Named(code, title, is_listed=True)
        for code, title in NAMES.items()
        if code.casefold().startswith(sought) or all(word in _plain(title) for word in words)
    ][:MOST_FOUND]


def _plain(text: str) -> str:
    """«ё» and «е» are one letter to who searches."""
    return text.strip().casefold().replace("ё", "е")
