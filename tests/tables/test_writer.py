"""An export opens as a table in Excel and calculates nothing that somebody smuggled into a name."""

import csv
from datetime import date
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.tables import reader
from medcab.tables.writer import MARK, csv_bytes, undefused, xlsx_bytes


def read(content: bytes) -> list[list[str]]:
    text = content.decode()
    assert text.startswith(MARK), "without the mark Excel reads UTF-8 as Windows-1251"
    return list(csv.reader(StringIO(text[1:], newline=""), delimiter=";"))


@pytest.mark.parametrize(
    "attack",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "  =1+1",
        "\u00a0=1+1",
        '=HYPERLINK("http://x";"y")',
    ],
)
def test_formulas_are_defused(attack: str):
    [_, [cell]] = read(csv_bytes(["Врач"], [[attack]]))
    assert cell.startswith("'")


def test_numbers_dates_and_no_data():
    content = csv_bytes(
        ["Дата", "Врач", "Приёмы", "Доля", "Пусто"], [["22.11.2026", "Иванова\u00a0А.\u00a0П.", 12, 0.125, None]]
    )
    assert content.decode()[1:] == "Дата;Врач;Приёмы;Доля;Пусто\r\n22.11.2026;Иванова А. П.;12;0,125;\r\n"


@given(
    st.lists(
        st.text(min_size=1).filter(lambda text: "\x00" not in text and "\r" not in text and "\n" not in text),
        min_size=1,
        max_size=4,
    )
)
def test_any_text_survives_and_never_starts_a_formula(row: list[str]):
    [_, cells] = read(csv_bytes(["x"] * len(row), [row]))
    assert [cell.removeprefix("'").replace("\u00a0", " ") for cell in cells] == [
        text.removeprefix("'").replace("\u00a0", " ") for text in row
    ]
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t")) for cell in cells)


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=20
)


@given(st.lists(st.tuples(TEXTS, st.integers(-9, 9), st.dates(date(1960, 1, 1), date(2100, 1, 1))), max_size=5))
def test_a_spreadsheet_is_read_back_as_it_was_written(rows: list[tuple[str, int, date]]):
    """Days come back as their serial numbers; a text stays a text whatever it begins with."""
    sheet = reader.opened(xlsx_bytes(["Текст", "Число", "День"], rows, head=["Отделение: <Терапия> & Ко"]))
    assert sheet.rows[0] == ["Отделение: <Терапия> & Ко"]
    back = [(row[0], int(row[1]), reader.day_of_serial(row[2])) for row in sheet.rows[2:]]
    assert back == [(text.replace("\ufffe", "").replace("\uffff", ""), number, day) for text, number, day in rows]
    assert sheet.numbers == list(range(1, len(rows) + 3))


@given(TEXTS)
def test_what_was_defused_is_read_as_it_was(text: str):
    [_, [cell]] = read(csv_bytes(["x"], [[text]]))
    assert undefused(cell) == undefused(text)


def test_rows_keep_their_numbers():
    assert reader.opened(b"a;b\n\n;\nc;d\n").numbers == [1, 4]


def test_a_title_with_a_comma_parts_no_cells():
    sheet = reader.opened("График, терапия\nФИО;1;2\nИванова;9-15;9-15\n".encode("cp1251"))
    assert sheet.rows[1:] == [["ФИО", "1", "2"], ["Иванова", "9-15", "9-15"]]
