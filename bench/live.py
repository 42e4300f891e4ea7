"""A hundred browsers watch one doctor's day while it changes twenty times a second: how soon each of them has each change."""

import asyncio
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from bench import home as houses
from bench.report import Line, at_most, percentile

TABS, WRITERS, RATE, SECONDS = 100, 4, 20, 10
"""`RATE`: changes a second, of all writers together; each of them marks a visit of its own and takes the mark back."""
WITHIN = 1.0
_PATIENCE = 30
MARK = "reflex___state____state.medcab___schedule___visit___state____visit_state.mark"


@dataclass
class Screen:
    """A tab, and since when it shows which version of each visit."""

    tab: Any
    seen: dict[str, list[tuple[float, int]]] = field(default_factory=dict)

    async def watch(self, visits: list[str]) -> None:
        while True:
            said, now = await self.tab.hear(), time.perf_counter()
            for visit in visits:
                version = _version(said, visit)
                if version:
                    self.seen.setdefault(visit, []).append((now, version))

    def delay(self, visit: str, version: int, since: float) -> float:
        """Seconds until it showed this version or a newer one."""
        return next(
            (at - since for at, shown in self.seen.get(visit, []) if shown >= version and at >= since), _PATIENCE
        )

    def shows(self, visit: str) -> int:
        return max((version for _, version in self.seen.get(visit, [])), default=0)


def _version(said: str, visit: str) -> int:
    """Of the visit, as the day's row says; 0 when this message is about something else."""
    place = said.find(f'"id":"{visit}"')
    start = said.find('"version":', place) + len('"version":')
    return int(said[start : said.find(",", start)]) if place >= 0 else 0


async def _prepare() -> tuple[list[str], list[str], str]:
    """Sessions of a doctor, visits of one of the doctor's days, and that day's page."""
    from sqlmodel import select

    from medcab import clock, db
    from medcab.accounts.models import Factor, LoginSession
    from medcab.demo.staff import workers
    from medcab.schedule.models import Appointment
    from medcab.schedule.rules.slots import bounds, day_of
    from medcab.schedule.service import zone
    from medcab.security import tokens

    now, given = clock.now(), [tokens.make() for _ in range(TABS + WRITERS)]
    async with db.transaction() as session:
        phone = next(one.phone for one in workers() if one.login == "terapevt")
        doctor = await _person(session, phone)
        midnight = bounds(day_of(now, zone()), 1, zone()).starts_at
        another = (await session.exec(select(Appointment).where(Appointment.practitioner_id == doctor).limit(1))).one()
        made = [_visit_like(another, midnight + timedelta(minutes=15 * number)) for number in range(WRITERS)]
        session.add_all(made)
        visits = [str(each.id) for each in made]
        for token in given:
            session.add(
                LoginSession(
                    token_hash=tokens.fingerprint(token), person_id=doctor, factor=Factor.SMS, created_at=now, seen_at=now,
                    expires_at=now + timedelta(hours=8),
                )
            )  # fmt: skip
    await db.close()
    return given, visits, "/schedule"


async def _person(session: Any, phone: str) -> UUID:
    from sqlmodel import col, select

    from medcab.accounts.models import Person
    from medcab.security.crypto import blind_index

    return (
        await session.exec(select(Person.id).where(col(Person.phone_index) == blind_index("person.phone", phone)))
    ).one()


def _visit_like(another: Any, starts_at: datetime) -> Any:
    """Of tonight, when nobody else comes."""
    from medcab.schedule.models import Appointment
    from medcab.schedule.rules.visits import AppointmentStatus

    return Appointment(
        id=uuid4(), organisation_id=another.organisation_id, department_id=another.department_id, practitioner_id=another.practitioner_id,
        patient_id=another.patient_id, kind=another.kind,
        status=AppointmentStatus.BOOKED, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=15), booked_at=starts_at,
    )  # fmt: skip


async def _drive(port: int, given: list[str], visits: list[str], page: str) -> tuple[list[float], float]:
    """How late each change came to each tab, and how many changes a second there were."""
    from tests.abuse.wire import HYDRATE, Site

    site = Site(f"http://127.0.0.1:{port}", None, 0)
    async with AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(site.socket(token)) for token in given]
        screens = [Screen(tab) for tab in tabs]
        listening = [asyncio.create_task(screen.watch(visits)) for screen in screens]
        for screen in screens:
            await screen.tab.call(HYDRATE, {}, path=page)
        await _until(lambda: all(screen.shows(visit) for screen in screens for visit in visits))
        began = time.perf_counter()
        writing = [_write(screen, visit) for screen, visit in zip(screens[TABS:], visits, strict=True)]
        made = [change for each in await asyncio.gather(*writing) for change in each]
        took = time.perf_counter() - began
        last = {visit: max(version for name, version, _ in made if name == visit) for visit in visits}
        await _until(lambda: all(screen.shows(visit) >= last[visit] for screen in screens[:TABS] for visit in visits))
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        late = [screen.delay(visit, version, since) for screen in screens[:TABS] for visit, version, since in made]
        return late, len(made) / took


async def _write(screen: Screen, visit: str) -> list[tuple[str, int, float]]:
    """Mark and take back, at an even pace; which version each change made, and when it was asked for."""
    made, began, version = [], time.perf_counter(), screen.shows(visit)
    for number in range(RATE * SECONDS // WRITERS):
        await asyncio.sleep(max(0, began + number * WRITERS / RATE - time.perf_counter()))
        act, since = ("undo" if number % 2 else "arrived"), time.perf_counter()
        await screen.tab.call(MARK, {"appointment_id": visit, "version": version, "act": act})
        version += 1
        made.append((visit, version, since))
        await _until(lambda expected=version: screen.shows(visit) >= expected)
    return made


async def _until(holds: Callable[[], bool]) -> None:
    ends = time.perf_counter() + _PATIENCE
    while not holds():
        if time.perf_counter() > ends:
            raise RuntimeError("a change was refused, or a tab never had it")
        await asyncio.sleep(0.005)


@contextmanager
def _redis() -> Iterator[str]:
    """A throw-away one; its address."""
    import subprocess

    port = houses.free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while program.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.01)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        program.terminate()
        program.wait(10)


def _measured(home: Path, what: str, ready: tuple[list[str], list[str], str], **more: object) -> Line:
    houses.settle(home, trusted_proxies=1, **more)
    with houses.serving(home) as (port, pid):
        late, rate = asyncio.run(_drive(port, *ready))
        heaviest = max(map(_megabytes, _children(pid)))
    share = sum(each <= WITHIN for each in late) / len(late)
    detail = f"median {percentile(late, 0.5):.2f} s, {share:.2%} of {len(late):,} within {WITHIN:g} s, {rate:.0f} changes a second, {heaviest:.0f} MB a worker"
    return at_most(what, max(late), WITHIN, "s", detail=detail.replace(",", " ", 1))


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _megabytes(pid: int) -> float:
    """What the process holds, with its share of what it has in common with others."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))) / 1024


def measure(home: Path) -> list[Line]:
    """One worker alone, then two that hear of each other by Redis."""
    houses.with_clinic(home / "clinic")
    ready = asyncio.run(_prepare())
    who = f"{TABS} tabs watch a day that changes {RATE} times a second: the latest change at the latest tab"
    lines = [_measured(home / "clinic", f"{who}, one worker", ready, workers=1, redis_url="")]
    if shutil.which("redis-server") is None:
        print("live: redis-server is not installed, two workers are not measured", file=sys.stderr)
        return lines
    with _redis() as url:
        return [*lines, _measured(home / "clinic", "the same, two workers with Redis", ready, workers=2, redis_url=url)]
