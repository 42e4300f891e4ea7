"""Columns by time, as the calendar of `ui/` draws them: days of one worker, or workers or rooms of one day. Small: a ward's day is one message."""

from collections.abc import Iterable
from typing import Required, TypedDict

from medcab.schedule.rules.rows import OVER, DayRow, Hour, Line, hours_of, minute_height, side_by_side
from medcab.schedule.rules.visits import STATUS_TITLES, Act, AppointmentStatus

_GONE = STATUS_TITLES[AppointmentStatus.CANCELLED]


class Block(TypedDict, total=False):
    """What stands in a column; `what`: visit, free, break or busy. A field that is left out is empty, the whole width, or no.

    `top` and `length` are minutes of the clinic's wall clock, `left` and `width` percents of the column.
    """

    key: Required[str]
    what: Required[str]
    at: Required[str]
    top: Required[int]
    length: Required[int]
    left: int
    width: int
    who: str
    title: str
    word: str
    tone: str
    icon: str
    id: str
    version: int
    can_move: bool
    can_miss: bool
    mark: str
    is_gone: bool
    """Called off: it no longer holds the time."""
    is_new: bool


class Column(TypedDict):
    """`who` has the time in it (a room's blocks say so themselves); `says` is its name in a sentence."""

    key: str
    head: str
    note: str
    says: str
    href: str
    who: str
    is_today: bool
    blocks: list[Block]


class Grid(TypedDict):
    """What is drawn. `shown` differs after each arrival at the page, a reconnection too; `now` is -1 where no column is today's."""

    key: str
    shown: str
    columns: list[Column]
    hours: list[Hour]
    first: int
    length: int
    minute: float
    now: int


NO_GRID: Grid = {
    "key": "", "shown": "", "columns": [], "hours": [], "first": 0, "length": 0, "minute": 1, "now": -1,
}  # fmt: skip


def block(line: Line, who: str, title: str = "") -> Block:
    """A row of a day as a block of a column of this worker (left out when the row says it); `title` for a row that has no name of its own."""
    found: Block = {"key": line["key"], "what": line["what"], "at": line["at"], "top": line["top"], "length": line["length"]}  # fmt: skip
    if line["width"] != 100:  # noqa: PLR2004 - percents
        found["left"], found["width"] = line["left"], line["width"]
    if line["who"] != who:
        found["who"] = line["who"]
    if line["what"] != "visit":
        return {**found, "title": title} if title else found
    acts = {deed["act"] for deed in line["deeds"]}
    marks: Block = {
        **found, "title": line["title"], "word": line["word"], "tone": line["tone"], "icon": line["icon"], "id": line["id"], "version": line["version"],
        "can_move": Act.MOVE in acts, "can_miss": Act.NO_SHOW in acts, "mark": OVER if line["is_over"] else "", "is_gone": line["word"] == _GONE,
        "is_new": line["is_new"],
    }  # fmt: skip
    return {name: value for name, value in marks.items() if value or name == "top"}  # pyright: ignore[reportReturnType]


def column(row: DayRow, *, key: str, head: str, note: str, says: str, href: str, who: str) -> Column:
    """One worker's day."""
    return {
        "key": key, "head": head, "note": note, "says": says, "href": href, "who": who, "is_today": row["is_today"],
        "blocks": [block(line, who) for line in row["lines"]],
    }  # fmt: skip


def room_column(room: str, rows: Iterable[tuple[DayRow, str]], *, is_today: bool) -> Column:
    """What several workers (each day with a name) have in one room; the breaks of one are not the room's."""
    whose = {line["who"]: name for row, name in rows for line in row["lines"]}
    lines = sorted((line for row, _ in rows for line in row["lines"] if line["what"] != "break"), key=_order)
    return {
        "key": f"room:{room}", "head": f"Каб. {room}", "note": ", ".join(dict.fromkeys(whose.values())), "says": f"кабинет {room}", "href": "", "who": "",
        "is_today": is_today, "blocks": [block(line, "", whose[line["who"]]) for line in side_by_side(lines)],
    }  # fmt: skip


def _order(line: Line) -> tuple[str, bool, str]:
    return line["at"], line["what"] == "free", line["key"]


def grid(key: str, shown: str, rows: list[DayRow], columns: list[Column], now: int) -> Grid:
    """Put together; `rows` are the days that the columns were made of: the axis holds all of them."""
    hours, first, length = hours_of(rows)
    return {
        "key": key, "shown": shown, "columns": columns, "hours": hours, "first": first, "length": length,
        "minute": float(minute_height(rows).removesuffix("px")), "now": now if any(each["is_today"] for each in columns) else -1,
    }  # fmt: skip


def marked(columns: list[Column], new: set[str]) -> list[Column]:
    """With what others have just changed marked."""
    return [{**each, "blocks": [_mark(one, new) for one in each["blocks"]]} for each in columns] if new else columns


def _mark(one: Block, new: set[str]) -> Block:
    return {**one, "is_new": True} if one.get("id") in new else one
