"""The daily figures: by kind of visit, who began a day, what the migration made of older ones, and the recount."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col

from medcab import audit, clock, db, schema
from medcab.schedule import service
from medcab.schedule.figures import queries as figures
from medcab.schedule.figures.recount import service as recount
from medcab.schedule.figures.recount.queries import Drift
from medcab.schedule.models import Appointment, DayFigures, VisitKind
from medcab.schedule.rules.figures import FigureKind
from medcab.schedule.rules.visits import Act
from medcab.settings import Settings
from tests.cast import CLINIC, OTHER_WARD, WARD, Cast
from tests.migrations import downgrade
from tests.schedule.reception import DAYS, NINE, assert_figures_true, at, book, counted, monday, offer, stored

ROOT = Path(__file__).parents[2]


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


async def found_wrong() -> list[Drift]:
    return [drift async for _, drifts in recount.verify(await recount.months()) for drift in drifts]


async def rebuilt(*, anew: bool = False, only: int | None = None) -> tuple[int, int, int]:
    """Months done, lines put right, and how many a former one had done; `only`: killed after so many."""
    left, before = await recount.begin(anew=anew)
    lines = [count async for _, count in recount.rebuild(left[:only])]
    if only is None:
        await recount.end()
    return len(lines), sum(lines), before


async def a_few_months(cast: Cast) -> None:
    """A visit in each of three months in one department, one in another clinic's."""
    for days in (0, 8, 40):
        await offer(cast.doctor.person_id, days=days)
    await offer(cast.neighbour.person_id, department_id=OTHER_WARD)
    with clock.frozen(NINE):
        for days in (0, 8, 40):
            await book(cast, cast.head, days=days, kind=VisitKind.REPEAT)
        await book(cast, cast.admin, practitioner=cast.neighbour)


async def spoil(**values: int) -> None:
    async with db.transaction() as session:
        await session.execute(sa.update(DayFigures).where(col(DayFigures.kind) == FigureKind.REPEAT).values(**values))


async def test_a_recount_finds_each_figure_that_drifted_and_the_rebuild_puts_it_right(cast: Cast) -> None:
    await a_few_months(cast)
    assert await found_wrong() == []
    [gone] = [month for month in await recount.months() if month.department_id == OTHER_WARD]
    async with db.transaction() as session:
        await session.execute(sa.delete(DayFigures).where(col(DayFigures.department_id) == OTHER_WARD))
        stray = DayFigures(
            day=NINE.date() + timedelta(days=100), department_id=WARD, practitioner_id=cast.doctor.person_id, organisation_id=CLINIC,
            kind=FigureKind.PROPHYLACTIC, planned=3,
        )  # fmt: skip
        session.add(stray)
    await spoil(planned=5, wait_45=1)
    wrong = await found_wrong()
    assert [(drift.key.kind, drift.key.department_id, drift.names) for drift in wrong if drift.key.kind is FigureKind.REPEAT] == [
        (FigureKind.REPEAT, WARD, ["planned", "wait_45"])
    ] * 3  # fmt: skip
    assert {drift.key.kind for drift in wrong if drift.key.department_id == OTHER_WARD} == {"all", "first"}
    assert "2026-11-23, Иванова А. П., repeat: planned: kept 5, counted 1; wait_45: kept 1, counted 0" in {
        drift.told(gone, {cast.doctor.person_id: "Иванова А. П."}).split(", ", 2)[2] for drift in wrong
    }
    done, lines, _ = await rebuilt()
    assert lines == len(wrong) == 3 + 2 + 1
    assert done == len(await recount.months()) + 2, "the months up to the stray line are no more"
    assert await found_wrong() == []
    for ward in (WARD, OTHER_WARD):
        await assert_figures_true(ward)
    async with db.reading() as session:
        assert await audit.verify(session) == []


async def test_a_rebuild_that_was_stopped_goes_on_where_it_was(cast: Cast) -> None:
    await a_few_months(cast)
    await spoil(planned=5)
    whole = len(await recount.months())
    assert whole == 4
    assert await rebuilt(only=2) == (2, 2, 0)
    assert await rebuilt(only=1) == (1, 1, 2)
    assert await rebuilt() == (whole - 3, 0, 3)
    assert await found_wrong() == []
    assert await rebuilt(only=1) == (1, 0, 0)
    assert await rebuilt(anew=True) == (whole, 0, 0)


async def test_a_rebuild_beside_running_work_takes_nothing_from_it(cast: Cast) -> None:
    await offer(cast.doctor.person_id, ends=600)
    await spoil(planned=5)
    is_over = False

    async def work() -> None:
        nonlocal is_over
        for number in range(12):
            made = await book(cast, cast.head, 15 * number, kind=list(VisitKind)[number % 3])
            if number % 2:
                await mark(cast, made, Act.ARRIVED, Act.STARTED)
        is_over = True

    async def keep_rebuilding() -> None:
        while not is_over:
            async with db.transaction() as session:
                await session.execute(sa.update(DayFigures).values(cancelled=DayFigures.cancelled + 1))
            await rebuilt()

    with clock.frozen(NINE):
        await asyncio.gather(work(), keep_rebuilding())
    await rebuilt()
    assert await found_wrong() == []
    await assert_figures_true()


KILLED = """
import os, signal
from medcab import cli
from medcab.schedule.figures.recount import service
once = service._put_right
async def put_right(month):
    lines = await once(month)
    if lines:
        os.kill(os.getpid(), signal.SIGKILL)
    return lines
service._put_right = put_right
cli.main()
"""


async def test_the_command_line_survives_a_kill(cast: Cast, settings: Settings) -> None:
    await a_few_months(cast)
    await spoil(planned=5)
    await db.close()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], env=os.environ | {"MEDCAB_DATABASE_URL": settings.database_url, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip

    told = await asyncio.to_thread(run, "-m", "medcab.cli", "figures", "verify")
    assert told.returncode == 1, told.stderr
    assert told.stdout.count("repeat: planned: kept 5, counted 1") == 3
    assert (await asyncio.to_thread(run, "-c", KILLED, "figures", "rebuild")).returncode == -signal.SIGKILL
    resumed = await asyncio.to_thread(run, "-m", "medcab.cli", "figures", "rebuild")
    assert resumed.returncode == 0, resumed.stderr
    assert "Going on after" in resumed.stdout
    assert "lines put right: 2" in resumed.stdout
    assert "100 %" in resumed.stderr
    assert (await asyncio.to_thread(run, "-m", "medcab.cli", "figures", "verify")).returncode == 0
