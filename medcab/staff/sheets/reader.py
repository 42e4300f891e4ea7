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
from datetime import date, timedelta
from xml.parsers import expat

from medcab.errors import Invalid

LARGEST, MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 1024 * 1024, 2_000, 40, 1_000
LARGEST_PART, MOST_PARTS = 4 * 1024 * 1024, 200
_ZIP = b"PK\x03\x04"
_CHUNK = 64 * 1024
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of these a read gives no more than was asked for; of the others Python expands a whole piece at once."""
_BROKEN = "Файл не читается. Сохраните таблицу заново как CSV или XLSX и загрузите её ещё раз."
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FIRST_DAY, _LAST_DAY = 20_000, 80_000
"""Serial days of a spreadsheet that can be meant: from 1954 to 2119."""
_EPOCH = date(1899, 12, 30)

Table = list[list[str]]


def unreadable(sentence: str = _BROKEN) -> Invalid:
    return Invalid(sentence, field="file")


def read(data: bytes) -> Table:
    """All rows that are not empty, as text; `Invalid` for what is no table, or too large a one."""
    if len(data) > LARGEST:
        raise unreadable("Файл больше 1 МБ. Разделите список на части.")
    rows = _xlsx(data) if data.startswith(_ZIP) else _csv(data)
    kept: Table = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(kept) > MOST_ROWS:
            raise unreadable("В списке больше 2 000 строк. Разделите его на части.")
        kept.append([cell.strip()[:LONGEST_CELL] for cell in row[:MOST_COLUMNS]])
    return kept


def _csv(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as problem:
        raise unreadable() from problem


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


def _xlsx(data: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MOST_PARTS:
                raise unreadable()
            names = set(archive.namelist())
            sheet = _first_sheet(archive, names)
            shared = _shared(archive) if "xl/sharedStrings.xml" in names else []
            rows = _cells(archive, sheet, shared)
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
    yield from rows


def _part(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Piece by piece, counted: what the directory says of a part's size is the sender's word only."""
    size = 0
    if archive.getinfo(name).compress_type not in _BOUNDED:
        raise unreadable()
    with archive.open(name) as part:
        while piece := part.read(_CHUNK):
            size += len(piece)
            if size > LARGEST_PART:
                raise unreadable("Таблица слишком велика. Оставьте в файле только список.")
            yield piece


def _parse(
    archive: zipfile.ZipFile, name: str, *, start: Callable[[str, dict[str, str]], None],
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
    for piece in _part(archive, name):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def _first_sheet(archive: zipfile.ZipFile, names: set[str]) -> str:
    """The part of the first sheet, as the workbook names it."""
    ids: list[str] = []
    targets: dict[str, str] = {}

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            ids.extend(value for key, value in attributes.items() if key == _REL[1:] or key.endswith("}id"))

    def relationship(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(archive, "xl/workbook.xml", start=sheet)
    _parse(archive, "xl/_rels/workbook.xml.rels", start=relationship)
    target = targets.get(ids[0], "") if ids else ""
    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
    if path not in names:
        raise unreadable()
    return path


def _shared(archive: zipfile.ZipFile) -> list[str]:
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

    _parse(archive, "xl/sharedStrings.xml", start=start, end=end, text=text)
    return found


class _Rows:
    """What the parser of a sheet calls back: rows of texts, however their cells are written."""

    def __init__(self, shared: list[str]) -> None:
        self.rows: Table = []
        self._shared = shared
        self._kind, self._text, self._column, self._is_value = "", "", 0, False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            if len(self.rows) > 2 * MOST_ROWS:
                raise unreadable("В списке больше 2 000 строк. Разделите его на части.")
            self.rows.append([])
        elif tag == "c":
            self._kind, self._text = attributes.get("t", "n"), ""
            self._column = _column_of(attributes.get("r", ""), len(self.rows[-1]) if self.rows else 0)
        self._is_value = tag in ("v", "t")

    def text(self, piece: str) -> None:
        if self._is_value and len(self._text) < LONGEST_CELL:
            self._text += piece

    def end(self, tag: str) -> None:
        self._is_value = False
        if tag == "c" and self.rows and self._column < MOST_COLUMNS:
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


def _cells(archive: zipfile.ZipFile, sheet: str, shared: list[str]) -> Table:
    rows = _Rows(shared)
    _parse(archive, sheet, start=rows.start, end=rows.end, text=rows.text)
    return rows.rows


def day_written(text: str) -> str:
    """A spreadsheet keeps a day as a number, other programs as year, month, day: either as «22.11.2026»; else what it was."""
    bare = text.removesuffix(".0")
    if bare.isdecimal() and len(bare) == len("46000") and _FIRST_DAY <= int(bare) <= _LAST_DAY:
        return (_EPOCH + timedelta(days=int(bare))).strftime("%d.%m.%Y")
    if found := re.match(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00.*)?$", text):
        return f"{found[3]}.{found[2]}.{found[1]}"
    return text
