"""What a worker does to have the professional status verified, and what the register's answers do to it.

The check itself is durable work: `submit` only writes down that it is wanted. An answer counts for the sending it belongs to (`version`)
and never for a later one; no answer is never a yes.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live, outbox
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.codes import service as codes
from medcab.accounts.identity.service import Identity, correct
from medcab.accounts.models import Person, Standing
from medcab.accounts.notices import service as notices
from medcab.errors import Conflict, Invalid, NotFound
from medcab.verification import queries
from medcab.verification.models import CaseItem, CheckRun, VerificationCase
from medcab.verification.queries import CLAIM, FINDING
from medcab.verification.rules import (
    CaseState,
    Claim,
    Employment,
    Finding,
    Item,
    ItemState,
    Specialisation,
    case_state,
    in_state,
    items_to_check,
    may_submit,
    standing,
)

CHECK = "register.check"
CODE_HOLDS = timedelta(minutes=30)
"""How long the confirmed SMS code lets a person send (and send corrections) without another."""


class NotComplete(Invalid):
    """Something is still missing; the first sentence says what."""


class NothingToCheck(Conflict):
    """All that could be checked has been, and nothing was changed since."""

    message = "С прошлой проверки ничего не изменилось. Исправьте то, что отмечено, и отправьте ещё раз."


class AlreadyChecking(Conflict):
    """The last sending is still being checked."""

    message = "Проверка уже идёт. Страница сама покажет результат."


class CodeNeeded(Conflict):
    """The phone was not confirmed for this sending."""

    message = "Подтвердите отправку кодом из SMS."


@dataclass(frozen=True)
class Case:
    """A worker's verification as it stands now."""

    state: CaseState
    claim: Claim
    findings: Mapping[Item, Finding]
    missing: tuple[str, ...]
    changed: frozenset[Item]
    """What differs from the last sending."""
    code_confirmed: bool
    submitted_at: datetime | None
    postponed_until: datetime | None
    reasons: tuple[str, ...]


async def overview(session: AsyncSession, actor: Actor) -> Case:
    """Everything the activation pages show."""
    require(actor, Permission.VERIFICATION)
    case = await queries.case_of(session, actor.person_id)
    claim = await queries.claim_of(session, actor.person_id, case)
    findings = await queries.findings_of(session, case, claim)
    now = clock.now()
    return Case(
        state=CaseState(case.state) if case else CaseState.DRAFT,
        claim=claim,
        findings=findings,
        missing=tuple(missing.sentence for missing in may_submit(claim)),
        changed=_changed(case, claim),
        code_confirmed=_code_holds(case, now),
        submitted_at=case.submitted_at if case else None,
        postponed_until=case.postponed_until if case else None,
        reasons=standing(findings, today=clock.today()).reasons,
    )


async def save_details(
    session: AsyncSession, actor: Actor, *, register_number: str, employment: Employment | None,
    specialisations: Collection[Specialisation],
) -> None:  # fmt: skip
    """What is neither in the profile nor a document: number in the register, place of work, specialisations."""
    require(actor, Permission.VERIFICATION)
    case = await _case_to_change(session, actor)
    details = {
        "register_number": register_number,
        "employment": asdict(employment) if employment else None,
        "specialisations": [asdict(each) for each in specialisations],
    }
    case.claim, case.updated_at = json.dumps(details, ensure_ascii=False), clock.now()
    audit.record(session, actor, Action.CASE_SAVE, case.id)
    live.publish(session, topic(actor.person_id))


async def save_identity(session: AsyncSession, actor: Actor, identity: Identity) -> None:
    """Correct who the person is. Somebody active stops being so until the register has confirmed the new data."""
    require(actor, Permission.VERIFICATION)
    case = await _case_to_change(session, actor)
    person = await correct(session, actor, identity)
    claim = await queries.claim_of(session, actor.person_id, case)
    if person.standing is Standing.ACTIVE and (changed := _changed(case, claim)):
        await _write(session, case, in_state(changed, ItemState.READY))
        await draw_consequences(session, case)
    live.publish(session, topic(actor.person_id))


async def send_code(session: AsyncSession, actor: Actor) -> codes.Dispatch:
    """An SMS to the worker's own phone."""
    require(actor, Permission.VERIFICATION)
    return await codes.resend(session, await _challenge(session, actor))


