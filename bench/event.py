"""A guarded event that reads one row, against a bare handler of the same Reflex in the same process, over a real socket."""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import socketio

from bench import home as houses
from bench.report import Line, at_most, percentile, ratio

USERS, RECEPTIONS = 50, 2000
ROUNDS = 9
CLICKS, PAUSE = 12, 0.5
"""Of each user in the crowd: how often, and how many seconds on average between an answer and the next click."""

SERVER = """
import sys
from granian.constants import Interfaces, Loops
from granian.server import Server
Server(target="bench.clicks:app", factory=True, address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.ASGI,
       loop=Loops.auto, workers=1, websockets=True, log_access=False).serve()
"""


async def _populate() -> tuple[list[str], list[UUID]]:
    """Signed-in sessions of one doctor, and receptions to read."""
    from medcab import clock, db
    from medcab.accounts.models import Factor, LoginSession
    from medcab.schedule.models import Reception
    from medcab.security import tokens
    from tests import cast

    now, given, ids = clock.now(), [tokens.make() for _ in range(USERS)], [uuid4() for _ in range(RECEPTIONS)]
    async with db.transaction() as session:
        doctor = cast.settle(session).doctor.person_id
        of_doctor = {
            "organisation_id": cast.CLINIC,
            "department_id": cast.WARD,
            "practitioner_id": doctor,
            "slot_minutes": 15,
        }
        for hour, known in enumerate(ids):
            at = now + timedelta(hours=hour)
            session.add(
                Reception(id=known, starts_at=at, ends_at=at + timedelta(minutes=30), room=str(hour), **of_doctor)
            )
        for token in given:
            session.add(
                LoginSession(
                    token_hash=tokens.fingerprint(token), person_id=doctor, factor=Factor.SMS, created_at=now, seen_at=now,
                    expires_at=now + timedelta(hours=8),
                )
            )  # fmt: skip
    await db.close()
    return given, ids


class Tab:
    """One headless browser tab."""

    def __init__(self) -> None:
        self._socket = socketio.AsyncClient(reconnection=False)
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._socket.on("event", self._answers.put, namespace="/_event")

    async def open(self, port: int, cookie: str) -> "Tab":
        origin = f"http://127.0.0.1:{port}"
        await self._socket.connect(
            f"{origin}?token={uuid4()}", socketio_path="/_event", namespaces=["/_event"], transports=["websocket"],
            headers={"Cookie": cookie, "Origin": origin},
        )  # fmt: skip
        return self

    async def click(self, handler: str, **payload: Any) -> float:
        """Seconds until the answer, which must be the handler's own and not a refusal."""
        event = {"name": handler, "payload": payload, "router_data": {"pathname": "/", "query": {}}}
        began = time.perf_counter()
        await self._socket.emit("event", event, namespace="/_event")
        answer = await asyncio.wait_for(self._answers.get(), 10)
        took = time.perf_counter() - began
        if handler.rpartition(".")[0] not in answer.get("delta", {}):
            raise RuntimeError(f"refused: {answer}")
        return took

    async def close(self) -> None:
        await self._socket.disconnect()


async def _round(tabs: list[Tab], ids: list[UUID], handlers: tuple[str, str]) -> tuple[list[float], list[float]]:
    """Every tab clicks twice on both, one click at a time, the two taking turns to be first."""
    floor, tried = handlers
    took: dict[str, list[float]] = {floor: [], tried: []}
    for number, tab in enumerate([*tabs, *tabs]):
        for handler in handlers if number % 2 else reversed(handlers):
            took[handler].append(await tab.click(handler, reception_id=str(random.choice(ids))))
    return took[floor], took[tried]


async def _crowd(tabs: list[Tab], ids: list[UUID], handler: str) -> list[float]:
    """Everybody clicks at their own pace, all at once."""

    async def user(tab: Tab) -> list[float]:
        took = []
        for _ in range(CLICKS):
            await asyncio.sleep(random.uniform(0, 2 * PAUSE))
            took.append(await tab.click(handler, reception_id=str(random.choice(ids))))
        return took

    return [seconds for each in await asyncio.gather(*map(user, tabs)) for seconds in each]


async def _drive(port: int, given: list[str], ids: list[UUID]) -> list[Line]:
    from bench.clicks import BARE, COOKIE, GUARDED

    tabs = [await Tab().open(port, f"{COOKIE}={token}") for token in given]
    await _round(tabs, ids, (BARE, GUARDED))
    rounds = [await _round(tabs, ids, (BARE, GUARDED)) for _ in range(ROUNDS)]
    crowd = await _crowd(tabs, ids, GUARDED)
    for tab in tabs:
        await tab.close()
    bare, guarded = (percentile((took for each in rounds for took in each[which]), 0.5) * 1000 for which in (0, 1))
    late = percentile(crowd, 0.95) * 1000
    rate = USERS / (PAUSE + percentile(crowd, 0.5))
    return [
        at_most("guarded event with one indexed read / bare Reflex handler, round trip", ratio(rounds), 2.5, detail=f"{guarded:.2f} / {bare:.2f} ms"),
        at_most(f"the same, 95th percentile, {USERS} users clicking on one worker", late, 100, "ms", detail=f"{rate:.0f} clicks a second"),
    ]  # fmt: skip


@contextmanager
def serving(folder: Path, port: int) -> Iterator[None]:
    """The smallest cabinet on this port, with its front end (there is none) in this folder."""
    from medcab import frontend
    from medcab.settings import get_settings

    environment = frontend.serving_environment(get_settings()) | {"REFLEX_WEB_WORKDIR": str(folder / "web")}
    del environment["__REFLEX_MOUNT_FRONTEND_COMPILED_APP"]
    with houses.program("-c", SERVER, str(port), **environment) as running:
        houses.wait_until_ready(port, running, page="")
        yield


def measure(home: Path) -> list[Line]:
    """Median round trips in paired rounds; then the crowd."""
    port = houses.free_port()
    houses.settle(home / "event", port=port)
    from medcab import schema

    schema.upgrade()
    given, ids = asyncio.run(_populate())
    with serving(home / "event", port):
        return asyncio.run(_drive(port, given, ids))
