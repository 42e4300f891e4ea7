"""The main clinic's list of rooms and equipment, and what the visits ahead take of it.

A room is on the list when no two doctors of the demo share it, so that nothing stands there twice.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from medcab import clock
from medcab.demo import loader
from medcab.demo.clinic import CLINICS, WARDS, identity
from medcab.demo.receptions import Job
from medcab.demo.visits import CANCELLED, NO_SHOW, Visits
from medcab.schedule.resources.models import Resource, ResourceClosed, ResourceKind

CLINIC = "п7"
_OPENS, _CLOSES = 7 * 60, 21 * 60
DEVICES = (
    ("УЗИ-аппарат", "консультации", "передвижной, второй этаж"), ("ЭКГ", "терапия", "двенадцать каналов"),
    ("Холтер", "консультации", "суточная запись"), ("Дерматоскоп", None, "у старшей сестры"),
)  # fmt: skip
_SERVICE_AHEAD, _SERVICE_FROM, _SERVICE_TO = 2, 20, 21


def listed(jobs: list[Job]) -> dict[str, int]:
    """Rooms of the clinic in which one doctor sees patients, with the number of the job."""
    shared = Counter(job.room for job in jobs if job.clinic == CLINIC)
    return {job.room: number for number, job in enumerate(jobs) if job.clinic == CLINIC and shared[job.room] == 1}


def load(connection: sa.Connection, jobs: list[Job], visits: Visits, ids: list[str], today: date) -> None:
    """Rooms, devices, one service to come, and the rows of visits from today on."""
    rooms = listed(jobs)
    kept = [_row(ResourceKind.ROOM, name, jobs[number].ward, "", _OPENS, _CLOSES) for name, number in rooms.items()]
    kept += [_row(ResourceKind.DEVICE, name, ward, note) for name, ward, note in DEVICES]
    loader.insert(connection, Resource, kept)
    day = today + timedelta(days=_SERVICE_AHEAD)
    loader.insert(connection, ResourceClosed, [{
        "id": identity("service", DEVICES[0][0]), "resource_id": identity("resource", DEVICES[0][0]), "reason": "Поверка",
        "starts_at": datetime.combine(day, time(_SERVICE_FROM), clock.MOSCOW), "ends_at": datetime.combine(day, time(_SERVICE_TO), clock.MOSCOW),
    }])  # fmt: skip
    _load_taken(connection, rooms, visits, ids, today)


def _row(
    kind: ResourceKind, name: str, ward: str | None, note: str, starts: int = 0, ends: int = 24 * 60
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": identity("resource", name), "organisation_id": CLINICS[CLINIC].id, "department_id": WARDS[ward].id if ward else None, "kind": kind,
        "name": name, "note": note, "weekdays": 127, "starts": starts, "ends": ends, "removed_at": None,
    }  # fmt: skip


def _load_taken(connection: sa.Connection, rooms: dict[str, int], visits: Visits, ids: list[str], today: date) -> None:
    by_job = {number: identity("resource", name).hex for name, number in rooms.items()}
    midnight = int(datetime.combine(today, time(), clock.MOSCOW).timestamp()) // 60
    chosen = np.flatnonzero((visits.starts >= midnight) & np.isin(visits.job, list(by_job)))
    starts = visits.starts[chosen]
    loader.pour(connection, "appointment_resource", {
        "appointment_id": [ids[number] for number in chosen.tolist()], "resource_id": [by_job[job] for job in visits.job[chosen].tolist()],
        "starts_at": loader.moments(connection, starts, -1), "ends_at": loader.moments(connection, starts + visits.minutes[chosen], -1),
        "is_held": (~np.isin(visits.status[chosen], (CANCELLED, NO_SHOW))).tolist(),
    })  # fmt: skip
