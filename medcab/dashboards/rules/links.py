"""The text of an address, and what is read out of one: the same for every page of figures."""

from collections.abc import Mapping
from urllib.parse import urlencode

_LONGEST_PAGE = 4


def link(path: str, parts: Mapping[str, object]) -> str:
    """What is not given is not in it."""
    return f"{path}?{urlencode({name: str(value) for name, value in parts.items() if value})}"


def page_of(text: str) -> int:
    """1 for what is no number of a page."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_PAGE else 1


def turned(page: int) -> int | None:
    """As an address has it: the first page goes without saying."""
    return page if page > 1 else None
