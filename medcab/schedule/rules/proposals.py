"""Whose visit could go where when a worker is away: each free time is proposed to one patient only. Pure and always the same."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.schedule.rules.slots import Span, bounds, day_of
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
class Need:
    """A visit that cannot stay: what it is of, when it was, and when its patient is to be elsewhere."""

    id: UUID
    span: Span
    specialty: str
    busy: tuple[Span, ...] = ()
    patient: UUID | None = None
    """Whose several visits are not proposed times that overlap."""


def propose(
    needs: Iterable[Need], offered: Sequence[Free], own: UUID, policy: Policy, zone: ZoneInfo
) -> dict[UUID, list[Free]]:
    """For each visit, the earliest first: the best time that is not proposed to another, then other good ones; empty: there is none.

    Alternatives are proposed to nobody, but may stand at several visits: whoever is settled first has them.
    """
    found: dict[UUID, list[Free]] = {}
    left: dict[str, list[Free]] = defaultdict(list)
    for slot in sorted(offered, key=_soonest):
        left[slot.specialty].append(slot)
    ordered = sorted(needs, key=lambda need: (need.span.starts_at, need.id))
    given: dict[UUID, dict[UUID, Span]] = defaultdict(dict)
    for need in ordered:
        ranked = _ranked(_with(need, given), left[need.specialty], own, policy, zone)
        found[need.id] = ranked[:1]
        if ranked:
            left[need.specialty].remove(ranked[0])
            given[need.patient or need.id][need.id] = ranked[0].span
    for need in ordered:
        found[need.id] += _ranked(_with(need, given), left[need.specialty], own, policy, zone)[:ALTERNATIVES]
    return found


def _with(need: Need, given: dict[UUID, dict[UUID, Span]]) -> Need:
    """The patient is to be where their other visits are proposed as well."""
    others = tuple(span for key, span in given[need.patient or need.id].items() if key != need.id)
    return replace(need, busy=need.busy + others)


def _ranked(need: Need, left: list[Free], own: UUID, policy: Policy, zone: ZoneInfo) -> list[Free]:
    """The best few, the best first; never on an earlier day, for which the patient has other plans."""
    day = day_of(need.span.starts_at, zone)
    begins = bounds(day, 1, zone).starts_at
    first = _FIRST[policy](need, own, day, zone)
    chosen: list[Free] = []
    others: list[Free] = []
    for slot in left:
        if slot.span.starts_at < begins or any(slot.span.overlaps(other) for other in need.busy):
            continue
        if first(slot):
            chosen.append(slot)
        elif len(others) <= ALTERNATIVES:
            others.append(slot)
    if policy is Policy.SAME_DAY:
        chosen.sort(key=lambda slot: (abs(slot.span.starts_at - need.span.starts_at), _soonest(slot)))
    return [*chosen[: ALTERNATIVES + 1], *others]


def _soonest(slot: Free) -> tuple[Span, UUID]:
    return slot.span, slot.practitioner_id


First = Callable[[Free], bool]
_FIRST: dict[Policy, Callable[[Need, UUID, date, ZoneInfo], First]] = {
    Policy.SAME_DAY: lambda _need, own, day, zone: (
        lambda slot: slot.practitioner_id != own and day_of(slot.span.starts_at, zone) == day
    ),
    Policy.OWN: lambda _need, own, _day, _zone: lambda slot: slot.practitioner_id == own,
    Policy.SOONEST: lambda _need, _own, _day, _zone: lambda _slot: True,
}
