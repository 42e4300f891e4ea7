"""Telephone numbers, kept as E.164 (`+79123456789`); Russian ones only, and mobile ones where a code is sent."""

import re

import phonenumbers

from medcab.errors import Invalid
from medcab.identifiers.digits import tidy

_LENGTH = 11
_EXAMPLE = "например +7 912 345-67-89"
_KAZAKHSTAN = re.compile(r"\+7[67]")


def parse(text: str) -> str:
    """A Russian number as +7 and ten digits, or `Invalid`. Written with +7, 8, or ten digits."""
    number = _international(text)
    if _KAZAKHSTAN.match(number):
        raise _refuse(f"Это номер Казахстана (+7 {number[2]}…). Укажите российский номер, {_EXAMPLE}.")
    known = phonenumbers.parse(number, None)
    if not phonenumbers.is_valid_number(known) or phonenumbers.region_code_for_number(known) != "RU":
        raise _refuse("Такого номера не бывает. Проверьте код и цифры номера.")
    return number


def parse_mobile(text: str) -> str:
    """A Russian mobile number, to which a code can be sent, or `Invalid`."""
    number = parse(text)
    if not number.startswith("+79"):
        raise _refuse(f"Код придёт в SMS, поэтому нужен мобильный номер: он начинается с +7 9, {_EXAMPLE}.")
    return number


def formatted(value: str) -> str:
    return f"{value[:2]} {value[2:5]} {value[5:8]}-{value[8:10]}-{value[10:]}"


def masked(value: str) -> str:
    """The last four digits: `+7 ••• •••-45-67`."""
    return f"+7 ••• •••-{value[8:10]}-{value[10:]}"


def _international(text: str) -> str:
    """+7 and ten digits by the shape alone."""
    seen = tidy(text, field="phone")
    stray = re.search(r"[^0-9 ()+.\-]", seen)
    if stray:
        raise _refuse(f"В номере телефона только цифры: уберите «{stray[0]}».")
    digits = re.sub(r"[^0-9]", "", seen)
    if not digits:
        raise _refuse(f"Укажите номер телефона, {_EXAMPLE}.")
    if seen.rfind("+") > 0 or (seen[0] == "+" and digits[0] != "7"):
        raise _refuse(f"Нужен российский номер: он начинается с +7, {_EXAMPLE}.")
    if len(digits) == _LENGTH - 1 and seen[0] != "+":
        digits = "7" + digits
    if len(digits) != _LENGTH:
        raise _refuse(f"В номере {_LENGTH} цифр вместе с +7, а введено {len(digits)}, {_EXAMPLE}.")
    if digits[0] not in "78":
        raise _refuse(f"Нужен российский номер: он начинается с +7 или 8, {_EXAMPLE}.")
    return "+7" + digits[1:]


def _refuse(sentence: str) -> Invalid:
    return Invalid(sentence, field="phone")
