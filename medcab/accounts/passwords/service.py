"""Passwords: chosen with their owner in mind, never one of the last ones, changed only by who knows the present one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries
from medcab.accounts.flows import service as flows
from medcab.accounts.models import PasswordRecord, Person
from medcab.accounts.notices import service as notices
from medcab.accounts.rules import POLICY, PasswordAge, PasswordStanding, password_age
from medcab.accounts.sessions import service as sessions
from medcab.accounts.throttle import service as throttle
from medcab.errors import Invalid, MedcabError
from medcab.security.password_rules import REPEATED, Rule, password_rules, require_good
from medcab.security.passwords import verify_password
from medcab.settings import get_settings


class WrongCurrent(Invalid):
    """Not the password in force."""

    message = "Нынешний пароль введён неверно."

    def __init__(self) -> None:
        super().__init__(field="current")


class UsedBefore(Invalid):
    """One of the last ones."""

    message = REPEATED


@dataclass(frozen=True)
class Change:
    """A counted try to change the password: what the present and the new one are compared with."""

    hashes: list[str]
    """The newest first; the first is in force."""
    context: list[str]


async def history(session: AsyncSession, person_id: UUID) -> list[str]:
    """Hashes of the password in force and the ones before it, newest first."""
    return [one.hash for one in await queries.passwords(session, person_id, last=POLICY.password_history)]


async def require_unused(text: str, hashes: Sequence[str], *, field: str) -> None:
    """Raise `UsedBefore` when it is one of these. Slow on purpose: outside any transaction."""
    for kept in hashes:
        if await verify_password(text, kept):
            raise UsedBefore(field=field)


async def put(session: AsyncSession, person_id: UUID, password_hash: str) -> None:
    """From now on this one is in force; who began to enter with the former one begins anew."""
    session.add(PasswordRecord(person_id=person_id, hash=password_hash, set_at=clock.now()))
    await flows.end_all(session, person_id)


async def begin_change(session: AsyncSession, actor: Actor) -> Change | MedcabError:
    """Count a try at the present password, before it is compared."""
    require(actor, Permission.ACCOUNT)
    sessions.require_step_up(actor)
    refusal = await throttle.attempt(session, _lock(actor))
    if refusal:
        return refusal
    person = await queries.person(session, actor.person_id)
    return Change(await history(session, person.id), context_of(person))


async def current_was_right(session: AsyncSession, actor: Actor) -> None:
    """The try was no failure, whatever becomes of the new password."""
    await throttle.forgive(session, _lock(actor))


async def change(session: AsyncSession, actor: Actor, password_hash: str) -> str:
    """Both were right: put the new one in place, end every other session, tell the owner. This session's new token.

    Whoever has a copy of the old token is out as well; a session that was ended while the passwords were compared changes nothing.
    """
    require(actor, Permission.ACCOUNT)
    sessions.require_step_up(actor)
    token = await sessions.renew(session, actor)
    await put(session, actor.person_id, password_hash)
    ended = await sessions.end_all(session, actor.person_id, "password changed", but=actor.session_id)
    audit.record(session, actor, Action.PASSWORD_CHANGE, actor.person_id, sessions_ended=ended)
    person = await queries.person(session, actor.person_id)
    notices.told_everywhere(session, person, "пароль изменён", "Пароль изменён, остальные сеансы завершены.")
    return token


async def age(session: AsyncSession, person_id: UUID) -> PasswordAge:
    """How old the password in force is, and what follows."""
    enforce, found = get_settings().enforce_rotation, await queries.passwords(session, person_id)
    if not found:
        return password_age(clock.now(), clock.now(), compromised=True, enforce=enforce)
    [current] = found
    return password_age(current.set_at, clock.now(), compromised=current.must_change, enforce=enforce)


async def must_change(session: AsyncSession, person_id: UUID) -> bool:
    return (await age(session, person_id)).standing is PasswordStanding.MUST_CHANGE


def require_good_for(text: str, context: Sequence[str], *, field: str = "password") -> None:
    """Raise `Invalid` with everything that speaks against it, by this installation's profile."""
    require_good(text, context=context, profile=get_settings().password_profile, field=field)


def rules_for(text: str, context: Sequence[str]) -> list[Rule]:
    """The list that ticks while a password is typed."""
    return password_rules(text, context=context, profile=get_settings().password_profile)


def context_of(person: Person) -> list[str]:
    """What everybody who knows the person would try."""
    own = (
        person.family_name,
        person.given_name,
        person.patronymic,
        person.phone,
        person.email,
        person.snils,
        person.inn,
    )
    return [*filter(None, own), person.birth_date.isoformat()]


def _lock(actor: Actor) -> str:
    return f"password:{actor.session_id}"
