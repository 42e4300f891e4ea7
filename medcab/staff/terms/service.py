"""Another post or rate of a role from a day on: what held before stays told."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.accounts.models import EmploymentTerms, Membership
from medcab.accounts.rules.terms import Terms, on
from medcab.staff import queries
from medcab.staff.rules import day_of
from medcab.staff.service import NewPlace
from medcab.staff.terms import rules


async def write(session: AsyncSession, by: UUID, held: Membership, place: NewPlace) -> tuple[Terms, Terms]:
    """What holds from the day on, and what did so before it was written. The caller has the turn, and says it in the journal."""
    told, today = await queries.told(session, held), clock.today()
    since = day_of(place.since, field="since") or max(today, held.since)
    new = rules.following(told, Terms(since, None, place.post, place.rate), today, is_correction=place.is_correction)
    written = select(EmploymentTerms).where(
        EmploymentTerms.membership_id == held.id, col(EmploymentTerms.since) >= since, col(EmploymentTerms.replaced_at).is_(None)
    )  # fmt: skip
    for former in (await session.exec(written)).all():
        if former.since == since or new.hold_on(
            former.since
        ):  # one that said nothing new would come back after it, unseen
            former.replaced_at = clock.now()
    await session.flush()
    session.add(
        EmploymentTerms(
            membership_id=held.id, since=since, post=place.post, rate=place.rate, made_by_id=by, made_at=clock.now()
        )
    )
    await session.flush()
    return new, on(told, since)
