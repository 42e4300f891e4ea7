"""МКБ-10, the classification of diseases: a Latin letter, two digits, and up to two more after a point (`J45.0`)."""

import re

from medcab.errors import Invalid
from medcab.identifiers.alphabets import LATIN_OF, is_cyrillic
from medcab.identifiers.digits import tidy

_CODE = re.compile(r"[A-Z]\d{2}(\.\d{1,2})?", re.ASCII)
_WITHOUT_POINT = re.compile(r"([A-Z]\d{2})(\d{1,2})", re.ASCII)


def parse(text: str) -> str:
    """The code with a capital Latin letter, or `Invalid`."""
    code = tidy(text, field="diagnosis").replace(" ", "").upper()
    if _CODE.fullmatch(code):
        return code
    raise _refuse(_what_is_wrong(code))


def meant(text: str) -> str | None:
    """The code that is clear from what is not quite one: a Russian letter, a comma, no point. None: nothing is clear."""
    code = tidy(text, field="diagnosis").replace(" ", "").upper().replace(",", ".")
    code = LATIN_OF.get(code[:1], code[:1]) + code[1:]
    if without_point := _WITHOUT_POINT.fullmatch(code):
        code = f"{without_point[1]}.{without_point[2]}"
    return code if _CODE.fullmatch(code) else None


def formatted(value: str) -> str:
    return value


def _what_is_wrong(code: str) -> str:
    if not code:
        return "Укажите код МКБ-10, например J45.0."
    if is_cyrillic(code[0]):
        latin = LATIN_OF.get(code[0], "") + code[1:]
        offer = f": {latin}" if _CODE.fullmatch(latin) else ""
        return f"Буква «{code[0]}» русская, а в коде МКБ-10 она латинская{offer}."
    if code[-1] in "+*" and _CODE.fullmatch(code[:-1]):
        return f"Код указывают без знака «{code[-1]}»: {code[:-1]}."
    if _CODE.fullmatch(code.replace(",", ".")):
        return f"Вместо запятой нужна точка: {code.replace(',', '.')}."
    without_point = _WITHOUT_POINT.fullmatch(code)
    if without_point:
        return f"Не хватает точки: {without_point[1]}.{without_point[2]}."
    return "Код МКБ-10 выглядит так: латинская буква, две цифры, точка и уточнение, например J45.0."


def _refuse(sentence: str) -> Invalid:
    return Invalid(sentence, field="diagnosis")
