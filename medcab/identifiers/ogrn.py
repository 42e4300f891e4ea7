"""ОГРН of an organisation (13 digits) and ОГРНИП of a sole trader (15 digits, the first is 3).

The last digit is the rest modulo 11 (modulo 13 for ОГРНИП), modulo 10. python-stdnum forgets the last step for ОГРНИП and so
refuses one valid number in four; the vectors in the tests hold both edges.
"""

from medcab.identifiers.digits import Number

_OGRN = Number("ogrn", "ОГРН", "1027700132195")
_ORGANISATION_LENGTH, _TRADER_LENGTH = 13, 15


def parse(text: str) -> str:
    """Thirteen or fifteen bare digits, or `Invalid`."""
    digits = _OGRN.digits(text, _ORGANISATION_LENGTH, _TRADER_LENGTH)
    if digits[0] == "0":
        raise _OGRN.refuse("ОГРН не начинается с нуля: сверьте номер с документом.")
    if len(digits) == _TRADER_LENGTH and digits[0] != "3":
        raise _OGRN.refuse("ОГРНИП (15 цифр) начинается с цифры 3: сверьте номер с документом.")
    if with_check_digits(digits[:-1]) != digits:
        raise _OGRN.mismatch()
    return digits


def with_check_digits(body: str) -> str:
    """Twelve digits completed to an ОГРН, or fourteen to an ОГРНИП."""
    return f"{body}{int(body) % (len(body) - 1) % 10}"


def formatted(value: str) -> str:
    return value
