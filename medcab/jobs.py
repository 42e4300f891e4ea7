"""Durable work: what the outbox asks for is carried out after the answer was given, across restarts and outages.

Each message becomes one workflow of DBOS whose id is the message's, so a message is never carried out by two at once and a killed server
goes on where it stopped. A performer tells when to come again (`Later`); waiting costs neither a thread nor a connection. Once an hour
what nobody needs any more is swept away (`hourly`). Of several servers of one database one does all this; when it dies, another goes on.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import baton, clock, db, live, outbox
from medcab.errors import MedcabError, Unavailable
from medcab.outbox import OutboxMessage
from medcab.settings import Settings

log = logging.getLogger(__name__)
T = TypeVar("T")

BACKOFF = (1, 2, 5, 10, 30, 60, 300)
"""Seconds between tries while the other side is down; the last repeats."""
_LOOK_SECONDS, _SWEEP_SECONDS = 30, 3600
_LOOK_SECONDS_AMONG_OTHERS = 5
"""What another worker asked for is heard of at once; when Redis is down, only by looking."""
_TAKE_OVER_SECONDS = 1
OUTBOX = "outbox"
"""Announced when there may be new messages, so that whichever server carries them out hears of it."""
_KEPT_AFTER_DONE = timedelta(days=7)
_BATCH = 200


@dataclass(frozen=True)
class Later:
    """Not done yet: come again after `seconds` (None: by the usual backoff)."""

    seconds: float | None = None


Performer = Callable[[UUID, dict[str, Any]], Awaitable[Later | None]]
"""`(message id, payload) -> None when done`. May be called again with the same id: the effect must be the same one."""

Chore = Callable[[AsyncSession], Awaitable[None]]
"""Deletes what is too old; may run at any time, and in several servers at once."""

_chores: list[Chore] = []
_performers: dict[str, Performer] = {}
_home: list[asyncio.AbstractEventLoop] = []


def performer(kind: str) -> Callable[[Performer], Performer]:
    """Register who carries out messages of this kind."""

    def register(perform: Performer) -> Performer:
        _performers[kind] = perform
        return perform

    return register


def hourly(chore: Chore) -> Chore:
    """Register something to sweep, in a transaction of its own."""
    _chores.append(chore)
    return chore


async def sweep() -> None:
    """Every chore once; one that fails does not keep the others from being done."""
    for chore in _chores:
        try:
            async with db.transaction() as session:
                await chore(session)
        except Exception:
            log.exception("could not sweep: %s", chore.__module__)


@hourly
async def _forget_done(session: AsyncSession) -> None:
    """A message holds addresses and codes: once it has been carried out for some days, it goes with its workflow."""
    old = sa.delete(OutboxMessage).where(col(OutboxMessage.done_at) < clock.now() - _KEPT_AFTER_DONE)
    gone = (await session.execute(old.returning(col(OutboxMessage.id)))).scalars().all()
    if gone:
        await asyncio.to_thread(DBOS.delete_workflows, [str(message_id) for message_id in gone])


async def _at_home(work: Coroutine[Any, Any, T]) -> T:
    """Run on the server's own loop: a recovered workflow runs on DBOS's."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, _home[0]))


async def perform(message_id: UUID) -> Later | None:
    """One try at one message; None when it is done (or was)."""
    async with db.reading() as session:
        message = await session.get(OutboxMessage, message_id)
    if message is None or message.done_at:
        return None
    try:
        later = await _performers[message.kind](message.id, json.loads(message.payload))
    except Unavailable as outage:
        log.warning("message %s of kind %s waits: %s", message.id, message.kind, outage.message)
        return Later()
    except MedcabError as refusal:
        log.error("message %s of kind %s was refused: %s", message.id, message.kind, refusal.message)
        later = None
    if later is None:
        async with db.transaction() as session:
            done = sa.update(OutboxMessage).where(col(OutboxMessage.id) == message_id).values(done_at=clock.now())
            await session.execute(done)
    return later


@DBOS.step(name="try")
async def _try(message_id: str) -> float:
    """Seconds to wait before the next try: 0 when done, below 0 for the usual backoff. A bug loses nothing: the mended program goes on."""
    try:
        later = await _at_home(perform(UUID(message_id)))
    except Exception:
        log.exception("message %s failed", message_id)
        later = Later()
    if later is None:
        return 0
    return -1 if later.seconds is None else max(later.seconds, 0.1)


@DBOS.workflow(name="carry_out", max_recovery_attempts=1_000_000)
async def carry_out(message_id: str) -> int:
    """Try until it is done; how many tries it took."""
    tries = 0
    while wait := await _try(message_id):
        pause = wait if wait > 0 else BACKOFF[min(tries, len(BACKOFF) - 1)]
        await DBOS.sleep_async(pause)
        tries += 1
    return tries + 1


