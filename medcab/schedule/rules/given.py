"""What a browser sent as text, read: only our own pages send it, so that nonsense is refused without ceremony."""

from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from medcab.errors import Invalid, NotFound

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
"""Outside, moving a time by a day or a zone may leave what Python can hold."""
Word = TypeVar("Word", bound=StrEnum)


def moment(text: str) -> datetime:
    """ISO 8601 with an offset, or `Invalid`."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("Выберите время.", field="slot") from None
    if found.tzinfo is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise Invalid("Выберите время.", field="slot")
    return found


def identity(text: str, sentence: str | None = None) -> UUID:
    """An id, or `NotFound` with this sentence."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(sentence) from None


def one_of(words: type[Word], text: str) -> Word:
    """One of the words, or `Invalid`."""
    try:
        return words(text)
    except ValueError:
        raise Invalid from None
