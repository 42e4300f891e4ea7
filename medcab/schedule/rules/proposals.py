"""Whose visit could go where when many have to go at once: each free time is proposed to one patient only. Pure and always the same."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from heapq import nsmallest
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.schedule.rules.slots import Span, bounds, day_of, minute_of_day
from medcab.schedule.rules.waiting import Free

ALTERNATIVES = 5


class Policy(StrEnum):
    """What is looked for first."""

    SAME_DAY = "same_day"
    OWN = "own"
    SOONEST = "soonest"


POLICY_TITLES: dict[Policy, str] = {
    Policy.SAME_DAY: "В тот же день к другому врачу",
    Policy.OWN: "К своему врачу позже",
    Policy.SOONEST: "Как можно раньше",
}


@dataclass(frozen=True, slots=True)
class Aim:
    """What is looked for first; of one worker only, on one day only, when that is asked for: nothing else is proposed then."""

    policy: Policy = Policy.SAME_DAY
    worker: UUID | None = None
    day: date | None = None

    def lets(self, slot: Free, zone: ZoneInfo) -> bool:
        is_theirs = self.worker in (None, slot.practitioner_id)
        return is_theirs and self.day in (None, day_of(slot.span.starts_at, zone))


@dataclass(frozen=True, slots=True)
class Need:
    """A visit that is to go: what it is of, when it was, and when its patient is to be elsewhere, or its devices are."""

    id: UUID
    span: Span
    specialty: str
    busy: tuple[Span, ...] = ()
    things: frozenset[UUID] = frozenset()
    """The patient and the devices: visits that share one are not proposed times that overlap."""


def propose(
    needs: Iterable[Need], offered: Sequence[Free], own: UUID, aim: Aim, zone: ZoneInfo
) -> dict[UUID, list[Free]]:
    """For each visit, the earliest first: the best time that is not proposed to another, then other good ones; empty: there is none.

    Alternatives are proposed to nobody, but may stand at several visits: whoever is settled first has them.
    """
    found: dict[UUID, list[Free]] = {}
    left: dict[str, list[Free]] = defaultdict(list)
    for slot in sorted(offered, key=_soonest):
        if aim.lets(slot, zone):
            left[slot.specialty].append(slot)
    ordered = sorted(needs, key=lambda need: (need.span.starts_at, need.id))
    given: dict[UUID, dict[UUID, Span]] = defaultdict(dict)
    for need in ordered:
        ranked = _ranked(_with(need, given), left[need.specialty], own, aim, zone)
        found[need.id] = ranked[:1]
        if ranked:
            _take(left[need.specialty], ranked[0])
            for thing in need.things:
                given[thing][need.id] = ranked[0].span
    for need in ordered:
        found[need.id] += _ranked(_with(need, given), left[need.specialty], own, aim, zone)[:ALTERNATIVES]
    return found


def _take(left: list[Free], slot: Free) -> None:
    """Out of a list in the order of time: looking through all of it for each of many visits is most of the work."""
    at = bisect_left(left, _soonest(slot), key=_soonest)
    del left[left.index(slot, at)]


def _with(need: Need, given: dict[UUID, dict[UUID, Span]]) -> Need:
    """The patient is to be where their other visits are proposed as well, and a device is where it was given."""
    others = tuple(span for thing in need.things for key, span in given[thing].items() if key != need.id)
    return replace(need, busy=need.busy + others)


def _ranked(need: Need, left: list[Free], own: UUID, aim: Aim, zone: ZoneInfo) -> list[Free]:
    """The best few, the best first; never on an earlier day (for which the patient has other plans) unless it was asked for."""
    day = bounds(aim.day or day_of(need.span.starts_at, zone), 1, zone)
    close = _CLOSENESS[aim.day is not None](need, zone) if aim.day or aim.policy is Policy.SAME_DAY else None
    first = _first(aim, need, own, day)
    chosen: list[Free] = []
    others: list[Free] = []
    for slot in islice(left, bisect_left(left, day.starts_at, key=lambda slot: slot.span.starts_at), None):
        if _is_enough(chosen, others, None if close is None else day, slot):
            break
        is_first = first(slot)
        if (is_first or len(others) <= ALTERNATIVES) and not any(slot.span.overlaps(other) for other in need.busy):
            (chosen if is_first else others).append(slot)
    if close:
        chosen = nsmallest(ALTERNATIVES + 1, chosen, key=close)
    return [*chosen[: ALTERNATIVES + 1], *others]


def _is_enough(chosen: list[Free], others: list[Free], day: Span | None, slot: Free) -> bool:
    """Nothing that comes later can be better: enough that is best, or, of what is best on its day only, the day is over."""
    if day is None:
        return len(chosen) > ALTERNATIVES
    return slot.span.starts_at >= day.ends_at and len(others) > ALTERNATIVES


def _soonest(slot: Free) -> tuple[Span, UUID]:
    return slot.span, slot.practitioner_id


Key = Callable[[Free], tuple[object, ...]]
_CLOSENESS: dict[bool, Callable[[Need, ZoneInfo], Key]] = {
    False: lambda need, _zone: lambda slot: (abs(slot.span.starts_at - need.span.starts_at), *_soonest(slot)),
    True: lambda need, zone: lambda slot: (
        abs(minute_of_day(slot.span.starts_at, zone) - minute_of_day(need.span.starts_at, zone)), *_soonest(slot)
    ),
}  # fmt: skip
"""To the moment; on another day (True), to the hour."""


def _first(aim: Aim, need: Need, own: UUID, day: Span) -> Callable[[Free], bool]:
    """What is better than the rest."""
    match aim:
        case Aim(policy=Policy.SAME_DAY):
            is_other = aim.worker is None
            return lambda slot: slot.span.starts_at < day.ends_at and not (is_other and slot.practitioner_id == own)
        case Aim(policy=Policy.OWN, worker=None, day=None):
            return lambda slot: slot.practitioner_id == own and slot.span.starts_at >= need.span.starts_at
        case Aim(policy=Policy.OWN, worker=None):
            return lambda slot: slot.practitioner_id == own
        case _:
            return lambda _slot: True
