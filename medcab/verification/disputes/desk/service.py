"""The operators' desk: look at a dispute with everything side by side, ask, refuse, or accept it together with a second operator.

Every decision names the version it saw. The case is locked before the dispute, as everywhere.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, jobs
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries as accounts
from medcab.accounts.models import Person
from medcab.accounts.notices import service as notices
from medcab.documents.service import NoFile, OpenedFile
from medcab.errors import Conflict, Forbidden, Invalid, NotFound
from medcab.ui import formats
from medcab.verification import queries as cases
from medcab.verification.checking import service as checking
from medcab.verification.disputes import queries
from medcab.verification.disputes.desk import queries as piles
from medcab.verification.disputes.models import Dispute
from medcab.verification.disputes.queries import Event, Line, Paper
from medcab.verification.disputes.rules import (
    OPEN,
    REVIEW_CHOICES,
    REVIEW_DAYS,
    WAITS_TOO_LONG,
    DisputeState,
    EntryKind,
    Step,
    accepted,
    mark_of,
    may,
    permits_of,
    text_fault,
    why_not_accept,
)
from medcab.verification.disputes.story import service as story
from medcab.verification.models import VerificationCase
from medcab.verification.rules import Claim, Finding, Item, Permit
from medcab.verification.rules.findings import day_text
from medcab.verification.rules.items import Source

_WHERE = "Подробности: «Врачебный кабинет» → «Проверка»."


class Overtaken(Conflict):
    """Another operator, or the worker, was faster."""

    message = "Вопрос изменился, пока вы решали: его уже решил другой оператор или дополнил сотрудник. Посмотрите, что нового."


class SameOperator(Forbidden):
    """Four eyes are two people."""

    message = "Своё предложение нельзя подтвердить самому: нужен второй оператор."


class OwnMatter(Forbidden):
    """Nobody decides about themselves."""

    message = "Это ваш собственный вопрос: его решают другие операторы."


class NotAcceptable(Conflict):
    """The register is right whatever is laid before the operators, or a paper is missing."""


@dataclass(frozen=True)
class Opened:
    """Everything about one dispute. `hindrance` says why it may not be accepted (empty: it may), `opens` what accepting opens."""

    dispute: Dispute
    person: Person
    claim: Claim
    finding: Finding
    story: list[Line]
    papers: list[Paper]
    history: list[Event]
    hindrance: str
    opens: tuple[Permit, ...]
    proposed_by: str


async def is_open_to(session: AsyncSession, actor: Actor, text: str) -> bool:
    """Whether an address names a dispute that this operator may open."""
    require(actor, Permission.SUPPORT_DESK)
    try:
        wanted = UUID(text)
    except ValueError:
        return False
    query = select(Dispute.id).where(Dispute.id == wanted, piles.seen_by(actor.person_id, actor.organisation_id))
    return (await session.exec(query)).first() is not None


async def opened(session: AsyncSession, actor: Actor, *, dispute_id: UUID) -> Opened:
    """One dispute with everything side by side."""
    dispute = await _seen(session, actor, dispute_id)
    case = await session.get(VerificationCase, dispute.case_id)
    person = await accounts.person(session, dispute.person_id)
    assert case is not None  # a foreign key says so
    claim, item = cases.checked_claim(case) or Claim(), Item(dispute.item)
    finding = (await cases.findings_of(session, case, claim))[item].on(clock.today())
    papers, today = await queries.papers(session, dispute.id), clock.today()
    proofs = queries.proofs(papers, claim)
    who = await queries.names(session, {dispute.proposed_by_id})
    return Opened(
        dispute=dispute, person=person, claim=claim, finding=finding, papers=papers, story=await queries.story(session, dispute.id),
        history=await queries.history(session, case.id, item), hindrance=why_not_accept(finding, proofs, today=today),
        opens=permits_of(item, proofs, today=today), proposed_by=next(iter(who.values()), ""),
    )  # fmt: skip


def looked(session: AsyncSession, actor: Actor, dispute_id: UUID | None) -> None:
    """Whoever opens a dispute, or the list of them (None), is in the journal."""
    require(actor, Permission.SUPPORT_DESK)
    audit.record(session, actor, Action.DISPUTE_VIEW, dispute_id or "list")


async def open_paper(session: AsyncSession, actor: Actor, *, dispute_id: UUID, document_id: UUID) -> OpenedFile:
    """The file of a paper laid before the operators, while the dispute is open; the reading is in the journal."""
    dispute = await _seen(session, actor, dispute_id)
    papers = await queries.papers(session, dispute.id)
    paper = next((each for each in papers if each.id == document_id), None)
    if paper is None or dispute.state not in OPEN:
        raise NoFile
    audit.record(session, actor, Action.FILE_READ, paper.file_id, dispute=dispute.id, owner=dispute.person_id)
    return OpenedFile(paper.file_id, paper.file_name, paper.mime, paper.size, paper.pages)


async def ask(session: AsyncSession, actor: Actor, *, dispute_id: UUID, version: int, text: str) -> None:
    """The worker is to add something."""
    dispute, _ = await _to_change(session, actor, dispute_id, version, Step.ASK)
    dispute.answer = _said(text)
    story.go_on(session, dispute, EntryKind.ASKED, DisputeState.ASKED, by=actor, text=dispute.answer)
    audit.record(session, actor, Action.DISPUTE_ASK, dispute.id)
    await _tell(session, dispute, "нужны уточнения", "Оператор просит дополнить спорный вопрос.", by_sms=True)


async def refuse(session: AsyncSession, actor: Actor, *, dispute_id: UUID, version: int, text: str) -> None:
    """The register is believed; the worker is told why."""
    dispute, _ = await _to_change(session, actor, dispute_id, version, Step.REFUSE)
    dispute.answer = _said(text)
    story.go_on(session, dispute, EntryKind.REFUSED, DisputeState.REFUSED, by=actor, text=dispute.answer)
    audit.record(session, actor, Action.DISPUTE_REFUSE, dispute.id)
    await _tell(
        session, dispute, "в споре отказано", "Оператор отказал в спорном вопросе и указал причину.", by_sms=True
    )


async def propose(
    session: AsyncSession, actor: Actor, *, dispute_id: UUID, version: int, text: str, days: int = REVIEW_DAYS
) -> None:  # fmt: skip
    """The first of two who believe the papers rather than the register. Nothing is confirmed by it yet."""
    dispute, case = await _to_change(session, actor, dispute_id, version, Step.PROPOSE)
    if days not in REVIEW_CHOICES:
        raise Invalid("Выберите срок пересмотра из списка.", field="days")
    said = _said(text)
    finding, _ = await _require_acceptable(session, dispute, case)
    dispute.finding_mark = mark_of(finding)
    story.go_on(session, dispute, EntryKind.PROPOSED, DisputeState.PROPOSED, by=actor, text=said)
    dispute.proposed_by_id, dispute.proposal = actor.person_id, said
    dispute.review_on = clock.today() + timedelta(days=days)
    audit.record(session, actor, Action.DISPUTE_PROPOSE, dispute.id, review_on=dispute.review_on)


async def send_back(session: AsyncSession, actor: Actor, *, dispute_id: UUID, version: int, text: str) -> None:
    """The second sees it otherwise, or the first does by now: the question is open again."""
    dispute, _ = await _to_change(session, actor, dispute_id, version, Step.SEND_BACK)
    story.go_on(session, dispute, EntryKind.SENT_BACK, DisputeState.WAITING, by=actor, text=_said(text))
    audit.record(session, actor, Action.DISPUTE_SEND_BACK, dispute.id)


async def confirm(session: AsyncSession, actor: Actor, *, dispute_id: UUID, version: int) -> None:
    """The second pair of eyes: the item is confirmed against the register from now on, with everything that follows."""
    dispute, case = await _to_change(session, actor, dispute_id, version, Step.CONFIRM)
    if dispute.proposed_by_id == actor.person_id:
        raise SameOperator
    today, review_on = clock.today(), dispute.review_on
    if review_on is None or review_on < today:
        raise Conflict("Срок пересмотра уже прошёл. Верните предложение первому оператору.")
    finding, papers = await _require_acceptable(session, dispute, case)
    if dispute.finding_mark and dispute.finding_mark != mark_of(finding):  # none: proposed before marks were kept
        raise Conflict("С тех пор регистр ответил иначе: первый оператор видел другое. Верните предложение.")
    by = await queries.names(session, {dispute.proposed_by_id, actor.person_id})
    proofs = queries.proofs(papers, cases.checked_claim(case))
    found = accepted(
        finding, proofs, by=tuple(sorted(by.values())), why=dispute.proposal, review_on=review_on, today=today
    )
    dispute.confirmed_by_id = actor.person_id
    story.go_on(session, dispute, EntryKind.CONFIRMED, DisputeState.ACCEPTED, by=actor)
    await checking.write(session, case, {finding.item: found}, source=Source.OPERATOR, by=actor.person_id)
    audit.record(session, actor, Action.DISPUTE_CONFIRM, dispute.id, first=dispute.proposed_by_id, until=review_on)
    await _tell(
        session, dispute, "спорный вопрос решён в вашу пользу", f"Спорный пункт принят до {day_text(review_on)}."
    )
    await checking.draw_consequences(session, case)


@jobs.hourly
async def remind(session: AsyncSession) -> None:
    """Operators hear of what has waited too long, once a day each time."""
    now = clock.now()
    late = await piles.overdue(session, now - WAITS_TOO_LONG, now - WAITS_TOO_LONG)
    if not late:
        return
    told: set[UUID] = set()
    for person, organisation_id in await piles.operators(session):
        seen = await piles.seen_among(session, person.id, organisation_id, [dispute.id for dispute in late])
        if seen and person.id not in told:
            told.add(person.id)
            count = formats.plural(len(seen), "спорный вопрос ждёт", "спорных вопроса ждут", "спорных вопросов ждут")
            what = f"{count} решения дольше 24 часов. Раздел «Спорные вопросы»."
            notices.informed(session, person, "спорные вопросы ждут", what, href="/disputes")
    for dispute in late:
        dispute.reminded_at = now


async def _seen(session: AsyncSession, actor: Actor, dispute_id: UUID) -> Dispute:
    """A dispute that this operator sees; another's is like none."""
    require(actor, Permission.SUPPORT_DESK)
    query = select(Dispute).where(Dispute.id == dispute_id, piles.seen_by(actor.person_id, actor.organisation_id))
    found = (await session.exec(query)).first()
    if found is None:
        held = await session.get(Dispute, dispute_id)
        if held and held.person_id == actor.person_id:
            raise OwnMatter
        raise NotFound("Спорный вопрос не найден.")
    return found


