"""What a worker does with a refusal they do not agree with: dispute it with a document, add to it, withdraw."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries as accounts
from medcab.documents.models import Document
from medcab.documents.service import topic
from medcab.errors import Conflict, Invalid, NotFound
from medcab.verification import queries as cases
from medcab.verification.disputes import queries
from medcab.verification.disputes.models import Dispute, DisputePaper
from medcab.verification.disputes.queries import Event, Line, Paper
from medcab.verification.disputes.rules import (
    MOST_PAPERS,
    OPEN,
    DisputeState,
    EntryKind,
    Step,
    may,
    text_fault,
    why_not,
)
from medcab.verification.disputes.story import service as story
from medcab.verification.models import VerificationCase
from medcab.verification.rules import Finding, Item, ItemState, items_to_check


class NotDisputable(Conflict):
    """Nothing that a document could answer."""


class NoCase(NotFound):
    """Nothing was sent to the register yet."""

    message = "Проверки ещё не было: оспаривать нечего."


class AlreadyDisputed(Conflict):
    """One at a time about an item."""

    message = "Этот пункт уже оспорен. Дополните открытый спор или отзовите его."


class Overtaken(Conflict):
    """Somebody was faster, or it is not this one's turn."""

    message = "Спорный вопрос уже изменился. Посмотрите, что нового, и повторите."


@dataclass(frozen=True)
class Own:
    """An item as its worker sees it: the finding, why it may not be disputed (empty: it may), and the newest dispute with its story."""

    finding: Finding
    closed: str
    dispute: Dispute | None
    story: list[Line]
    papers: list[Paper]


async def begin(
    session: AsyncSession, actor: Actor, *, item: Item, text: str, document_ids: Sequence[UUID]
) -> UUID:  # fmt: skip
    """Dispute the refusal of an item with an explanation and at least one paper of the actor's own; returns the dispute's id."""
    require(actor, Permission.VERIFICATION)
    case = await _case_to_change(session, actor)
    finding, closed = await _finding(session, case, item)
    if closed or finding.code is None:
        raise NotDisputable(closed)
    newest = (await queries.newest_by_item(session, case.id)).get(item)
    if newest and newest.state in OPEN:
        raise AlreadyDisputed
    said = _said(text)
    if not document_ids:
        raise Invalid("Приложите хотя бы один документ: без него оператору не на что опереться.", field="papers")
    now = clock.now()
    dispute = Dispute(
        case_id=case.id, person_id=actor.person_id, item=item.value, code=finding.code.value, state=DisputeState.WAITING,
        opened_at=now, waiting_since=now, version=0,
    )  # fmt: skip
    session.add(dispute)
    await session.flush()
    await _lay(session, actor, dispute, document_ids)
    story.go_on(session, dispute, EntryKind.OPENED, DisputeState.WAITING, by=actor, text=said)
    audit.record(session, actor, Action.DISPUTE_OPEN, dispute.id, item=item.value, papers=len(document_ids))
    return dispute.id


async def add(
    session: AsyncSession, actor: Actor, *, dispute_id: UUID, text: str, document_ids: Sequence[UUID] = ()
) -> None:  # fmt: skip
    """More words and papers; what was asked for is answered by it, and it is the operators' turn again."""
    dispute = await _own(session, actor, dispute_id, Step.ADD)
    said = _said(text)
    await _lay(session, actor, dispute, document_ids)
    story.go_on(session, dispute, EntryKind.ADDED, DisputeState.WAITING, by=actor, text=said)
    dispute.answer = ""
    audit.record(session, actor, Action.DISPUTE_ADD, dispute.id, papers=len(document_ids))


async def withdraw(session: AsyncSession, actor: Actor, *, dispute_id: UUID) -> None:
    """The worker agrees with the register after all, or goes another way."""
    dispute = await _own(session, actor, dispute_id, Step.WITHDRAW)
    story.go_on(session, dispute, EntryKind.WITHDRAWN, DisputeState.WITHDRAWN, by=actor)
    audit.record(session, actor, Action.DISPUTE_WITHDRAW, dispute.id)


