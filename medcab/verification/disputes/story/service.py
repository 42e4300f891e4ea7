"""How a dispute goes on: each step is a line of its story, and whatever becomes of its item meanwhile ends it or brings it back.

Everything here runs within a change of the case, which is locked before the dispute is.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor
from medcab.accounts import queries as accounts
from medcab.accounts.notices import service as notices
from medcab.documents.service import topic
from medcab.verification.disputes.models import Dispute, DisputeEntry
from medcab.verification.disputes.rules import FOR_OPERATORS, OPEN, DisputeState, EntryKind, fate
from medcab.verification.rules.codes import Code
from medcab.verification.rules.findings import Finding
from medcab.verification.rules.items import Item

TOPIC = "disputes"
"""What the operators' queue watches."""
_CORRECTED = "Данные исправлены и отправлены на проверку снова."
_STILL_DECIDED = frozenset({DisputeState.PROPOSED, DisputeState.ACCEPTED})


def go_on(
    session: AsyncSession, dispute: Dispute, kind: EntryKind, state: DisputeState, *, by: Actor | None = None, text: str = ""
) -> None:  # fmt: skip
    """One more line, and the state that it leads to. How long it waits counts on while it stays with the operators."""
    now = clock.now()
    session.add(DisputeEntry(dispute_id=dispute.id, at=now, kind=kind, by_id=by.person_id if by else None, text=text))
    if (state in FOR_OPERATORS) is not (dispute.state in FOR_OPERATORS):
        dispute.waiting_since, dispute.reminded_at = now, None
    if state not in _STILL_DECIDED:
        dispute.proposed_by_id, dispute.proposal, dispute.review_on = None, "", None
    dispute.state, dispute.version = state, dispute.version + 1
    dispute.closed_at = None if state in OPEN else now
    announce(session, dispute)


def announce(session: AsyncSession, dispute: Dispute) -> None:
    """The worker's pages and the operators' queue are old now."""
    live.publish(session, topic(dispute.person_id))
    live.publish(session, TOPIC)


async def follow(session: AsyncSession, case_id: UUID, findings: Mapping[Item, Finding]) -> None:
    """The items are what these findings say now: what was disputed may be settled, and what was accepted may have ended."""
    for dispute in await _alive(session, case_id):
        finding = findings.get(Item(dispute.item))
        if finding is None:
            continue
        if dispute.state is DisputeState.ACCEPTED:
            await _end(session, dispute, finding)
        elif change := fate(Code(dispute.code), finding):
            await _turn(session, dispute, finding, *change)


async def corrected(session: AsyncSession, case_id: UUID, items: Collection[Item]) -> None:
    """The worker sends other data of these items: what was disputed is not said any more."""
    for dispute in await _alive(session, case_id):
        if dispute.state in OPEN and Item(dispute.item) in items:
            await _close(session, dispute, _CORRECTED)


async def _alive(session: AsyncSession, case_id: UUID) -> list[Dispute]:
    """Open ones, and those whose decision still counts."""
    accepted = sa.and_(col(Dispute.state) == DisputeState.ACCEPTED, col(Dispute.ended_at).is_(None))
    query = (
        select(Dispute)
        .where(Dispute.case_id == case_id, sa.or_(col(Dispute.state).in_(OPEN), accepted))
        .order_by(col(Dispute.id))
    )
    return list((await session.exec(query.with_for_update().execution_options(populate_existing=True))).all())


async def _turn(session: AsyncSession, dispute: Dispute, finding: Finding, kind: EntryKind, text: str) -> None:
    if kind is EntryKind.CLOSED:
        await _close(session, dispute, text)
        return
    dispute.code = finding.code.value if finding.code else dispute.code
    dispute.answer = ""  # what was asked for is of the former refusal
    go_on(session, dispute, kind, DisputeState.WAITING, text=text)


async def _close(session: AsyncSession, dispute: Dispute, text: str) -> None:
    dispute.answer = text
    go_on(session, dispute, EntryKind.CLOSED, DisputeState.CLOSED, text=text)
    audit.record(session, None, Action.DISPUTE_CLOSE, dispute.id, person_id=dispute.person_id)
    person = await accounts.person(session, dispute.person_id)
    notices.informed(
        session, person, "спорный вопрос закрыт", f"Спорный вопрос закрыт. {text} Подробности: «Врачебный кабинет» → «Проверка».",
        href="/activation?step=check",
    )  # fmt: skip


async def _end(session: AsyncSession, dispute: Dispute, finding: Finding) -> None:
    """The item is no longer confirmed by the operators: the register has confirmed it, says something else, or time is up."""
    if finding.override:
        return
    now = clock.now()
    dispute.ended_at = now
    session.add(DisputeEntry(dispute_id=dispute.id, at=now, kind=EntryKind.ENDED, text=finding.sentence))
    audit.record(session, None, Action.OVERRIDE_END, dispute.id, person_id=dispute.person_id, state=finding.state.value)
    announce(session, dispute)
    person = await accounts.person(session, dispute.person_id)
    notices.informed(
        session, person, "решение по спорному вопросу больше не действует",
        f"Решение операторов по спорному вопросу больше не действует. {Item(dispute.item).label}: {finding.sentence} "
        "Что можно сделать, сказано в разделе «Врачебный кабинет» → «Проверка».",
        href="/activation?step=check",
    )  # fmt: skip
