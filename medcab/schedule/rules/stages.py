"""Where a patient is on the day of the visit: expected, waiting, with the doctor, gone. Pure."""

from datetime import datetime
from enum import StrEnum

from medcab.schedule.rules.visits import AppointmentStatus, Visit


class Stage(StrEnum):
    """In the order of a day."""

    WAITING = "waiting"
    INSIDE = "inside"
    EXPECTED = "expected"
    OVER = "over"


STAGE_TITLES: dict[Stage, str] = {
    Stage.WAITING: "Ждут приёма", Stage.INSIDE: "На приёме", Stage.EXPECTED: "Ожидаются", Stage.OVER: "Приняты и не пришли",
}  # fmt: skip
_STAGES = {
    AppointmentStatus.BOOKED: Stage.EXPECTED, AppointmentStatus.ARRIVED: Stage.WAITING, AppointmentStatus.DONE: Stage.OVER,
    AppointmentStatus.NO_SHOW: Stage.OVER,
}  # fmt: skip


def stage_of(visit: Visit) -> Stage | None:
    """None: an offer, or a visit that was called off."""
    return Stage.INSIDE if visit.status is AppointmentStatus.ARRIVED and visit.started_at else _STAGES.get(visit.status)


def since(visit: Visit) -> datetime | None:
    """From when a patient waits (the planned time, or the arrival when later: domain 4), or since when they are with the doctor."""
    match stage_of(visit):
        case Stage.WAITING:
            return max(visit.starts_at, visit.arrived_at or visit.starts_at)
        case Stage.INSIDE:
            return visit.started_at
        case _:
            return None
