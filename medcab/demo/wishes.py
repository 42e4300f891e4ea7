"""A dozen patients who wait for a time that is not free: with a doctor or a specialty, in a hurry or not, some of them for long."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from medcab.demo.clinic import CLINICS, WARDS, identity
from medcab.demo.loader import insert
from medcab.demo.patients import Patient
from medcab.demo.receptions import Job
from medcab.schedule.rules.visits import VisitKind
from medcab.schedule.rules.waiting import Urgency, WishState
from medcab.schedule.waiting.models import Wish

_COUNT = 12
_EVENING, _MORNING = (18 * 60, 20 * 60), (8 * 60, 9 * 60 + 30)
_DAYS = (0b0001010, 0b0100000, 0b0010101)
"""Tuesday and Thursday, Saturday, every other working day."""
_NOTES = ("", "Просит звонить после 17:00", "", "Готов прийти в тот же день")


def load(connection: sa.Connection, jobs: list[Job], patients: list[Patient], now: datetime, today: date) -> None:
    """In the first clinic; the doctor whose day visitors look at first is waited for by nobody, so that they find it as they left it."""
    clinic = next(iter(CLINICS))
    doctors = [job for job in jobs if job.clinic == clinic and not job.expired and job.login != "terapevt"]
    people = [one for one in patients if one.clinic == clinic]
    if doctors:
        insert(connection, Wish, [_wish(number, doctors, people[-1 - number], now, today) for number in range(_COUNT)])


def _wish(number: int, doctors: list[Job], patient: Patient, now: datetime, today: date) -> dict[str, Any]:
    job = doctors[number * 5 % len(doctors)]
    by_name, (starts, ends) = number % 3 != 0, (_EVENING, _MORNING)[number % 2]
    made = now - timedelta(days=number * 3, minutes=number * 17)
    return {
        "id": identity("wish", str(number)), "organisation_id": CLINICS[job.clinic].id, "department_id": WARDS[job.ward].id,
        "patient_id": patient.id, "practitioner_id": job.doctor_id if by_name else None, "specialty": job.specialty.title,
        "kind": (VisitKind.FIRST, VisitKind.REPEAT)[number % 2], "urgency": tuple(Urgency)[number % 3], "weekdays": _DAYS[number % 3],
        "starts": starts, "ends": ends, "since": today, "until": today + timedelta(days=14 + number), "note": _NOTES[number % 4],
        "state": WishState.WAITING, "appointment_id": None, "offers": number % 4, "created_at": made, "created_by_id": job.doctor_id,
        "version": 1,
    }  # fmt: skip
