from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcab.errors import Invalid
from medcab.schedule.rules.figures import Figures, change, contribution, key_of, total
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import (
    MARKS,
    Act,
    AppointmentStatus,
    NotAllowed,
    Visit,
    VisitKind,
    allowed,
    cancelled,
    is_already,
    is_late_cancelled,
    marked,
    moved,
    title_of,
    waited_minutes,
)

MOSCOW = ZoneInfo("Europe/Moscow")
START = datetime(2026, 11, 23, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
S = AppointmentStatus


def visit(**given_: object) -> Visit:
    plain = Visit(UUID(int=1), UUID(int=2), UUID(int=3), S.BOOKED, START, START + 15 * MINUTE)
    return replace(plain, **given_)  # type: ignore[arg-type]


def test_the_whole_way_of_a_visit() -> None:
    came = marked(visit(), Act.ARRIVED, START - 10 * MINUTE, MOSCOW)
    going = marked(came, Act.STARTED, START + 7 * MINUTE, MOSCOW)
    done = marked(going, Act.DONE, START + 20 * MINUTE, MOSCOW)
    assert [title_of(each) for each in (visit(), came, going, done)] == ["Записан", "Пришёл", "На приёме", "Принят"]
    assert waited_minutes(done) == 7
    assert contribution(done) == Counter(
        planned=1, booked_minutes=15, attended_minutes=15, done=1, waited=1, waited_minutes=7, wait_5_15=1
    )


def test_each_mark_is_taken_back_one_by_one() -> None:
    steps = [visit()]
    for act in (Act.ARRIVED, Act.STARTED, Act.DONE):
        steps.append(marked(steps[-1], act, START, MOSCOW))
    for before, after in zip(reversed(steps[:-1]), reversed(steps[1:]), strict=True):
        assert marked(after, Act.UNDO, START + MINUTE, MOSCOW) == before
    missed = marked(visit(), Act.NO_SHOW, START, MOSCOW)
    assert marked(missed, Act.UNDO, START, MOSCOW) == visit()
    for live in steps[:2]:
        called_off = cancelled(live, "заболел", START - MINUTE, MOSCOW)
        assert marked(called_off, Act.UNDO, START, MOSCOW) == live


def test_a_mark_stands_once_it_is_made() -> None:
    """So that a second click on it is told from a change by somebody else."""
    came = marked(visit(), Act.ARRIVED, START, MOSCOW)
    for before, act in ((visit(), Act.ARRIVED), (came, Act.STARTED), (came, Act.DONE), (visit(), Act.NO_SHOW)):
        assert not is_already(before, act)
        assert is_already(marked(before, act, START, MOSCOW), act)
    assert not is_already(visit(), Act.UNDO)


@pytest.mark.parametrize(
    ("status", "acts"),
    [
        (S.BOOKED, {Act.ARRIVED, Act.NO_SHOW, Act.MOVE, Act.CANCEL}),
        (S.ARRIVED, {Act.STARTED, Act.DONE, Act.CANCEL, Act.UNDO}),
        (S.DONE, {Act.UNDO}),
        (S.NO_SHOW, {Act.UNDO}),
        (S.CANCELLED, {Act.UNDO}),
    ],
)
def test_what_can_be_done_from_each_status(status: AppointmentStatus, acts: set[Act]) -> None:
    assert set(allowed(visit(status=status, cancelled_at=START), START, MOSCOW)) == acts


@pytest.mark.parametrize(
    ("act", "given_", "later"),
    [
        (Act.ARRIVED, {}, timedelta(days=-1)),
        (Act.NO_SHOW, {}, -MINUTE),
        (Act.MOVE, {}, 15 * MINUTE),
        (Act.CANCEL, {}, 15 * MINUTE),
        (Act.STARTED, {"status": S.ARRIVED}, timedelta(days=1)),
        (Act.STARTED, {"status": S.ARRIVED, "started_at": START}, MINUTE),
        (Act.UNDO, {"status": S.CANCELLED, "cancelled_at": START}, 11 * MINUTE),
        (Act.UNDO, {"status": S.DONE}, timedelta(days=8)),
    ],
)
def test_what_comes_too_early_or_too_late_is_refused_in_a_sentence(
    act: Act, given_: dict[str, object], later: timedelta
) -> None:
    each = visit(**given_)
    assert act not in allowed(each, START + later, MOSCOW)
    with pytest.raises(NotAllowed) as refused:
        _do(each, act, START + later)
    assert refused.value.message.endswith(".")


def test_a_cancellation_needs_a_reason_of_a_reasonable_length() -> None:
    for reason in ("  ", "о" * 201):
        with pytest.raises(Invalid) as refused:
            cancelled(visit(), reason, START, MOSCOW)
        assert "reason" in refused.value.errors


@pytest.mark.parametrize(
    ("ahead", "late"), [(timedelta(hours=24), False), (timedelta(hours=24) - MINUTE, True), (-MINUTE, True)]
)
def test_less_than_a_day_ahead_is_late(ahead: timedelta, late: bool) -> None:
    called_off = cancelled(visit(), "заболел", START - ahead, MOSCOW)
    assert is_late_cancelled(called_off) is late
    assert contribution(called_off)["late_cancelled"] == int(late)
    assert contribution(called_off)["planned"] == 0


@pytest.mark.parametrize(
    ("arrived", "started", "minutes"),
    [(-10, -2, 0), (-10, 5, 5), (4, 5, 1), (None, 44, 44), (0, 45, 45), (-10, None, None)],
)
def test_waiting_is_from_the_planned_time_or_the_arrival_when_later(
    arrived: int | None, started: int | None, minutes: int | None
) -> None:
    at = lambda offset: None if offset is None else START + offset * MINUTE
    each = visit(status=S.DONE, arrived_at=at(arrived), started_at=at(started))
    assert waited_minutes(each) == minutes
    assert contribution(each)["waited"] == int(minutes is not None)


def _do(each: Visit, act: Act, now: datetime) -> Visit:
    if act is Act.MOVE:
        to = Span(now + 60 * MINUTE, now + 90 * MINUTE)
        worker = UUID(int=3 + now.minute % 2)
        return moved(each, to, now, MOSCOW, department_id=UUID(int=2), practitioner_id=worker)
    return cancelled(each, "причина", now, MOSCOW) if act is Act.CANCEL else marked(each, act, now, MOSCOW)


steps = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(list(Act)), st.integers(0, 1500)), max_size=40)


@given(st.lists(st.integers(0, 5000), min_size=4, max_size=4), steps)
def test_changes_add_up_to_a_recount_whatever_happens(starts: list[int], history: list[tuple[int, Act, int]]) -> None:
    now = START
    kinds = [*VisitKind, VisitKind.FIRST]
    visits = [
        visit(starts_at=now + s * MINUTE, ends_at=now + (s + 20) * MINUTE, kind=kind)
        for s, kind in zip(starts, kinds, strict=True)
    ]
    kept: list[Figures] = [change(None, each, MOSCOW) for each in visits]
    for which, act, later in history:
        now += later * MINUTE
        try:
            after = _do(visits[which], act, now)
        except NotAllowed:
            continue
        kept.append(change(visits[which], after, MOSCOW))
        visits[which] = after
    whole = [{key_of(each, MOSCOW): contribution(each)} for each in visits]
    parts = [{key_of(each, MOSCOW).of(each.kind): contribution(each)} for each in visits]
    assert total(kept) == total([*whole, *parts])
    assert all(count >= 0 for counts in total(kept).values() for count in counts.values())


def test_marks_are_acts_and_all_have_words() -> None:
    assert {Act.MOVE, Act.CANCEL} == set(Act) - MARKS