async def _start_waiting() -> bool:
    """Turn the oldest messages nobody has begun into workflows; whether there may be more."""
    async with db.reading() as session:
        waiting = select(OutboxMessage.id).where(col(OutboxMessage.started_at).is_(None))
        ids = (await session.exec(waiting.order_by(col(OutboxMessage.created_at)).limit(_BATCH))).all()
    for message_id in ids:
        with SetWorkflowID(str(message_id)):
            await DBOS.start_workflow_async(carry_out, str(message_id))
    if ids:
        async with db.transaction() as session:
            begun = sa.update(OutboxMessage).where(col(OutboxMessage.id).in_(ids))
            await session.execute(begun.values(started_at=clock.now()))
    return len(ids) == _BATCH


async def _dispatch(wake: asyncio.Event, stopping: asyncio.Event, *, look_every: float = _LOOK_SECONDS) -> None:
    """Ends by itself once `stopping` is set (and `wake`): a cancelled transaction may swallow the cancelling."""
    swept_at, day = monotonic(), clock.today()  # not at the start, when people wait
    while not stopping.is_set():
        wake.clear()
        try:
            while await _start_waiting() and not stopping.is_set():
                pass
        except Exception:
            log.exception("could not start waiting messages")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), look_every)
        if day != clock.today():
            day = clock.today()
            live.announce(live.DAY)
        if monotonic() - swept_at >= _SWEEP_SECONDS:
            swept_at = monotonic()
            await sweep()


def _system_database(settings: Settings) -> str:
    if settings.database.startswith("sqlite"):
        return f"sqlite:///{settings.data_dir.resolve() / 'jobs.db'}"
    return settings.database.replace("postgresql+psycopg://", "postgresql://")


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[None]:
    """Carry out messages while the block runs, unless another server of this database does; then as soon as that one is gone."""
    _home[:] = [asyncio.get_running_loop()]
    stopping, settled = asyncio.Event(), asyncio.Event()
    listener = partial(live.announce, OUTBOX)
    outbox.on_wake(listener)
    turns = asyncio.create_task(_take_turns(settings, stopping, settled))
    await _first(settled.wait(), asyncio.shield(turns))
    try:
        if turns.done():
            turns.result()
        yield
    finally:
        outbox.off_wake(listener)
        stopping.set()
        await turns


async def _take_turns(settings: Settings, stopping: asyncio.Event, settled: asyncio.Event) -> None:
    """`settled` once it is known whose turn it is first. What fails at the start keeps the server from starting; later it is tried again."""
    while not stopping.is_set():
        try:
            async with baton.held(settings) as lost:
                if lost:
                    await _carry(settings, stopping, settled, lost)
        except Exception:
            if not settled.is_set():
                raise
            log.exception("the durable work stopped, and is tried again")
        settled.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _TAKE_OVER_SECONDS)


async def _carry(settings: Settings, stopping: asyncio.Event, settled: asyncio.Event, lost: baton.Lost) -> None:
    """Until the server stops or has lost its turn."""
    async with _carrying(settings):
        if settled.is_set():
            log.warning("this server carries the messages out from now on")
        settled.set()
        await _first(stopping.wait(), lost())
    if not stopping.is_set():
        log.error("the database is gone, and with it the right to carry messages out")


async def _first(*awaited: Awaitable[Any]) -> None:
    """Return with the first that is done; the others are given up."""
    tasks = [asyncio.ensure_future(each) for each in awaited]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


@contextlib.asynccontextmanager
async def _carrying(settings: Settings) -> AsyncIterator[None]:
    """It is this server's turn. Work that another one left is recovered: all of it goes by one executor's name."""
    config: DBOSConfig = {
        "name": "medcab",
        "system_database_url": _system_database(settings),
        "log_level": "WARNING",
        "application_version": "1",  # work begun before an upgrade is finished after it
        "executor_id": "local",
    }
    DBOS(config=config)
    await asyncio.to_thread(DBOS.launch)
    wake, ending = asyncio.Event(), asyncio.Event()
    look_every = _LOOK_SECONDS_AMONG_OTHERS if settings.redis_url else _LOOK_SECONDS
    with live.listening(OUTBOX, wake.set):
        dispatcher = asyncio.create_task(_dispatch(wake, ending, look_every=look_every))
        try:
            yield
        finally:
            ending.set()
            wake.set()
            await dispatcher
            await asyncio.to_thread(DBOS.destroy)
