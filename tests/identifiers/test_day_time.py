"""A time of the day as it is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.errors import Invalid
from medcab.identifiers import day_time


@given(st.integers(0, day_time.DAY_MINUTES))
def test_what_is_shown_is_read(minutes: int) -> None:
    assert day_time.parse(day_time.formatted(minutes)) == minutes


def test_a_leading_zero_may_be_left_out() -> None:
    assert day_time.parse(" 9:05 ") == 545


@given(st.integers(0, 24))
def test_a_whole_hour_is_enough(hour: int) -> None:
    assert day_time.parse(str(hour)) == 60 * hour


@pytest.mark.parametrize("text", ["", "обед", "24:01", "25:00", "9:60", "25", "123", "09-00", "٠٩:٠٠", "-1:00", "9:5"])
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(Invalid, match="не похоже на время"):
        day_time.parse(text)
