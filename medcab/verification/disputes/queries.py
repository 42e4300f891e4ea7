"""Reading disputes: a worker's own, and the story and papers of one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.accounts.models import Person
from medcab.documents.models import Document, StoredFile
from medcab.identifiers import person_name
from medcab.identifiers.sameness import plain_number, same_text
from medcab.verification.disputes.models import Dispute, DisputeEntry, DisputePaper
from medcab.verification.disputes.rules import DisputeState, EntryKind, Proof
from medcab.verification.models import CaseItemEvent
from medcab.verification.queries import FINDING
from medcab.verification.rules import Claim, Finding, Item
from medcab.verification.rules.items import Source


@dataclass(frozen=True)
class Line:
    """One line of a dispute's story; `who` is empty where nobody did it."""

    id: UUID
    at: datetime
    kind: EntryKind
    who: str
    text: str


@dataclass(frozen=True)
class Paper:
    """A paper laid before the operators."""

    id: UUID
    kind: str
    series: str
    number: str
    issuer: str
    speciality: str
    issued_on: date | None
    expires_on: date | None
    file_id: UUID
    file_name: str
    mime: str
    size: int
    pages: int


@dataclass(frozen=True)
class Event:
    """What became of an item; `who` is an operator's name, or empty."""

    id: UUID
    at: datetime
    source: Source
    who: str
    finding: Finding


async def newest_by_item(session: AsyncSession, case_id: UUID) -> dict[Item, Dispute]:
    """The last dispute about each item."""
    query = select(Dispute).where(Dispute.case_id == case_id).order_by(col(Dispute.opened_at))
    return {Item(dispute.item): dispute for dispute in (await session.exec(query)).all()}


async def review_of(session: AsyncSession, person_id: UUID) -> date | None:
    """The last day of what was accepted against the register for this person, the nearest; None: nothing was."""
    return (await reviews_of(session, [person_id])).get(person_id)


async def reviews_of(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, date]:
    """The same for many: only those for whom something was accepted."""
    holds = sa.and_(col(Dispute.state) == DisputeState.ACCEPTED, col(Dispute.ended_at).is_(None))
    query = sa.select(col(Dispute.person_id), sa.func.min(col(Dispute.review_on)))
    rows = await session.execute(
        query.where(col(Dispute.person_id).in_(people), holds).group_by(col(Dispute.person_id))
    )
    return {person_id: review_on for person_id, review_on in rows if review_on}


async def story(session: AsyncSession, dispute_id: UUID) -> list[Line]:
    """Oldest first."""
    query = select(DisputeEntry).where(DisputeEntry.dispute_id == dispute_id).order_by(col(DisputeEntry.at))
    entries = (await session.exec(query)).all()
    who = await names(session, {entry.by_id for entry in entries})
    return [Line(e.id, e.at, e.kind, who.get(e.by_id, "") if e.by_id else "", e.text) for e in entries]


async def papers(session: AsyncSession, dispute_id: UUID) -> list[Paper]:
    """In the order in which they were laid down; what the worker has put away since is still here."""
    query = (
        select(Document, StoredFile)
        .join(DisputePaper, col(DisputePaper.document_id) == col(Document.id))
        .join(StoredFile, col(StoredFile.id) == col(Document.file_id))
        .where(DisputePaper.dispute_id == dispute_id)
        .order_by(col(DisputePaper.added_at), col(Document.created_at))
    )
    return [
        Paper(
            d.id, d.kind, d.series, d.number, d.issuer, d.specialty, d.issued_on, d.expires_on, f.id, f.name, f.mime, f.size, f.pages
        )
        for d, f in (await session.exec(query)).all()
    ]  # fmt: skip


def proofs(papers: Iterable[Paper], claim: Claim | None) -> list[Proof]:
    """The papers as the rules see them, beside what was sent to the register."""
    sent = claim.documents if claim else ()

    def is_sent(paper: Paper) -> bool:
        return any(
            each.item == paper.kind
            and plain_number(each.number) == plain_number(paper.number)
            and same_text(each.speciality, paper.speciality)
            for each in sent
        )

    return [Proof(paper.kind, paper.speciality, paper.expires_on, is_sent(paper)) for paper in papers]


async def history(session: AsyncSession, case_id: UUID, item: Item, *, limit: int = 50) -> list[Event]:
    """What became of the item, newest first."""
    query = select(CaseItemEvent).where(CaseItemEvent.case_id == case_id, CaseItemEvent.item == item.value)
    events = (await session.exec(query.order_by(col(CaseItemEvent.at).desc()).limit(limit))).all()
    who = await names(session, {event.by_id for event in events})
    return [
        Event(e.id, e.at, e.source, who.get(e.by_id, "") if e.by_id else "", FINDING.validate_json(e.finding))
        for e in events
    ]


async def names(session: AsyncSession, ids: Collection[UUID | None]) -> dict[UUID, str]:
    """«Иванова А. П.» by id."""
    wanted = [each for each in ids if each]
    found = (await session.exec(select(Person).where(col(Person.id).in_(wanted)))).all() if wanted else []
    return {one.id: person_name.short(one.family_name, one.given_name, one.patronymic) for one in found}
