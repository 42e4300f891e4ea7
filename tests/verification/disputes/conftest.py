"""A worker whose diploma the register sees otherwise, two operators of the clinic, and one of another clinic."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from medcab import clock, db
from medcab.access import Actor, Role
from medcab.accounts.models import Membership, Standing
from medcab.documents import service as documents
from medcab.documents.kinds.rules import DocumentKind
from medcab.documents.models import StoredFile
from medcab.verification.checking import service as checking
from medcab.verification.disputes import service as worker
from medcab.verification.disputes.desk import service as desk
from medcab.verification.disputes.models import Dispute
from medcab.verification.rules import Item, RegisterRecord, compare
from tests.cast import CLINIC, MORNING, OTHER_CLINIC, Cast, person
from tests.verification.conftest import Applicant
from tests.verification.people import CARDIOLOGY, doctor, held

WHY = "В дипломе номер другой, см. приложенный скан."
FAR = date(2028, 2, 1)


@dataclass(frozen=True)
class Operators:
    """`stranger` decides for another clinic, which has two operators as well."""

    first: Actor
    second: Actor
    stranger: Actor


@pytest.fixture
async def operators(cast: Cast) -> Operators:
    async with db.transaction() as session:
        for number, clinic in ((21, CLINIC), (22, OTHER_CLINIC), (23, OTHER_CLINIC)):
            session.add(person(number, f"Оператор{number}", standing=Standing.UNVERIFIED))
            session.add(Membership(person_id=UUID(int=number), organisation_id=clinic, role=Role.SUPPORT, since=date(2020, 1, 1)))  # fmt: skip
    return Operators(cast.support, operator(21, CLINIC), operator(22, OTHER_CLINIC))


def operator(number: int, clinic: UUID) -> Actor:
    return Actor(
        person_id=UUID(int=number), session_id=UUID(int=0x1000 + number), name=f"Оператор{number} А. П.", organisation_id=clinic,
        roles=frozenset({Role.SUPPORT}),
    )  # fmt: skip


class Quarrel:
    """One worker against the register, each step in a transaction of its own."""

    def __init__(self, applicant: Applicant, operators: Operators) -> None:
        self.applicant, self.operators, self.actor = applicant, operators, applicant.actor
        self.record: RegisterRecord = held(applicant.claim)

    async def sent(self) -> None:
        await self.applicant.send_everything()

    def wrong(self, item: Item, **changes: Any) -> None:
        """The register holds something else of this paper; nothing at all: `None`."""
        papers = tuple(replace(each, **changes) if each.item is item else each for each in self.record.documents)
        self.record = replace(self.record, documents=papers)

    def without(self, item: Item) -> None:
        self.record = replace(
            self.record, documents=tuple(each for each in self.record.documents if each.item is not item)
        )

    async def answered(self) -> None:
        """The register answers the open question."""
        asked = await self.applicant.question()
        found = compare(asked.claim, self.record, today=clock.today(), items=asked.items)
        async with db.transaction() as session:
            await checking.accept(session, asked, found, outcome="answered")

    async def paper(self, kind: str = "other", **more: Any) -> UUID:
        """One more paper of the worker's, with a file."""
        return await keep_paper(self.actor, kind, **more)

    async def begin(self, item: Item = Item.DIPLOMA, *papers: UUID, text: str = WHY) -> UUID:
        laid = list(papers) or [await self.paper()]
        async with db.transaction() as session:
            return await worker.begin(session, self.actor, item=item, text=text, document_ids=laid)

    async def dispute(self, dispute_id: UUID) -> Dispute:
        async with db.reading() as session:
            found = await session.get(Dispute, dispute_id)
        assert found
        return found

    async def does(self, verb: Callable[..., Awaitable[None]], who: Actor, dispute_id: UUID, **more: Any) -> None:
        version = more.pop("version", None) or (await self.dispute(dispute_id)).version
        async with db.transaction() as session:
            await verb(session, who, dispute_id=dispute_id, version=version, **more)

    async def accept(self, dispute_id: UUID, *, days: int = 30) -> None:
        """By both operators."""
        await self.does(
            desk.propose, self.operators.first, dispute_id, text="Скан совпадает с указанным номером.", days=days
        )
        await self.does(desk.confirm, self.operators.second, dispute_id)

    async def all(self) -> list[Dispute]:
        async with db.reading() as session:
            return list((await session.exec(select(Dispute))).all())


async def keep_paper(actor: Actor, kind: str, **more: Any) -> UUID:
    async with db.transaction() as session:
        file = StoredFile(
            id=uuid4(), person_id=actor.person_id, name="скан.pdf", mime="application/pdf", size=1, sha256="0", created_at=MORNING
        )  # fmt: skip
        session.add(file)
        await session.flush()
        paper = documents.Paper(
            kind=DocumentKind(kind), number=more.pop("number", "1"), issued_on=date(2023, 2, 1), file_id=file.id, **more
        )
        return await documents.save(session, actor, paper)


@pytest.fixture
async def quarrel(applicant: Applicant, operators: Operators) -> Quarrel:
    """Everything confirmed but the diploma, whose number is another in the register."""
    made = Quarrel(applicant, operators)
    await made.sent()
    made.wrong(Item.DIPLOMA, number="0123465")
    await made.answered()
    return made


@pytest.fixture
async def permit_quarrel(applicant: Applicant, operators: Operators) -> Quarrel:
    """The register knows no accreditation; the certificate was never given. The paper sent says until when it holds."""
    made = Quarrel(applicant, operators)
    applicant.claim = replace(
        applicant.claim, documents=tuple(p for p in applicant.claim.documents if p.item is not Item.CERTIFICATE)
    )
    await applicant.give_everything()
    sent = doctor().of(Item.ACCREDITATION)[0]
    async with db.transaction() as session:
        paper = (await documents.papers(session, applicant.actor))[-2]
        assert paper.kind is DocumentKind.ACCREDITATION
        dated = documents.Paper(
            kind=paper.kind, number=sent.number, series=sent.series, specialty=CARDIOLOGY, issued_on=sent.issued, expires_on=FAR,
            file_id=paper.file_id,
        )  # fmt: skip
        applicant.paper_ids[Item.ACCREDITATION] = await documents.save(
            session, applicant.actor, dated, replaces=paper.id
        )
    await applicant.confirm_by_code()
    await applicant.submit()
    made.without(Item.ACCREDITATION)
    await made.answered()
    return made
