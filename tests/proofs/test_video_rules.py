"""Times at which people are called: never outside the hours, never in the past, never over their end."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.proofs.video.rules import (
    AHEAD,
    CHECKS,
    NOTICE,
    OPEN,
    REASONS,
    SLOT,
    Hours,
    SessionState,
    Step,
    Week,
    may,
    may_come,
    relays,
    slots,
    week_fault,
)
from medcab.ui.formats import MOSCOW

NOW = datetime(2026, 11, 23, 9, 7, tzinfo=UTC)
hours = st.one_of(
    st.none(), st.tuples(st.integers(0, 1425), st.integers(15, 1440)).filter(lambda pair: pair[1] - pair[0] >= 15)
)
weeks = st.builds(Week, st.tuples(*[hours] * 7), st.one_of(st.none(), st.dates(date(2026, 11, 1), date(2026, 12, 31))))
moments = st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


@given(weeks, st.dates(date(2026, 11, 1), date(2027, 1, 31)), moments)
def test_a_time_lies_within_the_hours_and_within_reach(week: Week, day: date, now: datetime) -> None:
    held = week.hours_on(day)
    found = slots(week, day, now)
    for at in found:
        assert held
        local = at.astimezone(MOSCOW)
        minute = local.hour * 60 + local.minute
        assert local.date() == day
        assert held[0] <= minute
        assert minute + SLOT.total_seconds() / 60 <= held[1]
        assert now + NOTICE <= at <= now + AHEAD
    assert all(later - earlier >= SLOT for earlier, later in pairwise(found))


@given(weeks)
def test_a_week_is_read_as_it_was_written(week: Week) -> None:
    assert Week.read(week.written(), week.away_until) == week
    assert week_fault(week.days) == ""


@pytest.mark.parametrize("days", [((600, 600),) + (None,) * 6, ((600, 540),) + (None,) * 6, ((0, 1441),) + (None,) * 6, ((0, 10),) + (None,) * 6, (None,) * 6])  # fmt: skip
def test_what_is_no_week_is_said(days: tuple[Hours, ...]) -> None:
    assert week_fault(days)


def test_nobody_is_called_on_a_holiday_or_on_leave() -> None:
    week = Week(((540, 1080),) * 7)
    assert week.hours_on(date(2026, 6, 12)) is None
    assert week.hours_on(date(2026, 11, 22)) == (540, 1080), "a Sunday with hours is no holiday"
    away = Week(week.days, date(2026, 11, 25))
    assert [bool(away.hours_on(date(2026, 11, day))) for day in (24, 25, 26)] == [False, False, True]


@given(st.sampled_from(Step), st.sampled_from(SessionState))
def test_what_is_over_stays_over(step: Step, state: SessionState) -> None:
    assert not may(step, state) or state in OPEN


def test_one_comes_around_the_time_only() -> None:
    minutes = [minute for minute in range(-60, 61) if may_come(NOW, NOW + timedelta(minutes=minute))]
    assert (minutes[0], minutes[-1]) == (-10, 20)


def test_the_relay_lets_in_for_an_hour_by_name() -> None:
    """As coturn wants it with `use-auth-secret`: password = base64(HMAC-SHA1(secret, "<expiry>:<name>"))."""
    [relay] = relays("turn:relay.example:3478", "north", "somebody", datetime(2026, 1, 1, tzinfo=UTC))
    assert relay["username"] == "1767229200:somebody"
    assert relay["credential"] == "8YKKVpG44qABl26Q3e1rqD3MUqk="
    assert relays("", "north", "somebody", NOW) == []


def test_the_list_has_a_key_for_each_check() -> None:
    assert len(CHECKS) == 6, "the desk's keys are 1 to 6"
    assert [name for name, reason in REASONS.items() if not reason.told] == ["other"]
