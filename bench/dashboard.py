"""A year of one department in clinics of different sizes: the first screen against the bare roll-up rows, the same six figures by DuckDB and by pandas
over the raw rows, and what keeping the roll-ups true adds to a visit's write.

MEDCAB_BENCH_VISITS=250000,2500000,10000000 measures the largest as well: its files take about eight gigabytes and four minutes more.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel.ext.asyncio.session import AsyncSession

from bench import clinics
from bench import home as houses
from bench.report import Line, Watch, at_most, ratio

ROUNDS, TIMES, WRITES = 7, 8, 40
SCALES = [int(each) for each in os.environ.get("MEDCAB_BENCH_VISITS", "250000,2500000").split(",")]
GUARDED_UP_TO = 300_000
"""Only in the smallest clinic are visits written; elsewhere nobody asks the indexes of visits, and building them would take longer than all else."""
SIX = ("planned", "done_share", "utilisation", "no_show", "late_cancel", "wait_15")

Read = Callable[[], Awaitable[Any]]


class Clinic:
    """One size: its files, and who asks what of it."""

    def __init__(self, home: Path, visits: int, years: clinics.Years, until: date) -> None:
        self.folder = home / f"dashboard-{visits}"
        self.departments = max(1, round(visits / years.count))
        self.visits = self.departments * years.count
        self.number = self.departments // 2
        self.start, self.end = until - timedelta(days=363), until
        self.path = self.folder / "medcab.db"

    def make(self, years: clinics.Years) -> float:
        """Seconds that it took to write the database."""
        import shutil

        from medcab import schema

        self.folder.mkdir()
        shutil.copy(self.folder.parent / "dashboard" / "medcab.db", self.path)
        with Watch() as watch:
            clinics.fill(self.path, years, self.departments, guarded=self.visits <= GUARDED_UP_TO)
        with schema.sync_engine(f"sqlite:///{self.path}").begin() as connection:
            clinics.staff(connection, self.departments)
        clinics.export(self.folder, years, self.departments)
        return watch.seconds

    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.path}"


class Asked:
    """The reads of one clinic's department, on connections that are open."""

    def __init__(self, clinic: Clinic, url: str = "") -> None:
        from medcab import db
        from medcab.access import Actor, Role

        self._clinic, self._engine = clinic, db.make_engine(url or clinic.url(), "read")
        self._department = clinics.department(clinic.number)
        self._head = Actor(
            uuid4(), uuid4(), "", clinics.ORGANISATION, frozenset({self._department}), frozenset({Role.DEPARTMENT_HEAD}), is_active=True,
            posts=frozenset({(Role.DEPARTMENT_HEAD, self._department)}),
        )  # fmt: skip

    async def bare(self) -> Any:
        """The rows that the first screen adds up, as they are kept."""
        from medcab.schedule.models import DayFigures
        from medcab.schedule.rules.figures import FigureKind

        table: sa.Table = DayFigures.__table__  # pyright: ignore[reportAttributeAccessIssue]
        here = sa.and_(table.c.department_id == self._department, table.c.kind == FigureKind.ALL)
        query = sa.select(table).where(here, table.c.day.between(self._clinic.start, self._clinic.end))
        async with AsyncSession(self._engine) as session:
            return (await (await session.connection()).execute(query)).all()

    async def first_screen(self) -> Any:
        from medcab.dashboards import service

        async with AsyncSession(self._engine) as session:
            return await service.overview(
                session, self._head, department_id=self._department, start=self._clinic.start, end=self._clinic.end, refreshed=True
            )  # fmt: skip

    async def six(self) -> list[float]:
        from medcab.dashboards import queries
        from medcab.dashboards.rules.kpi import BY_CODE
        from medcab.dashboards.rules.period import Period

        async with AsyncSession(self._engine) as session:
            _, tally = await queries.whole(session, self._department, Period(self._clinic.start, self._clinic.end))
        return [BY_CODE[code].measure(tally).value or 0.0 for code in SIX]

    async def duckdb(self) -> list[float]:
        """Over Parquet, in the order of time; DuckDB reads what it needs of it."""
        import duckdb

        where = "department = ? AND starts >= ? AND starts < ?"
        known = [self._clinic.number, *self._edges()]
        with duckdb.connect() as connection:
            counts = connection.execute(_COUNTED.format(file=self._clinic.folder / "visits.parquet", where=where), known).fetchone() or ()  # fmt: skip
            [offered] = connection.execute(f"SELECT sum(minutes) FROM '{self._clinic.folder / 'hours.parquet'}' WHERE {where}", known).fetchone() or ()  # fmt: skip
        return _six(*counts, offered)

    async def pandas(self) -> list[float]:
        """Over a pickled frame, which it reads faster than any file that needs no other library."""
        import pandas as pd

        visits, hours = (pd.read_pickle(self._clinic.folder / f"{name}.pickle") for name in ("visits", "hours"))
        since, until = self._edges()
        visits, hours = (
            rows[(rows.department == self._clinic.number) & (rows.starts >= since) & (rows.starts < until)]
            for rows in (visits, hours)
        )
        is_off, waited = visits.status == "cancelled", visits[visits.started.notna() & visits.status.isin(["arrived", "done"])]  # fmt: skip
        late = (is_off & (visits.starts - visits.cancelled < pd.Timedelta(days=1))).sum()
        waits = waited.started - waited[["starts", "arrived"]].max(axis=1)
        counts = (
            (~is_off).sum(),
            (visits.status == "done").sum(),
            (visits.status == "no_show").sum(),
            is_off.sum(),
            late,
        )
        return _six(*counts, len(waited), (waits < pd.Timedelta(minutes=15)).sum(), visits.minutes[~is_off].sum(), hours.minutes.sum())  # fmt: skip

    def _edges(self) -> tuple[Any, Any]:
        """The year's midnights at the clinic, as the frames have moments: UTC without saying so."""
        import numpy as np

        return tuple(
            (np.datetime64(day, "s") - np.timedelta64(3, "h")).item()
            for day in (self._clinic.start, self._clinic.end + timedelta(days=1))
        )  # pyright: ignore[reportReturnType]

    async def close(self) -> None:
        await self._engine.dispose()


