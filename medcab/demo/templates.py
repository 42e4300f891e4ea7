"""What comes after the days that are drawn one by one: each doctor in the morning of odd weeks and the evening of even ones."""

from datetime import date, timedelta

import sqlalchemy as sa

from medcab.demo.clinic import CLINICS, WARDS, identity
from medcab.demo.loader import insert
from medcab.demo.receptions import EVENING, MORNING, Job
from medcab.schedule.models import ReceptionTemplate
from medcab.schedule.rules.templates import Weeks


def load(connection: sa.Connection, jobs: list[Job], drawn_until: date, today: date) -> None:
    """Templates that begin on the day after the last drawn one."""
    rows = [
        {
            "id": identity("template", f"{job.login}/{job.ward}/{weeks.value}"), "organisation_id": CLINICS[job.clinic].id, "department_id": WARDS[job.ward].id,
            "practitioner_id": job.doctor_id, "weekdays": sum(1 << day for day in job.post.weekdays), "weeks": weeks, "starts": before[0], "ends": after[1],
            "break_starts": before[1], "break_ends": after[0], "slot_minutes": job.specialty.minutes, "room": job.room, "specialty": job.specialty.title,
            "since": drawn_until + timedelta(days=1), "until": None, "on_holidays": False, "written_until": today,
        }
        for job in jobs if not job.expired
        for weeks, (before, after) in ((Weeks.ODD, MORNING), (Weeks.EVEN, EVENING))
    ]  # fmt: skip
    insert(connection, ReceptionTemplate, rows)
