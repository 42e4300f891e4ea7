"""Visits that another worker led than the plan said: which of them can be handed over, and which hours go with them; one way, or two doctors
each other's at once. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.accounts.rules.right import Right
from medcab.errors import Invalid
from medcab.schedule.rules import visits
from medcab.schedule.rules.slots import Span, day_of, slots
from medcab.schedule.rules.visits import AppointmentStatus, Visit

MOST_DAYS = 31
OLDEST = timedelta(days=366)
_S = AppointmentStatus
_COUNTED = frozenset({_S.BOOKED, _S.ARRIVED, _S.DONE, _S.NO_SHOW})
"""These have a place in the hours; what was called off has none."""
_TOOK_PLACE = frozenset({_S.ARRIVED, _S.DONE})


@dataclass(frozen=True)
class Task:
    """Who was written down (`who`), who really led the visits (`to`), and of which days, both included; `is_swap`: each led the other's."""

    who: UUID
    to: UUID
    since: date
    until: date
    is_swap: bool = False

    @property
    def ways(self) -> tuple["Task", ...]:
        """One way; of a swap, the other as well."""
        there = replace(self, is_swap=False)
        return (there, replace(there, who=self.to, to=self.who)) if self.is_swap else (there,)


def demand(task: Task, today: date) -> None:
    """Days that have come, not too long ago and not too many; two different people; or `Invalid`."""
    if task.who == task.to:
        raise Invalid("Выберите двух разных врачей.")
    if task.until < task.since:
        raise Invalid("Последний день раньше первого.")
    if task.until > today:
        raise Invalid("Передать можно приёмы, которые уже были. Для будущих есть «Перенос приёмов».")
    if task.since < today - OLDEST:
        raise Invalid("Передать можно приёмы не старше года.")
    if (task.until - task.since).days >= MOST_DAYS:
        raise Invalid(f"За один раз — не больше {MOST_DAYS} дней. Передайте по частям.")


def reason_of(text: str) -> str:
    """Why it is done: it stays in the journal."""
    return visits.reason_of(text, missing="Укажите, почему приёмы записаны не на того врача.", field="reason")


def is_led(visit: Visit, now: datetime) -> bool:
    """Whether it is a thing of the past, whatever came of it: its time has come, or the patient has."""
    return visit.status is not _S.OFFERED and (visit.starts_at <= now or visit.status in (_S.ARRIVED, _S.DONE))


def took_place(visit: Visit) -> bool:
    """Whether somebody saw the patient, or is seeing them."""
    return visit.status in _TOOK_PLACE


@dataclass(frozen=True, slots=True)
class Worked:
    """Hours of a reception as it was offered; without an `id` they are not written down (yet)."""

    id: UUID | None
    practitioner_id: UUID
    organisation_id: UUID
    department_id: UUID
    span: Span
    slot_minutes: int
    room: str
    specialty: str

    def is_of(self, visit: Visit) -> bool:
        """Whether they are of the same place."""
        return (self.organisation_id, self.department_id) == (visit.organisation_id, visit.department_id)

    def has(self, visit: Visit) -> bool:
        """Whether the visit begins in these hours."""
        return self.is_of(visit) and self.span.starts_at <= visit.starts_at < self.span.ends_at

    def goes_on(self, other: "Worked") -> bool:
        """Whether the other is the same reception a moment later: the cuts between slots stay where they were."""
        is_same = replace(self, id=None, span=other.span) == replace(other, id=None)
        return is_same and self.span.ends_at == other.span.starts_at and self.span.minutes % self.slot_minutes == 0

    def with_next(self, other: "Worked") -> "Worked":
        return replace(self, id=None, span=Span(self.span.starts_at, other.span.ends_at))


@dataclass(frozen=True)
class Other:
    """What is known of whoever really led the visits: on which days they worked here, their own visits, hours (in any clinic), absences in
    words, days without reception in words, and what they may practise."""

    name: str
    works: frozenset[date]
    busy: tuple[Span, ...]
    hours: tuple[Worked, ...]
    absent: tuple[tuple[Span, str], ...]
    closed: tuple[tuple[Span, str], ...]
    right: Right

    def but_for(self, visits: Iterable[Visit], hours: Collection[Worked]) -> "Other":
        """The same once these visits and hours of theirs are somebody else's."""
        spans = {each.span for each in visits if each.holds_time}
        busy = tuple(span for span in self.busy if span not in spans)
        return replace(self, busy=busy, hours=tuple(each for each in self.hours if each not in hours))


