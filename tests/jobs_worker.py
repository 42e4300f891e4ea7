"""A server's durable work as a process to be killed: `python -m tests.jobs_worker EFFECTS` carries out "note" messages until nothing is left."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from medcab import db, jobs
from medcab.outbox import OutboxMessage
from medcab.settings import get_settings

EFFECTS = Path(sys.argv[1])
DIE_AFTER = int(os.environ.get("DIE_AFTER", "0"))
HANG_AFTER = int(os.environ.get("HANG_AFTER", "0"))
"""Instead of dying: alive, and at it for ever, until it is killed."""
jobs.BACKOFF = (0.01,)
tries = 0


def _write(key: UUID) -> None:
    with EFFECTS.open("a") as file:
        file.write(f"{key}\n")
        file.flush()
        os.fsync(file.fileno())


@jobs.performer("note")
async def note(key: UUID, payload: dict[str, Any]) -> jobs.Later | None:
    """Append `key text` to the file once (the other side knows a repeated key); dies without a word when told to."""
    global tries
    tries += 1
    known = EFFECTS.read_text().split() if EFFECTS.exists() else []
    if DIE_AFTER and tries > DIE_AFTER and not payload.get("late"):
        os._exit(9)
    if HANG_AFTER and tries > HANG_AFTER:
        await asyncio.Event().wait()
    if payload.get("late") and tries < 3:
        return jobs.Later(0.1)
    if payload.get("broken") and tries < 25:
        raise RuntimeError
    if str(key) not in known:
        _write(key)
    if DIE_AFTER and tries == DIE_AFTER:
        os._exit(9)
    return None


async def main() -> None:
    async with jobs.running(get_settings()):
        while True:
            async with db.reading() as session:
                if not (await session.exec(select(OutboxMessage.id).where(col(OutboxMessage.done_at).is_(None)))).all():
                    return
            await asyncio.sleep(0.02)


asyncio.run(main())
