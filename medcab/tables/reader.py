"""Tables out of files that anybody may have made: CSV in the encodings of Russian offices, and the first sheet of an XLSX.

An XLSX is a ZIP of XML. Only the parts that are needed are opened, each counted while it is unpacked, by a parser that refuses every
declaration of entities, so that a small file cannot become a large one. Blocking: call it from a thread.
"""

import csv
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from xml.parsers import expat

from medcab.errors import Invalid

MEBIBYTE, LONGEST_CELL, MOST_PARTS = 1024 * 1024, 1_000, 200
_ZIP = b"PK\x03\x04"
_CHUNK = 64 * 1024
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of these a read gives no more than was asked for; of the others Python expands a whole piece at once."""
_BROKEN = "Файл не читается. Сохраните таблицу заново как CSV или XLSX и загрузите её ещё раз."
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_HEAD = 20
"""Lines that are looked at to learn what parts the cells."""
_FIRST_DAY, _LAST_DAY = 20_000, 80_000
"""Serial days of a spreadsheet that can be meant: from 1954 to 2119."""
_EPOCH = date(1899, 12, 30)

Table = list[list[str]]


@dataclass(frozen=True)
class Bounds:
    """How large a file may be; a part of an XLSX by what it unpacks to."""

    megabytes: int = 1
    rows: int = 2_000
    columns: int = 40
    part_megabytes: int = 4

    @property
    def largest(self) -> int:
        return self.megabytes * MEBIBYTE

    def many_rows(self) -> Invalid:
        return unreadable(f"В файле больше {self.rows:,} строк. Разделите его на части.".replace(",", "\u00a0"))

    def too_large(self) -> Invalid:
        return unreadable(f"Файл больше {self.megabytes}\u00a0МБ. Разделите его на части.")


_EXPANDS = 4
"""A packed table names a text once and shows it anywhere: how many times its largest size what it shows may have in signs."""
LIST = Bounds()
"""Of a list of people."""


@dataclass(frozen=True)
class Sheet:
    """The rows that are not empty, as text, each with its number as a spreadsheet shows it; the sheet's own title, where it has one."""

    rows: Table
    numbers: list[int]
    title: str = ""


def unreadable(sentence: str = _BROKEN) -> Invalid:
    return Invalid(sentence, field="file")


def read(data: bytes) -> Table:
    """The rows of a list; see `opened`."""
    return opened(data).rows


def opened(data: bytes, bounds: Bounds = LIST) -> Sheet:
    """What stands in the file; `Invalid` for what is no table, or too large a one."""
    if len(data) > bounds.largest:
        raise bounds.too_large()
    title, rows = _xlsx(data, bounds) if data.startswith(_ZIP) else ("", enumerate(_csv(data), start=1))
    kept, left = Sheet([], [], title), _EXPANDS * bounds.largest
    for number, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(kept.rows) > bounds.rows:
            raise bounds.many_rows()
        cells = [cell.strip()[:LONGEST_CELL] for cell in row[: bounds.columns]]
        left -= sum(map(len, cells))
        if left < 0:
            raise bounds.too_large()
        kept.rows.append(cells)
        kept.numbers.append(number)
    return kept


def _csv(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as problem:
        raise unreadable() from problem


def _delimiter(text: str) -> str:
    """The sign that some line at the beginning has most of: a title above the table may have a comma."""
    lines = text.splitlines()[:_HEAD] or [""]
    return max(";,\t", key=lambda sign: max(line.count(sign) for line in lines))


def _decoded(data: bytes) -> str:
    """UTF-8, with or without its mark, or what Excel writes on a Russian Windows."""
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise unreadable()


def _xlsx(data: bytes, bounds: Bounds) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MOST_PARTS:
                raise unreadable()
            names = set(archive.namelist())
            book = _Book(archive, bounds)
            title, sheet = _first_sheet(book, names)
            shared = _shared(book) if "xl/sharedStrings.xml" in names else []
            rows = _cells(book, sheet, shared)
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
        OSError,
        struct.error,
    ) as problem:
        raise unreadable() from problem
    return title, zip(rows.numbers, rows.rows, strict=True)


_SMALL = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
"""They name the sheets only: one megabyte, however large a table may be."""


@dataclass(frozen=True)
class _Book:
    archive: zipfile.ZipFile
    bounds: Bounds


def _part(book: _Book, name: str) -> Iterator[bytes]:
    """Piece by piece, counted: what the directory says of a part's size is the sender's word only."""
    size, most = 0, (book.bounds.part_megabytes if name not in _SMALL else 1) * MEBIBYTE
    if book.archive.getinfo(name).compress_type not in _BOUNDED:
        raise unreadable()
    with book.archive.open(name) as part:
        while piece := part.read(_CHUNK):
            size += len(piece)
            if size > most:
                raise unreadable("Таблица слишком велика. Оставьте в файле только один лист с таблицей.")
            yield piece


