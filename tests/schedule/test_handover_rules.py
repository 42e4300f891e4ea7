"""Hours go with the visits that were led in them: shared out, never lost, never over each other."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from medcab.accounts.rules.right import Right, Standing
from medcab.schedule.handover.rules import Half, Other, Shift, Worked, exchanged, joined, shift, stranded
from medcab.schedule.rules.slots import Span, offered_minutes
from medcab.schedule.rules.visits import AppointmentStatus, Visit, VisitKind
from tests.cast import CLINIC, WARD
from tests.schedule.handing import MONDAY, TOMORROW
from tests.schedule.reception import NINE

NOBODY = Right(Standing.ACTIVE, None)
SLOTS, STEP = 12, 15
WHO, TO = UUID(int=1), UUID(int=2)


def worked(first: int, minutes: int, who: UUID = WHO, ward: UUID = WARD) -> Worked:
    start = NINE + timedelta(minutes=first * STEP)
    return Worked(uuid4(), who, CLINIC, ward, Span(start, start + timedelta(minutes=minutes)), STEP, "214", "Терапия")


def planned(number: int, *, is_over: bool = False) -> Visit:
    start = NINE + timedelta(minutes=number * STEP + 5 * is_over)
    return Visit(
        CLINIC, WARD, WHO, AppointmentStatus.DONE, start, start + timedelta(minutes=STEP), is_over=is_over, over_reason="x" * is_over, kind=VisitKind.FIRST
    )  # fmt: skip


def other(*hours: Worked) -> Other:
    return Other("Петрова", frozenset({MONDAY}), (), hours, (), (), NOBODY)


def minutes_of(hours: Any) -> int:
    return sum(offered_minutes(each.span, each.slot_minutes) for each in hours)


slot_sets = st.frozensets(st.integers(0, SLOTS - 1))


@given(
    going=slot_sets, staying=slot_sets, above=st.dictionaries(st.integers(0, SLOTS - 1), st.booleans(), max_size=2),
    cut=st.integers(1, SLOTS - 1), tail=st.integers(0, STEP - 1), own=st.none() | st.integers(0, SLOTS - 1),
)  # fmt: skip
def test_hours_are_shared_out_and_none_are_lost(
    going: frozenset[int], staying: frozenset[int], above: dict[int, bool], cut: int, tail: int, own: int | None
) -> None:
    hours = [worked(0, cut * STEP), worked(cut, (SLOTS - cut) * STEP + tail)]
    led = {uuid4(): planned(each) for each in going} | {
        uuid4(): planned(n, is_over=True) for n, goes in above.items() if goes
    }
    held = {uuid4(): planned(n) for n in staying - going} | {
        uuid4(): planned(n, is_over=True) for n, goes in above.items() if not goes
    }
    theirs = other(*([] if own is None else [worked(own, STEP, TO)]))
    shifted = shift(hours, list(led.values()), list(held.values()), theirs, TO, TOMORROW)
    assert minutes_of(shifted.before) == minutes_of([*shifted.kept, *shifted.given])
    spans = sorted(each.span for each in (*shifted.kept, *shifted.given))
    assert all(one.ends_at <= two.starts_at for one, two in pairwise(spans))
    assert not any(each.span.overlaps(mine.span) for each in shifted.given for mine in theirs.hours)
    apart = stranded(hours, led, held, theirs, shifted)
    if not above:
        assert apart == []
    if led and not held and own is None:
        touched = [each for each in hours if any(each.has(visit) for visit in led.values())]
        assert (list(shifted.before), shifted.kept, [each.span for each in shifted.given]) == (
            touched,
            (),
            [each.span for each in touched],
        )
    rest = [each for each in hours if each not in shifted.before]
    mine, gone = joined(shifted.kept, rest)
    assert minutes_of([*mine, *(each for each in rest if each not in gone)]) == minutes_of([*rest, *shifted.kept])


def test_a_list_handed_back_is_one_list_again() -> None:
    whole = worked(0, SLOTS * STEP)
    visits = [planned(each) for each in range(SLOTS)]
    shifted = shift([whole], visits[6:], visits[:6], other(), TO, TOMORROW)
    [left], [theirs] = shifted.kept, [replace(each, id=uuid4()) for each in shifted.given]
    assert (left.span.minutes, theirs.span.minutes) == (90, 90)
    mine = replace(left, id=uuid4())
    moved = [replace(each, practitioner_id=TO) for each in visits[6:]]
    back = shift([theirs], moved, [], Other("", frozenset(), (), (mine,), (), (), NOBODY), WHO, TOMORROW)
    made, gone = joined(back.given, [mine])
    assert ([each.span for each in made], gone) == ([whole.span], [mine])


def test_a_stretch_of_nobody_is_not_handed_over() -> None:
    assert shift([worked(0, SLOTS * STEP)], [], [], other(), TO, TOMORROW) == Shift()


@given(one=slot_sets, kept_one=slot_sets, two=slot_sets, kept_two=slot_sets, cut=st.integers(1, SLOTS - 1))
def test_hours_of_a_swap_are_shared_out_and_never_lie_over_each_other(
    one: frozenset[int], kept_one: frozenset[int], two: frozenset[int], kept_two: frozenset[int], cut: int
) -> None:
    mine, theirs = [worked(0, cut * STEP), worked(cut, (SLOTS - cut) * STEP)], [worked(2, SLOTS * STEP, TO)]

    def visits(numbers: frozenset[int], who: UUID) -> dict[UUID, Visit]:
        return {uuid4(): replace(planned(each), practitioner_id=who) for each in numbers}

    halves = (
        Half(mine, visits(one, WHO), visits(kept_one - one, WHO), other(*theirs), TO),
        Half(theirs, visits(two, TO), visits(kept_two - two, TO), other(*mine), WHO),
    )
    (_, there), (_, back) = exchanged(halves, TOMORROW)
    for hours, out, come in ((mine, there, back), (theirs, back, there)):
        assert minutes_of(out.before) == minutes_of([*out.kept, *out.given])
        after = sorted(
            each.span for each in (*(each for each in hours if each not in out.before), *out.kept, *come.given)
        )
        assert all(first.ends_at <= second.starts_at for first, second in pairwise(after))
    assert {each.practitioner_id for each in there.given} <= {TO}
    assert {each.practitioner_id for each in back.given} <= {WHO}
