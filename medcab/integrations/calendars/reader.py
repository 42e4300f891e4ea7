"""A program that reads one calendar: the file from standard input, the answer as one line of JSON.

`python -m medcab.integrations.calendars.reader 2026-12-01`. A rule of recurrence can ask for endless work, so that it is done in a process of
its own with little memory and some seconds; whatever happens to it, the cabinet goes on.
"""

import json
import resource
import signal
import sys
from dataclasses import asdict
from datetime import date

from medcab.errors import Invalid
from medcab.integrations.calendars import mapping

CPU_SECONDS, WALL_SECONDS = 8, 15
_MEMORY = 512 * 1024 * 1024


def confine() -> None:
    """What one file may cost; the kernel ends the process at the limit."""
    for limit, value in (
        (resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(limit, (value, value))
    signal.alarm(WALL_SECONDS)


def answer(data: bytes, today: date) -> str:
    """`{"found": …}` or `{"refused": sentence}`."""
    try:
        told = {"found": asdict(mapping.read(data, today))}
    except Invalid as no:
        told = {"refused": no.message}
    return json.dumps(told, default=str)


if __name__ == "__main__":
    confine()
    sys.stdout.write(answer(sys.stdin.buffer.read(mapping.LARGEST + 1), date.fromisoformat(sys.argv[1])))
