"""The way to the bank and back: begun in one session, ended once and in the same one, and what the bank says is compared.

Nothing here calls the bank: the door does, between `claim` and `settle`, with no transaction open.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, jobs, live
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries as accounts
from medcab.accounts.models import Person
from medcab.errors import Conflict, MedcabError
from medcab.proofs.models import BankAttempt
from medcab.proofs.rules import Identity, Part, Told, differing
from medcab.proofs.service import AnothersBank, keep_of_bank, topic
from medcab.security import tokens

LASTS = timedelta(minutes=10)
_UNFINISHED = "Подтверждение прервалось: ответ банка не сверен. Начните ещё раз."
"""What stands there until it is settled: a server that dies in between leaves the person a reason."""
_KEPT = timedelta(days=30)
"""How long a refused way is shown to the person."""


class WayLost(Conflict):
    """The answer belongs to no way that this session has begun: old, used, made up, or of another browser."""

    message = "Этот ответ банка уже использован, устарел или получен в другом браузере. Начните подтверждение ещё раз."


class Declined(Conflict):
    """The person, or the bank, has said no."""

    message = "Банк не подтвердил личность: вход отменён. Можно попробовать ещё раз."


class NotYou(Conflict):
    """The bank knows its client as somebody else."""

    def __init__(self, parts: list[Part]) -> None:
        what = ", ".join(part.value for part in parts)
        super().__init__(
            f"В банке другой человек: не совпадает {what}. Войдите в банк под своим именем или исправьте данные в профиле."
        )


@dataclass(frozen=True)
class Way:
    """What the question to the bank carries, and what its answer is checked with."""

    id: UUID
    state: str
    nonce: str
    verifier: str


async def begin(session: AsyncSession, actor: Actor) -> Way:
    """Write a new way down; the earlier ones of this person that have not come back lead nowhere any more."""
    require(actor, Permission.ACCOUNT)
    await session.execute(
        sa.delete(BankAttempt).where(col(BankAttempt.person_id) == actor.person_id, col(BankAttempt.used_at).is_(None))
    )
    state, nonce, verifier = tokens.make(), tokens.make(), tokens.make()
    made = BankAttempt(
        person_id=actor.person_id, session_id=actor.session_id, state_hash=tokens.fingerprint(state), nonce=nonce, verifier=verifier, began_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    audit.record(session, actor, Action.BANK_ASK, made.id)
    return Way(made.id, state, nonce, verifier)


async def claim(session: AsyncSession, actor: Actor, *, state: str) -> Way | WayLost:
    """Use the way up; of two who come with the same answer one gets it. The refusal is returned, for it is journalled."""
    require(actor, Permission.ACCOUNT)
    mine = (
        sa.update(BankAttempt)
        .where(
            col(BankAttempt.state_hash) == tokens.fingerprint(state),
            col(BankAttempt.person_id) == actor.person_id,
            col(BankAttempt.session_id) == actor.session_id,
            col(BankAttempt.used_at).is_(None),
            col(BankAttempt.began_at) > clock.now() - LASTS,
        )
        .values(used_at=clock.now(), refusal=_UNFINISHED)
        .returning(col(BankAttempt.id))
    )
    found = (await session.execute(mine)).scalar_one_or_none()
    if found is None:
        audit.record(session, actor, Action.BANK_ANSWER, outcome="refused", reason="no such way")
        return WayLost()
    way = (await session.exec(select(BankAttempt).where(BankAttempt.id == found))).one()
    return Way(way.id, state, way.nonce, way.verifier)


async def settle(session: AsyncSession, actor: Actor, *, way_id: UUID, told: Told) -> MedcabError | None:
    """Compare whom the bank means with whose cabinet this is, and keep the proof; a refusal is returned and stays to be seen."""
    person = await accounts.person(session, actor.person_id)
    if parts := differing(_identity(person), told):
        return await refuse(session, actor, way_id=way_id, refusal=NotYou(parts))
    kept = await keep_of_bank(session, actor, person, issuer=told.issuer, subject=told.subject)
    if isinstance(kept, AnothersBank):
        return await refuse(session, actor, way_id=way_id, refusal=kept)
    await session.execute(sa.update(BankAttempt).where(col(BankAttempt.id) == way_id).values(refusal=""))
    return None


async def refuse(session: AsyncSession, actor: Actor, *, way_id: UUID, refusal: MedcabError) -> MedcabError:
    """The way has led nowhere: the person will see why, also after a reload."""
    await session.execute(
        sa.update(BankAttempt)
        .where(col(BankAttempt.id) == way_id, col(BankAttempt.person_id) == actor.person_id)
        .values(refusal=refusal.message[:300])
    )
    audit.record(session, actor, Action.BANK_ANSWER, way_id, outcome="refused", reason=type(refusal).__name__)
    live.publish(session, topic(actor.person_id))
    return refusal


async def refused(session: AsyncSession, person_id: UUID) -> list[BankAttempt]:
    """The newest ways that led nowhere, at most five."""
    rows = (
        select(BankAttempt)
        .where(BankAttempt.person_id == person_id, BankAttempt.refusal != "")
        .order_by(col(BankAttempt.began_at).desc())
        .limit(5)
    )
    return list((await session.exec(rows)).all())


def _identity(person: Person) -> Identity:
    return Identity(
        family_name=person.family_name, given_name=person.given_name, patronymic=person.patronymic, birth_date=person.birth_date, snils=person.snils,
    )  # fmt: skip


@jobs.hourly
async def _forget_ways(session: AsyncSession) -> None:
    await session.execute(sa.delete(BankAttempt).where(col(BankAttempt.began_at) < clock.now() - _KEPT))