async def own(session: AsyncSession, actor: Actor, item: Item) -> Own:
    """The item and its newest dispute."""
    require(actor, Permission.VERIFICATION)
    case = await cases.case_of(session, actor.person_id)
    if case is None:
        return Own(Finding(item, ItemState.NOT_GIVEN), NoCase.message, None, [], [])
    finding, closed = await _finding(session, case, item)
    dispute = (await queries.newest_by_item(session, case.id)).get(item)
    if dispute is None:
        return Own(finding, closed, None, [], [])
    lines, papers = await queries.story(session, dispute.id), await queries.papers(session, dispute.id)
    return Own(finding, closed, dispute, lines, papers)


async def newest(session: AsyncSession, actor: Actor) -> dict[Item, Dispute]:
    """The actor's last dispute about each item."""
    require(actor, Permission.VERIFICATION)
    case = await cases.case_of(session, actor.person_id)
    return await queries.newest_by_item(session, case.id) if case else {}


async def history(session: AsyncSession, actor: Actor, item: Item) -> list[Event]:
    """What became of the actor's own item, newest first."""
    require(actor, Permission.VERIFICATION)
    case = await cases.case_of(session, actor.person_id)
    return await queries.history(session, case.id, item) if case else []


async def _case_to_change(session: AsyncSession, actor: Actor) -> VerificationCase:
    await accounts.take_turns(session, topic(actor.person_id))
    case = await cases.case_of(session, actor.person_id, lock=True)
    if case is None:
        raise NoCase
    return case


async def _finding(session: AsyncSession, case: VerificationCase, item: Item) -> tuple[Finding, str]:
    """What was found of the item as it was sent, and why it may not be disputed."""
    sent = cases.checked_claim(case)
    now = await cases.claim_of(session, case.person_id, case)
    found = (await cases.findings_of(session, case, sent or now))[item].on(clock.today())
    is_changed = item in items_to_check(sent, now) if sent else False
    return found, why_not(found, is_changed=is_changed)


async def _own(session: AsyncSession, actor: Actor, dispute_id: UUID, step: Step) -> Dispute:
    """The actor's dispute, locked after its case, when this may happen to it now."""
    require(actor, Permission.VERIFICATION)
    await _case_to_change(session, actor)
    dispute = await session.get(Dispute, dispute_id, with_for_update=True, populate_existing=True)
    if dispute is None or dispute.person_id != actor.person_id:
        raise NotFound("Спорный вопрос не найден.")
    if not may(step, dispute.state):
        raise Overtaken(f"Сейчас это сделать нельзя: вопрос в состоянии «{dispute.state.label}». Обновите страницу.")
    return dispute


def _said(text: str) -> str:
    said = text.strip()
    if fault := text_fault(said):
        raise Invalid(fault, field="text")
    return said


async def _lay(session: AsyncSession, actor: Actor, dispute: Dispute, document_ids: Collection[UUID]) -> None:
    """Lay the actor's own papers, with their files, before the operators."""
    wanted = set(document_ids)
    query = select(Document.id).where(
        col(Document.id).in_(wanted), Document.person_id == actor.person_id, col(Document.file_id).is_not(None),
        col(Document.removed_at).is_(None), col(Document.replaced_at).is_(None),
    )  # fmt: skip
    if set((await session.exec(query)).all()) != wanted:
        raise NotFound("Документ не найден: возможно, его убрали или исправили. Обновите страницу.")
    laid = {paper.id for paper in await queries.papers(session, dispute.id)}
    if len(laid | wanted) > MOST_PAPERS:
        raise Invalid(f"К одному спору можно приложить не больше {MOST_PAPERS} документов.", field="papers")
    now = clock.now()
    session.add_all(DisputePaper(dispute_id=dispute.id, document_id=each, added_at=now) for each in wanted - laid)
