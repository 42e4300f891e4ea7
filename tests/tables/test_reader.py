"""Tables that show more than they weigh."""

import pytest

from medcab.errors import Invalid
from medcab.tables.reader import Bounds, opened
from tests.staff.making import xlsx

NARROW = Bounds(megabytes=1, rows=10_000, columns=40)


def test_what_a_table_shows_is_bounded_however_small_it_is_packed() -> None:
    wide: list[object] = ["Ж" * 400] * 40
    assert len(opened(xlsx([wide] * 50), NARROW).rows) == 50
    packed = xlsx([wide] * 300)
    assert len(packed) < NARROW.largest
    with pytest.raises(Invalid, match="больше"):
        opened(packed, NARROW)
