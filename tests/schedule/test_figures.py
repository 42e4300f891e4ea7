"""The daily figures: by kind of visit, who began a day, and what the migration made of older ones."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

from medcab import clock, db, schema
from medcab.schedule import service
from medcab.schedule.figures import queries as figures
from medcab.schedule.models import Appointment, DayFigures, VisitKind
from medcab.schedule.rules.figures import FigureKind
from medcab.schedule.rules.visits import Act
from tests.cast import OTHER_WARD, WARD, Cast
from tests.migrations import downgrade
from tests.schedule.reception import DAYS, NINE, assert_figures_true, at, book, counted, monday, offer, stored


async def mark(cast: Cast, visit: object, *acts: Act) -> None:
    for act in acts:
        async with db.transaction() as session:
            version = (await stored(visit)).version  # type: ignore[arg-type]
            await service.mark(session, cast.head, appointment_id=visit, version=version, act=act)  # type: ignore[arg-type]


async def of_the_day(kind: FigureKind = FigureKind.ALL) -> dict[str, int]:
    async with db.reading() as session:
        found = await figures.kept(session, WARD, NINE.date(), NINE.date())
    [counts] = [counts for key, counts in found.items() if key.kind is kind] or [{}]
    return dict(counts)


async def test_a_day_is_kept_whole_and_by_kind(cast: Cast) -> None:
    await offer(cast.doctor.person_id)
    with clock.frozen(NINE) as stopped:
        first = await book(cast, cast.head)
        await book(cast, cast.head, 15, kind=VisitKind.REPEAT)
        third = await book(cast, cast.head, 30, kind=VisitKind.REPEAT)
        await mark(cast, first, Act.ARRIVED, Act.STARTED)
        stopped.tick(timedelta(minutes=10))
        await mark(cast, first, Act.DONE)
        async with db.transaction() as session:
            await service.cancel(session, cast.head, appointment_id=third, version=1, reason="Причина")
    waits = {"waited": 1, "wait_0_5": 1, "first_starts": 1, "on_time_starts": 1}
    assert await of_the_day() == {
        "offered_minutes": 180, "booked_minutes": 30, "attended_minutes": 15, "planned": 2, "done": 1, "cancelled": 1, "late_cancelled": 1, **waits,
    }  # fmt: skip
    assert await of_the_day(FigureKind.FIRST) == {
        "booked_minutes": 15,
        "attended_minutes": 15,
        "planned": 1,
        "done": 1,
        **waits,
    }
    assert await of_the_day(FigureKind.REPEAT) == {
        "booked_minutes": 15,
        "planned": 1,
        "cancelled": 1,
        "late_cancelled": 1,
    }
    assert await of_the_day(FigureKind.PROPHYLACTIC) == {}
    await assert_figures_true()


async def test_who_began_the_day_follows_every_change(cast: Cast) -> None:
    await offer(cast.doctor.person_id)

    async def began() -> tuple[int, int]:
        counts = await of_the_day()
        return counts.get("first_starts", 0), counts.get("on_time_starts", 0)

    with clock.frozen(NINE) as stopped:
        early, late = await book(cast, cast.head), await book(cast, cast.head, 15, kind=VisitKind.REPEAT)
        await mark(cast, early, Act.ARRIVED)
        await mark(cast, late, Act.ARRIVED)
        assert await began() == (0, 0)
        stopped.tick(timedelta(minutes=6))
        await mark(cast, early, Act.STARTED)
        assert await began() == (1, 0), "six minutes after the plan"
        stopped.tick(timedelta(minutes=10))
        await mark(cast, late, Act.STARTED)
        assert await began() == (1, 0), "only the first one counts"
        await mark(cast, early, Act.UNDO)
        assert await began() == (1, 1), "the mark was a mistake: the day began with the other, a minute after its time"
        assert (await of_the_day(FigureKind.REPEAT))["on_time_starts"] == 1
        async with db.transaction() as session:
            version = (await stored(late)).version
            await service.cancel(session, cast.head, appointment_id=late, version=version, reason="Причина")
        assert await began() == (0, 0)
        await mark(cast, late, Act.UNDO)
        assert await began() == (1, 1)
        await mark(cast, early, Act.STARTED)
        assert await began() == (1, 0), "of two who were taken in at once, the one that was to be first"
        await mark(cast, early, Act.UNDO)
        stopped.tick(timedelta(minutes=1))
        await mark(cast, early, Act.STARTED, Act.DONE)
        assert await began() == (1, 1)
    await assert_figures_true()


async def test_a_whole_minute_decides_as_the_clock_shows_it(cast: Cast) -> None:
    await offer(cast.doctor.person_id)
    with clock.frozen(NINE) as stopped:
        made = await book(cast, cast.head)
        await mark(cast, made, Act.ARRIVED)
        stopped.tick(timedelta(minutes=5, seconds=59))
        await mark(cast, made, Act.STARTED)
    assert (await of_the_day())["on_time_starts"] == 1


async def test_the_migration_leaves_true_figures_behind(cast: Cast) -> None:
    await monday(cast)
    await offer(cast.neighbour.person_id, department_id=OTHER_WARD)
    with clock.frozen(NINE) as stopped:
        made = [await book(cast, cast.head, 15 * number, kind=list(VisitKind)[number % 3]) for number in range(6)]
        await book(cast, cast.head, days=1)
        await book(cast, cast.admin, practitioner=cast.neighbour)
        for number, visit in enumerate(made):
            stopped.tick(timedelta(minutes=7, microseconds=number))
            await mark(cast, visit, *[Act.ARRIVED, Act.STARTED, Act.DONE][: number + 1])
        async with db.transaction() as session:
            await service.cancel(session, cast.head, appointment_id=made[0], version=2, reason="Причина")
            moves = {"starts_at": at(-9 * 60), "ends_at": at(-9 * 60 + 15)}  # midnight in Moscow
            await session.execute(sa.update(Appointment).where(col(Appointment.id) == made[5]).values(**moves))
    await db.close()
    downgrade("0023")
    schema.upgrade()
    async with db.reading() as session:
        for ward in (WARD, OTHER_WARD):
            first = DAYS[0] - timedelta(days=2)
            kept = await figures.kept(session, ward, first, DAYS[1])
            assert kept == await counted(session, ward, first, DAYS[1])
        assert (await session.execute(sa.select(sa.func.count()).select_from(DayFigures))).scalar_one() > 4
