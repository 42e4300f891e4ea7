"""A table as a file that opens in a spreadsheet: CSV as Russian Excel expects it (UTF-8 with a mark, semicolons), or an XLSX; formulas defused."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from medcab.tables.reader import serial_of

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
MARK = "\ufeff"
"""Without it Excel reads UTF-8 as Windows-1251."""
NBSP = "\u00a0"
CSV, XLSX = "csv", "xlsx"
MIMES = {
    CSV: "text/csv;charset=utf-8", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip

Cell = str | int | float | date | None
Line = Sequence[Cell]


@dataclass(frozen=True)
class Sheet:
    """A file to download; the ending of its name says which kind. `head` are lines above the headings: what the table is of."""

    name: str
    headings: Sequence[str]
    lines: Sequence[Line]
    head: Sequence[str] = ()
    is_text: bool = False
    """Of an XLSX: every cell is text, also what is typed into empty ones."""

    @property
    def content(self) -> bytes:
        """The file itself; takes a while, so ask for it in a thread and after the transaction."""
        if self.name.endswith(f".{XLSX}"):
            return xlsx_bytes(self.headings, self.lines, head=self.head, is_text=self.is_text)
        return csv_bytes(self.headings, self.lines, head=self.head)

    @property
    def mime(self) -> str:
        return MIMES[self.name.rpartition(".")[2]]


def csv_bytes(headings: Sequence[str], rows: Iterable[Line], *, head: Sequence[str] = ()) -> bytes:
    """The file's content. None is an empty cell: no data is not zero. Text that a spreadsheet would calculate gets an apostrophe."""
    into = io.StringIO()
    put = csv.writer(into, delimiter=";", lineterminator="\r\n")
    put.writerows([_text(line)] for line in head)
    put.writerow(_text(heading) for heading in headings)
    put.writerows([_cell(cell) for cell in row] for row in rows)
    return (MARK + into.getvalue()).encode()


def undefused(text: str) -> str:
    """A text as it was before `csv_bytes` put an apostrophe before it."""
    bare = text.removeprefix("'")
    return bare if bare.lstrip(" ").startswith(_STARTS_FORMULA) else text


def _cell(cell: Cell) -> str | int:
    match cell:
        case None:
            return ""
        case float():
            return f"{cell:.4f}".rstrip("0").rstrip(".").replace(".", ",")
        case int():
            return cell
        case date():
            return cell.strftime("%d.%m.%Y")
        case _:
            return _text(cell)


def _text(text: str) -> str:
    """Spaces before the sign do not help an attacker: spreadsheets skip them."""
    plain = text.replace(NBSP, " ")
    return f"'{plain}" if plain.lstrip(" ").startswith(_STARTS_FORMULA) else plain


_PLAIN, _TITLE, _DAY, _QUOTED = range(4)
"""Styles, by their place in `_STYLES`; of a quoted text a spreadsheet keeps the apostrophe to itself, and never makes a formula."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OF_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OF_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STYLES = f"""<styleSheet xmlns="{_MAIN}">
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0"/></cellStyleXfs>
<cellXfs count="4"><xf numFmtId="0" fontId="0" xfId="0"/><xf numFmtId="0" fontId="1" xfId="0" applyFont="1"/>
<xf numFmtId="14" fontId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="0" xfId="0" quotePrefix="1"/></cellXfs>
</styleSheet>"""
_PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{_OF_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_KINDS}.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{_KINDS}.styles+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KINDS}.worksheet+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_OF_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_OF_DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{_MAIN}" xmlns:r="{_OF_DOC}">
<sheets><sheet name="medcab" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_OF_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_OF_DOC}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="{_OF_DOC}/styles" Target="styles.xml"/></Relationships>""",
    "xl/styles.xml": _STYLES,
}
_NARROW, _WIDE = 9, 44


def xlsx_bytes(
    headings: Sequence[str], rows: Iterable[Line], *, head: Sequence[str] = (), is_text: bool = False
) -> bytes:
    """The same as an XLSX: days are days, numbers are numbers, text is text whatever it begins with."""
    lines = list(rows)
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, _XML + content)
        archive.writestr(
            "xl/worksheets/sheet1.xml", "".join([_XML, *_sheet(headings, lines, head, _QUOTED if is_text else _PLAIN)])
        )
    return into.getvalue()


def _sheet(headings: Sequence[str], lines: Sequence[Line], head: Sequence[str], style: int) -> Iterator[str]:
    above = len(head) + 1
    pane = f'<pane ySplit="{above}" topLeftCell="A{above + 1}" activePane="bottomLeft" state="frozen"/>'
    yield f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews><cols>'
    for number, width in enumerate(_widths(headings, lines), start=1):
        yield f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
    yield "</cols><sheetData>"
    for line in head:
        yield _row([line], _TITLE)
    yield _row(headings, _TITLE)
    for line in lines:
        yield _row(line, style)
    yield "</sheetData></worksheet>"


def _widths(headings: Sequence[str], lines: Sequence[Line]) -> Iterator[int]:
    for at, heading in enumerate(headings):
        longest = max([len(heading), *(len(str(line[at])) for line in lines if at < len(line))])
        yield min(max(longest + 2, _NARROW), _WIDE)


def _row(cells: Line, style: int) -> str:
    return f"<row>{''.join(_xml(cell, style) for cell in cells)}</row>"


def _xml(cell: Cell, style: int) -> str:
    match cell:
        case None | "":
            return f'<c s="{style}"/>'
        case int() | float():
            return f'<c s="{style}"><v>{cell}</v></c>'
        case date():
            return f'<c s="{_DAY}"><v>{serial_of(cell)}</v></c>'
        case _:
            text = _NOT_XML.sub("", cell.replace(NBSP, " "))
            look = _QUOTED if text.lstrip(" ").startswith(_STARTS_FORMULA) else style
            return f'<c s="{look}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
