"""What may happen to a visit: booked → arrived (→ started) → done, or no-show, or cancelled; and a wrong mark taken back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.errors import Conflict, Invalid
from medcab.schedule.rules.slots import MINUTE, Span, day_of

LATE = timedelta(hours=24)
"""A cancellation closer to the visit than this leaves a hole that is hardly filled (domain: shown apart)."""
CANCEL_UNDO = timedelta(minutes=10)
MARK_UNDO = timedelta(days=7)
LONGEST_REASON = 200
MISTAKE = "Ошибка записи"
"""Why a booking that should not have been is called off: the patient is as if it had not."""


class VisitKind(StrEnum):
    """What a visit is for."""

    FIRST = "first"
    REPEAT = "repeat"
    PROPHYLACTIC = "prophylactic"


class Payer(StrEnum):
    """Who pays for a visit."""

    OMS = "oms"
    DMS = "dms"
    PAID = "paid"
    BUDGET = "budget"


class AppointmentStatus(StrEnum):
    """Where a visit stands; an offered one holds its time for somebody of the waiting list who has not answered yet."""

    OFFERED = "offered"
    BOOKED = "booked"
    ARRIVED = "arrived"
    DONE = "done"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """What a person can do with a visit."""

    ARRIVED = "arrived"
    STARTED = "started"
    DONE = "done"
    NO_SHOW = "no_show"
    MOVE = "move"
    CANCEL = "cancel"
    UNDO = "undo"


_S = AppointmentStatus
LIVING = frozenset({_S.OFFERED, _S.BOOKED, _S.ARRIVED, _S.DONE})
"""These hold the worker's time; the database lets no two of them overlap."""

_FROM: dict[Act, frozenset[AppointmentStatus]] = {
    Act.ARRIVED: frozenset({_S.BOOKED}),
    Act.STARTED: frozenset({_S.ARRIVED}),
    Act.DONE: frozenset({_S.ARRIVED}),
    Act.NO_SHOW: frozenset({_S.BOOKED}),
    Act.MOVE: frozenset({_S.BOOKED}),
    Act.CANCEL: frozenset({_S.BOOKED, _S.ARRIVED}),
    Act.UNDO: frozenset({_S.ARRIVED, _S.DONE, _S.NO_SHOW, _S.CANCELLED}),
}
MARKS = frozenset({Act.ARRIVED, Act.STARTED, Act.DONE, Act.NO_SHOW, Act.UNDO})

STATUS_TITLES: dict[AppointmentStatus, str] = {
    _S.OFFERED: "Предложен",
    _S.BOOKED: "Записан",
    _S.ARRIVED: "Пришёл",
    _S.DONE: "Принят",
    _S.NO_SHOW: "Не пришёл",
    _S.CANCELLED: "Отменён",
}
KIND_TITLES: dict[VisitKind, str] = {
    VisitKind.FIRST: "Первичный",
    VisitKind.REPEAT: "Повторный",
    VisitKind.PROPHYLACTIC: "Профилактический",
}
PAYER_TITLES = {Payer.OMS: "ОМС", Payer.DMS: "ДМС", Payer.PAID: "Платно", Payer.BUDGET: "Бюджет"}


class NotAllowed(Conflict):
    """The visit stands where this cannot be done with it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What the rules need to know of an appointment; the field names are its columns."""

    organisation_id: UUID
    department_id: UUID
    practitioner_id: UUID
    status: AppointmentStatus
    starts_at: datetime
    ends_at: datetime
    arrived_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    held_until: datetime | None = None
    confirmed_at: datetime | None = None
    is_over: bool = False
    over_reason: str = ""
    kind: VisitKind = VisitKind.FIRST

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    @property
    def holds_time(self) -> bool:
        """Whether nobody else may have the worker, the room and the devices then: what was booked on top of the plan takes none."""
        return self.status in LIVING and not self.is_over


def refusal(visit: Visit, act: Act, now: datetime, zone: ZoneInfo) -> str:
    """Why this cannot be done now, a sentence; empty when it can."""
    if visit.status not in _FROM[act] or (act is Act.STARTED and visit.started_at):
        return f"Так отметить нельзя: приём уже в состоянии «{title_of(visit)}»."
    if act is Act.UNDO:
        return _too_late_to_undo(visit, now)
    return _wrong_time(visit, act, now, zone)


def allowed(visit: Visit, now: datetime, zone: ZoneInfo, asked: Iterable[Act] = tuple(Act)) -> list[Act]:
    """Everything (of what is asked for) that can be done with the visit now, the likeliest first."""
    return [act for act in asked if not refusal(visit, act, now, zone)]


def _wrong_time(visit: Visit, act: Act, now: datetime, zone: ZoneInfo) -> str:
    day, today = day_of(visit.starts_at, zone), day_of(now, zone)
    is_over = now >= visit.ends_at and visit.status is _S.BOOKED
    problems = {
        Act.ARRIVED: (today < day, "Отметить приход можно в день приёма."),
        Act.STARTED: (today != day, "Начало приёма отмечают в тот же день."),
        Act.NO_SHOW: (now < visit.starts_at, "Отметить неявку можно, когда время приёма наступит."),
        Act.MOVE: (is_over, "Время приёма прошло: отметьте приход или неявку и запишите пациента заново."),
        Act.CANCEL: (is_over, "Время приёма прошло: отметьте приход или неявку."),
    }
    is_wrong, sentence = problems.get(act, (False, ""))
    return sentence if is_wrong else ""