def _parse(
    book: _Book, name: str, *, start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] = lambda _name: None, text: Callable[[str], None] = lambda _text: None,
) -> None:  # fmt: skip
    """Run a part through expat. No document type: without it there are no entities to expand."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise unreadable()

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition("}")[2], attributes)
    parser.EndElementHandler = lambda tag: end(tag.rpartition("}")[2])
    parser.CharacterDataHandler = text
    for piece in _part(book, name):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def _first_sheet(book: _Book, names: set[str]) -> tuple[str, str]:
    """The title and the part of the first sheet, as the workbook names them."""
    ids: list[str] = []
    titles: list[str] = []
    targets: dict[str, str] = {}

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            titles.append(attributes.get("name", "")[:LONGEST_CELL])
            ids.extend(value for key, value in attributes.items() if key == _REL[1:] or key.endswith("}id"))

    def relationship(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    for name, found in zip(_SMALL, (sheet, relationship), strict=True):
        _parse(book, name, start=found)
    target = targets.get(ids[0], "") if ids else ""
    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
    if path not in names:
        raise unreadable()
    return titles[0], path


def _shared(book: _Book) -> list[str]:
    """The texts that cells point to."""
    found: list[str] = []
    inside = [False, False]  # in a text, in a phonetic hint

    def start(tag: str, _attributes: dict[str, str]) -> None:
        if tag == "si":
            found.append("")
        inside[0], inside[1] = tag == "t", inside[1] or tag == "rPh"

    def end(tag: str) -> None:
        inside[0], inside[1] = False, inside[1] and tag != "rPh"

    def text(piece: str) -> None:
        if inside[0] and not inside[1] and found and len(found[-1]) < LONGEST_CELL:
            found[-1] += piece

    _parse(book, "xl/sharedStrings.xml", start=start, end=end, text=text)
    return found


class _Rows:
    """What the parser of a sheet calls back: rows of texts, however their cells are written."""

    def __init__(self, shared: list[str], bounds: Bounds) -> None:
        self.rows: Table = []
        self.numbers: list[int] = []
        self._shared, self._bounds = shared, bounds
        self._kind, self._text, self._column, self._is_value = "", "", 0, False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            if len(self.rows) > 2 * self._bounds.rows:
                raise self._bounds.many_rows()
            self.rows.append([])
            self.numbers.append(_row_number(attributes.get("r", ""), self.numbers))
        elif tag == "c":
            self._kind, self._text = attributes.get("t", "n"), ""
            self._column = _column_of(attributes.get("r", ""), len(self.rows[-1]) if self.rows else 0)
        self._is_value = tag in ("v", "t")

    def text(self, piece: str) -> None:
        if self._is_value and len(self._text) < LONGEST_CELL:
            self._text += piece

    def end(self, tag: str) -> None:
        self._is_value = False
        if tag == "c" and self.rows and self._column < self._bounds.columns:
            row = self.rows[-1]
            row.extend([""] * (self._column - len(row)))
            row.append(self._value())

    def _value(self) -> str:
        if self._kind != "s":
            return self._text
        is_known = self._text.isdecimal() and int(self._text[:9]) < len(self._shared)
        return self._shared[int(self._text[:9])][:LONGEST_CELL] if is_known else ""


def _column_of(reference: str, following: int) -> int:
    """«C7» is column 2; without a reference it is the next one."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    if not letters:
        return following
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _row_number(reference: str, before: list[int]) -> int:
    """A row without a number is the next one."""
    following = before[-1] + 1 if before else 1
    return int(reference) if reference.isdecimal() and len(reference) <= len("1048576") else following


def _cells(book: _Book, sheet: str, shared: list[str]) -> _Rows:
    rows = _Rows(shared, book.bounds)
    _parse(book, sheet, start=rows.start, end=rows.end, text=rows.text)
    return rows


def day_of_serial(text: str) -> date | None:
    """What a spreadsheet keeps as a day: a whole number of days, of five figures."""
    bare = text.removesuffix(".0")
    if bare.isascii() and bare.isdecimal() and len(bare) == len("46000") and _FIRST_DAY <= int(bare) <= _LAST_DAY:
        return _EPOCH + timedelta(days=int(bare))
    return None


def serial_of(day: date) -> int:
    """The same the other way round."""
    return (day - _EPOCH).days


def day_written(text: str) -> str:
    """A spreadsheet keeps a day as a number, other programs as year, month, day: either as «22.11.2026»; else what it was."""
    if day := day_of_serial(text):
        return day.strftime("%d.%m.%Y")
    if found := re.match(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00.*)?$", text):
        return f"{found[3]}.{found[2]}.{found[1]}"
    return text
