"""The server of one installation: Granian serving the built front end and the application on one port."""

import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from medcab import frontend
from medcab.settings import Settings

READY_SECONDS = 20


class CannotServe(Exception):
    """Why the server does not start: one sentence for the operator."""


def require_free(host: str, port: int, what: str) -> None:
    """Raise `CannotServe` when somebody already listens there."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise CannotServe(
                f"Port {port} ({what}) is taken: stop the other program or choose another port."
            ) from problem


def application() -> Any:
    """Return the ASGI application; the worker calls it.

    Importing makes a million objects that stay: the collector need not look through them, now or later.
    """
    gc.disable()
    from medcab.medcab import app

    made = app()
    gc.freeze()
    gc.enable()
    return made


def serve(settings: Settings, *, workers: int = 1) -> None:
    """Serve until stopped; a worker that dies is replaced."""
    from granian.constants import Interfaces, Loops
    from granian.server import Server

    require_free(settings.host, settings.port, "the cabinet")
    os.environ.pop("REFLEX_REDIS_URL", None)  # what tabs show stays in the workers' memory (decision 0016)
    os.environ.update(frontend.serving_environment(settings))
    Server(
        target="medcab.server:application", factory=True, address=settings.host, port=settings.port, interface=Interfaces.ASGI,
        loop=Loops.auto, workers=workers, respawn_failed_workers=True, websockets=True, log_access=False, workers_kill_timeout=5,
    ).serve()  # fmt: skip


def run_apart(command: str) -> None:
    """Run a `medcab` command as a program of its own: the server's worker is forked from this one, and of threads only the ghosts would follow."""
    if subprocess.run([sys.executable, "-m", "medcab.cli", command], check=False).returncode != 0:
        raise CannotServe(f"`medcab {command}` failed.")


def require_sandbox_free(settings: Settings) -> None:
    """The same for both of the sandbox's ports."""
    for port, what in ((settings.sandbox_port, "the sandbox"), (settings.mail_port, "the sandbox's mail")):
        require_free("127.0.0.1", port, what)


@contextmanager
def sandbox_running(settings: Settings) -> Iterator[Callable[[], None]]:
    """The outside world as a program of its own, beside the block; calling what is given waits until it answers."""
    require_sandbox_free(settings)
    program = subprocess.Popen([sys.executable, "-m", "medcab.cli", "sandbox"])
    try:
        yield partial(wait_ready, f"{settings.sandbox_url}/", program)
    finally:
        program.terminate()
        program.wait(10)


def wait_ready(url: str, program: subprocess.Popen[bytes]) -> None:
    """Return when the address answers; raise when the program ends or is too slow."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if program.poll() is not None:
            raise CannotServe(f"The program behind {url} stopped with code {program.returncode}.")
        try:
            with urlopen(url, timeout=1):
                return
        except URLError:
            time.sleep(0.05)
    raise CannotServe(f"{url} did not answer within {READY_SECONDS} seconds.")
