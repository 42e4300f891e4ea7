"""What a worker does to have the professional status verified.

The check itself is durable work: `submit` only writes down that it is wanted, `checking` is what the register's answers do.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live, outbox
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries as accounts
from medcab.accounts.codes import service as codes
from medcab.accounts.identity.service import Identity, correct
from medcab.documents.service import topic
from medcab.errors import Conflict, Invalid, MedcabError
from medcab.identifiers import phone
from medcab.proofs.queries import proof_of
from medcab.settings import get_settings
from medcab.verification import queries
from medcab.verification.checking import service as checking
from medcab.verification.disputes.story import service as story
from medcab.verification.models import VerificationCase
from medcab.verification.queries import CLAIM
from medcab.verification.rules import (
    CaseState,
    Claim,
    Employment,
    Finding,
    Item,
    ItemState,
    Missing,
    Specialisation,
    in_state,
    items_to_check,
    may_submit,
    standing,
    to_ask_again,
)
from medcab.verification.rules.items import Source

CODE_HOLDS = timedelta(minutes=30)
"""How long the confirmed SMS code lets a person send (and send corrections) without another."""
PATIENCE = timedelta(minutes=15)
"""A sending that nobody has answered or postponed for so long may be sent anew."""


class NotComplete(Invalid):
    """Something is still missing; the first sentence says what."""


class NothingToCheck(Conflict):
    """All that could be checked has been, and nothing was changed since."""

    message = "С прошлой проверки ничего не изменилось. Исправьте то, что отмечено, и отправьте ещё раз."


class AlreadyChecking(Conflict):
    """The last sending is still being checked."""

    message = "Проверка уже идёт. Страница сама покажет результат."


class IdentityNeeded(Conflict):
    """This installation activates proved people only."""

    message = "Сначала подтвердите личность: «Профиль» → «Подтвердить личность». Затем отправьте данные ещё раз, они сохранены."


class CodeNeeded(Conflict):
    """The phone was not confirmed for this sending."""

    message = "Подтвердите отправку кодом из SMS."


@dataclass(frozen=True)
class Case:
    """A worker's verification as it stands now."""

    state: CaseState
    claim: Claim
    findings: Mapping[Item, Finding]
    asked_at: Mapping[Item, datetime]
    missing: tuple[Missing, ...]
    changed: frozenset[Item]
    """What differs from the last sending; empty before the first."""
    code_confirmed: bool
    postponed_until: datetime | None
    """When the register has promised its answer; None when it does not answer at all."""
    reasons: tuple[str, ...]
    """What stands in the way of the rights, or has been lost."""
    specialities: tuple[str, ...]
    until: str
    """The last day of the rights as ISO date; empty: no end, or none."""


