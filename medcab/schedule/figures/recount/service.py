"""Whether the daily figures are true, and making them so: a department's month at a time, beside running work.

A month is looked at without holding anybody up; only one that is not true is counted again while nobody else may write figures, and put right.
Each month is remembered in its own transaction, so that a rebuild that was killed goes on where it stopped.
"""

from collections.abc import AsyncIterator, Iterable

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, db, live
from medcab.access import Action
from medcab.schedule.diagnoses.queries import topic
from medcab.schedule.diagnoses.recount import queries as cases
from medcab.schedule.diagnoses.recount.queries import Drift as CasesDrift
from medcab.schedule.figures.recount import queries
from medcab.schedule.figures.recount.queries import Drift, Month
from medcab.schedule.models import FiguresRebuilt
from medcab.schedule.service import zone


async def months() -> list[Month]:
    """Everything there is to look at."""
    async with db.reading() as session:
        return await queries.months(session, zone())


async def verify(found: Iterable[Month]) -> AsyncIterator[tuple[Month, list[Drift | CasesDrift]]]:
    """Month by month, what is not true in it."""
    for month in found:
        async with db.reading() as session:
            figures, weeks = await _drifts(session, month)
            yield month, [*figures, *weeks]


async def _drifts(session: AsyncSession, month: Month) -> tuple[list[Drift], list[CasesDrift]]:
    return await queries.drifts(session, month, zone()), await cases.drifts(session, month, zone())


async def names(drifts: Iterable[Drift | CasesDrift]) -> dict[object, str]:
    """Of the workers."""
    async with db.reading() as session:
        return {
            **await queries.names_of(
                session, (drift.key.practitioner_id for drift in drifts if isinstance(drift, Drift))
            )
        }


async def begin(*, anew: bool) -> tuple[list[Month], int]:
    """What is still to be done, and how much a rebuild that was stopped has done already."""
    if anew:
        async with db.transaction() as session:
            await queries.forget(session)
    async with db.reading() as session:
        found, done = await queries.months(session, zone()), await queries.rebuilt(session)
    left = [month for month in found if (month.department_id, month.first) not in done]
    return left, len(found) - len(left)


async def rebuild(found: Iterable[Month]) -> AsyncIterator[tuple[Month, int]]:
    """Month by month, how many lines of it were put right."""
    for month in found:
        async with db.reading() as session:
            is_true = not any(await _drifts(session, month))
        yield month, await _remember(month) if is_true else await _put_right(month)


async def _remember(month: Month) -> int:
    async with db.transaction() as session:
        await session.merge(FiguresRebuilt(department_id=month.department_id, month=month.first))
    return 0


async def _put_right(month: Month) -> int:
    async with db.transaction() as session:
        await queries.alone(session)
        figures, weeks = await _drifts(session, month)
        if figures:
            await queries.put_right(session, figures)
            live.publish(session, f"figures:{month.department_id}")
        if weeks:
            await cases.put_right(session, weeks)
            live.publish(session, topic(month.department_id))
        if figures or weeks:
            audit.record(
                session,
                None,
                Action.FIGURES_REBUILD,
                month.department_id,
                month=f"{month.first:%Y-%m}",
                lines=len(figures) + len(weeks),
            )
        await session.merge(FiguresRebuilt(department_id=month.department_id, month=month.first))
    return len(figures) + len(weeks)


async def end() -> None:
    """All months are done."""
    async with db.transaction() as session:
        await queries.forget(session)
