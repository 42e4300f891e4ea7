"""Whether the daily figures are true, and making them so: a department's month at a time, beside running work.

A month is looked at without holding anybody up; only one that is not true is counted again while nobody else may write figures, and put right.
Each month is remembered in its own transaction, so that a rebuild that was killed goes on where it stopped.
"""

from collections.abc import AsyncIterator, Iterable

from medcab import audit, db, live
from medcab.access import Action
from medcab.schedule.figures.recount import queries
from medcab.schedule.figures.recount.queries import Drift, Month
from medcab.schedule.models import FiguresRebuilt
from medcab.schedule.service import zone


async def months() -> list[Month]:
    """Everything there is to look at."""
    async with db.reading() as session:
        return await queries.months(session, zone())


async def verify(found: Iterable[Month]) -> AsyncIterator[tuple[Month, list[Drift]]]:
    """Month by month, what is not true in it."""
    for month in found:
        async with db.reading() as session:
            yield month, await queries.drifts(session, month, zone())


async def names(drifts: Iterable[Drift]) -> dict[object, str]:
    """Of the workers."""
    async with db.reading() as session:
        return {**await queries.names_of(session, (drift.key.practitioner_id for drift in drifts))}


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
            is_true = not await queries.drifts(session, month, zone())
        yield month, await _remember(month) if is_true else await _put_right(month)


async def _remember(month: Month) -> int:
    async with db.transaction() as session:
        await session.merge(FiguresRebuilt(department_id=month.department_id, month=month.first))
    return 0


async def _put_right(month: Month) -> int:
    async with db.transaction() as session:
        await queries.alone(session)
        wrong = await queries.drifts(session, month, zone())
        if wrong:
            await queries.put_right(session, wrong)
            live.publish(session, f"figures:{month.department_id}")
            audit.record(
                session,
                None,
                Action.FIGURES_REBUILD,
                month.department_id,
                month=f"{month.first:%Y-%m}",
                lines=len(wrong),
            )
        await session.merge(FiguresRebuilt(department_id=month.department_id, month=month.first))
    return len(wrong)


async def end() -> None:
    """All months are done."""
    async with db.transaction() as session:
        await queries.forget(session)
