"""Tables that show more than they weigh."""

import zipfile
from io import BytesIO

import pytest

from medcab.errors import Invalid
from medcab.tables.reader import Bounds, opened
from tests.staff.making import packed

NARROW = Bounds(megabytes=1, rows=10_000, columns=40)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def test_what_a_table_shows_is_bounded_however_small_it_is_packed() -> None:
    assert len(opened(_one_text_everywhere(50), NARROW).rows) == 50
    with pytest.raises(Invalid, match="больше"):
        opened(_one_text_everywhere(400), NARROW)


def _one_text_everywhere(rows: int) -> bytes:
    line = "<row>" + '<c t="s"><v>0</v></c>' * 40 + "</row>"
    shared = f'<sst xmlns="{_MAIN}"><si><t>{"Ж" * 400}</t></si></sst>'
    made = packed(f'<worksheet xmlns="{_MAIN}"><sheetData>{line * rows}</sheetData></worksheet>', shared=shared)
    assert len(made) < 10_000
    return made


def test_what_only_names_the_sheets_is_small_whatever_a_table_may_weigh() -> None:
    wide = Bounds(megabytes=1, rows=10_000, columns=40, part_megabytes=48)
    book, swollen = BytesIO(_one_text_everywhere(50)), BytesIO()
    with zipfile.ZipFile(book) as given, zipfile.ZipFile(swollen, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            filling = b" " * 2_000_000 if name == "xl/workbook.xml" else b""
            made.writestr(name, given.read(name) + filling)
    with pytest.raises(Invalid, match="слишком велика"):
        opened(swollen.getvalue(), wide)
