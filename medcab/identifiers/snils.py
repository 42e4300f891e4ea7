"""СНИЛС, the pension insurance number: nine digits and two check digits, written `112-233-445 95`.

Sum of digits times 9…1, modulo 101, where 100 counts as 00. Numbers up to 001-001-998 were given before check digits existed.
"""

from medcab.identifiers.digits import Number, weighted

_SNILS = Number("snils", "СНИЛС", "112-233-445 95")
_LAST_WITHOUT_CHECK = 1_001_998


def parse(text: str) -> str:
    """Eleven bare digits, or `Invalid`."""
    digits = _SNILS.digits(text, 11)
    body = digits[:9]
    if not body.strip("0"):
        raise _SNILS.mismatch()
    if int(body) > _LAST_WITHOUT_CHECK and with_check_digits(body) != digits:
        raise _SNILS.mismatch()
    return digits


def with_check_digits(body: str) -> str:
    """Nine digits completed to eleven."""
    return f"{body}{weighted(body, (9, 8, 7, 6, 5, 4, 3, 2, 1)) % 101 % 100:02}"


def formatted(value: str) -> str:
    return f"{value[:3]}-{value[3:6]}-{value[6:9]} {value[9:]}"


def masked(value: str) -> str:
    """Enough to recognise one's own: `•••-•••-445 95`."""
    return f"•••-•••-{value[6:9]} {value[9:]}"
