"""Whether somebody's identity is proved, as they are known today."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.accounts.models import Person
from medcab.proofs.models import IdentityProof
from medcab.security.crypto import blind_index


def identity_index(person: Person) -> str:
    """What a proof is of: another name, birth date or SNILS is another identity."""
    parts = (person.family_name, person.given_name, person.patronymic, person.birth_date.isoformat(), person.snils)
    return blind_index("proof.identity", "\n".join(parts))


def subject_index(issuer: str, subject: str) -> str:
    """Who answers for a person at a bank; a subject means something within its issuer only (OpenID Connect Core 2)."""
    return blind_index("proof.subject", f"{issuer}\n{subject}")


async def proof_of(session: AsyncSession, person: Person) -> IdentityProof | None:
    """The newest proof of who the person is today; None: identity is not proved."""
    found = (
        select(IdentityProof)
        .where(IdentityProof.person_id == person.id, IdentityProof.identity_index == identity_index(person))
        .order_by(col(IdentityProof.proved_at).desc())
        .limit(1)
    )
    return (await session.exec(found)).first()


async def earlier_proof(session: AsyncSession, person: Person) -> bool:
    """Whether the person was proved under a name, birth date or SNILS of before."""
    return (
        await session.exec(select(IdentityProof.id).where(IdentityProof.person_id == person.id).limit(1))
    ).first() is not None
