"""A table as a file that opens in a spreadsheet: UTF-8 with a mark, semicolons as Russian Excel expects, formulas defused."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
MARK = "\ufeff"
NBSP = "\u00a0"

Cell = str | int | float | None


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The file's content. None is an empty cell: no data is not zero. Text that a spreadsheet would calculate gets an apostrophe."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_text(heading) for heading in headings])
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return (MARK + out.getvalue()).encode()


def _cell(cell: Cell) -> str | int:
    match cell:
        case None:
            return ""
        case float():
            return f"{cell:.4f}".rstrip("0").rstrip(".").replace(".", ",")
        case int():
            return cell
        case _:
            return _text(cell)


def _text(text: str) -> str:
    """Spaces before the sign do not help an attacker: spreadsheets skip them."""
    plain = text.replace(NBSP, " ")
    return f"'{plain}" if plain.lstrip(" ").startswith(_STARTS_FORMULA) else plain
