"""A rota from a file with the whole cast: what it opens, changes and closes, what it refuses, and that it does it once."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from medcab import clock
from medcab.schedule.rules.facts import Kind
from tests.cast import Cast
from tests.schedule.reception import NINE, assert_figures_true
from tests.schedule.rotas import (
    COLLEAGUE,
    DECEMBER,
    apply,
    hours,
    keep,
    long,
    look,
    row,
)

TODAY = NINE.date()


@pytest.fixture(autouse=True)
def now(cast: Cast) -> Iterator[clock.Clock]:
    """Monday, 23 November, nine in the morning."""
    with clock.frozen(NINE) as stopped:
        yield stopped


def day(number: int) -> date:
    return DECEMBER + timedelta(number - 1)


async def test_a_long_table_opens_its_days(cast: Cast) -> None:
    sheet = await keep(cast.head, long(row(break_starts="12:00", break_ends="13:00"), row(COLLEAGUE, "2.12.26", "8-30", "14.30", minutes="")))  # fmt: skip
    found = await look(cast.head, sheet)
    assert [each.kind for each in found.changes] == [Kind.NEW, Kind.NEW]
    told = await apply(cast.head, sheet)
    assert (told.opened, told.closed, told.dropped, told.first) == (2, 0, 0, day(1))
    assert await hours(cast.doctor, day(1)) == [("09:00", "12:00", "214", 15), ("13:00", "15:00", "214", 15)]
    assert await hours(cast.colleague, day(2)) == [("08:30", "14:30", "214", 15)]
    await assert_figures_true()
