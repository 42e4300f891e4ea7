"""Links by which patients answer. A link names nothing: 256 random bits, of which only the hash is kept."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.schedule.reminders.models import LinkPurpose, VisitLink
from medcab.security import tokens
from medcab.settings import get_settings

PAGE = "/v"


def make(session: AsyncSession, appointment_id: UUID, purpose: LinkPurpose, starts_at: datetime) -> str:
    """A new link for one visit, good until it begins, whenever that will be; its address, which is never known again."""
    token = tokens.make()
    session.add(
        VisitLink(
            appointment_id=appointment_id,
            purpose=purpose,
            token_hash=tokens.fingerprint(token),
            made_at=clock.now(),
            expires_at=starts_at,
        )
    )
    return f"{get_settings().origin}{PAGE}/?t={token}"
