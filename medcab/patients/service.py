"""Finding a patient of one's own clinic."""

from typing import TypedDict
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor, Permission, require
from medcab.errors import NotFound
from medcab.identifiers import enp, person_name
from medcab.patients import queries, rules
from medcab.ui import formats

MOST = 50


class PatientRow(TypedDict):
    """A patient to choose from a list."""

    id: str
    name: str
    born: str
    policy: str
    """Only its last four digits."""


async def find(session: AsyncSession, actor: Actor, *, text: str, limit: int = 10) -> list[PatientRow]:
    """Patients of the actor's organisation whose name begins so, or who have exactly this SNILS or policy; by name.

    Each search is journalled with whom it showed, never with what was typed. Needs a transaction that commits.
    """
    require(actor, Permission.PATIENTS_SEARCH)
    query = rules.parse(text)
    if query is rules.NOTHING or actor.organisation_id is None:
        return []
    rows = await queries.found(session, actor.organisation_id, query, min(limit, MOST))
    audit.record(session, actor, Action.PATIENTS_SEARCH, by=query.by, shown=[row.id for row in rows])
    return [
        {
            "id": str(row.id), "name": person_name.full(row.family_name, row.given_name, row.patronymic),
            "born": formats.day(row.birth_date), "policy": enp.masked(row.policy),
        }
        for row in rows
    ]  # fmt: skip


async def require_own(session: AsyncSession, actor: Actor, *, patient_id: UUID) -> None:
    """Raise `NotFound` unless the patient is of the actor's organisation."""
    if not await queries.is_of(session, actor.organisation_id, patient_id):
        raise NotFound("Пациент не найден: выберите его из списка ещё раз.")
