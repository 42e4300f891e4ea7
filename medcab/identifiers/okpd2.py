"""ОКПД2, the classifier of products and services: `86`, `86.2`, `86.21`, … `86.21.10.120`."""

import re

from medcab.errors import Invalid
from medcab.identifiers.digits import tidy

_CODE = re.compile(r"\d{2}(?:\.\d(?:\d(?:\.\d(?:\d(?:\.\d{3})?)?)?)?)?", re.ASCII)
_PURCHASE = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{3}-\d{8}", re.ASCII)
_GROUPS = (2, 2, 2, 3)


def parse(text: str) -> str:
    """The code with its points, or `Invalid`."""
    code = tidy(text, field="okpd2").replace(" ", "")
    if not code:
        raise _refuse("Укажите код ОКПД2, например 86.21.10.120.")
    if _CODE.fullmatch(code):
        return code
    if _PURCHASE.fullmatch(code):
        raise _refuse(f"Это код каталога закупок (КТРУ). Код ОКПД2 короче: {code.partition('-')[0]}.")
    proposed = _with_points(code)
    if proposed:
        raise _refuse(f"Группы цифр разделяют точками. Возможно, это {proposed}?")
    raise _refuse("Код ОКПД2 выглядит так: 86.21.10.120. Последняя группа состоит из трёх цифр.")


def formatted(value: str) -> str:
    return value


def _with_points(code: str) -> str:
    """The same digits, grouped; empty when no grouping makes a code of them."""
    if not re.fullmatch(r"\d{3,9}", code, re.ASCII):
        return ""
    groups, rest = [], code
    for size in _GROUPS:
        groups.append(rest[:size])
        rest = rest[size:]
    grouped = ".".join(filter(None, groups))
    return grouped if _CODE.fullmatch(grouped) else ""


def _refuse(sentence: str) -> Invalid:
    return Invalid(sentence, field="okpd2")