async def overview(session: AsyncSession, actor: Actor) -> Case:
    """Everything the activation pages show."""
    require(actor, Permission.VERIFICATION)
    case = await queries.case_of(session, actor.person_id)
    claim = await queries.claim_of(session, actor.person_id, case)
    rights = standing(await checking.grounds(session, case, claim), today=clock.today())
    return Case(
        state=await checking.state_now(session, case) if case else CaseState.DRAFT,
        claim=claim,
        findings=await queries.findings_of(session, case, claim),
        asked_at=await queries.asked_at(session, case) if case else {},
        missing=tuple(may_submit(claim)),
        changed=_changed(case, claim) if case and case.checked_claim else frozenset(),
        code_confirmed=_code_holds(case, clock.now()),
        postponed_until=case.postponed_until if case else None,
        reasons=rights.reasons,
        specialities=tuple(sorted(rights.specialities)),
        until=rights.until.isoformat() if rights.until else "",
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


async def save_identity(session: AsyncSession, actor: Actor, identity: Identity) -> MedcabError | None:
    """Correct who the person is; a refusal is returned, to be committed.

    The rights of somebody active rest until the register has confirmed the new data.
    """
    require(actor, Permission.VERIFICATION)
    case = await _case_to_change(session, actor)
    if refusal := await correct(session, actor, identity):
        return refusal
    if case.checked_claim:
        await checking.draw_consequences(session, case)
    live.publish(session, topic(actor.person_id))
    return None


@dataclass(frozen=True)
class CodeState:
    """Where the code goes (masked), and in how many seconds another may be asked for."""

    sent_to: str
    resend_in: int


async def code_state(session: AsyncSession, actor: Actor) -> CodeState:
    """What the page says beside the field for the code."""
    require(actor, Permission.VERIFICATION)
    challenge = await _challenge(session, actor)
    return CodeState(phone.masked(challenge.contact), await codes.resend_in(session, challenge))


async def send_code(session: AsyncSession, actor: Actor, *, again: bool = False) -> codes.Dispatch:
    """An SMS to the worker's own phone. Too early after the last one: `again` is refused, the first way on is not."""
    require(actor, Permission.VERIFICATION)
    await _ready_claim(session, await _case_to_change(session, actor))
    challenge = await _challenge(session, actor)
    return await (codes.resend if again else codes.send)(session, challenge)


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
    case = await _case_to_change(session, actor)
    claim = await _ready_claim(session, case)
    if not _code_holds(case, clock.now()):
        raise CodeNeeded
    await _require_proof(session, actor)
    findings, changed = await queries.findings_of(session, case, claim), _changed(case, claim)
    wanted = to_ask_again(findings, changed, claim)
    if not wanted and not changed:
        raise NothingToCheck
    await story.corrected(session, case.id, changed)
    await _send(session, actor, case, claim, wanted)
    return wanted


async def retry(session: AsyncSession, actor: Actor) -> frozenset[Item]:
    """Ask again about what was not confirmed, with nothing changed here: the register may have been mended meanwhile.

    The same data was confirmed by a code already, so no other is needed.
    """
    require(actor, Permission.VERIFICATION)
    case = await _case_to_change(session, actor)
    claim = await _ready_claim(session, case)
    findings = await queries.findings_of(session, case, claim)
    wanted = frozenset(i for i, f in findings.items() if claim.gives(i) and f.state is not ItemState.CONFIRMED)
    if not case.checked_claim or _changed(case, claim) or not wanted:
        raise NothingToCheck
    await _send(session, actor, case, claim, wanted)
    return wanted


async def _case_to_change(session: AsyncSession, actor: Actor) -> VerificationCase:
    """The actor's case, locked; a new draft the first time."""
    await accounts.take_turns(session, topic(actor.person_id))
    case = await queries.case_of(session, actor.person_id, lock=True)
    if case is None:
        now = clock.now()
        case = VerificationCase(person_id=actor.person_id, state=CaseState.DRAFT, created_at=now, updated_at=now)
        session.add(case)
        await session.flush()
    return case


async def _ready_claim(session: AsyncSession, case: VerificationCase) -> Claim:
    """The claim as it stands, when it may be sent now."""
    claim = await queries.claim_of(session, case.person_id, case)
    if missing := may_submit(claim):
        raise NotComplete(missing[0].sentence)
    waits = (await queries.items_of(session, case)).values()
    is_fresh = case.submitted_at is not None and clock.now() - case.submitted_at < PATIENCE
    if is_fresh and any(row.state == ItemState.CHECKING for row in waits):
        raise AlreadyChecking
    return claim


async def _send(
    session: AsyncSession, actor: Actor, case: VerificationCase, claim: Claim, wanted: Collection[Item]
) -> None:  # fmt: skip
    """A new version of the case; an older question that is still open is overtaken by it."""
    case.checked_claim = CLAIM.dump_json(claim).decode()
    case.version += 1
    case.submitted_at = case.updated_at = clock.now()
    case.postponed_until = None
    gone = [item for item in Item if not claim.gives(item)]
    sent = in_state(gone, ItemState.NOT_GIVEN) | in_state(wanted, ItemState.CHECKING)
    await checking.write(session, case, sent, source=Source.WORKER)
    audit.record(session, actor, Action.CASE_SUBMIT, case.id, items=sorted(wanted))
    if wanted:
        outbox.add(session, checking.CHECK, {"case_id": str(case.id), "version": case.version})
        case.state = (await checking.state_now(session, case)).value
    else:  # something was only taken out: what is left may be enough
        await checking.draw_consequences(session, case)
    live.publish(session, topic(actor.person_id))


async def _require_proof(session: AsyncSession, actor: Actor) -> None:
    """Where the installation asks for it: nobody is activated by papers that anybody may have found."""
    person = await accounts.person(session, actor.person_id)
    if get_settings().identity_proof_required and await proof_of(session, person) is None:
        raise IdentityNeeded


async def _challenge(session: AsyncSession, actor: Actor) -> codes.Challenge:
    person = await accounts.person(session, actor.person_id)
    return codes.Challenge(codes.Purpose.ACTIVATION, str(person.id), codes.Channel.SMS, person.phone)


def _changed(case: VerificationCase | None, claim: Claim) -> frozenset[Item]:
    return items_to_check(queries.checked_claim(case), claim)


def _code_holds(case: VerificationCase | None, now: datetime) -> bool:
    return bool(case and case.code_confirmed_at and now - case.code_confirmed_at <= CODE_HOLDS)