def why_not(visit: Visit, other: Other, zone: ZoneInfo, *, is_billed: bool) -> str:
    """Why this visit cannot be the other worker's, a sentence; empty: it can."""
    if is_billed:
        return "Стоит в реестре плательщика. Если врач в нём не тот, администратор клиники может отозвать строку, пока ответа нет."
    if day_of(visit.starts_at, zone) not in other.works:
        return f"{other.name}: в этот день в клинике не работает."
    if words := next((words for span, words in other.absent if span.overlaps(visit.span)), ""):
        return f"{other.name}: по записям отсутствует {words}. Если врач всё-таки работал, сократите отсутствие в «Отсутствии врача»."
    if visit.holds_time and any(span.overlaps(visit.span) for span in other.busy):
        return f"{other.name}: в это время есть свой приём."
    if elsewhere := [each for each in other.hours if each.span.overlaps(visit.span) and not each.is_of(visit)]:
        is_here = any(each.organisation_id == visit.organisation_id for each in elsewhere)
        return f"{other.name}: в это время часы приёма в другом {'отделении' if is_here else 'месте'}."
    return ""


def doubt(visit: Visit, specialty: str, other: Other, zone: ZoneInfo) -> str:
    """What makes one wonder, a sentence; the reason that is given answers for it. Empty: nothing."""
    day, found = day_of(visit.starts_at, zone), []
    if why := other.right.why_not(day, specialty):
        found.append(why)
    if words := next((words for span, words in other.closed if span.overlaps(visit.span)), ""):
        found.append(f"день был без приёма{words}")
    return f"{other.name}: {'; '.join(found)}. Передать можно." if found else ""


def counts(visit: Visit) -> bool:
    """Whether it has a place in the hours of its day."""
    return visit.status in _COUNTED


@dataclass(frozen=True)
class Shift:
    """Which hours change hands: `before` are replaced by `kept` (whose they were) and `given` (whose they really were)."""

    before: tuple[Worked, ...] = ()
    kept: tuple[Worked, ...] = ()
    given: tuple[Worked, ...] = ()


def shift(
    hours: Sequence[Worked], going: Iterable[Visit], staying: Iterable[Visit], other: Other, to: UUID, now: datetime
) -> Shift:
    """Hours go with their visits, whole slots. Free time goes with the visit before it, at the beginning with the one after it: a list that
    goes whole takes all of its hours along. What is still ahead stays, and so does time in which the other has hours of their own."""
    led, held = [each for each in going if counts(each)], [each for each in staying if counts(each)]
    taken = [each.span for each in other.hours]
    before: list[Worked] = []
    kept: list[Worked] = []
    given: list[Worked] = []
    for each in hours:
        parts = _parts(each, led, held, taken, now)
        is_alone = not any(each.span.overlaps(one.span) for one in hours if one is not each)
        if is_alone and any(goes for _, goes in parts):
            before.append(each)
            kept += [replace(each, id=None, span=span) for span, goes in parts if not goes]
            given += [replace(each, id=None, span=span, practitioner_id=to) for span, goes in parts if goes]
    return Shift(tuple(before), tuple(kept), tuple(given))


@dataclass(frozen=True)
class Half:
    """One way of a swap: whose hours, what goes and what stays of their visits, and who is on the other side."""

    hours: Sequence[Worked]
    going: Mapping[UUID, Visit]
    staying: Mapping[UUID, Visit]
    other: Other
    to: UUID

    def shifted(self, now: datetime) -> Shift:
        return shift(self.hours, self.going.values(), self.staying.values(), self.other, self.to, now)

    def stranded(self, shifted: Shift) -> list[UUID]:
        return stranded(self.hours, self.going, self.staying, self.other, shifted)


def exchanged(halves: tuple[Half, Half], now: datetime) -> tuple[tuple[Half, Shift], ...]:
    """Both ways at once: each gets the other's hours but for the time in which they keep some of their own. What one keeps takes from what the
    other can give, who then keeps more: that is asked until nothing changes. The other side as it is afterwards stands in each half."""
    kept: tuple[list[Worked], ...] = ([], [])
    while True:
        made = [
            replace(half, other=replace(half.other, hours=(*_unwritten(half.other), *theirs)))
            for half, theirs in zip(halves, reversed(kept), strict=True)
        ]
        shifts = [half.shifted(now) for half in made]
        after = tuple(
            [*(each for each in half.hours if each not in shifted.before), *shifted.kept]
            for half, shifted in zip(made, shifts, strict=True)
        )
        if after == kept:
            return tuple(zip(made, shifts, strict=True))
        kept = after


