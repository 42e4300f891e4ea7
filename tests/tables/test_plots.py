"""Charts on paper: whatever the numbers, they are drawn within their area, and the axis reaches beyond the largest."""

from itertools import pairwise

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.tables import paper
from medcab.tables.paper import Chapter
from medcab.tables.plots import Plot, Series, Shape, pieces, ticks

NORM = "пунктир: не больше 8 %"


@given(st.floats(0, 1e7))
def test_an_axis_begins_at_nothing_and_holds_the_largest(top: float) -> None:
    found = ticks(top)
    assert found[0] == 0
    assert found[-1] >= top * 0.99
    assert 2 <= len(found) <= 8
    assert len({round(after - before, 6) for before, after in pairwise(found)}) == 1


def test_the_top_is_that_of_a_pile() -> None:
    plot = Plot(["а", "б"], [Series("x", [3, None]), Series("y", [4, 5]), Series("z", [6, 6], Shape.MARK)], norm=(2, 2))
    assert plot.top == 7
    assert Plot(["а"], [Series("x", [None])], norm=(0, 9)).top == 9
    assert Plot([], []).top == 0


def test_a_long_chart_is_cut_into_even_pieces_of_one_scale() -> None:
    """From its top, which is the last name; nothing is lost, and nothing is drawn twice."""
    names, values = [str(number) for number in range(100)], [float(number) for number in range(100)]
    found = pieces(Plot(names, [Series("x", values)], is_sideways=True), 239)
    assert [len(each.names) for each in found] == [34, 34, 32]
    assert [name for each in reversed(found) for name in each.names] == names
    assert [value for each in reversed(found) for value in each.series[0].values] == values
    assert {each.top for each in found} == {99}
    assert len(pieces(Plot(names, [Series("x", values)]), 239)) == 1, "an upright one is as tall whatever it holds"


@pytest.mark.skipif(not paper.is_ready(), reason="the front end, which brings the typeface, is not built")
@pytest.mark.parametrize(
    ("count", "is_sideways", "parts", "pages"),
    [(0, False, 1, 1), (1, False, 1, 1), (45, False, 1, 1), (0, True, 1, 1), (1, True, 1, 1), (45, True, 2, 4), (100, True, 3, 6)],
)  # fmt: skip
def test_nothing_one_and_many_are_drawn(count: int, *, is_sideways: bool, parts: int, pages: int) -> None:
    """As vectors, with the norm in words; a chart that has no room left has the next page, and one that no page holds has several."""
    names = [f"Константинопольская-Задунайская {number}" for number in range(count)]
    values = [float(number) for number in range(count)]
    series = [
        Series("Проведено", values),
        Series("Норма", [None] * count, Shape.MARK),
        Series("Ход", values, Shape.LINE),
    ]
    plot = Plot(names, series, is_sideways, " %", (8, 8), NORM)
    made = pypdfium2.PdfDocument(
        paper.pdf_bytes("Отчёт", ["Клиника"], [Chapter("График", ["Сказано."], plot=plot)] * 2)
    )
    text = " ".join(page.get_textpage().get_text_range() for page in made)
    assert text.count("не больше 8 %") == 2 * parts
    assert text.count("График") == 2
    assert len(made) == pages
    images = [each for page in made for each in page.get_objects() if each.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
    assert images == []
