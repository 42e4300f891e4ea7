"""A table as a file that opens in a spreadsheet: UTF-8 with a mark, semicolons as Russian Excel expects, formulas defused."""

from collections.abc import Iterable, Sequence

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
MARK = "\ufeff"
"""Without it Excel reads UTF-8 as Windows-1251."""
NBSP = "\u00a0"

Cell = str | int | float | None


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The file's content. None is an empty cell: no data is not zero. Text that a spreadsheet would calculate gets an apostrophe."""
    import pandas as pd  # half a second the first time: paid by who exports, in a thread

    cells = [[_cell(cell) for cell in row] for row in rows]
    frame = pd.DataFrame(cells, columns=[_text(heading) for heading in headings], dtype=object)
    return (MARK + frame.to_csv(sep=";", index=False, lineterminator="\r\n")).encode()


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
