"""Has a calendar read by `reader`, at most two at once; what comes back is checked again."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ValidationError

import medcab
from medcab.errors import Invalid
from medcab.integrations.calendars import mapping, reader
from medcab.schedule.rules.away import Found

_AT_ONCE = 2
_ENVIRONMENT = {"PYTHONPATH": str(Path(medcab.__file__).parents[1]), "LANG": "C.UTF-8"}
"""Nothing of our own goes in: it holds keys."""
_TOO_HEAVY = (
    "Календарь слишком сложный: его не удалось прочитать за несколько секунд. Выгрузите только отпуска и поездки."
)
_threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="calendar")


class _Told(BaseModel):
    found: Found | None = None
    refused: str = ""


async def read(data: bytes, today: date) -> Found:
    """What the calendar holds from today on; `Invalid` with a sentence when it cannot be read."""
    mapping.text_of(data)  # what is no calendar costs no process
    return await asyncio.get_running_loop().run_in_executor(_threads, _asked, data, today)


def _asked(data: bytes, today: date) -> Found:
    command = [sys.executable, "-P", "-s", "-m", reader.__name__, str(today)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and a day
            command, input=data, capture_output=True, env=_ENVIRONMENT, cwd="/", timeout=reader.WALL_SECONDS + 5, check=True
        )  # fmt: skip
        told = _Told.model_validate_json(done.stdout)
    except (subprocess.SubprocessError, ValidationError, OSError) as problem:
        raise mapping.refused(_TOO_HEAVY) from problem
    if told.found is None:
        raise Invalid(told.refused or _TOO_HEAVY, field="file")
    return told.found
