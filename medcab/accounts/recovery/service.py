"""A new password through the linked phone, never around the second factor: who has an authenticator app proves that as well.

For a name that nobody has, the steps look the same; no code is sent, and none is right.
"""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action
from medcab.accounts import queries
from medcab.accounts.codes import service as codes
from medcab.accounts.codes.service import Challenge, Channel, Dispatch, Purpose, WrongCode
from medcab.accounts.factors import service as factors
from medcab.accounts.flows import service as flows
from medcab.accounts.models import Factor, Flow, FlowKind, Person
from medcab.accounts.notices import service as notices
from medcab.accounts.passwords import service as passwords
from medcab.accounts.rules import typed_recovery_code
from medcab.accounts.sessions import service as sessions
from medcab.accounts.throttle import service as throttle
from medcab.errors import MedcabError

CODE, FACTOR, PASSWORD = "code", "factor", "password"
_TRIES = 10
"""Wrong codes in one recovery, over all the codes that were sent."""


async def begin(session: AsyncSession, *, login: str, device_token: str = "") -> str:
    """Send a code to the linked phone, if there is one; the cookie's token either way.

    A browser that has signed this person in before has a number of codes of its own: strangers who ask for them do not use it up.
    """
    name = queries.parse_login(login)
    person = await queries.person_by_login(session, name)
    device = await sessions.known_device(session, person.id, device_token) if person else None
    data = {"counted": f"device:{device.id}" if device else name.value, "step": CODE, "tries": 0}
    flow, token = await flows.start(session, FlowKind.RECOVERY, data, person_id=person.id if person else None)
    await codes.send(session, _challenge(flow, data, person), decoy=person is None)
    return token


async def standing(session: AsyncSession, token: str) -> tuple[str, int]:
    """The step that is open now, and seconds until another code may be sent.

    Asked as often as one likes, so nobody is looked up: the time it takes would tell whether there is somebody.
    """
    flow, data = await flows.find(session, FlowKind.RECOVERY, token, to_change=False)
    return data["step"], await codes.resend_in(session, _challenge(flow, data, None))


async def resend(session: AsyncSession, token: str) -> Dispatch:
    flow, data, person = await _at(session, token, CODE)
    return await codes.resend(session, _challenge(flow, data, person), decoy=person is None)


async def give_code(session: AsyncSession, token: str, code: str) -> str | MedcabError:
    """The code from the SMS; the next step."""
    flow, data, person = await _at(session, token, CODE)
    accepted = await codes.accept(session, _challenge(flow, data, person), code)
    if not accepted or person is None:
        return _wrong(session, flow, data, person, WrongCode())
    has_app = Factor.TOTP in await factors.methods_of(session, person.id)
    return _go_to(flow, data, FACTOR if has_app else PASSWORD)


async def give_factor(session: AsyncSession, token: str, code: str) -> str | MedcabError:
    """The app's code, or a recovery code; the next step."""
    flow, data, person = await _at(session, token, FACTOR)
    if person is None:
        raise flows.FlowEnded
    factor = Factor.RECOVERY_CODE if typed_recovery_code(code) else Factor.TOTP
    refusal = await factors.prove(session, person.id, factor, code)
    return _wrong(session, flow, data, person, refusal) if refusal else _go_to(flow, data, PASSWORD)


async def owner(session: AsyncSession, token: str) -> Person:
    """Whose password may be set now; only looks."""
    _, _, person = await _at(session, token, PASSWORD, to_change=False)
    if person is None:
        raise flows.FlowEnded
    return person


async def give_password(session: AsyncSession, token: str, password_hash: str) -> None:
    """Set it, end every session, and tell the owner on every channel."""
    _, _, person = await _at(session, token, PASSWORD)
    if person is None:
        raise flows.FlowEnded
    await passwords.put(session, person.id, password_hash)
    await sessions.end_all(session, person.id, "recovered")
    await throttle.restore(session, person)
    audit.record(session, None, Action.PASSWORD_RECOVER, person.id, person_id=person.id)
    notices.told_everywhere(
        session, person, "пароль изменён", "Пароль восстановлен через телефон, все сеансы завершены."
    )


def _go_to(flow: Flow, data: dict[str, Any], step: str) -> str:
    data["step"] = step
    flows.save(flow, data)
    return step


def _wrong(
    session: AsyncSession, flow: Flow, data: dict[str, Any], person: Person | None, refusal: MedcabError
) -> MedcabError:
    """Count it; too many end the whole recovery."""
    audit.record(
        session,
        None,
        Action.CODE_REFUSED,
        flow.id,
        outcome="refused",
        person_id=person.id if person else None,
        purpose="recovery",
    )
    data["tries"] += 1
    flows.save(flow, data)
    if data["tries"] >= _TRIES:
        flows.end(flow)
        return flows.FlowEnded("Слишком много неверных кодов. Начните восстановление сначала.")
    return refusal


async def _at(
    session: AsyncSession, token: str, step: str, *, to_change: bool = True
) -> tuple[Flow, dict[str, Any], Person | None]:
    flow, data = await flows.find(session, FlowKind.RECOVERY, token, to_change=to_change)
    if data["step"] != step:
        raise flows.FlowEnded("Сначала пройдите предыдущие шаги.")
    return flow, data, await queries.person(session, flow.person_id) if flow.person_id else None


def _challenge(flow: Flow, data: dict[str, Any], person: Person | None) -> Challenge:
    """Limits are counted for what was typed, so that they tell nothing of whose phone it is."""
    return Challenge(
        Purpose.RECOVERY, str(flow.id), Channel.SMS, person.phone if person else "", counted=data["counted"]
    )
