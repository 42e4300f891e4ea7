"""How patients are found: by the beginning of a name in the index, or by the fingerprint of a number."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab.patients.models import Patient
from medcab.patients.rules import Query
from medcab.security.crypto import blind_index

_LAST_LETTER = "\U0010ffff"
_SHOWN = (
    col(Patient.id), col(Patient.family_name), col(Patient.given_name), col(Patient.patronymic), col(Patient.birth_date), col(Patient.policy),
)  # fmt: skip
"""Only what the list shows is read and unsealed."""


async def found(session: AsyncSession, organisation_id: UUID, query: Query, limit: int) -> Sequence[sa.Row[Any]]:
    """Rows of `_SHOWN` of this organisation only, by name."""
    wanted = (
        sa.select(*_SHOWN)
        .where(col(Patient.organisation_id) == organisation_id, _matches(query))
        .order_by(col(Patient.search_name), col(Patient.id))
        .limit(limit)
    )
    return (await session.execute(wanted)).all()


async def is_of(session: AsyncSession, organisation_id: UUID | None, patient_id: UUID) -> bool:
    """Whether the organisation has this patient."""
    theirs = sa.select(sa.literal(1)).where(
        col(Patient.id) == patient_id, col(Patient.organisation_id) == organisation_id
    )
    return (await session.execute(theirs)).first() is not None


def _matches(query: Query) -> sa.ColumnElement[bool]:
    if query.by == "snils":
        return col(Patient.snils_index) == blind_index("patient.snils", query.value)
    if query.by == "policy":
        return col(Patient.policy_index) == blind_index("patient.policy", query.value)
    family_and_given, rest = " ".join(query.words[:2]), query.words[2:]
    name = col(Patient.search_name)
    begins = sa.and_(name >= family_and_given, name < family_and_given + _LAST_LETTER)
    return (
        sa.and_(begins, name.like(f"{family_and_given}%" + "".join(f" {word}%" for word in rest))) if rest else begins
    )
