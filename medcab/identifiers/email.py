"""E-mail addresses in one canonical form: ASCII, lower case. Two spellings of one address are one address."""

import re

from medcab.errors import Invalid
from medcab.identifiers.alphabets import LATIN_OF, is_cyrillic
from medcab.identifiers.digits import tidy

_NAME = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~\-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~\-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?")
_LONGEST, _LONGEST_NAME = 254, 64  # RFC 5321, 4.5.3.1
_EXAMPLE = "например ivanova@mail.ru"


def parse(text: str) -> str:
    """The address in lower case, or `Invalid`."""
    seen = tidy(text, field="email")
    if not seen:
        raise _refuse(f"Укажите адрес электронной почты, {_EXAMPLE}.")
    _refuse_strange(seen)
    address = seen.lower()
    name, at, domain = address.partition("@")
    if not at or "@" in domain:
        raise _refuse(f"В адресе один знак @ между именем и почтовой службой, {_EXAMPLE}.")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME or len(address) > _LONGEST:
        raise _refuse(f"Имя до знака @ написано с ошибкой, {_EXAMPLE}.")
    labels = domain.split(".")
    if len(labels) == 1 or not all(_LABEL.fullmatch(label) for label in labels) or not _is_top(labels[-1]):
        raise _refuse(f"После знака @ нужно имя почтовой службы с точкой, {_EXAMPLE}.")
    return address


def formatted(value: str) -> str:
    return value


def masked(value: str) -> str:
    """The first letter and the service: `a•••@mail.ru`."""
    name, _, domain = value.partition("@")
    return f"{name[0]}•••@{domain}"


def _refuse_strange(text: str) -> None:
    """Letters that only look right, spaces and everything else outside ASCII, each named."""
    foreign = re.search(r"[^!-~]", text)
    if not foreign:
        return
    sign = foreign[0]
    if sign == " ":
        raise _refuse("В адресе не бывает пробелов: уберите пробел.")
    if not is_cyrillic(sign):
        raise _refuse(f"В адресе не бывает знака «{sign}»: наберите адрес латинскими буквами.")
    if sign in LATIN_OF:
        raise _refuse(f"Буква «{sign}» в адресе русская: наберите её в латинской раскладке.")
    raise _refuse(f"В адресе русские буквы: наберите его в латинской раскладке, {_EXAMPLE}.")


def _is_top(label: str) -> bool:
    """Top domains have letters only, except the encoded national ones."""
    return label.startswith("xn--") or (label.isalpha() and len(label) > 1)


def _refuse(sentence: str) -> Invalid:
    return Invalid(sentence, field="email")