async def _to_change(
    session: AsyncSession, actor: Actor, dispute_id: UUID, version: int, step: Step
) -> tuple[Dispute, VerificationCase]:
    """The dispute as the operator saw it, and its case, both locked."""
    seen = await _seen(session, actor, dispute_id)
    case = await cases.case_of(session, seen.person_id, lock=True)
    dispute = await session.get(Dispute, dispute_id, with_for_update=True, populate_existing=True)
    if case is None or dispute is None:
        raise NotFound("Спорный вопрос не найден.")
    if dispute.version != version or not may(step, dispute.state):
        raise Overtaken
    return dispute, case


async def _require_acceptable(
    session: AsyncSession, dispute: Dispute, case: VerificationCase
) -> tuple[Finding, list[Paper]]:  # fmt: skip
    """What the register says now, and the papers, when these may outweigh it."""
    claim = cases.checked_claim(case)
    finding = (await cases.findings_of(session, case, claim or Claim()))[Item(dispute.item)].on(clock.today())
    papers = await queries.papers(session, dispute.id)
    if sentence := why_not_accept(finding, queries.proofs(papers, claim), today=clock.today()):
        raise NotAcceptable(sentence)
    return finding, papers


def _said(text: str) -> str:
    said = text.strip()
    if fault := text_fault(said):
        raise Invalid(fault, field="text")
    return said


async def _tell(session: AsyncSession, dispute: Dispute, subject: str, what: str, *, by_sms: bool = False) -> None:
    person = await accounts.person(session, dispute.person_id)
    notices.informed(session, person, subject, f"{what} {_WHERE}", by_sms=by_sms, href="/activation/dispute")
