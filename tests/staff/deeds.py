"""What an administrator does about the clinic's people."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlmodel import select

from medcab import db
from medcab.access import Actor, Role
from medcab.accounts.models import Membership
from medcab.schedule.models import Appointment
from medcab.schedule.rules.visits import AppointmentStatus, VisitKind
from medcab.staff.person import service
from medcab.staff.service import NewPlace
from tests.cast import CLINIC, MORNING, WARD, Cast

DAY = timedelta(days=1)
NURSE = NewPlace(Role.NURSE, WARD, "медсестра", 50)


async def membership_of(actor: Actor) -> UUID:
    async with db.reading() as session:
        query = select(Membership.id).where(Membership.person_id == actor.person_id)
        return (await session.exec(query)).first() or uuid4()


async def do(verb, actor: Actor, **facts):
    async with db.transaction() as session:
        return await verb(session, actor, **facts)


async def suspend(cast: Cast, whom: Actor, *, until: str = "", agreed: bool = True) -> None:
    await do(
        service.suspend, cast.admin, person_id=whom.person_id, until=until, reason="Служебная проверка", agreed=agreed
    )


async def dismiss(cast: Cast, whom: Actor, last: date, *, agreed: bool = True) -> None:
    last_day = last.strftime("%d.%m.%Y")
    await do(service.dismiss, cast.admin, person_id=whom.person_id, last_day=last_day, reason="", agreed=agreed)


async def second_admin(cast: Cast) -> None:
    await do(
        service.add_place, cast.admin, person_id=cast.head.person_id, place=NewPlace(Role.CLINIC_ADMIN, None, "", 100)
    )


async def visit(cast: Cast, starts, *, status: AppointmentStatus = AppointmentStatus.BOOKED) -> None:
    async with db.transaction() as session:
        session.add(
            Appointment(
                organisation_id=CLINIC, department_id=WARD, practitioner_id=cast.doctor.person_id, patient_id=cast.patient_id,
                kind=next(iter(VisitKind)), status=status, starts_at=starts, ends_at=starts + timedelta(minutes=15), booked_at=MORNING,
            )
        )  # fmt: skip


def verbs(person_id: UUID, membership_id: UUID) -> dict[str, tuple]:
    """Everything that can be done about a person, with facts that would do."""
    return {
        "look": (service.look, {"person_id": person_id}),
        "add_place": (service.add_place, {"person_id": person_id, "place": NewPlace(Role.PHARMACIST, None, "", 100)}),
        "change_place": (service.change_place, {"membership_id": membership_id, "place": NURSE}),
        "end_place": (service.end_place, {"membership_id": membership_id}),
        "suspend": (service.suspend, {"person_id": person_id, "until": "", "reason": "x", "agreed": True}),
        "restore": (service.restore, {"person_id": person_id}),
        "dismiss": (service.dismiss, {"person_id": person_id, "last_day": "30.11.2026", "reason": "", "agreed": True}),
        "keep": (service.keep, {"person_id": person_id}),
    }