def _unwritten(other: Other) -> list[Worked]:
    """What nobody can give away: hours that are not facts yet."""
    return [each for each in other.hours if each.id is None]


def clashing(half: Half, theirs: Iterable[Visit]) -> list[UUID]:
    """Visits that would come to lie over what the other side keeps: visits that hold time, or hours of another place."""
    held = [each.span for each in theirs if each.holds_time]
    return [
        key
        for key, visit in half.going.items()
        if (visit.holds_time and any(visit.span.overlaps(span) for span in held))
        or any(each.span.overlaps(visit.span) and not each.is_of(visit) for each in half.other.hours)
    ]


def _parts(
    hours: Worked, led: Sequence[Visit], held: Sequence[Visit], taken: Sequence[Span], now: datetime
) -> list[tuple[Span, bool]]:
    """The hours from their beginning to their end, cut where they change hands."""
    led, held = (
        [each for each in visits if hours.is_of(each) and each.span.overlaps(hours.span)] for visits in (led, held)
    )
    taken = [span for span in taken if span.overlaps(hours.span)]
    owners = [(slot, _owner(slot, led, held)) for slot in slots(hours.span, hours.slot_minutes)]
    last = next((owner for _, owner in owners if owner is not None), False)
    parts: list[tuple[Span, bool]] = []
    for slot, owner in owners:
        last = last if owner is None else owner
        is_ahead = owner is None and slot.ends_at > now
        goes = last and not is_ahead and not any(slot.overlaps(span) for span in taken)
        if parts and parts[-1][1] == goes:
            parts[-1] = (Span(parts[-1][0].starts_at, slot.ends_at), goes)
        else:
            parts.append((slot, goes))
    if parts:  # what is too short for a slot stays at the end
        parts[-1] = (Span(parts[-1][0].starts_at, hours.span.ends_at), parts[-1][1])
    return parts


def _owner(slot: Span, led: Sequence[Visit], held: Sequence[Visit]) -> bool | None:
    """Whether the slot goes; None: nobody was booked into it. On top of the plan one holds the slot in which one begins, if nobody else does."""
    for is_over in (False, True):
        for goes, those in ((False, held), (True, led)):
            if any(each.is_over is is_over and _is_in(each, slot) for each in those):
                return goes
    return None


def _is_in(visit: Visit, slot: Span) -> bool:
    return slot.starts_at <= visit.starts_at < slot.ends_at if visit.is_over else visit.span.overlaps(slot)


def stranded(
    hours: Sequence[Worked], going: Mapping[UUID, Visit], staying: Mapping[UUID, Visit], other: Other, shifted: Shift
) -> list[UUID]:
    """Visits that stood in hours of their doctor and would stand in none: without hours no register knows what they are of."""
    rest = [each for each in hours if each not in shifted.before]
    will = ((going, [*other.hours, *shifted.given]), (staying, [*rest, *shifted.kept]))
    return [
        key
        for visits, after in will
        for key, visit in visits.items()
        if counts(visit) and any(each.has(visit) for each in hours) and not any(each.has(visit) for each in after)
    ]


def has_two_hours(hours: Sequence[Worked], visit: Visit) -> bool:
    """Whether hours of another place lie over those that the visit stands in: such hours do not change hands."""
    own = [each for each in hours if each.has(visit)]
    return any(each.span.overlaps(one.span) for each in own for one in hours if one is not each)


def joined(given: Iterable[Worked], own: Iterable[Worked]) -> tuple[list[Worked], list[Worked]]:
    """Hours that come to somebody are one reception with those of the same kind that they go on from, so that what is handed back is as it was.

    What is to be written, and which of their own it takes the place of.
    """
    found: list[tuple[Worked, list[Worked]]] = []
    for each in sorted([*given, *own], key=lambda each: each.span.starts_at):
        parts = [each]
        for number, (whole, of) in enumerate(found):
            if whole.goes_on(each):
                each, parts = whole.with_next(each), [*of, each]  # noqa: PLW2901
                del found[number]
                break
        found.append((each, parts))
    changed = [(whole, parts) for whole, parts in found if any(part.id is None for part in parts)]
    return [whole for whole, _ in changed], [part for _, parts in changed for part in parts if part.id is not None]
