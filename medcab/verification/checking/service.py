"""What the register's answers do to a case, and what the case does to the person's rights.

An answer counts for the sending it belongs to (`version`) and never for a later one; no answer is never a yes. The rights rest on
what was sent and confirmed, so a draft changes nothing; only who the person is (`IDENTITY`) is in force at once, and so must be the
one that was confirmed.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action
from medcab.accounts import queries as accounts
from medcab.accounts.administration import service as administration
from medcab.accounts.models import Person, Standing
from medcab.accounts.notices import service as notices
from medcab.documents.service import topic
from medcab.verification import queries
from medcab.verification.disputes.story import service as story
from medcab.verification.models import CaseItem, CaseItemEvent, CheckRun, VerificationCase
from medcab.verification.queries import FINDING
from medcab.verification.rules import (
    IDENTITY,
    CaseState,
    Claim,
    Finding,
    Item,
    ItemState,
    case_state,
    in_state,
    items_to_check,
    permits_of,
    standing,
    upheld,
)
from medcab.verification.rules.findings import last_days
from medcab.verification.rules.items import Source
from medcab.verification.rules.posts import role_of

CHECK = "register.check"
_OPEN = (ItemState.CHECKING.value, ItemState.POSTPONED.value)


@dataclass(frozen=True)
class Question:
    """What the register is to be asked."""

    case_id: UUID
    version: int
    claim: Claim
    items: frozenset[Item]


async def question(session: AsyncSession, *, case_id: UUID, version: int) -> Question | None:
    """The open question of one sending; None when it was answered, or overtaken by a later sending."""
    case = await session.get(VerificationCase, case_id)
    claim = queries.checked_claim(case)
    if case is None or claim is None or case.version != version:
        return None
    items = await _open_items(session, case)
    return Question(case.id, version, claim, items) if items else None


async def accept(session: AsyncSession, asked: Question, findings: Mapping[Item, Finding], *, outcome: str) -> None:
    """The register has answered: write it down and draw the consequences. Does nothing to a later sending, nor twice."""
    case = await _still_open(session, asked)
    if case is None:
        return
    before = await queries.findings_of(session, case, asked.claim)
    await write(session, case, upheld(before, findings, today=clock.today()), source=Source.REGISTER)
    now = clock.now()
    case.postponed_until, case.decided_at = None, now
    session.add(CheckRun(
        case_id=case.id, case_version=case.version, items=json.dumps(sorted(asked.items)), started_at=case.submitted_at or now,
        finished_at=now, outcome=outcome,
    ))  # fmt: skip
    audit.record(session, None, Action.CASE_CHECK, case.id, person_id=case.person_id, result=outcome)
    await draw_consequences(session, case)
    if case.state == CaseState.MISMATCH:
        await _tell_of_mismatch(session, case)


async def postpone(session: AsyncSession, asked: Question, *, until: datetime | None) -> None:
    """The register does not answer (or promises to, `until`): say so, keep the question. The rights stay what they were."""
    case = await _still_open(session, asked)
    if case is None:
        return
    if await _is_first_pause(session, case):
        audit.record(session, None, Action.CASE_CHECK, case.id, person_id=case.person_id, outcome="postponed")
    await write(session, case, in_state(asked.items, ItemState.POSTPONED), source=Source.REGISTER)
    case.postponed_until = until
    case.state = (await state_now(session, case)).value
    live.publish(session, topic(case.person_id))


async def draw_consequences(session: AsyncSession, case: VerificationCase) -> None:
    """Bring the person's standing in line with the findings: activate, or close what has lost its ground, and tell the person."""
    person = await accounts.person(session, case.person_id)
    claim = await queries.claim_of(session, case.person_id, case)
    ground = await grounds(session, case, claim)
    rights, before = standing(ground, today=clock.today()), await accounts.rights_of(session, [person.id])
    await accounts.keep_specialties(session, person.id, last_days(permits_of(ground)))
    if rights.is_active:
        _activate(session, case, person, rights.until)
        await _employ(session, case)
    elif person.standing is Standing.ACTIVE:
        _close(session, case, person, rights.reasons)
    if await accounts.rights_of(session, [person.id]) != before:
        await administration.figures_changed(session, person.id)
    case.state = (await state_now(session, case)).value
    live.publish(session, topic(case.person_id))


