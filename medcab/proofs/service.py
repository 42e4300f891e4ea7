"""A proof of identity is kept, and the person told."""

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor
from medcab.accounts.models import Person
from medcab.accounts.queries import take_turns
from medcab.errors import Conflict
from medcab.proofs.models import IdentityProof, Way
from medcab.proofs.queries import identity_index, subject_index


class AnothersBank(Conflict):
    """Somebody else's cabinet was proved by the same client of the bank."""

    message = (
        "Этим клиентом банка уже подтверждён другой кабинет. Войдите в банк под своим именем или выберите видеозвонок."
    )


def topic(person_id: object) -> str:
    """What a page that shows the proof watches."""
    return f"proof:{person_id}"


async def keep_of_bank(
    session: AsyncSession, actor: Actor, person: Person, *, issuer: str, subject: str
) -> IdentityProof | AnothersBank:
    """The bank has answered for this very person; a refusal is returned when it has answered for somebody else by the same subject."""
    index = subject_index(issuer, subject)
    await take_turns(session, f"bank {index}")
    others = select(sa.func.count()).where(IdentityProof.subject_index == index, IdentityProof.person_id != person.id)
    if (await session.exec(others)).one():
        return AnothersBank()
    proof = IdentityProof(
        person_id=person.id, way=Way.BANK, proved_at=clock.now(), identity_index=identity_index(person),
        issuer=issuer, subject_index=index,
    )  # fmt: skip
    return _kept(session, actor, proof)


def keep_of_video(session: AsyncSession, actor: Actor, person: Person) -> IdentityProof:
    """The operator has seen this person and the passport; the actor is that operator."""
    proof = IdentityProof(
        person_id=person.id, way=Way.VIDEO, proved_at=clock.now(), identity_index=identity_index(person),
        operator_id=actor.person_id,
    )  # fmt: skip
    return _kept(session, actor, proof)


def _kept(session: AsyncSession, actor: Actor, proof: IdentityProof) -> IdentityProof:
    session.add(proof)
    audit.record(session, actor, Action.IDENTITY_PROVE, proof.person_id, way=proof.way.value, proof=str(proof.id))
    live.publish(session, topic(proof.person_id))
    return proof
