"""What the dialog of a visit tells beside its line: when, with whom, where; and the patient's phone, which is asked for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.models import Department, Person
from medcab.errors import NotFound
from medcab.identifiers import person_name
from medcab.patients.models import Patient
from medcab.schedule import queries
from medcab.schedule.models import Appointment
from medcab.schedule.queries import within
from medcab.schedule.resources.models import ResourceKind
from medcab.schedule.resources.queries import rows_of
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.visits import Payer


@dataclass(frozen=True)
class Place:
    """When and where a visit is; `rooms` and `devices` are those that it takes."""

    starts_at: datetime
    doctor: str
    department: str
    rooms: tuple[str, ...]
    devices: tuple[str, ...]
    payer: Payer


async def place(session: AsyncSession, actor: Actor, appointment_id: UUID) -> Place:
    """Of a visit in the actor's scope."""
    require(actor, Permission.SCHEDULE_READ)
    query = (
        sa.select(Appointment, col(Department.name), col(Person.family_name), col(Person.given_name), col(Person.patronymic))
        .join(Person, col(Person.id) == col(Appointment.practitioner_id))
        .join(Department, col(Department.id) == col(Appointment.department_id))
        .where(col(Appointment.id) == appointment_id, within(actor, Appointment))
    )  # fmt: skip
    found = (await session.execute(query)).first()
    if found is None:
        raise NotFound("Приём не найден.")
    visit, department, *names = found
    things = [row for _, row in await rows_of(session, [appointment_id])]
    rooms, devices = (
        tuple(row.name for row in things if row.kind is kind) for kind in (ResourceKind.ROOM, ResourceKind.DEVICE)
    )
    if not rooms:  # the clinic's list may not have it, and a visit on top of the plan takes none
        span = Span(visit.starts_at, visit.ends_at)
        hours = await queries.hours_at(session, visit.practitioner_id, visit.organisation_id, span)
        rooms = tuple({each.room: None for each in hours if each.room})
    return Place(visit.starts_at, person_name.short(*names), department, rooms, devices, visit.payer)


async def phone(session: AsyncSession, actor: Actor, appointment_id: UUID) -> str:
    """The patient's, for whoever plans visits in this scope; the look is journalled."""
    require(actor, Permission.SCHEDULE_EDIT)
    query = (
        sa.select(col(Patient.id), col(Patient.phone))
        .join(Appointment, col(Appointment.patient_id) == col(Patient.id))
        .where(col(Appointment.id) == appointment_id, within(actor, Appointment))
    )
    found = (await session.execute(query)).first()
    if found is None:
        raise NotFound("Приём не найден.")
    audit.record(session, actor, Action.PATIENT_PHONE, found.id, appointment=appointment_id)
    return found.phone
