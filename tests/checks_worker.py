"""A server that carries out checks and dies at a step: `run(environment, step)` in a process of its own."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from sqlmodel import col, select

from medcab import checks, db, jobs
from medcab.outbox import OutboxMessage
from medcab.settings import get_settings
from medcab.verification.checking import service as checking

STEPS = 9
_passed = 0
_die_at = 0


def _step() -> None:
    global _passed
    _passed += 1
    if _passed == _die_at:
        os._exit(9)


def _stepping(work: Callable[..., Awaitable[Any]], *, before: bool = True) -> Callable[..., Awaitable[Any]]:
    async def stepped(*args: Any, **named: Any) -> Any:
        if before:
            _step()
        result = await work(*args, **named)
        _step()
        return result

    return stepped


async def _nothing(*_: Any) -> None:
    """Messages to people are not what this is about."""


async def _until_done() -> None:
    async with jobs.running(get_settings()):
        while True:
            async with db.reading() as session:
                waiting = select(OutboxMessage.id).where(
                    OutboxMessage.kind == checking.CHECK, col(OutboxMessage.done_at).is_(None)
                )
                if not (await session.exec(waiting)).all():
                    return
            await asyncio.sleep(0.02)


def run(environment: dict[str, str], die_at: int) -> None:
    """Go on until every check is done; `die_at`: which of the `STEPS` is the last (0: none)."""
    global _die_at
    os.environ.update(environment)
    get_settings.cache_clear()
    _die_at = die_at
    jobs.BACKOFF = (0.01,)
    for kind in ("sms", "mail"):
        jobs.performer(kind)(_nothing)
    checking.question = _stepping(checking.question)
    checks._ask = _stepping(checks._ask)
    checking.accept = _stepping(checking.accept)  # the second step is inside the transaction
    jobs._performers[checking.CHECK] = _stepping(checks.check, before=False)
    jobs.perform = _stepping(jobs.perform, before=False)
    jobs.DBOS.start_workflow_async = _stepping(jobs.DBOS.start_workflow_async, before=False)
    asyncio.run(_until_done())
