"""What a template says of a day: by weekday, odd and even weeks, breaks, holidays; and when two of them meet."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.clock import MOSCOW
from medcab.schedule.rules.slots import Span, minute_of_day
from medcab.schedule.rules.templates import Block, Closed, Plan, Template, Weeks, fault, meet, outside

MONDAY, BERLIN = date(2026, 11, 23), ZoneInfo("Europe/Berlin")
days = st.dates(date(2026, 1, 1), date(2028, 1, 31))


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """Whole and right, mostly within a few weeks of each other."""
    starts = draw(st.integers(0, 1380))
    ends = draw(st.integers(starts + 60, 1440))
    has_break = draw(st.booleans()) and ends - starts >= 120
    since = draw(days)
    return Template(
        weekdays=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))), weeks=draw(st.sampled_from(Weeks)), starts=starts, ends=ends,
        break_starts=starts + 50 if has_break else None, break_ends=ends - 50 if has_break else None, slot_minutes=draw(st.sampled_from([10, 15, 20])),
        since=since, until=draw(st.one_of(st.none(), st.integers(0, 400).map(lambda more: since + timedelta(more)))), on_holidays=draw(st.booleans()),
    )  # fmt: skip


@given(templates(), days)
def test_a_day_has_the_hours_between_its_breaks(template: Template, day: date) -> None:
    assert fault(template) == ""
    plan = Plan(((uuid4(), template, date.min),))
    found = plan.spans_on(day, MOSCOW)
    if not template.holds_on(day):
        assert found == []
        return
    assert day.weekday() in template.weekdays
    midnight = Span(found[0].starts_at, found[0].ends_at).starts_at - timedelta(minutes=template.starts)
    assert midnight.astimezone(MOSCOW).strftime("%d %H:%M") == f"{day:%d} 00:00"
    assert found[-1].ends_at == midnight + timedelta(minutes=template.ends)
    assert not any(one.overlaps(other) for one in found for other in found if one is not other)


@given(templates(), templates())
def test_two_meet_exactly_when_some_day_has_both(one: Template, other: Template) -> None:
    """Against looking at every day of three years."""
    both = [Plan(((uuid4(), each, date.min),)) for each in (one, other)]
    every = (date(2026, 1, 1) + timedelta(number) for number in range(3 * 366))
    clash = [
        day
        for day in every
        if any(a.overlaps(b) for a in both[0].spans_on(day, MOSCOW) for b in both[1].spans_on(day, MOSCOW))
    ]
    found = meet(one, other)
    assert meet(other, one) == found
    if found:
        assert found == clash[0]
    else:
        assert clash == []


def test_odd_and_even_weeks_share_the_year() -> None:
    odd, even = (
        Template(weekdays=frozenset({0}), weeks=each, starts=540, ends=720, slot_minutes=15, since=MONDAY)
        for each in (Weeks.ODD, Weeks.EVEN)
    )
    assert [odd.holds_on(MONDAY + timedelta(weeks=number)) for number in range(4)] == [False, True, False, True], (
        "the 23rd is of week 48"
    )
    assert not any(
        odd.holds_on(MONDAY + timedelta(number)) and even.holds_on(MONDAY + timedelta(number)) for number in range(400)
    )
    assert meet(odd, even) is None


def test_holidays_and_closed_days_and_days_of_own_hours_have_none() -> None:
    template = Template(weekdays=frozenset(range(7)), starts=540, ends=720, slot_minutes=15, since=date(2026, 1, 1))
    key = uuid4()
    plan = Plan(
        ((key, template, date(2026, 11, 22)),),
        (Closed(date(2026, 11, 25), date(2026, 11, 26)),),
        frozenset({date(2026, 11, 27)}),
    )
    assert [bool(plan.on(date(2026, 11, day))) for day in range(21, 30)] == [
        False,
        False,
        True,
        True,
        False,
        False,
        False,
        True,
        True,
    ]
    assert not plan.on(date(2027, 1, 4))
    assert not template.holds_on(date(2026, 6, 12))


@pytest.mark.parametrize(("changed", "said"), [
    ({"weekdays": frozenset()}, "день недели"), ({"weekdays": frozenset({7})}, "день недели"), ({"ends": 540}, "позже"), ({"ends": 1441}, "позже"),
    ({"slot_minutes": 4}, "от 5 до 240"), ({"until": MONDAY - timedelta(1)}, "раньше первого"), ({"break_starts": 600}, "перерыва"),
    ({"break_starts": 500, "break_ends": 560}, "внутри"), ({"break_starts": 545, "break_ends": 700}, "не помещается"), ({"ends": 550}, "не помещается"),
])  # fmt: skip
def test_what_is_no_template_is_said(changed: dict[str, object], said: str) -> None:
    right: dict[str, object] = {
        "weekdays": frozenset({0}),
        "starts": 540,
        "ends": 720,
        "slot_minutes": 15,
        "since": MONDAY,
    }
    assert said in fault(Template(**(right | changed)))  # type: ignore[arg-type]


@given(templates(), templates(), days)
def test_who_stays_within_hours_is_not_left_outside(before: Template, after: Template, day: date) -> None:
    was, will = (Plan(((uuid4(), each, date.min),)).spans_on(day, MOSCOW) for each in (before, after))
    visits = [Span(each.starts_at, each.starts_at + timedelta(minutes=10)) for each in [*was, *will]]
    left = outside(visits, was, will)
    for visit in visits:
        was_in = any(each.starts_at <= visit.starts_at and visit.ends_at <= each.ends_at for each in was)
        will_be = any(each.starts_at <= visit.starts_at and visit.ends_at <= each.ends_at for each in will)
        assert (visit in left) == (was_in and not will_be)


CHANGES = (date(2026, 3, 29), date(2026, 10, 25))
"""Berlin skips an hour from two o'clock, and has one twice."""


@given(st.sampled_from(CHANGES), st.sets(st.integers(0, 24 * 12), min_size=2, max_size=6))
def test_hours_stay_in_order_when_the_clocks_change(day: date, fives: set[int]) -> None:
    edges = sorted(five * 5 for five in fives)
    spans = [Block(*pair).on(day, BERLIN) for pair in pairwise(edges)]
    assert all(span.starts_at <= span.ends_at for span in spans)
    assert all(before.ends_at == after.starts_at for before, after in pairwise(spans)), "nothing lost, nothing twice"
    for edge, span in zip(edges, spans, strict=False):
        shown = minute_of_day(span.starts_at, BERLIN)
        assert shown == edge % (24 * 60) or (day == CHANGES[0] and 120 <= edge < 180 and shown == 180)


def test_what_the_clocks_skip_is_no_reception() -> None:
    night = Template(weekdays=frozenset({6}), starts=120, ends=180, slot_minutes=15, since=CHANGES[0])
    plan = Plan(((uuid4(), night, date.min),))
    assert plan.spans_on(CHANGES[0], BERLIN) == []
    assert [span.minutes for span in plan.spans_on(CHANGES[1], BERLIN)] == [120]
