"""Names of people, as in a Russian passport: Russian letters, hyphens, spaces, apostrophes. A name all in small or all in capital letters
gets its capitals; otherwise case is kept as typed."""

import re
from dataclasses import dataclass

from medcab.errors import Invalid
from medcab.identifiers.alphabets import CYRILLIC_OF, is_latin
from medcab.identifiers.digits import tidy

_NAME = re.compile(r"[А-ЯЁа-яё]+(?:[ '\-]+[А-ЯЁа-яё]+)*")
_ALLOWED = re.compile(r"[А-ЯЁа-яё '\-]")
_LONGEST = 80
_SMALL = frozenset({"оглы", "кызы", "улы", "уулу", "гызы"})
"""«Сын» and «дочь» in patronymics of the East: the second word, with a small letter."""


@dataclass(frozen=True)
class _Part:
    """One of the three names: its form field, and how sentences call it (to give what, in what)."""

    field: str
    called: str
    inside: str

    def parse(self, text: str) -> str:
        name = re.sub(r" ?- ?", "-", re.sub(r"[`’ʼ]", "'", tidy(text, field=self.field)))
        if not name:
            raise self.refuse(f"Укажите {self.called}, как в паспорте.")
        self._refuse_strange(name)
        if len(name) > _LONGEST:
            raise self.refuse(f"Не больше {_LONGEST} знаков, а введено {len(name)}.")
        if not _NAME.fullmatch(name) or "--" in name:
            raise self.refuse("Дефис, пробел и апостроф стоят только между буквами.")
        return _with_capitals(name) if name.islower() or name.isupper() else name

    def refuse(self, sentence: str) -> Invalid:
        return Invalid(sentence, field=self.field)

    def _refuse_strange(self, name: str) -> None:
        strange = [sign for sign in name if not _ALLOWED.fullmatch(sign)]
        if not strange:
            return
        sign = strange[0]
        if sign.isdigit():
            raise self.refuse(f"В {self.inside} не бывает цифр: уберите «{sign}».")
        if not is_latin(sign):
            raise self.refuse(f"В {self.inside} не бывает знака «{sign}»: только русские буквы, дефис и пробел.")
        if sign in CYRILLIC_OF and len(strange) < len(name) / 2:
            raise self.refuse(f"Буква «{sign}» латинская, хотя выглядит как русская: наберите её в русской раскладке.")
        raise self.refuse(f"Укажите {self.called} русскими буквами, как в паспорте.")


_FAMILY = _Part("family_name", "фамилию", "фамилии")
_GIVEN = _Part("given_name", "имя", "имени")
_PATRONYMIC = _Part("patronymic", "отчество", "отчестве")


def _with_capitals(name: str) -> str:
    first, *rest = re.split(r"([ '\-])", name)
    return "".join(
        [first.capitalize(), *(part.lower() if part.lower() in _SMALL else part.capitalize() for part in rest)]
    )


def parse_family(text: str) -> str:
    """A family name, or `Invalid`."""
    return _FAMILY.parse(text)


def parse_given(text: str) -> str:
    """A given name, or `Invalid`."""
    return _GIVEN.parse(text)


def parse_patronymic(text: str) -> str:
    """A patronymic, which not everybody has: empty stays empty; or `Invalid`."""
    return _PATRONYMIC.parse(text) if text.strip() else ""


def short(family: str, given: str, patronymic: str = "") -> str:
    """«Иванова А. П.»"""
    return " ".join([family, *(f"{name[0]}." for name in (given, patronymic) if name)])


def full(family: str, given: str, patronymic: str = "") -> str:
    """«Иванова Анна Петровна»"""
    return " ".join(filter(None, (family, given, patronymic)))
