"""The second factor once more, before something that changes who can get in, or signs."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries
from medcab.accounts.codes import service as codes
from medcab.accounts.codes.service import Challenge, Channel, Dispatch, Purpose, WrongCode
from medcab.accounts.factors import service as factors
from medcab.accounts.models import Factor, Person
from medcab.accounts.sessions import service as sessions
from medcab.accounts.throttle import service as throttle
from medcab.errors import Invalid, MedcabError
from medcab.identifiers import phone


@dataclass(frozen=True)
class Options:
    """How this person can prove themselves; the first is offered."""

    methods: list[Factor]
    sent_to: str
    resend_in: int


async def options(session: AsyncSession, actor: Actor) -> Options:
    person = await queries.person(session, actor.person_id)
    wait = await codes.resend_in(session, _challenge(actor, person))
    return Options(await factors.methods_of(session, person.id), phone.masked(person.phone), wait)


async def send(session: AsyncSession, actor: Actor) -> Dispatch:
    """A code to the person's phone; `TooMany` when it is too early for another."""
    require(actor, Permission.ACCOUNT)
    return await codes.resend(session, _challenge(actor, await queries.person(session, actor.person_id)))


async def give_code(session: AsyncSession, actor: Actor, *, code: str, method: Factor | None) -> str | MedcabError:
    """The session's new token, when the code is right."""
    require(actor, Permission.ACCOUNT)
    person = await queries.person(session, actor.person_id)
    methods = await factors.methods_of(session, person.id)
    used = method or methods[0]
    if used not in methods:
        raise Invalid("Этот способ не подключён.", field="method")
    refusal = await throttle.attempt(session, _lock(actor)) or await _proof(session, actor, person, used, code)
    if refusal:
        audit.record(
            session,
            actor,
            Action.CODE_REFUSED,
            actor.session_id,
            outcome="refused",
            purpose="step-up",
            factor=used.value,
        )
        return refusal
    await throttle.forgive(session, _lock(actor))
    return await sessions.step_up(session, actor, used)


async def _proof(session: AsyncSession, actor: Actor, person: Person, used: Factor, code: str) -> MedcabError | None:
    if used is Factor.SMS:
        return None if await codes.accept(session, _challenge(actor, person), code) else WrongCode()
    return await factors.prove(session, person.id, used, code)


def _lock(actor: Actor) -> str:
    return f"step-up:{actor.session_id}"


def _challenge(actor: Actor, person: Person) -> Challenge:
    return Challenge(Purpose.STEP_UP, str(actor.session_id), Channel.SMS, person.phone)
