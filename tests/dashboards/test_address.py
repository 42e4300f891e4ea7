"""A link reproduces the view, and an address mended by hand breaks nothing."""

from datetime import date
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.dashboards.rules.address import Address
from medcab.dashboards.rules.period import Cut, Period, Preset, span_text

TODAY = date(2026, 11, 23)


def reread(address: Address) -> Address:
    return Address.read(dict(parse_qsl(urlsplit(str(address)).query)), today=TODAY)


@given(
    st.dates(date(2024, 1, 1), date(2026, 1, 1)),
    st.integers(0, 400),
    st.sampled_from(["", "weekday:3", "week:2025-03-03"]),
    st.integers(1, 99),
)
def test_there_and_back(start: date, length: int, rows: str, page: int):
    address = Address(Period(start, start.fromordinal(start.toordinal() + length)), uuid4(), rows, page)
    assert reread(address) == address


@given(st.dictionaries(st.sampled_from(["from", "to", "department", "rows", "page"]), st.text()))
def test_nonsense_shows_the_last_month(parameters: dict[str, str]):
    address = Address.read(parameters, today=TODAY)
    assert address.page >= 0
    assert address.cut is not None
    assert address.period.days >= 1


@pytest.mark.parametrize("department", ["x", "1", "' OR 1=1", "0" * 32])
def test_a_department_that_is_none_is_not_ones_own(department: str):
    assert Address.read({"department": department}, today=TODAY).department_id is not None


def test_another_period_or_department_begins_at_the_whole():
    address = Address(Preset.WEEK.period(TODAY), uuid4(), "weekday:1", 3)
    assert address.of_period(Preset.YEAR.period(TODAY)).rows == ""
    assert address.of_department(uuid4()).page == 1
    assert address.of_rows("weekday:2") == Address(address.period, address.department_id, "weekday:2")


def test_days_of_a_cut_are_read_as_they_are_written():
    for days in (Period(date(2026, 11, 22), date(2026, 11, 28)), Period(date(2026, 11, 29), date(2026, 11, 29))):
        assert Cut.read(span_text(days)) == Cut(span=days)
    for nonsense in (
        "days:",
        "days:2026-11-22",
        "days:2026-11-28..2026-11-22",
        "days:0001-01-01..9999-12-31",
        "days:a..b..c",
    ):
        assert Cut.read(nonsense) == Cut(), nonsense
