"""Two servers of one database are one cabinet: what is done at one shows at the other within a second."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from medcab import clock, db
from medcab.access import Actor
from medcab.accounts.models import Factor, Person
from medcab.accounts.sessions import service as sessions
from medcab.schedule.models import Appointment
from medcab.schedule.rules.visits import AppointmentStatus, VisitKind
from medcab.schedule.service import zone
from tests.abuse.wire import HYDRATE, Caller
from tests.cast import CLINIC, WARD, Cast
from tests.workers.conftest import RedisServer, Start

pytestmark = pytest.mark.long

STATES = "reflex___state____state."
MARK = f"{STATES}medcab___schedule___visit___state____visit_state.mark"
END_OTHERS = f"{STATES}medcab___accounts___sessions___state____journal_state.end_others"
WITHIN = 1
_PATIENCE = 20


async def _enter(actor: Actor) -> str:
    async with db.transaction() as session:
        person = await session.get(Person, actor.person_id)
        assert person
        return (await sessions.start(session, person, Factor.TOTP)).token


async def _visit(cast: Cast) -> UUID:
    """One that begins soon."""
    starts, made = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=5), uuid4()
    async with db.transaction() as session:
        session.add(
            Appointment(
                id=made, organisation_id=CLINIC, department_id=WARD, practitioner_id=cast.doctor.person_id, patient_id=cast.patient_id,
                kind=VisitKind.FIRST, status=AppointmentStatus.BOOKED, starts_at=starts, ends_at=starts + timedelta(minutes=15), booked_at=clock.now(),
            )
        )  # fmt: skip
    return made


async def _open_schedule(tab: Caller) -> None:
    """As a browser arrives at the page of the visit's day."""
    day = (clock.now() + timedelta(minutes=5)).astimezone(zone()).date()
    page = f"/schedule?date={day}"
    await tab.call(HYDRATE, {}, path=page)
    assert "Сидоров" in await tab.until("Сидоров")


async def _seen(tab: Caller, words: str) -> float:
    began = time.monotonic()
    async with asyncio.timeout(_PATIENCE):
        await tab.until(words)
    return time.monotonic() - began


async def test_a_change_at_one_server_shows_at_the_other(redis: RedisServer, start: Start, cast: Cast) -> None:
    """Before Redis is killed, and after it is back; while it is away each server goes on with its own tabs."""
    visit, cookie = await _visit(cast), await _enter(cast.doctor)
    one, other = start(MEDCAB_REDIS_URL=redis.url), start(MEDCAB_REDIS_URL=redis.url)
    async with one.site.socket(cookie) as here, one.site.socket(cookie) as beside, other.site.socket(cookie) as there:
        for tab in (here, beside, there):
            await _open_schedule(tab)
        await here.call(MARK, {"appointment_id": str(visit), "version": 1, "act": "arrived"})
        assert await _seen(there, "Пришёл") < WITHIN
        redis.stop()
        await here.call(MARK, {"appointment_id": str(visit), "version": 2, "act": "started"})
        assert await _seen(beside, "На приёме") < WITHIN
        redis.start()
        await _seen(there, "На приёме")
        await there.call(MARK, {"appointment_id": str(visit), "version": 3, "act": "done"})
        assert await _seen(here, "Принят") < WITHIN
    assert one.log.read_text().count("Redis does not answer") == 1


async def test_ending_the_other_sessions_reaches_their_tabs_at_the_other_server(
    redis: RedisServer, start: Start, cast: Cast
) -> None:
    mine, others = await _enter(cast.doctor), await _enter(cast.doctor)
    await _visit(cast)
    one, other = start(MEDCAB_REDIS_URL=redis.url), start(MEDCAB_REDIS_URL=redis.url)
    async with one.site.socket(mine) as here, other.site.socket(others) as there:
        await _open_schedule(here)
        await _open_schedule(there)
        await here.call(END_OTHERS, {})
        assert await _seen(there, "/sign-in") < WITHIN


async def test_a_tab_that_comes_to_another_worker_is_drawn_anew(redis: RedisServer, start: Start, cast: Cast) -> None:
    """With the same token, as a browser whose worker was killed; and back again it does not find what it left."""
    visit, cookie = await _visit(cast), await _enter(cast.doctor)
    one, other = start(MEDCAB_REDIS_URL=redis.url), start(MEDCAB_REDIS_URL=redis.url)
    opened = MARK.replace(".mark", ".open")
    async with one.site.socket(cookie) as tab:
        await _open_schedule(tab)
        await tab.ask(opened, {"appointment_id": str(visit)})
    async with other.site.socket(cookie, token=tab.token) as again:
        await _open_schedule(again)
        assert '"is_open_rx_state_":true' not in await again.settle()
    async with one.site.socket(cookie, token=tab.token) as back:
        await back.call(HYDRATE, {}, path="/schedule")
        assert '"is_open_rx_state_":true' not in await back.until("Сидоров")


async def test_a_killed_worker_is_replaced_and_the_others_serve_on(
    redis: RedisServer, start: Start, cast: Cast
) -> None:
    cookie = await _enter(cast.doctor)
    await _visit(cast)
    running = start(MEDCAB_REDIS_URL=redis.url, MEDCAB_WORKERS="2")
    await _until(lambda: running.listening() == 2)
    before = running.workers()
    os.kill(before[0], signal.SIGKILL)
    async with running.site.socket(cookie) as tab:
        await _open_schedule(tab)
    await _until(lambda: running.listening() == 2)
    assert before[0] not in running.workers()
    assert before[1] in running.workers()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
