"""When two spellings are one value: tolerant where people and registers differ in typing, strict in
everything else.
"""

import re
import unicodedata

_HYPHENS = re.compile(r"\s*[-\u2010\u2011\u2012\u2013\u2014\u2015\u2212]\s*")
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_NUMBER_SIGN = re.compile(r"[№#]|\bNo\b\.?", re.IGNORECASE)
# Latin letters that look like Cyrillic ones on paper, and L, that people type for Л in licence numbers.
_LOOK_ALIKES = str.maketrans("ABCEHKMOPTXYL", "АВСЕНКМОРТХУЛ")


def plain(text: str) -> str:
    """Text to compare: case, ё, kinds of spaces and hyphens and how a letter is composed do not count.

    >>> plain("  Соловьёва –\u00a0Королёва ") == plain("соловьева-королева")
    True
    """
    composed = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    joined = _HYPHENS.sub("-", _SPACES.sub(" ", composed)).strip(" -")
    return joined.casefold().replace("ё", "е")


def same_text(one: str, other: str) -> bool:
    return plain(one) == plain(other)


def plain_digits(text: str) -> str:
    """Only the digits: for SNILS, INN and register numbers however they are grouped."""
    return "".join(character for character in text if character in "0123456789")


def _folded(text: str) -> str:
    visible = _NUMBER_SIGN.sub("", _INVISIBLE.sub("", text))
    return _SPACES.sub("", unicodedata.normalize("NFKC", visible)).upper().translate(_LOOK_ALIKES)


def plain_number(text: str) -> str:
    """A document's series or number: look-alike letters, spaces, hyphens, № and leading zeros do not count.

    >>> plain_number("№ AB 00123") == plain_number("АВ-00123"), plain_number("00123") == plain_number("123")
    (True, True)
    """
    bare = _HYPHENS.sub("", _folded(text))
    return bare.lstrip("0") or bare[:1]


def plain_licence(text: str) -> str:
    """A licence number; its hyphens and zeros are part of it.

    >>> plain_licence("L041 – 01137-77/00584930")
    'Л041-01137-77/00584930'
    """
    return _HYPHENS.sub("-", _folded(text))