async def grounds(session: AsyncSession, case: VerificationCase | None, claim: Claim) -> dict[Item, Finding]:
    """What the rights rest on: the findings of what was sent; identity changed since then counts for nothing yet."""
    sent = queries.checked_claim(case)
    if sent is None:
        return await queries.findings_of(session, case, claim)
    found = await queries.findings_of(session, case, sent)
    return found | in_state(items_to_check(sent, claim) & IDENTITY, ItemState.READY)


async def state_now(session: AsyncSession, case: VerificationCase) -> CaseState:
    """The state of the case today: a permit may have run out since it was written down."""
    person = await accounts.person(session, case.person_id)
    claim = await queries.claim_of(session, case.person_id, case)
    return case_state(
        await grounds(session, case, claim), today=clock.today(), submitted=bool(case.checked_claim),
        activated=person.standing is not Standing.UNVERIFIED,
    )  # fmt: skip


async def write(
    session: AsyncSession, case: VerificationCase, findings: Mapping[Item, Finding], *, source: Source, by: UUID | None = None
) -> None:  # fmt: skip
    """Keep these findings as the newest of their items, and each change as history; disputes about them follow."""
    stored, now = await queries.items_of(session, case), clock.now()
    for item, finding in findings.items():
        row = stored.get(item) or CaseItem(case_id=case.id, item=item.value, state=ItemState.NOT_GIVEN)
        text, code = FINDING.dump_json(finding).decode(), finding.code.value if finding.code else ""
        if (row.state, row.finding) != (finding.state.value, text) and (
            item in stored or finding.state is not ItemState.NOT_GIVEN
        ):
            session.add(CaseItemEvent(
                case_id=case.id, item=item.value, at=now, source=source, by_id=by, state=finding.state.value, code=code, finding=text,
            ))  # fmt: skip
        row.state, row.code, row.finding, row.checked_at = finding.state.value, code, text, now
        session.add(row)
    await story.follow(session, case.id, findings)
    await session.flush()


def _activate(session: AsyncSession, case: VerificationCase, person: Person, until: date | None) -> None:
    was_active = person.standing is Standing.ACTIVE
    person.standing, person.standing_reason, person.standing_until = Standing.ACTIVE, "", until
    if not was_active:
        audit.record(session, None, Action.CASE_ACTIVATE, case.id, person_id=person.id)
        notices.sms(session, person.phone, "medcab: статус подтверждён, кабинет активирован.")


async def _employ(session: AsyncSession, case: VerificationCase) -> None:
    """The confirmed place of work opens its role, where that clinic works with us."""
    sent = queries.checked_claim(case)
    job = sent.employment if sent else None
    if job and (role := role_of(job.post)):
        await administration.employ(session, case.person_id, organisation=job.organisation, post=job.post, role=role)


def _close(session: AsyncSession, case: VerificationCase, person: Person, reasons: Collection[str]) -> None:
    person.standing, person.standing_reason = Standing.SUSPENDED, " ".join(reasons)[:300]
    audit.record(session, None, Action.CASE_CLOSE, case.id, person_id=person.id)
    what = "Право на работу в кабинете приостановлено. Причина указана в разделе «Врачебный кабинет»."
    notices.informed(session, person, "кабинет закрыт", what, by_sms=True, href="/activation")


async def _tell_of_mismatch(session: AsyncSession, case: VerificationCase) -> None:
    person = await accounts.person(session, case.person_id)
    what = "Проверка профессионального статуса нашла расхождения. Откройте «Врачебный кабинет»: там сказано, что исправить."
    notices.told_by_mail(session, person, "нужны исправления", what)


async def _still_open(session: AsyncSession, asked: Question) -> VerificationCase | None:
    """The case, locked, unless the question was overtaken by a later sending or answered by another try."""
    case = await session.get(VerificationCase, asked.case_id, with_for_update=True)
    if case is None or case.version != asked.version:
        return None
    return case if await _open_items(session, case) else None


async def _is_first_pause(session: AsyncSession, case: VerificationCase) -> bool:
    """Whether this sending was not postponed yet: the journal says it once, however long the outage."""
    return any(row.state == ItemState.CHECKING for row in (await queries.items_of(session, case)).values())


async def _open_items(session: AsyncSession, case: VerificationCase) -> frozenset[Item]:
    stored = await queries.items_of(session, case)
    return frozenset(item for item, row in stored.items() if row.state in _OPEN)
