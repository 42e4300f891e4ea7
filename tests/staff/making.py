"""Spreadsheets as programs write them, and as somebody with bad intent would."""

import io
import zipfile
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_REL = "http://schemas.openxmlformats.org/package/2006/relationships"
WORKBOOK = f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets><sheet name="Лист" sheetId="1" r:id="rId7"/></sheets></workbook>'
RELATIONS = (
    f'<Relationships xmlns="{_REL}"><Relationship Id="rId7" Type="x" Target="worksheets/data.xml"/></Relationships>'
)


def packed(
    sheet: str,
    *,
    shared: str = "",
    workbook: str = WORKBOOK,
    relations: str = RELATIONS,
    method: int = zipfile.ZIP_DEFLATED,
    **more: bytes,
) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", method) as archive:
        archive.writestr("xl/workbook.xml", workbook)
        archive.writestr("xl/_rels/workbook.xml.rels", relations)
        archive.writestr("xl/worksheets/data.xml", sheet)
        if shared:
            archive.writestr("xl/sharedStrings.xml", shared)
        for name, content in more.items():
            archive.writestr(name, content)
    return into.getvalue()


def xlsx(rows: list[list[object]], *, inline: bool = False) -> bytes:
    """Texts shared as Excel does, or inline as other programs do; numbers as numbers; empty cells are left out."""
    texts: list[str] = []

    def cell(column: int, row: int, value: object) -> str:
        at = f"{chr(ord('A') + column)}{row}"
        if isinstance(value, int | float):
            return f'<c r="{at}"><v>{value}</v></c>'
        if inline:
            return f'<c r="{at}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
        texts.append(str(value))
        return f'<c r="{at}" t="s"><v>{len(texts) - 1}</v></c>'

    lines = [
        f'<row r="{number}">{"".join(cell(i, number, value) for i, value in enumerate(row) if value != "")}</row>'
        for number, row in enumerate(rows, start=1)
    ]
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
    shared = f'<sst xmlns="{_MAIN}">{"".join(f"<si><t>{escape(text)}</t></si>" for text in texts)}</sst>'
    return packed(sheet, shared="" if inline else shared)
