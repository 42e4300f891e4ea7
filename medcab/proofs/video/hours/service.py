"""An operator says when they hold video sessions."""

from collections.abc import Sequence
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor, Permission, require
from medcab.errors import Invalid
from medcab.proofs.video.models import VideoOperator
from medcab.proofs.video.rules import Hours, Week, week_fault


async def hours_of(session: AsyncSession, actor: Actor) -> Week:
    """The operator's own."""
    require(actor, Permission.SUPPORT_DESK)
    row = await session.get(VideoOperator, actor.person_id)
    return Week.read(row.week, row.away_until) if row else Week()


async def keep_hours(session: AsyncSession, actor: Actor, *, days: Sequence[Hours], away_until: date | None) -> None:
    """From now on; what is booked already stays booked."""
    require(actor, Permission.SUPPORT_DESK)
    if fault := week_fault(days):
        raise Invalid(fault)
    row = await session.get(VideoOperator, actor.person_id, with_for_update=True)
    if row is None:
        row = VideoOperator(operator_id=actor.person_id, week="")
        session.add(row)
    row.week, row.away_until = Week(tuple(days)).written(), away_until
    audit.record(session, actor, Action.VIDEO_HOURS, actor.person_id, week=row.week, away_until=away_until)
