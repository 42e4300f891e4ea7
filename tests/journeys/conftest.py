"""The whole cabinet as a person meets it: server and sandbox as programs of their own, and a real browser in front.

The front end must be built (`medcab build`) and Chromium installed; without them the journeys say so and are skipped.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from medcab import frontend
from tests.conftest import POSTGRES
from tests.sandbox.running import Sandbox, free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
PICTURES = os.environ.get("MEDCAB_PICTURES", "")
"""A folder for screenshots of the way; none are taken without it."""
_READY_SECONDS = 40
_PATIENCE_SECONDS = 20


@dataclass
class World:
    """A cabinet and its outside world. `url`: the cabinet's address; `sandbox`: the other side of every connection."""

    url: str
    sandbox: Sandbox
    start: Callable[[], subprocess.Popen[bytes]]
    program: subprocess.Popen[bytes]

    def code(self, phone: str, *, after: int = 0) -> str:
        """The code in the newest SMS to this number, once there are more than `after` of them."""
        newest = _awaited(lambda: self.sandbox.sms(phone)[: -after or None])[0]  # the newest stands first
        return re.findall(r"\b\d{6}\b", newest["text"])[0]

    def mailed_code(self, address: str) -> str:
        """The code in the newest letter to this address."""
        letters = _awaited(lambda: [one for one in self.sandbox.mail(address) if re.search(r"\b\d{6}\b", one["text"])])
        return re.findall(r"\b\d{6}\b", letters[0]["text"])[0]

    def kill_server(self) -> None:
        """As a power cut would."""
        self.program.kill()
        self.program.wait(10)

    def restart_server(self) -> None:
        self.program = self.start()


def _awaited(look: Callable[[], list[Any]]) -> list[Any]:
    """What arrives by the durable work, within a person's patience."""
    ends = time.monotonic() + _PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < ends, "nothing has arrived"
        time.sleep(0.1)
    return found


@contextmanager
def _database() -> Iterator[str]:
    """A database of these journeys' own; empty: SQLite in the data folder."""
    if not POSTGRES:
        yield ""
        return
    name = f"medcab_journey_{uuid4().hex[:8]}"
    engine = sa.create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield f"{POSTGRES}/{name}"
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@contextmanager
def _program(environment: dict[str, str], command: str, url: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One `medcab` command until the end of the block."""
    program = _started(environment, command, url, log)
    try:
        yield program
    finally:
        if program.poll() is None:
            program.terminate()
            program.wait(20)


def _started(environment: dict[str, str], command: str, url: str, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        program = subprocess.Popen(
            [sys.executable, "-m", "medcab.cli", command], env=environment, stdout=out, stderr=out
        )
    ends = time.monotonic() + _READY_SECONDS
    while True:
        assert program.poll() is None, log.read_text()[-2000:]
        try:
            if httpx.get(url, timeout=2, trust_env=False).status_code < 500:
                return program
        except httpx.HTTPError:
            assert time.monotonic() < ends, log.read_text()[-2000:]
            time.sleep(0.1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The cabinet and the sandbox on free ports, with a database and files of their own."""
    if not frontend.is_built():
        pytest.skip("the front end is not built: run `medcab build` first")
    home, port, sandbox_port, mail_port = tmp_path_factory.mktemp("world"), free_port(), free_port(), free_port()
    url, sandbox_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    with ExitStack() as stack:
        environment = {
            **os.environ, "MEDCAB_MODE": "test", "MEDCAB_DATA_DIR": str(home), "MEDCAB_PORT": str(port),
            "MEDCAB_SANDBOX_PORT": str(sandbox_port), "MEDCAB_SMTP_PORT": str(mail_port), "MEDCAB_DATABASE_URL": stack.enter_context(_database()),
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "-m", "medcab.cli", "migrate"], env=environment, check=True, capture_output=True
        )
        stack.enter_context(_program(environment, "sandbox", f"{sandbox_url}/health", home / "sandbox.log"))
        client = stack.enter_context(httpx.Client(base_url=sandbox_url, trust_env=False))

        def start() -> subprocess.Popen[bytes]:
            return stack.enter_context(_program(environment, "run", f"{url}/ping", home / "server.log"))

        yield World(url, Sandbox(sandbox_url, mail_port, client), start, start())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser without a window."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: the journeys need a real browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield browser
        browser.close()


@dataclass(frozen=True)
class Face:
    """A browser window: how wide, which theme."""

    width: int = 1440
    height: int = 1000
    scheme: str = "light"


@pytest.fixture
def person(server: World, chromium: Any) -> Iterator[Callable[..., Any]]:
    """`person(Face(390, 844))`: a page of a browser of one's own, in Russian; what breaks in it fails the test."""
    contexts, broken = [], []

    def come(face: Face = Face()) -> Any:
        context = chromium.new_context(
            base_url=server.url, viewport={"width": face.width, "height": face.height}, color_scheme=face.scheme, locale="ru-RU",
            timezone_id="Europe/Moscow", has_touch=face.width < 768,
        )  # fmt: skip
        context.set_default_timeout(_PATIENCE_SECONDS * 1000)
        page = context.new_page()
        page.on("pageerror", lambda problem: broken.append(str(problem)))
        contexts.append(context)
        return page

    yield come
    for number, context in enumerate(contexts):
        if PICTURES:  # where it ended, or failed
            context.pages[0].screenshot(path=Path(PICTURES) / f"end-{number}.png", full_page=True)
        context.close()
    assert broken == []
