"""The whole suite: on SQLite, then what touches the database or a server again on a PostgreSQL of its own.

`python -m tests.run [pytest's arguments]`. A machine without PostgreSQL is told so and runs SQLite's.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORKERS = ["-n", "auto", "--dist", "loadgroup"]
JOURNEYS = "tests/journeys"
THROWN_AWAY = "-c fsync=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off"
"""A PostgreSQL that nobody keeps need not survive a power cut."""


def main() -> int:
    arguments = sys.argv[1:]
    first = _pytest(arguments, {})
    programs = _programs()
    if programs is None:
        print("PostgreSQL is not installed here: the tests ran on SQLite only.")
        return first
    with _cluster(programs) as url:
        second = _pytest(arguments, {"MEDCAB_TEST_POSTGRES": url})
    return first or second


def _pytest(arguments: list[str], environment: dict[str, str]) -> int:
    """The journeys run in a process of their own: their browser's driver keeps the thread's event loop to itself."""
    print(f"\n=== {'PostgreSQL' if environment else 'SQLite'} ===", flush=True)
    runs = [[*WORKERS, *arguments]] if arguments else [[*WORKERS, f"--ignore={JOURNEYS}"], [JOURNEYS]]
    return max(_run(run, environment) for run in runs)


def _run(arguments: list[str], environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


def _programs() -> Path | None:
    """Where PostgreSQL's server programs are; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@contextmanager
def _cluster(programs: Path) -> Iterator[str]:
    """A throw-away server on a free port; PostgreSQL refuses to run as root, so root lends it to a user without rights."""
    folder = Path(tempfile.mkdtemp(prefix="medcab-postgres-"))
    owner = next((name for name in ("postgres", "nobody") if _exists(name)), None) if os.geteuid() == 0 else None
    if owner:
        shutil.chown(folder, owner)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        subprocess.run([programs / program, *arguments], user=owner, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    data, log = folder / "data", folder / "log"
    run("initdb", "-D", str(data), "-U", "medcab", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=400 {THROWN_AWAY}"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(log), "-w", "start")
    try:
        yield f"postgresql+psycopg://medcab@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
