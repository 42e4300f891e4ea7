"""What the waiting list costs: as many queries however many wait, work or have free time."""

from uuid import UUID

from medcab import clock, db
from medcab.access import Role
from medcab.accounts.models import Membership
from medcab.schedule.waiting import service
from tests.cast import CLINIC, MORNING, OTHER_WARD, WARD, Cast, person
from tests.schedule.reception import NINE, monday
from tests.schedule.waiting import counted


async def test_whom_one_may_wait_for_is_read_at_once(cast: Cast) -> None:
    await monday(cast)
    with clock.frozen(NINE):
        async with db.reading() as session:
            with counted("read") as of_few:
                few = await service.choices(session, cast.admin)
        async with db.transaction() as session:
            for number in range(100, 140):
                session.add(person(number, "Врачев"))
            await session.flush()
            for number in range(100, 140):
                session.add(Membership(person_id=UUID(int=number), organisation_id=CLINIC, department_id=OTHER_WARD, role=Role.SPECIALIST, since=MORNING.date()))  # fmt: skip
        async with db.reading() as session:
            with counted("read") as of_many:
                many = await service.choices(session, cast.admin)
    assert len(of_many) == len(of_few)
    assert len(many.workers) == len(few.workers) + 40
    wards = {key: places for key, _, places in many.workers}
    assert (wards[cast.doctor.person_id], wards[UUID(int=100)]) == ({WARD}, {OTHER_WARD})
