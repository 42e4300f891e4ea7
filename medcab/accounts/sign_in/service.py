"""From a name and a password to a session: refusals are alike, whatever was wrong.

A refusal that must be remembered (a failure counted, a line in the journal) is *returned*, so that the door commits it before it raises.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action
from medcab.accounts import queries
from medcab.accounts.codes import service as codes
from medcab.accounts.codes.service import Challenge, Channel, Dispatch, Purpose, WrongCode
from medcab.accounts.factors import service as factors
from medcab.accounts.flows import service as flows
from medcab.accounts.models import Factor, Flow, FlowKind, PasswordRecord, Person, SignatureConsent, SignInOutcome
from medcab.accounts.notices import service as notices
from medcab.accounts.passwords import service as passwords
from medcab.accounts.rules import POLICY
from medcab.accounts.sessions import service as sessions
from medcab.accounts.throttle import service as throttle
from medcab.errors import Forbidden, Invalid, MedcabError
from medcab.identifiers import phone

CONSENT_PAGE, PASSWORD_PAGE, HOME = "/consent", "/security/password", "/"


class WrongSignIn(Invalid):
    """The name, the password, or both: never which."""

    message = "Неверный телефон, почта или пароль. Проверьте раскладку и Caps Lock или восстановите доступ."


class TooManyCodes(flows.FlowEnded):
    """The tries of this sign-in are used up."""

    message = "Слишком много неверных кодов. Войдите заново."


@dataclass(frozen=True)
class Attempt:
    """A counted try at a password, before it is compared. The same shape for a name that nobody has."""

    login_index: str
    person_id: UUID | None
    password_hash: str | None
    lock: str
    from_known_device: bool


@dataclass(frozen=True)
class Asked:
    """The second factor is asked for: the cookie of this sign-in."""

    token: str


@dataclass(frozen=True)
class CodeStep:
    """What the screen of the second factor shows."""

    method: Factor
    methods: list[Factor]
    sent_to: str
    is_sent: bool
    resend_in: int


@dataclass(frozen=True)
class Entered:
    """Both factors were right."""

    session: sessions.Started
    next: str


async def begin(
    session: AsyncSession, *, login: str, device_token: str, address: MedcabError | None = None
) -> Attempt | MedcabError:
    """Count a try at this name before the password is compared; a refusal while it is locked.

    `address` is the refusal for strangers from where this came, if they must wait.

    Failures of strangers lock out strangers only: a browser that has signed this person in before has a count of its own.
    """
    name = queries.parse_login(login)
    person = await queries.person_by_login(session, name)
    device = await sessions.known_device(session, person.id, device_token) if person else None
    lock = f"device:{device.id}" if device else f"login:{name.index}"
    refusal = (None if device else address) or await throttle.attempt(session, lock)
    if refusal:
        _refused(session, person.id if person else None, SignInOutcome.LOCKED, name.index)
        return refusal
    kept = next((one.hash for one in await queries.passwords(session, person.id)), None) if person else None
    return Attempt(name.index, person and person.id, kept, lock, device is not None)


async def password_compared(
    session: AsyncSession, attempt: Attempt, *, matches: bool, next_page: str
) -> Asked | MedcabError:
    """Go on to the second factor, or refuse."""
    if not matches or attempt.person_id is None:
        _refused(session, attempt.person_id, SignInOutcome.WRONG_PASSWORD, attempt.login_index)
        return WrongSignIn()
    await throttle.forgive(session, attempt.lock)
    person = await queries.person(session, attempt.person_id)
    methods = await factors.methods_of(session, person.id)
    data = {"method": methods[0].value, "methods": [method.value for method in methods], "next": next_page, "tries": 0}
    flow, token = await flows.start(session, FlowKind.SIGN_IN, data, person_id=person.id)
    if methods[0] is Factor.SMS:
        await codes.send(session, _challenge(flow, person))
    return Asked(token)


async def renew_hash(session: AsyncSession, attempt: Attempt, password_hash: str) -> None:
    """The same password, kept by today's parameters; its age stays."""
    kept = sa.update(PasswordRecord).where(
        col(PasswordRecord.person_id) == attempt.person_id, col(PasswordRecord.hash) == attempt.password_hash
    )
    await session.execute(kept.values(hash=password_hash))


