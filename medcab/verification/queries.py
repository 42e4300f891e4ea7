"""Reading a case: the claim as it stands now, and the findings so far."""

import json
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.accounts.models import Person
from medcab.documents.models import Document as Paper
from medcab.errors import NotFound
from medcab.verification.models import CaseItem, RegisterRound, StandingChange, VerificationCase
from medcab.verification.rules import Claim, Document, Employment, Finding, Item, Specialisation, beginning
from medcab.verification.rules.items import DOCUMENTS

CLAIM = TypeAdapter(Claim)
FINDING = TypeAdapter(Finding)


async def case_of(session: AsyncSession, person_id: UUID, *, lock: bool = False) -> VerificationCase | None:
    """The person's case; `lock` makes changes to it take turns."""
    query = select(VerificationCase).where(VerificationCase.person_id == person_id)
    return (await session.exec(query.with_for_update() if lock else query)).first()


async def papers_of(session: AsyncSession, person_id: UUID) -> list[Paper]:
    """The documents in force, newest last."""
    query = select(Paper).where(
        Paper.person_id == person_id, col(Paper.replaced_at).is_(None), col(Paper.removed_at).is_(None)
    )
    return list((await session.exec(query.order_by(col(Paper.created_at)))).all())


async def claim_of(session: AsyncSession, person_id: UUID, case: VerificationCase | None) -> Claim:
    """Everything the worker says of themselves, gathered from the profile, the documents and the case."""
    person = await session.get(Person, person_id)
    if person is None:
        raise NotFound
    details = json.loads(case.claim) if case else {}
    papers = await papers_of(session, person_id)
    return Claim(
        last_name=person.family_name, first_name=person.given_name, patronymic=person.patronymic, birth_date=person.birth_date,
        snils=person.snils, inn=person.inn, register_number=details.get("register_number", ""),
        specialisations=tuple(Specialisation(**each) for each in details.get("specialisations", ())),
        employment=Employment(**details["employment"]) if details.get("employment") else None,
        documents=tuple(_document(paper) for paper in papers if paper.kind in set(DOCUMENTS)),
    )  # fmt: skip


def _document(paper: Paper) -> Document:
    return Document(
        item=Item(paper.kind), number=paper.number, series=paper.series, issued=paper.issued_on, issuer=paper.issuer,
        speciality=paper.specialty, file=str(paper.file_id or ""),
    )  # fmt: skip


async def items_of(session: AsyncSession, case: VerificationCase) -> dict[Item, CaseItem]:
    """The stored answers by item."""
    rows = (await session.exec(select(CaseItem).where(CaseItem.case_id == case.id))).all()
    return {Item(row.item): row for row in rows}


async def findings_of(session: AsyncSession, case: VerificationCase | None, claim: Claim) -> dict[Item, Finding]:
    """What is known of every item of this claim: what it does not give is not given, whatever was found of an earlier one."""
    stored = await items_of(session, case) if case else {}
    known = {item: FINDING.validate_json(row.finding) for item, row in stored.items() if claim.gives(item)}
    return beginning(claim) | known


async def asked_at(session: AsyncSession, case: VerificationCase) -> dict[Item, datetime]:
    """When each item was last asked about or answered."""
    return {item: row.checked_at for item, row in (await items_of(session, case)).items() if row.checked_at}


def checked_claim(case: VerificationCase | None) -> Claim | None:
    """The claim as it was sent last; None when nothing was sent."""
    return CLAIM.validate_json(case.checked_claim) if case and case.checked_claim else None


async def newest_round(session: AsyncSession) -> RegisterRound | None:
    """The comparison of everybody with the register that began last."""
    of_everybody = select(RegisterRound).where(col(RegisterRound.notice_id).is_(None))
    return (await session.exec(of_everybody.order_by(col(RegisterRound.started_at).desc()).limit(1))).first()


async def open_round(session: AsyncSession) -> RegisterRound | None:
    """The comparison that runs now, of everybody or after a notice."""
    return (await session.exec(select(RegisterRound).where(col(RegisterRound.is_open)))).first()


async def round_after(session: AsyncSession, notice_id: UUID) -> RegisterRound | None:
    """The round that a notice was the reason of."""
    return (await session.exec(select(RegisterRound).where(RegisterRound.notice_id == notice_id))).first()


async def changes_of(session: AsyncSession, person_id: UUID, *, limit: int = 50) -> list[StandingChange]:
    """What the register has said otherwise about one person, newest first."""
    query = select(StandingChange).where(StandingChange.person_id == person_id)
    newest_first = query.order_by(col(StandingChange.noticed_at).desc(), col(StandingChange.item)).limit(limit)
    return list((await session.exec(newest_first)).all())
