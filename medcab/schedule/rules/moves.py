"""What became of a move whose answer never came."""

from datetime import datetime
from enum import StrEnum

from medcab.schedule.rules.rows import Line


class Fate(StrEnum):
    """Of a move: done, not done, or overtaken by somebody else's change."""

    DONE = "done"
    KEPT = "kept"
    OVERTAKEN = "overtaken"


def fate(line: Line, version: int, who: str, at: datetime) -> Fate:
    """By the visit as it stands, the version that was seen, and where it was to go. A visit that stands there is moved, by whatever way."""
    if line["id"] and line["version"] == version:
        return Fate.KEPT
    stands_there = bool(line["id"]) and line["who"] == who and datetime.fromisoformat(line["at"]) == at
    return Fate.DONE if stands_there else Fate.OVERTAKEN