async def step(session: AsyncSession, token: str) -> CodeStep:
    """For the screen of the second factor."""
    flow, data, person = await _standing(session, token, to_change=False)
    return await _shown(session, flow, data, person)


async def choose_method(session: AsyncSession, token: str, method: Factor) -> CodeStep:
    """Prove oneself another way; choosing SMS sends a code."""
    flow, data, person = await _standing(session, token)
    if method.value not in data["methods"]:
        raise Invalid("Этот способ не подключён.", field="method")
    data["method"] = method.value
    flows.save(flow, data)
    if method is Factor.SMS:
        await codes.send(session, _challenge(flow, person))
    return await _shown(session, flow, data, person)


async def resend(session: AsyncSession, token: str) -> Dispatch:
    """Another SMS."""
    flow, _, person = await _standing(session, token)
    return await codes.resend(session, _challenge(flow, person))


async def give_code(
    session: AsyncSession, token: str, *, code: str, method: Factor | None, device_token: str
) -> Entered | MedcabError:
    """The second factor. Five wrong ones end this sign-in, and the owner is told that somebody knows the password."""
    flow, data, person = await _standing(session, token)
    used = method or Factor(data["method"])
    if used.value not in data["methods"]:
        raise Invalid("Этот способ не подключён.", field="method")
    refusal = await _proof(session, flow, person, used, code)
    if refusal is None:
        flows.end(flow)
        return await _enter(session, person, used, data["next"], device_token)
    sessions.note(session, person.id, SignInOutcome.WRONG_CODE, factor=used)
    audit.record(session, None, Action.CODE_REFUSED, flow.id, outcome="refused", person_id=person.id, factor=used.value)
    data["tries"] += 1
    flows.save(flow, data)
    if data["tries"] < POLICY.code_tries:
        return refusal
    flows.end(flow)
    notices.told_by_mail(
        session, person, "неудачный вход", "Кто-то ввёл ваш пароль верно, но не смог подтвердить вход кодом."
    )
    return TooManyCodes()


async def _proof(session: AsyncSession, flow: Flow, person: Person, used: Factor, code: str) -> MedcabError | None:
    if used is Factor.SMS:
        return None if await codes.accept(session, _challenge(flow, person), code) else WrongCode()
    return await factors.prove(session, person.id, used, code)


async def _enter(
    session: AsyncSession, person: Person, used: Factor, next_page: str, device_token: str
) -> Entered | MedcabError:
    if person.blocked_at:
        audit.record(
            session, None, Action.SIGN_IN_REFUSED, person.id, outcome="refused", person_id=person.id, reason="blocked"
        )
        return Forbidden(f"Доступ в кабинет закрыт. {person.blocked_reason}".strip())
    started = await sessions.start(session, person, used, device_token=device_token)
    answered = select(SignatureConsent.id).where(SignatureConsent.person_id == person.id).limit(1)
    if (await session.exec(answered)).first() is None:
        return Entered(started, f"{CONSENT_PAGE}?next={quote(next_page, safe='')}" if next_page else CONSENT_PAGE)
    return Entered(started, PASSWORD_PAGE if await passwords.must_change(session, person.id) else next_page or HOME)


async def _standing(
    session: AsyncSession, token: str, *, to_change: bool = True
) -> tuple[Flow, dict[str, Any], Person]:
    flow, data = await flows.find(session, FlowKind.SIGN_IN, token, to_change=to_change)
    if flow.person_id is None:
        raise flows.FlowEnded
    return flow, data, await queries.person(session, flow.person_id)


async def _shown(session: AsyncSession, flow: Flow, data: dict[str, Any], person: Person) -> CodeStep:
    methods = [Factor(value) for value in data["methods"]]
    challenge = _challenge(flow, person)
    is_sent, wait = await codes.is_out(session, challenge), await codes.resend_in(session, challenge)
    return CodeStep(Factor(data["method"]), methods, phone.masked(person.phone), is_sent, wait)


def _challenge(flow: Flow, person: Person) -> Challenge:
    return Challenge(Purpose.SIGN_IN, str(flow.id), Channel.SMS, person.phone)


def _refused(session: AsyncSession, person_id: UUID | None, outcome: SignInOutcome, login_index: str) -> None:
    if person_id:
        sessions.note(session, person_id, outcome)
    audit.record(
        session, None, Action.SIGN_IN_REFUSED, login_index, outcome="refused", person_id=person_id, reason=outcome.value
    )  # fmt: skip
