"""An override has a last day: after it the item is what the register says, and the worker is told."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.verification import queries
from medcab.verification.checking import service as checking
from medcab.verification.disputes.models import Dispute
from medcab.verification.disputes.rules import DisputeState
from medcab.verification.queries import FINDING
from medcab.verification.rules.items import Item, Source

_BATCH = 200


async def end_overdue(session: AsyncSession) -> None:
    """Bring back what the register says wherever the last day has passed. The rights have ended with it by their own clock already."""
    ripe = select(Dispute).where(
        Dispute.state == DisputeState.ACCEPTED, col(Dispute.ended_at).is_(None), col(Dispute.review_on) < clock.today()
    )
    for dispute in (await session.exec(ripe.order_by(col(Dispute.person_id)).limit(_BATCH))).all():
        await _end(session, dispute)


async def _end(session: AsyncSession, dispute: Dispute) -> None:
    case = await queries.case_of(session, dispute.person_id, lock=True)
    row = (await queries.items_of(session, case)).get(Item(dispute.item)) if case else None
    override = FINDING.validate_json(row.finding).override if row else None
    if case is None or override is None or override.until >= clock.today():
        return
    await checking.write(session, case, {Item(dispute.item): override.register}, source=Source.CLOCK)
    await checking.draw_consequences(session, case)
