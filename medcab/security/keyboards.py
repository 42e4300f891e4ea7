"""The two keyboards people in Russia type on, and what is next to what on them."""

from itertools import pairwise

_LATIN = ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
_RUSSIAN = ("ё1234567890-=", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю.")
_TO_LATIN = str.maketrans(dict(zip("".join(_RUSSIAN), "".join(_LATIN), strict=True)))
_TO_RUSSIAN = str.maketrans(dict(zip("".join(_LATIN), "".join(_RUSSIAN), strict=True)))
_COLUMNS = [column for keys in (_LATIN, _RUSSIAN) for column in zip(keys[0][1:], *keys[1:], strict=False)]
_NEIGHBOURS = {frozenset(pair) for run in (*_LATIN, *_RUSSIAN, *_COLUMNS) for pair in pairwise(run)}


def retyped(text: str) -> tuple[str, str, str]:
    """Lower-case text, and what the same keys give on the other keyboard: «пароль» is `gfhjkm`."""
    return text, text.translate(_TO_LATIN), text.translate(_TO_RUSSIAN)


def follows(one: str, next_: str) -> bool:
    """Whether the second sign is no surprise after the first: the same, its neighbour in the alphabet or on the keyboard."""
    return abs(ord(one) - ord(next_)) <= 1 or frozenset((one, next_)) in _NEIGHBOURS
