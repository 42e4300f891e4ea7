"""A real Redis, and two servers of one database that have nothing else in common, as two workers have."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from medcab import frontend, server
from medcab.api import floods
from medcab.settings import SECRETS, Settings
from tests.abuse.wire import Site
from tests.sandbox.running import free_port

PROGRAM = shutil.which("redis-server")


@dataclass
class RedisServer:
    """A throw-away one; `stop` as a power cut would."""

    port: int = field(default_factory=free_port)
    program: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [PROGRAM or "", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ends = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < ends, "redis-server did not start"
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        if self.program:
            self.program.kill()
            self.program.wait(10)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    if not PROGRAM:
        pytest.skip("redis-server is not installed: what several workers tell each other needs a real one")
    made = RedisServer()
    made.start()
    yield made
    made.stop()


@pytest.fixture
async def shared(redis: RedisServer, settings: Settings) -> AsyncIterator[RedisServer]:
    """This process is one of several workers."""
    settings.redis_url = redis.url
    floods.limiter.storage.reset()
    yield redis
    await floods.close()
    settings.redis_url = ""
    floods.limiter.storage.reset()


@dataclass
class Running:
    """A cabinet as an operator starts it."""

    site: Site
    program: subprocess.Popen[bytes]
    log: Path

    def workers(self) -> list[int]:
        """Its processes that serve."""
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.program.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        return [pid for pid in map(int, found) if "ps" not in Path(f"/proc/{pid}/comm").read_text()]

    def listening(self) -> int:
        """How many of them take connections: each has a socket of its own on the port."""
        port = int(self.site.origin.rsplit(":", 1)[1])
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(row[1].endswith(f":{port:04X}") and row[3] == _LISTEN for row in rows)


_LISTEN = "0A"
Start = Callable[..., Running]


@pytest.fixture
def start(database: str, settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """`start(MEDCAB_REDIS_URL=…)`: one more server of this test's database."""
    if not frontend.is_built():
        pytest.skip("The front end is not built: `medcab build` first.")
    with ExitStack() as stack:

        def begin(**more: str) -> Running:
            return stack.enter_context(_server(database, settings, tmp_path, more))

        yield begin


@contextmanager
def _server(database: str, settings: Settings, home: Path, more: dict[str, str]) -> Iterator[Running]:
    port = free_port()
    origin, log = f"http://127.0.0.1:{port}", home / f"server-{port}.log"
    given = {f"MEDCAB_{name.upper()}": getattr(settings, name).get_secret_value() for name in SECRETS}
    given |= {
        "MEDCAB_MODE": "test", "MEDCAB_DATA_DIR": str(home), "MEDCAB_DATABASE_URL": database, "MEDCAB_PORT": str(port),
        "MEDCAB_SANDBOX_PORT": str(free_port()), "MEDCAB_TRUSTED_PROXIES": "1", **more,
    }  # fmt: skip
    command = [sys.executable, "-m", "medcab.cli", "run"]
    with log.open("wb") as said, pytest.MonkeyPatch.context() as patch:
        program = subprocess.Popen(
            command, env={**os.environ, **given}, stdout=said, stderr=said, start_new_session=True
        )
        try:
            patch.setattr(server, "READY_SECONDS", 90)  # the machine may be busy
            server.wait_ready(f"{origin}/ping", program)
            yield Running(Site(origin, log, program.pid), program, log)
        finally:
            program.terminate()
            try:
                program.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGKILL)