async def confirm_code(session: AsyncSession, actor: Actor, *, code: str) -> bool:
    """From now on the case may be sent, for `CODE_HOLDS`. False: a wrong code; the try counts, so commit it all the same."""
    require(actor, Permission.VERIFICATION)
    case = await _case_to_change(session, actor)
    if not await codes.accept(session, await _challenge(session, actor), code):
        return False
    case.code_confirmed_at = clock.now()
    live.publish(session, topic(actor.person_id))
    return True


async def submit(session: AsyncSession, actor: Actor) -> frozenset[Item]:
    """Ask for the check of everything new or changed; returns what will be checked."""
    require(actor, Permission.VERIFICATION)
    case, claim = await _ready_case(session, actor)
    stored = await queries.findings_of(session, case, claim)
    waiting = {item for item, finding in stored.items() if finding.state in (ItemState.READY, ItemState.POSTPONED)}
    wanted = (_changed(case, claim) | waiting) & _given(claim)
    if not wanted:
        raise NothingToCheck
    await _send(session, actor, case, claim, wanted)
    return frozenset(wanted)


async def retry(session: AsyncSession, actor: Actor) -> frozenset[Item]:
    """Ask again about what somebody else was to mend, and what was postponed."""
    require(actor, Permission.VERIFICATION)
    case, claim = await _ready_case(session, actor)
    findings = await queries.findings_of(session, case, claim)
    wanted = {item for item, finding in findings.items() if finding.retry_helps} & _given(claim)
    if not wanted:
        raise NothingToCheck
    await _send(session, actor, case, claim, wanted)
    return frozenset(wanted)


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
    if case is None or case.version != version:
        return None
    stored = await queries.items_of(session, case)
    open_states = (ItemState.CHECKING.value, ItemState.POSTPONED.value)
    items = frozenset(item for item, row in stored.items() if row.state in open_states)
    return Question(case.id, version, CLAIM.validate_json(case.checked_claim), items) if items else None


async def accept(session: AsyncSession, asked: Question, findings: Mapping[Item, Finding], *, outcome: str) -> None:
    """The register has answered: write it down and draw the consequences. Does nothing to a later sending."""
    case = await _locked(session, asked)
    if case is None:
        return
    await _write(session, case, findings)
    case.postponed_until, case.decided_at = None, clock.now()
    session.add(CheckRun(
        case_id=case.id, case_version=case.version, items=json.dumps(sorted(asked.items)), started_at=case.submitted_at or clock.now(),
        finished_at=clock.now(), outcome=outcome,
    ))  # fmt: skip
    audit.record(session, None, Action.CASE_CHECK, case.id, person_id=case.person_id, result=outcome)
    await draw_consequences(session, case)


async def postpone(session: AsyncSession, asked: Question, *, until: datetime | None) -> None:
    """The register does not answer: say so, keep the question. The status stays what it was."""
    case = await _locked(session, asked)
    if case is None:
        return
    await _write(session, case, in_state(asked.items, ItemState.POSTPONED))
    case.postponed_until = until
    audit.record(session, None, Action.CASE_CHECK, case.id, person_id=case.person_id, outcome="postponed")
    await _settle_state(session, case)
    live.publish(session, topic(case.person_id))


async def draw_consequences(session: AsyncSession, case: VerificationCase) -> None:
    """Bring the person's standing in line with the findings: activate, or close what has lost its ground, and tell the person."""
    person = await session.get(Person, case.person_id)
    if person is None:
        raise NotFound
    findings = await _settle_state(session, case)
    rights = standing(findings, today=clock.today())
    if rights.is_active:
        _activate(session, case, person, rights.until)
    elif person.standing is Standing.ACTIVE:
        _close(session, case, person, rights.reasons)
    elif case.state == CaseState.MISMATCH:
        what = "Проверка профессионального статуса нашла расхождения. Откройте «Врачебный кабинет»: там сказано, что исправить."
        notices.told_by_mail(session, person, "нужны исправления", what)
    live.publish(session, topic(case.person_id))


def topic(person_id: UUID) -> str:
    """What the person's verification pages watch."""
    return f"case:{person_id}"


def _activate(session: AsyncSession, case: VerificationCase, person: Person, until: object) -> None:
    was_active = person.standing is Standing.ACTIVE
    person.standing, person.standing_reason = Standing.ACTIVE, ""
    person.standing_until = until  # pyright: ignore[reportAttributeAccessIssue]
    case.state = CaseState.ACTIVE.value
    if not was_active:
        audit.record(session, None, Action.CASE_ACTIVATE, case.id, person_id=person.id)
        notices.sms(session, person.phone, "medcab: статус подтверждён, кабинет активирован.")


