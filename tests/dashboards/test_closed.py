"""What a change of rights leaves of the figures: nothing that is not one's own."""

from medcab import clock, db
from medcab.access import Role
from medcab.accounts.models import Factor, Membership, Person
from medcab.accounts.service import actor_for
from medcab.accounts.sessions import service as sessions
from medcab.dashboards import service
from medcab.dashboards.rules.address import Address
from medcab.finance import service as finance
from tests.cast import CLINIC, MORNING, OTHER_WARD, WARD, Cast


async def test_a_head_who_only_works_elsewhere_sees_nothing_of_it(database: str, cast: Cast) -> None:
    """Neither figures nor money of the ward in which they are a doctor."""
    async with db.transaction() as session:
        session.add(
            Membership(
                person_id=cast.head.person_id, organisation_id=CLINIC, department_id=OTHER_WARD, role=Role.SPECIALIST,
                since=clock.today(),
            )
        )  # fmt: skip
        person = await session.get(Person, cast.head.person_id)
        assert person
        token = (await sessions.start(session, person, Factor.TOTP)).token
    async with db.reading() as session:
        both = await actor_for(session, token)
        assert both
        assert {WARD, OTHER_WARD} <= both.department_ids
        assert [place.id for place in await service.departments(session, both)] == [WARD]
        assert [place.id for place in await finance.departments(session, both)] == [WARD]
        assert not await service.sees(session, both, OTHER_WARD)


def test_an_address_is_no_longer_than_its_column() -> None:
    given = {"rows": "weekday:" + "0" * 900, "cases": "x" * 900, "doctor": "d" * 900, "kind": "k" * 900}
    assert len(str(Address.read(given, today=MORNING.date()))) < 400