_COUNTED = """
SELECT count(*) FILTER (status <> 'cancelled'), count(*) FILTER (status = 'done'), count(*) FILTER (status = 'no_show'),
  count(*) FILTER (status = 'cancelled'), count(*) FILTER (status = 'cancelled' AND starts - cancelled < INTERVAL 1 DAY),
  count(*) FILTER (started IS NOT NULL AND status IN ('arrived', 'done')),
  count(*) FILTER (started - greatest(starts, coalesce(arrived, starts)) < INTERVAL 15 MINUTE AND status IN ('arrived', 'done')),
  coalesce(sum(minutes) FILTER (status <> 'cancelled'), 0)
FROM '{file}' WHERE {where}
"""


def _six(planned: Any, done: Any, no_show: Any, off: Any, late: Any, waited: Any, soon: Any, booked: Any, offered: Any) -> list[float]:  # fmt: skip
    shares = done / planned, booked / offered, no_show / (done + no_show), late / (planned + off), soon / waited
    return [float(planned), *map(float, shares)]


async def _rounds(reads: list[Read], times: int) -> list[list[list[float]]]:
    """All of them in turn, each round in a random order; the first round only warms up."""
    rounds: list[list[list[float]]] = []
    for _ in range(ROUNDS + 1):
        took: list[list[float]] = [[] for _ in reads]
        for which in random.sample(list(range(len(reads))) * times, len(reads) * times):
            began = perf_counter()
            await reads[which]()
            took[which].append(perf_counter() - began)
        rounds.append(took)
    return rounds[1:]


def _of(rounds: list[list[list[float]]], floor: int, tried: int) -> float:
    return ratio((each[floor], each[tried]) for each in rounds)


def _ms(rounds: list[list[list[float]]], which: int) -> float:
    return median(took for each in rounds for took in each[which]) * 1000


async def _one(clinic: Clinic, made_in: float) -> list[Line]:
    asked, size = Asked(clinic), f"{clinic.visits:,} visits".replace(",", " ")
    wanted = [f"{each:.9f}" for each in await asked.six()]
    for name, other in (("DuckDB", asked.duckdb), ("pandas", asked.pandas)):
        if (found := [f"{each:.9f}" for each in await other()]) != wanted:
            raise RuntimeError(f"{name} counts otherwise: {found}, not {wanted}")
    rows = len(await asked.bare())
    screens = await _rounds([asked.bare, asked.first_screen], TIMES)
    peers = await _rounds([asked.six, asked.duckdb, asked.pandas], 1 if clinic.visits > GUARDED_UP_TO else 3)
    await asked.close()
    ours, duck, frame = (_ms(peers, which) for which in range(3))
    return [
        Line(f"{size} written with their roll-ups", f"{made_in:.0f} s"),
        at_most(f"{size}: first screen of a department's year", _ms(screens, 1), 150, "ms", detail=f"{rows} roll-up rows"),
        at_most(f"{size}: first screen / the bare roll-up rows", _of(screens, 0, 1), 2, detail=f"{_ms(screens, 0):.1f} ms"),
        at_most(f"{size}: six figures / DuckDB over Parquet", _of(peers, 1, 0), 1, detail=f"{ours:.1f} / {duck:.0f} ms"),
        at_most(f"{size}: six figures / pandas over a pickled frame", _of(peers, 2, 0), 1, detail=f"{ours:.1f} / {frame:.0f} ms"),
    ]  # fmt: skip


async def _across(small: Clinic, large: Clinic) -> Line:
    few, many = Asked(small), Asked(large)
    rounds = await _rounds([few.first_screen, many.first_screen], TIMES)
    await few.close()
    await many.close()
    return at_most(f"first screen, {large.visits / small.visits:.0f} times the visits", _of(rounds, 0, 1), 1.5)


