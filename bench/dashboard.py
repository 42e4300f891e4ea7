"""A year of one department: the dashboard's queries against one indexed read of the roll-up rows they add up."""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel.ext.asyncio.session import AsyncSession

from bench import home as houses
from bench.report import Line, at_most, ratio

ROUNDS, TIMES = 9, 12
KEPT = 10
"""The smaller clinic keeps every tenth visit, and the same roll-up rows."""

Read = Callable[[AsyncSession], Awaitable[Any]]


def _copy(clinic: Path, name: str, every_nth: int) -> Path:
    """The database with some of its visits, both sizes packed alike."""
    path = clinic.with_name(name)
    shutil.copy(clinic, path)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM appointment WHERE rowid % ?", (every_nth,))
    connection.execute("VACUUM")
    connection.close()
    return path


def _reads(path: Path) -> tuple[Read, Read, int]:
    """The plain read of the busiest department's year, the dashboard's, and how many roll-up rows both look at."""
    from medcab import clock, schema
    from medcab.access import Actor, Role
    from medcab.dashboards import service
    from medcab.schedule.models import DayFigures
    from medcab.schedule.rules.figures import FigureKind

    end = clock.today()
    start = end - timedelta(days=364)
    table: sa.Table = DayFigures.__table__  # pyright: ignore[reportAttributeAccessIssue]
    year = sa.and_(table.c.kind == FigureKind.ALL, table.c.day.between(start, end))
    with schema.sync_engine(f"sqlite:///{path}").connect() as connection:
        busiest = sa.select(table.c.department_id, table.c.organisation_id, sa.func.count()).where(year)
        department, organisation, rows = connection.execute(
            busiest.group_by(table.c.department_id, table.c.organisation_id).order_by(sa.func.count().desc())
        ).first() or (UUID(int=0), None, 0)
    head = Actor(
        uuid4(), uuid4(), "", organisation, frozenset({department}), frozenset({Role.DEPARTMENT_HEAD}), is_active=True
    )
    plain = sa.select(table).where(table.c.department_id == department, year)

    async def floor(session: AsyncSession) -> Any:
        return (await (await session.connection()).execute(plain)).all()

    async def dashboard(session: AsyncSession) -> Any:
        return await service.overview(session, head, department_id=department, start=start, end=end, refreshed=True)

    return floor, dashboard, rows


async def _rounds(floor: tuple[Read, Path], tried: tuple[Read, Path]) -> list[tuple[list[float], list[float]]]:
    """Both in turn, each round in a random order."""
    from medcab import db

    engines = {path: db.make_engine(f"sqlite+aiosqlite:///{path}", "read") for path in (floor[1], tried[1])}

    async def once(which: tuple[Read, Path]) -> float:
        read, path = which
        async with AsyncSession(engines[path], expire_on_commit=False) as session:
            began = perf_counter()
            await read(session)
            return perf_counter() - began

    rounds: list[tuple[list[float], list[float]]] = []
    for _ in range(ROUNDS + 1):
        took: dict[bool, list[float]] = {False: [], True: []}
        for is_tried in random.sample([False, True] * TIMES, 2 * TIMES):
            took[is_tried].append(await once(tried if is_tried else floor))
        rounds.append((took[False], took[True]))
    for engine in engines.values():
        await engine.dispose()
    return rounds[1:]  # the first only warmed up


def measure(home: Path) -> list[Line]:
    """Against the floor, and against the same with a tenth of the visits."""
    houses.with_clinic(home / "clinic")
    seeded = home / "clinic" / "medcab.db"
    whole, smaller = _copy(seeded, "whole.db", 1), _copy(seeded, "smaller.db", KEPT)
    floor, dashboard, rows = _reads(whole)
    against_floor = asyncio.run(_rounds((floor, whole), (dashboard, whole)))
    against_fewer = asyncio.run(_rounds((dashboard, smaller), (dashboard, whole)))
    median_ms = sorted(took for _, tried in against_floor for took in tried)[ROUNDS * TIMES // 2] * 1000
    return [
        at_most("a department's year: the dashboard's queries / one indexed read of its roll-up rows", ratio(against_floor), 2,
                detail=f"{median_ms:.1f} ms, {rows} rows"),
        at_most("the same with ten times the visits", ratio(against_fewer), 1.2),
    ]  # fmt: skip
