"""At most two sandboxes at work, kept warm; a file that kills one costs a refusal, never the cabinet.

Threads and blocking pipes, not asyncio's subprocesses: the pool then belongs to no event loop and outlives
each.
"""

import atexit
import json
import os
import queue
import select
import subprocess
import sys
import time
from asyncio import get_running_loop
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import medcab

SIZE = 2
ANSWER_SECONDS = 40.0  # the sandbox ends a file after 30; longer than that the sandbox itself is lost
_ANSWER_BYTES = 64 * 1024
_ROOT = str(Path(medcab.__file__).parents[1])
# Nothing of our environment goes in: it holds keys. One thread, because the sandbox forks.
_ENVIRONMENT = {"PYTHONPATH": _ROOT, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Lost(Exception):
    """The sandbox died, hung or answered nonsense."""


class Sandbox:
    """One warm worker process and the pipes to it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", "medcab.documents.intake.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
        self._into = cast(IO[bytes], self._process.stdin)
        self._out_of = cast(IO[bytes], self._process.stdout)

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """The worker's answer; raises `Lost`."""
        try:
            self._into.write(json.dumps(job).encode() + b"\n")
            self._into.flush()
            answer = json.loads(self._line())
        except (OSError, ValueError) as problem:
            raise Lost from problem
        if not isinstance(answer, dict):
            raise Lost
        return answer

    def _line(self) -> bytes:
        descriptor, read, ends = self._out_of.fileno(), b"", time.monotonic() + ANSWER_SECONDS
        while not read.endswith(b"\n"):
            ready, _, _ = select.select([descriptor], [], [], max(0.0, ends - time.monotonic()))
            piece = os.read(descriptor, _ANSWER_BYTES) if ready else b""
            if not piece or len(read) > _ANSWER_BYTES:
                raise Lost
            read += piece
        return read

    def close(self) -> None:
        """End it and whatever it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, 9)
        with suppress(OSError):
            self._into.close()
        self._out_of.close()
        self._process.wait()


class Pool:
    """Runs jobs in up to `SIZE` sandboxes; more wait in line without holding the event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(SIZE, thread_name_prefix="intake")
        self._warm: queue.SimpleQueue[Sandbox] = queue.SimpleQueue()

    async def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """The sandbox's answer, still to be distrusted; raises `Lost`."""
        return await get_running_loop().run_in_executor(self._threads, self._ask, job)

    def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        try:
            sandbox = self._warm.get_nowait()
        except queue.Empty:
            sandbox = Sandbox()
        try:
            answer = sandbox.ask(job)
        except BaseException:
            sandbox.close()
            raise
        self._warm.put(sandbox)
        return answer

    def close(self) -> None:
        """End the warm sandboxes; the next job starts another."""
        with suppress(queue.Empty):
            while True:
                self._warm.get_nowait().close()


POOL = Pool()
atexit.register(POOL.close)