def _in_postgres(clinic: Clinic) -> list[Line]:
    """The same rows and the same first screen on a PostgreSQL of its own; nothing where there is none."""
    from medcab import schema
    from medcab.settings import get_settings
    from tests import run

    programs = run._programs()
    if programs is None:
        return []
    with run._cluster(programs) as server:
        url = f"{server}/medcab"
        admin = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE medcab"))
        admin.dispose()
        get_settings().database_url = url
        schema.upgrade()
        clinics.carry(clinic.path, url, guarded=clinic.visits <= GUARDED_UP_TO)
        lines = asyncio.run(_screens(clinic, url))
    get_settings().database_url = ""
    return lines


async def _screens(clinic: Clinic, url: str) -> list[Line]:
    asked, size = Asked(clinic, url), f"PostgreSQL: {clinic.visits:,} visits".replace(",", " ")
    screens = await _rounds([asked.bare, asked.first_screen], TIMES)
    await asked.close()
    return [
        at_most(f"{size}: first screen of a department's year", _ms(screens, 1), 150, "ms"),
        at_most(f"{size}: first screen / the bare roll-up rows", _of(screens, 0, 1), 2, detail=f"{_ms(screens, 0):.1f} ms"),
    ]  # fmt: skip


async def _writes() -> Line:
    """Every mark of a visit there and back, each a transaction with its journal and its news, with the figures kept and without."""
    from medcab import clock, db
    from medcab.schedule import service
    from medcab.schedule.diagnoses import queries as diagnoses
    from medcab.schedule.figures import queries as figures
    from medcab.schedule.models import Appointment, Reception
    from medcab.schedule.rules.visits import Act, AppointmentStatus, VisitKind
    from tests import cast

    opens = clock.now().replace(minute=0, second=0, microsecond=0)
    visits = [uuid4() for _ in range(WRITES)]
    async with db.transaction() as session:
        known = cast.settle(session)
        place = {"organisation_id": cast.CLINIC, "department_id": cast.WARD, "practitioner_id": known.doctor.person_id}
        made = Reception(**place, slot_minutes=1, starts_at=opens, ends_at=opens + timedelta(minutes=WRITES))
        session.add(made)
        await figures.add(session, figures.offered(made, service.zone()))
        for number, key in enumerate(visits):
            begins = opens + timedelta(minutes=number)
            session.add(Appointment(
                id=key, **place, patient_id=known.patient_id, kind=VisitKind.FIRST, status=AppointmentStatus.BOOKED, starts_at=begins,
                ends_at=begins + timedelta(minutes=1), booked_at=opens,
            ))  # fmt: skip

    versions = dict.fromkeys(visits, 1)

    async def mark(key: UUID) -> None:
        for act in (Act.ARRIVED, Act.STARTED, Act.DONE, Act.UNDO, Act.UNDO, Act.UNDO):
            async with db.transaction() as session:
                await service.mark(session, known.admin, appointment_id=key, version=versions[key], act=act)
            versions[key] += 1

    async def nothing(*_: Any) -> dict[Any, Any]:
        return {}

    rounds: list[tuple[list[float], list[float]]] = []
    kept = figures.add, figures.changed, diagnoses.move
    with clock.frozen(opens + timedelta(minutes=1)):
        for _ in range(ROUNDS + 1):
            took: tuple[list[float], list[float]] = ([], [])
            for number, key in enumerate(visits):
                for is_kept in (True, False) if number % 2 else (False, True):
                    figures.add, figures.changed, diagnoses.move = kept if is_kept else (nothing, nothing, nothing)
                    began = perf_counter()
                    await mark(key)
                    took[is_kept].append(perf_counter() - began)
            rounds.append(took)
    await db.close()
    both = [median(seconds for each in rounds[1:] for seconds in each[which]) / 6 * 1000 for which in (False, True)]
    more = (ratio(rounds[1:]) - 1) * 100
    return at_most(
        "what keeping the roll-ups adds to a visit's write", more, 25, "%", detail=f"{both[1]:.2f} / {both[0]:.2f} ms"
    )


def measure(home: Path) -> list[Line]:
    """Each size, the smallest against the largest, and the writes."""
    houses.settle(home / "dashboard")
    from medcab import clock, schema

    schema.upgrade()
    years = clinics.draw(clock.today() - timedelta(days=1))
    sizes = [Clinic(home, visits, years, clock.today() - timedelta(days=1)) for visits in SCALES]
    lines: list[Line] = []
    for clinic in sizes:
        lines += asyncio.run(_one(clinic, clinic.make(years)))
    if len(sizes) > 1:
        lines.append(asyncio.run(_across(sizes[0], sizes[-1])))
    lines.append(asyncio.run(_writes()))
    for clinic in sizes:
        lines += _in_postgres(clinic)
    return lines
