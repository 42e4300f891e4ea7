"""What the frame around each page shows of the person."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import ROLE_TITLES, Role
from medcab.accounts.models import Membership, Organisation
from medcab.accounts.queries import holds_on


@dataclass(frozen=True)
class Workplace:
    """An organisation to choose in the header."""

    id: UUID
    name: str
    roles: str


async def workplaces(session: AsyncSession, person_id: UUID) -> list[Workplace]:
    """Where the person works today, by name, with the roles there in words."""
    query = (
        select(Organisation.id, Organisation.short_name, Membership.role)
        .join(Membership, col(Membership.organisation_id) == col(Organisation.id))
        .where(Membership.person_id == person_id, holds_on(clock.today()))
        .order_by(col(Organisation.short_name), col(Membership.since))
    )
    names: dict[UUID, str] = {}
    roles: dict[UUID, list[str]] = {}
    for organisation_id, name, role in (await session.exec(query)).all():
        names[organisation_id] = name
        roles.setdefault(organisation_id, []).append(ROLE_TITLES[Role(role)])
    return [Workplace(key, name, ", ".join(dict.fromkeys(roles[key]))) for key, name in names.items()]
