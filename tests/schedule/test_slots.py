from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.errors import Invalid
from medcab.schedule.rules.given import moment
from medcab.schedule.rules.slots import (
    Span,
    age,
    bounds,
    breaks,
    day_of,
    free,
    is_open,
    minute_of_day,
    nearest,
    offered_minutes,
    slots,
    week_of,
)

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 23, 6, tzinfo=UTC)
minutes = st.integers(0, 600)
spans = st.tuples(minutes, st.integers(1, 120)).map(lambda pair: at(pair[0], pair[1]))


def at(minute: int, length: int = 15) -> Span:
    start = START + timedelta(minutes=minute)
    return Span(start, start + timedelta(minutes=length))


@pytest.mark.parametrize(
    "text", ["", "9", "2026-11-23T09:00", "0001-01-01T00:00:00+03:00", "9999-12-31T23:00:00-12:00"]
)
def test_a_time_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        moment(text)


def test_a_reception_is_cut_into_whole_slots_and_the_rest_is_not_offered() -> None:
    hours = at(0, 50)
    assert slots(hours, 15) == [at(0), at(15), at(30)]
    assert offered_minutes(hours, 15) == 45


@given(st.integers(1, 600), st.integers(1, 120))
def test_slots_touch_each_other_and_stay_within(length: int, step: int) -> None:
    hours = at(0, length)
    cut = slots(hours, step)
    assert all(a.ends_at == b.starts_at for a, b in pairwise(cut))
    assert all(
        hours.starts_at <= slot.starts_at and slot.ends_at <= hours.ends_at and slot.minutes == step for slot in cut
    )
    assert offered_minutes(hours, step) == sum(slot.minutes for slot in cut)


@given(st.lists(spans, max_size=30), st.lists(spans, max_size=10))
def test_free_is_exactly_what_no_visit_touches(offered: list[Span], busy: list[Span]) -> None:
    assert free(offered, busy) == sorted(slot for slot in offered if not any(slot.overlaps(visit) for visit in busy))


def test_a_visit_that_ends_when_a_slot_begins_does_not_hold_it() -> None:
    assert free([at(15)], [at(0)]) == [at(15)]
    assert free([at(15)], [at(30)]) == [at(15)]
    assert free([at(15)], [at(29, 1)]) == []


def test_the_nearest_come_first_and_the_earlier_of_two_as_near() -> None:
    offered = [at(0), at(30), at(45), at(90)]
    assert nearest(offered, at(15).starts_at, 3) == [at(0), at(30), at(45)]
    assert nearest([], START, 3) == []


def test_a_slot_can_be_booked_until_it_ends() -> None:
    assert is_open(at(0), START + timedelta(minutes=14))
    assert not is_open(at(0), START + timedelta(minutes=15))


def test_a_break_lies_between_receptions() -> None:
    assert breaks([at(300, 60), at(0, 240)]) == [at(240, 60)]
    assert breaks([at(0, 240), at(240, 60)]) == []
    assert breaks([at(0, 240), at(60, 30), at(250, 10)]) == [at(240, 10)]


def test_a_day_is_the_clinics_and_a_visit_across_midnight_belongs_to_its_start() -> None:
    late = datetime(2026, 11, 23, 20, 50, tzinfo=UTC)
    assert day_of(late, MOSCOW) == date(2026, 11, 23)
    assert day_of(late + timedelta(minutes=10), MOSCOW) == date(2026, 11, 24)
    assert minute_of_day(late, MOSCOW) == 23 * 60 + 50


def test_days_of_23_and_25_hours_keep_their_length_and_their_slots() -> None:
    short, long = bounds(date(2026, 3, 29), 1, BERLIN), bounds(date(2026, 10, 25), 1, BERLIN)
    assert (short.minutes, long.minutes) == (23 * 60, 25 * 60)
    night = Span(datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC))
    assert len(slots(night, 30)) == 8
    assert len({slot.starts_at for slot in slots(night, 30)}) == 8


def test_weeks_begin_on_monday() -> None:
    assert week_of(date(2026, 11, 29)) == week_of(date(2026, 11, 23)) == date(2026, 11, 23)


def test_age_counts_full_years() -> None:
    assert age(date(2000, 2, 29), date(2026, 2, 28)) == 25
    assert age(date(2000, 2, 29), date(2026, 3, 1)) == 26