def _too_late_to_undo(visit: Visit, now: datetime) -> str:
    if visit.status is _S.CANCELLED and visit.cancelled_at and now - visit.cancelled_at > CANCEL_UNDO:
        return "Вернуть отменённый приём можно в течение 10 минут. Запишите пациента заново."
    if now - visit.starts_at > MARK_UNDO:
        return "Отметку старше недели изменить нельзя: она уже в отчётах."
    return ""


def title_of(visit: Visit) -> str:
    """The status in a word, with «На приёме» for a visit that is going on."""
    return "На приёме" if visit.status is _S.ARRIVED and visit.started_at else STATUS_TITLES[visit.status]


def _demand(visit: Visit, act: Act, now: datetime, zone: ZoneInfo) -> None:
    if sentence := refusal(visit, act, now, zone):
        raise NotAllowed(sentence)


def marked(visit: Visit, act: Act, now: datetime, zone: ZoneInfo) -> Visit:
    """The visit after one of `MARKS`, or `NotAllowed`."""
    _demand(visit, act, now, zone)
    match act:
        case Act.ARRIVED:
            return replace(visit, status=_S.ARRIVED, arrived_at=now)
        case Act.STARTED:
            return replace(visit, started_at=now)
        case Act.DONE:
            return replace(visit, status=_S.DONE, finished_at=now)
        case Act.NO_SHOW:
            return replace(visit, status=_S.NO_SHOW)
        case Act.UNDO:
            return _undone(visit)
        case _:
            raise NotAllowed


def is_already(visit: Visit, act: Act) -> bool:
    """Whether the mark stands: by a second click, or because a colleague was faster."""
    match act:
        case Act.STARTED:
            return visit.status is _S.ARRIVED and visit.started_at is not None
        case Act.ARRIVED:
            return visit.status is _S.ARRIVED and visit.started_at is None
        case Act.DONE | Act.NO_SHOW:
            return visit.status == act.value
        case _:
            return False


def _undone(visit: Visit) -> Visit:
    """One step back: what stood before the last mark follows from the moments that are kept."""
    match visit.status:
        case _S.CANCELLED:
            before = _S.ARRIVED if visit.arrived_at else _S.BOOKED
            return replace(visit, status=before, cancelled_at=None, cancel_reason="")
        case _S.DONE:
            return replace(visit, status=_S.ARRIVED, finished_at=None)
        case _S.ARRIVED if visit.started_at:
            return replace(visit, started_at=None)
        case _:
            return replace(visit, status=_S.BOOKED, arrived_at=None)


def reason_of(text: str, *, missing: str, field: str) -> str:
    """Why something is done, as the journal keeps it; `Invalid` with the sentence `missing` where none is given."""
    why = " ".join(text.split())
    if not why:
        raise Invalid(missing, field=field)
    if len(why) > LONGEST_REASON:
        raise Invalid(f"Не больше {LONGEST_REASON} знаков.", field=field)
    return why


def cancelled(visit: Visit, reason: str, now: datetime, zone: ZoneInfo) -> Visit:
    """The visit called off; a reason is needed (`Invalid`), as is a visit still ahead (`NotAllowed`)."""
    _demand(visit, Act.CANCEL, now, zone)
    why = reason_of(reason, missing="Укажите причину отмены.", field="reason")
    return replace(visit, status=_S.CANCELLED, cancelled_at=now, cancel_reason=why)


def moved(
    visit: Visit, to: Span, now: datetime, zone: ZoneInfo, *, department_id: UUID, practitioner_id: UUID
) -> Visit:
    """The same visit at another time, perhaps with another worker: not confirmed for it, and no longer on top of a plan; or `NotAllowed`."""
    _demand(visit, Act.MOVE, now, zone)
    return replace(
        visit, starts_at=to.starts_at, ends_at=to.ends_at, department_id=department_id, practitioner_id=practitioner_id,
        confirmed_at=None, is_over=False, over_reason="",
    )  # fmt: skip


def former(visit: Visit) -> dict[str, Any]:
    """What a move changes of a visit, as it is before."""
    return {name: getattr(visit, name) for name in _MOVED}


_MOVED = ("practitioner_id", "department_id", "starts_at", "ends_at", "confirmed_at", "is_over", "over_reason")


def put_back(visit: Visit, former: Visit, now: datetime, zone: ZoneInfo) -> Visit:
    """The visit where it was, and as it was: confirmed for that time, on top of that plan; or `NotAllowed`."""
    _demand(visit, Act.MOVE, now, zone)
    return former


def waited_minutes(visit: Visit) -> int | None:
    """Whole minutes from the planned time, or the arrival when later, to the start (domain 4); None when no start is known."""
    if visit.started_at is None or visit.status not in (_S.ARRIVED, _S.DONE):
        return None
    ready = max(visit.starts_at, visit.arrived_at or visit.starts_at)
    return max(0, (visit.started_at - ready) // MINUTE)


def is_late_cancelled(visit: Visit) -> bool:
    """Called off less than 24 hours before."""
    return visit.cancelled_at is not None and visit.starts_at - visit.cancelled_at < LATE
