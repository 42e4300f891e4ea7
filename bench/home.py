"""Places to measure in: a data folder of its own, the demo clinic, a server."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE = 30


def settle(home: Path, **settings: object) -> None:
    """Make `home` the installation of this process and of the programs it starts; before any setting is read."""
    given = {
        "mode": "test",
        "data_dir": home,
        "register_url": "http://127.0.0.1:9",
        "sms_url": "http://127.0.0.1:9",
        **settings,
    }
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installation has its bytecode
    os.environ.update({f"MEDCAB_{name.upper()}": str(value) for name, value in given.items()})
    home.mkdir(parents=True, exist_ok=True)


def with_clinic(home: Path) -> float | None:
    """Settle in a home that holds the demo clinic; how long filling it took, None when it was there."""
    settle(home)
    from bench.report import Watch
    from medcab import demo, schema

    schema.upgrade()
    if not demo.is_needed():
        return None
    with Watch() as watch:
        demo.seed(lambda _: None)
    return watch.seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def program(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python program beside the block, ended with it; what it says is shown only when the block fails."""
    with tempfile.TemporaryFile() as said:
        started = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            yield started
        except BaseException:
            said.seek(0)
            sys.stderr.buffer.write(said.read())
            raise
        finally:
            _end(started)


def _end(started: subprocess.Popen[bytes]) -> None:
    started.terminate()
    try:
        started.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)  # its worker as well
        print(f"{started.args} did not end within {PATIENCE} s and was killed", file=sys.stderr)


def speaks(port: int, path: str, status: int, *headers: str) -> bool:
    """Whether somebody at the port answers a GET with this status now."""
    request = "\r\n".join((f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "", "")).encode()
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
            line.sendall(request)
            return line.recv(12).endswith(f" {status}".encode())
    except OSError:
        return False


def opens_a_socket(port: int) -> bool:
    """Whether a page would get its live connection."""
    return speaks(
        port, "/_event/?EIO=4&transport=websocket&token=00000000-0000-4000-8000-000000000000", 101,
        f"Origin: http://127.0.0.1:{port}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: bWVkY2FiIGJlbmNobWFyaw==",
    )  # fmt: skip


def wait_until_ready(port: int, running: subprocess.Popen[bytes], *, page: str = "/sign-in/") -> None:
    """Return when the page (unless empty) and the socket are served."""
    deadline = time.monotonic() + PATIENCE
    while not ((not page or speaks(port, page, 200)) and opens_a_socket(port)):
        if running.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start (exit code {running.poll()})")
        time.sleep(0.01)


@contextmanager
def cabinet(home: Path) -> Iterator[int]:
    """`medcab run` on this home; its port."""
    with serving(home) as (port, _):
        yield port


@contextmanager
def serving(home: Path) -> Iterator[tuple[int, int]]:
    """The same; its port and the number of its first process."""
    port = free_port()
    settle(home, port=port)
    from medcab import frontend

    if not frontend.is_built():
        frontend.build(lambda line: print(line, file=sys.stderr))
    with program("-m", "medcab.cli", "run") as running:
        wait_until_ready(port, running)
        yield port, running.pid
