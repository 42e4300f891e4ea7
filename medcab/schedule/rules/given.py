"""What a browser sent as text, read: only our own pages send it, so that nonsense is refused without ceremony."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from medcab.errors import Invalid, NotFound
from medcab.identifiers import day_time

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


def needed_minute(asked: Mapping[str, str], name: str, what: str) -> int:
    """A time of the day in minutes since midnight, or `Invalid`."""
    found = minute(asked, name)
    if found is None:
        raise Invalid(f"Укажите {what}, например 09:00.")
    return found


def minute(asked: Mapping[str, str], name: str) -> int | None:
    """The same where it may be left out."""
    text = asked.get(name, "").strip()
    return day_time.parse(text) if text else None


def day(asked: Mapping[str, str], name: str, otherwise: str = "") -> date:
    """A day as it is written in Russia, or `Invalid`."""
    text = (asked.get(name, "") or otherwise).strip()
    try:
        return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        raise Invalid(
            f"«{text[:20]}» не похоже на дату. Напишите, например, 01.12.2026." if text else "Укажите дату."
        ) from None