def _close(session: AsyncSession, case: VerificationCase, person: Person, reasons: Collection[str]) -> None:
    person.standing, person.standing_reason = Standing.SUSPENDED, " ".join(reasons)[:300]
    audit.record(session, None, Action.CASE_CLOSE, case.id, person_id=person.id)
    notices.told_everywhere(session, person, "кабинет закрыт", "Право на работу в кабинете приостановлено. Причина указана в разделе «Врачебный кабинет».")


async def _case_to_change(session: AsyncSession, actor: Actor) -> VerificationCase:
    """The actor's case, locked; a new draft the first time."""
    case = await queries.case_of(session, actor.person_id, lock=True)
    if case is None:
        now = clock.now()
        case = VerificationCase(person_id=actor.person_id, state=CaseState.DRAFT, created_at=now, updated_at=now)
        session.add(case)
        await session.flush()
    return case


async def _ready_case(session: AsyncSession, actor: Actor) -> tuple[VerificationCase, Claim]:
    """The case and the claim, when they may be sent now."""
    case = await _case_to_change(session, actor)
    claim = await queries.claim_of(session, actor.person_id, case)
    if missing := may_submit(claim):
        raise NotComplete(missing[0].sentence)
    if case.state == CaseState.CHECKING and not case.postponed_until:
        raise AlreadyChecking
    if not _code_holds(case, clock.now()):
        raise CodeNeeded
    return case, claim


async def _send(
    session: AsyncSession, actor: Actor, case: VerificationCase, claim: Claim, wanted: Collection[Item]
) -> None:  # fmt: skip
    case.checked_claim = CLAIM.dump_json(claim).decode()
    case.version += 1
    case.submitted_at = case.updated_at = clock.now()
    case.postponed_until = None
    await _write(session, case, in_state(wanted, ItemState.CHECKING))
    await _settle_state(session, case)
    audit.record(session, actor, Action.CASE_SUBMIT, case.id, items=sorted(wanted))
    outbox.add(session, CHECK, {"case_id": str(case.id), "version": case.version})
    live.publish(session, topic(actor.person_id))


async def _write(session: AsyncSession, case: VerificationCase, findings: Mapping[Item, Finding]) -> None:
    stored = await queries.items_of(session, case)
    for item, finding in findings.items():
        row = stored.get(item) or CaseItem(case_id=case.id, item=item.value, state="")
        row.state, row.code = finding.state.value, finding.code.value if finding.code else ""
        row.finding, row.checked_at = FINDING.dump_json(finding).decode(), clock.now()
        session.add(row)
    await session.flush()


async def _settle_state(session: AsyncSession, case: VerificationCase) -> dict[Item, Finding]:
    """Derive the case's state from its items; returns them."""
    claim = await queries.claim_of(session, case.person_id, case)
    findings = await queries.findings_of(session, case, claim)
    person = await session.get(Person, case.person_id)
    activated = person is not None and person.standing is not Standing.UNVERIFIED
    submitted = case.submitted_at is not None
    case.state = case_state(findings, today=clock.today(), submitted=submitted, activated=activated).value
    return findings


async def _locked(session: AsyncSession, asked: Question) -> VerificationCase | None:
    """The case, unless a later sending has overtaken the question."""
    case = await session.get(VerificationCase, asked.case_id, with_for_update=True)
    return case if case is not None and case.version == asked.version else None


async def _challenge(session: AsyncSession, actor: Actor) -> codes.Challenge:
    person = await session.get(Person, actor.person_id)
    if person is None:
        raise NotFound
    return codes.Challenge(codes.Purpose.ACTIVATION, str(person.id), codes.Channel.SMS, person.phone)


def _changed(case: VerificationCase | None, claim: Claim) -> frozenset[Item]:
    before = CLAIM.validate_json(case.checked_claim) if case and case.checked_claim else None
    return items_to_check(before, claim)


def _given(claim: Claim) -> frozenset[Item]:
    return frozenset(item for item in Item if claim.gives(item))


def _code_holds(case: VerificationCase | None, now: datetime) -> bool:
    return bool(case and case.code_confirmed_at and now - case.code_confirmed_at <= CODE_HOLDS)
