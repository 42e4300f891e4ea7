"""Who is offered which time, and how long it is held: for any wish, slot and moment."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from medcab.clock import MOSCOW
from medcab.schedule.rules import waiting as rules
from medcab.schedule.rules.slots import Span, day_of, minute_of_day
from medcab.schedule.rules.waiting import EVENING, MORNING, NOTICE, Free, Urgency, Wanted, fits, hold, order

WARD, DOCTOR, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
wishes = st.builds(
    Wanted, department_id=st.just(WARD), practitioner_id=st.sampled_from([None, DOCTOR, OTHER]),
    specialty=st.sampled_from(["", "Терапия", "Хирургия"]), weekdays=st.integers(1, 127), starts=st.integers(0, 1439),
    ends=st.integers(1, 1440), since=st.dates(date(2026, 1, 1), date(2026, 7, 1)), until=st.dates(date(2026, 6, 1), date(2027, 1, 1)),
)  # fmt: skip


def slot(at: datetime, minutes: int = 15, specialty: str = "терапия") -> Free:
    return Free(Span(at, at + timedelta(minutes=minutes)), WARD, DOCTOR, specialty)


@given(wishes, moments, st.integers(5, 240))
def test_what_fits_is_within_all_that_was_asked(wish: Wanted, at: datetime, minutes: int) -> None:
    found = slot(at, minutes)
    day, start = day_of(at, MOSCOW), minute_of_day(at, MOSCOW)
    expected = (
        wish.since <= day <= wish.until
        and bool(wish.weekdays & 1 << day.weekday())
        and wish.starts <= start
        and start + minutes <= wish.ends
        and wish.practitioner_id in (None, DOCTOR)
        and wish.specialty in ("", "Терапия")
    )
    assert fits(wish, found, MOSCOW) is expected


@given(st.lists(st.tuples(st.sampled_from(Urgency), st.integers(0, 6), moments), min_size=2))
def test_urgent_ones_come_first_then_who_let_few_go_by_then_who_came_first(
    queue: list[tuple[Urgency, int, datetime]],
) -> None:
    stood = sorted(queue, key=lambda one: order(*one))
    for (urgency, offers, at), (other, others, later) in pairwise(stood):
        ranks = list(Urgency).index(urgency), list(Urgency).index(other)
        assert ranks[0] <= ranks[1]
        if ranks[0] == ranks[1]:
            assert (offers >= 3) <= (others >= 3)
            assert (offers >= 3) != (others >= 3) or at <= later


@given(moments, st.integers(0, 60 * 72), st.integers(10, 720))
def test_an_offer_begins_and_ends_by_day_and_leaves_time_to_come(now: datetime, ahead: int, minutes: int) -> None:
    starts_at = now + timedelta(minutes=ahead)
    held = hold(now, starts_at, minutes, MOSCOW)
    if held is None:
        return
    for edge in (held.begins, held.ends):
        assert MORNING <= edge.astimezone(MOSCOW).time() <= EVENING
    assert now <= held.begins < held.ends <= starts_at - timedelta(hours=1)
    assert starts_at - held.begins >= NOTICE
    assert held.ends - held.begins >= min(timedelta(minutes=30), timedelta(minutes=minutes))


@given(moments, st.integers(10, 720))
def test_what_is_days_away_is_held_for_all_the_minutes_of_day(now: datetime, minutes: int) -> None:
    held = hold(now, now + timedelta(days=4), minutes, MOSCOW)
    assert held
    nights = (day_of(held.ends, MOSCOW) - day_of(held.begins, MOSCOW)).days
    assert held.ends - held.begins == timedelta(minutes=minutes) + nights * timedelta(hours=12)


def test_at_night_an_offer_waits_for_the_morning_and_soon_ones_are_for_the_telephone() -> None:
    night = datetime(2026, 11, 23, 20, tzinfo=UTC)
    held = hold(night, night + timedelta(days=2), 60, MOSCOW)
    assert held
    assert (held.begins.astimezone(MOSCOW).hour, held.ends.astimezone(MOSCOW).hour) == (9, 10)
    assert hold(night, datetime(2026, 11, 24, 7, tzinfo=UTC), 60, MOSCOW) is None
    assert hold(NOW, NOW + timedelta(minutes=119), 60, MOSCOW) is None


def test_a_therapist_is_due_in_a_day_and_others_in_fourteen_working_days() -> None:
    assert rules.due(NOW, "Терапия", MOSCOW) == NOW + timedelta(hours=24)
    assert day_of(rules.due(NOW, "Неврология", MOSCOW), MOSCOW) == date(2026, 12, 12)


def test_a_place_is_said_in_words() -> None:
    assert [rules.place_words(place) for place in (1, 2, 12)] == [
        "Первый в очереди",
        "Второй в очереди",
        "12-й в очереди",
    ]
