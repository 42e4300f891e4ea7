"""Russian words and numbers as people write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.ui import formats

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace(formats.NBSP, " ")


def test_numbers_have_spaces_and_a_comma():
    assert plain(formats.number(1234567)) == "1 234 567"
    assert plain(formats.number(1234.56, 1)) == "1 234,6"
    assert plain(formats.percent(0.0875)) == "9 %"
    assert plain(formats.percent(0.0875, 1)) == "8,8 %"
    assert plain(formats.money(Decimal("1234.5"))) == "1 234,50 ₽"
    assert " " not in formats.percent(0.09) + formats.number(12345), "a number must not break at the end of a line"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 приёмов"), (1, "1 приём"), (2, "2 приёма"), (4, "4 приёма"), (5, "5 приёмов"), (11, "11 приёмов"),
        (14, "14 приёмов"), (21, "21 приём"), (22, "22 приёма"), (111, "111 приёмов"), (1001, "1 001 приём"),
    ],
)  # fmt: skip
def test_plural(count: int, words: str):
    assert plain(formats.plural(count, "приём", "приёма", "приёмов")) == words


@given(st.integers(0, 10_000))
def test_plural_depends_on_the_last_two_digits_only(count: int):
    word = formats.plural_word(count, "1", "2", "5")
    assert word == formats.plural_word(count % 100 + 100, "1", "2", "5")


def test_signed_never_says_plus_zero():
    assert [formats.signed(value, 1) for value in (1.25, -3.0, 0.04, -0.04)] == ["+1,2", "−3,0", "0,0", "0,0"]


def test_dates():
    assert formats.day(date(2026, 11, 2)) == "02.11.2026"
    assert formats.day_words(date(2026, 11, 2)) == "2 ноября"
    assert formats.day_words(date(2026, 5, 9), year=True) == "9 мая 2026"
    assert formats.weekday(date(2026, 11, 23)) == "понедельник"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 11, 22), date(2026, 11, 22), "22 ноября 2026"),
        (date(2026, 11, 16), date(2026, 11, 22), "16–22 ноября 2026"),
        (date(2026, 10, 23), date(2026, 11, 22), "23 октября – 22 ноября 2026"),
        (date(2025, 11, 23), date(2026, 11, 22), "23 ноября 2025 – 22 ноября 2026"),
    ],
)
def test_period_says_nothing_twice(start: date, end: date, words: str):
    assert formats.period(start, end) == words


def test_times_are_the_clinics():
    at = datetime(2026, 11, 22, 22, 5, tzinfo=UTC)
    assert formats.time(at) == "01:05"
    assert formats.moment(at) == "23.11.2026, 01:05"


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=10), "только что"),
        (timedelta(minutes=5), "5 минут назад"),
        (timedelta(hours=2), "2 часа назад"),
        (timedelta(days=1), "1 день назад"),
        (-timedelta(minutes=21), "через 21 минуту"),
    ],
)
def test_relative_time(ago: timedelta, words: str):
    assert plain(formats.relative_time(NOW - ago, NOW)) == words


def test_durations():
    assert [plain(formats.duration(value)) for value in (0, 45, 120, 135)] == ["0 мин", "45 мин", "2 ч", "2 ч 15 мин"]
