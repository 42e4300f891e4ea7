"""A time of any day, typed as 09:00, or as a whole hour, 9: minutes since midnight, 24:00 being the end of the day."""

import re

from medcab.errors import Invalid

DAY_MINUTES = 24 * 60
_SHAPE = re.compile(r"(\d{1,2})(?::([0-5]\d))?", re.ASCII)


def parse(text: str) -> int:
    """0…1440, or `Invalid`."""
    found = _SHAPE.fullmatch(text.strip())
    minutes = int(found[1]) * 60 + int(found[2] or 0) if found else DAY_MINUTES + 1
    if minutes > DAY_MINUTES:
        raise Invalid(f"«{text.strip()[:20]}» не похоже на время. Напишите, например, 09:00.")
    return minutes


def formatted(minutes: int) -> str:
    """«09:00»."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
