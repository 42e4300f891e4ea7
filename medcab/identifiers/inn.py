"""ИНН, the taxpayer number: twelve digits for a person (two check digits), ten for an organisation (one).

Each check digit is a weighted sum modulo 11 modulo 10.
"""

from medcab.identifiers.digits import Number, weighted

_OWN = Number("inn", "ИНН", "500100732259")
_ORGANISATION = Number("inn", "ИНН", "7707083893")
_TENTH = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_ELEVENTH = (7, *_TENTH)
_TWELFTH = (3, *_ELEVENTH)


def parse(text: str) -> str:
    """A person's twelve digits, or `Invalid`; an organisation's ten have a sentence of their own."""
    if len(_OWN.bare(text)) == len(_TENTH) + 1:
        raise _OWN.refuse("Это ИНН организации, нужен ваш личный ИНН: 12 цифр.")
    digits = _OWN.digits(text, 12)
    if with_check_digits(digits[:10]) != digits:
        raise _OWN.mismatch()
    return digits


def parse_organisation(text: str) -> str:
    """An organisation's ten digits, or `Invalid`."""
    digits = _ORGANISATION.digits(text, 10)
    if with_check_digits(digits[:9]) != digits:
        raise _ORGANISATION.mismatch()
    return digits


def with_check_digits(body: str) -> str:
    """Ten digits completed to a person's twelve, or nine to an organisation's ten."""
    for weights in (_TENTH,) if len(body) == len(_TENTH) else (_ELEVENTH, _TWELFTH):
        body += str(weighted(body, weights) % 11 % 10)
    return body


def formatted(value: str) -> str:
    return value


def masked(value: str) -> str:
    """The last four digits, which say enough to their owner: `••••••••2259`."""
    return "•" * (len(value) - 4) + value[-4:]
