"""A newcomer with everything given, ready to be sent."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from medcab import clock, db
from medcab.access import Actor
from medcab.accounts.models import Person
from medcab.accounts.rules.right import Right
from medcab.documents import service as documents
from medcab.documents.kinds.rules import DocumentKind
from medcab.documents.models import StoredFile
from medcab.verification import queries, service
from medcab.verification.checking import service as checking
from medcab.verification.rules import Claim, Item, ItemState
from tests.cast import MORNING, Cast
from tests.outbox import sent
from tests.verification.people import doctor


class Applicant:
    """What one worker does, each step in a transaction of its own."""

    def __init__(self, actor: Actor, claim: Claim) -> None:
        self.actor, self.claim = actor, claim
        self.paper_ids: dict[Item, UUID] = {}

    async def give_everything(self) -> None:
        async with db.transaction() as session:
            person = await session.get(Person, self.actor.person_id)
            assert person
            assert self.claim.birth_date
            assert self.claim.employment
            person.family_name, person.given_name = self.claim.last_name, self.claim.first_name
            person.patronymic, person.birth_date = self.claim.patronymic, self.claim.birth_date
            person.snils, person.inn = self.claim.snils, self.claim.inn
            await service.save_details(
                session, self.actor, register_number=self.claim.register_number, employment=self.claim.employment,
                specialisations=self.claim.specialisations,
            )  # fmt: skip
        for paper in self.claim.documents:
            await self.give(paper.item)

    async def give(self, item: Item, **changes: object) -> None:
        """Add the paper of this kind, or correct the one that is there."""
        given = replace(self.claim.of(item)[0], **changes)
        async with db.transaction() as session:
            file = StoredFile(
                id=uuid4(),
                person_id=self.actor.person_id,
                name="скан.pdf",
                mime="application/pdf",
                size=1,
                sha256="0",
                created_at=MORNING,
            )
            session.add(file)
            await session.flush()
            paper = documents.Paper(
                kind=DocumentKind(item.value), number=given.number, series=given.series, specialty=given.speciality,
                issued_on=given.issued, file_id=file.id,
            )  # fmt: skip
            self.paper_ids[item] = await documents.save(session, self.actor, paper, replaces=self.paper_ids.get(item))

    async def remove(self, item: Item) -> None:
        async with db.transaction() as session:
            await documents.remove(session, self.actor, self.paper_ids.pop(item))

    async def confirm_by_code(self) -> None:
        async with db.transaction() as session:
            await service.send_code(session, self.actor)
        async with db.transaction() as session:
            assert await service.confirm_code(session, self.actor, code=await last_code())

    async def submit(self) -> frozenset[Item]:
        async with db.transaction() as session:
            return await service.submit(session, self.actor)

    async def retry(self) -> frozenset[Item]:
        async with db.transaction() as session:
            return await service.retry(session, self.actor)

    async def send_everything(self) -> checking.Question:
        await self.give_everything()
        await self.confirm_by_code()
        await self.submit()
        return await self.question()

    async def question(self) -> checking.Question:
        """What the register is to be asked now."""
        async with db.reading() as session:
            case = await queries.case_of(session, self.actor.person_id)
            assert case
            asked = await checking.question(session, case_id=case.id, version=case.version)
        assert asked
        return asked

    async def case(self) -> service.Case:
        async with db.reading() as session:
            return await service.overview(session, self.actor)

    async def person(self) -> Person:
        async with db.reading() as session:
            found = await session.get(Person, self.actor.person_id)
        assert found
        return found

    async def is_active(self) -> bool:
        """As every click of theirs would find it."""
        found = await self.person()
        return Right(found.standing, found.standing_until).holds_on(clock.today())

    async def states(self) -> dict[Item, ItemState]:
        return {item: finding.state for item, finding in (await self.case()).findings.items()}


async def last_code() -> str:
    """The newest SMS code in the outbox."""
    return (await sent("sms"))[-1]["text"].split(": ")[1][:6]


@pytest.fixture
def now():
    """A stopped clock, after the papers were issued."""
    with clock.frozen(MORNING) as stopped:
        yield stopped


@pytest.fixture
async def applicant(cast: Cast, now: clock.Clock) -> Applicant:
    """The unverified member of the cast."""
    return Applicant(cast.unverified, doctor())
