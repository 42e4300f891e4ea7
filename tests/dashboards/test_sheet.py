"""An export opens as a table in Excel and calculates nothing that somebody smuggled into a name."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.dashboards.rules.sheet import MARK, csv_bytes


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
