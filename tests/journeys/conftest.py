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
from medcab.demo.accounts import DEMO_PASSWORD
from medcab.demo.staff import workers
from tests.conftest import POSTGRES
from tests.journeys.look import PICTURES
from tests.sandbox.running import Sandbox, free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
_READY_SECONDS = 120
"""Filling the demo clinic takes most of it."""
_PATIENCE_SECONDS = 20


@dataclass
class World:
    """A cabinet and its outside world. `url`: the cabinet's address; `sandbox`: the other side of every connection; `home`: its data folder."""

    url: str
    sandbox: Sandbox
    start: Callable[[], subprocess.Popen[bytes]]
    program: subprocess.Popen[bytes]
    home: Path

    def code(self, phone: str, *, after: int = 0) -> str:
        """The code in the newest SMS to this number, once there are more than `after` of them."""
        newest = _awaited(lambda: self.sandbox.sms(phone)[: -after or None])[0]  # the newest stands first
        return re.findall(r"\b\d{6}\b", newest["text"])[0]

    def mailed_code(self, address: str) -> str:
        """The code in the newest letter to this address."""
        letters = _awaited(lambda: [one for one in self.sandbox.mail(address) if re.search(r"\b\d{6}\b", one["text"])])
        return re.findall(r"\b\d{6}\b", letters[0]["text"])[0]

    def told(self, to: str, words: str) -> None:
        """An SMS to this number, or a letter to this address, that says so."""
        inbox = self.sandbox.mail if "@" in to else self.sandbox.sms
        _awaited(lambda: [one for one in inbox(to) if words in one["text"]])

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


@contextmanager
def _house(home: Path, mode: str) -> Iterator[dict[str, str]]:
    """The environment of a cabinet of its own: free ports, a database, a data folder."""
    if not frontend.is_built():
        pytest.skip("the front end is not built: run `medcab build` first")
    with _database() as database:
        yield {
            **os.environ, "MEDCAB_MODE": mode, "MEDCAB_DATA_DIR": str(home), "MEDCAB_PORT": str(free_port()),
            "MEDCAB_SANDBOX_PORT": str(free_port()), "MEDCAB_SMTP_PORT": str(free_port()), "MEDCAB_DATABASE_URL": database,
        }  # fmt: skip


def _sandbox(environment: dict[str, str], stack: ExitStack) -> Sandbox:
    url = f"http://127.0.0.1:{environment['MEDCAB_SANDBOX_PORT']}"
    client = stack.enter_context(httpx.Client(base_url=url, trust_env=False))
    return Sandbox(url, int(environment["MEDCAB_SMTP_PORT"]), client)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An empty cabinet and the sandbox on free ports, with a database and files of their own."""
    home = tmp_path_factory.mktemp("world")
    with ExitStack() as stack:
        environment = stack.enter_context(_house(home, "test"))
        url = f"http://127.0.0.1:{environment['MEDCAB_PORT']}"
        subprocess.run(
            [sys.executable, "-m", "medcab.cli", "migrate"], env=environment, check=True, capture_output=True
        )
        sandbox = _sandbox(environment, stack)
        stack.enter_context(_program(environment, "sandbox", f"{sandbox.url}/health", home / "sandbox.log"))

        def start() -> subprocess.Popen[bytes]:
            return stack.enter_context(_program(environment, "run", f"{url}/ping", home / "server.log"))

        yield World(url, sandbox, start, start(), home)


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """What `medcab demo` starts: two clinics at work, with the sandbox beside them. Shared: leave it fit for the next test."""
    home = tmp_path_factory.mktemp("clinic")
    with ExitStack() as stack:
        environment = stack.enter_context(_house(home, "demo"))
        url = f"http://127.0.0.1:{environment['MEDCAB_PORT']}"

        def start() -> subprocess.Popen[bytes]:
            return stack.enter_context(_program(environment, "demo", f"{url}/ping", home / "demo.log"))

        yield World(url, _sandbox(environment, stack), start, start(), home)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser without a window; its camera shows a made-up picture that moves."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: the journeys need a real browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
            ],
        )
        yield browser
        browser.close()


@dataclass(frozen=True)
class Face:
    """A browser window: how wide, which theme."""

    width: int = 1440
    height: int = 1000
    scheme: str = "light"


def _window(chromium: Any, url: str, face: Face, broken: list[str], **more: Any) -> Any:
    """A page of a browser of its own, in Russian."""
    context = chromium.new_context(
        base_url=url, viewport={"width": face.width, "height": face.height}, color_scheme=face.scheme, locale="ru-RU",
        timezone_id="Europe/Moscow", has_touch=face.width < 768, **more,
    )  # fmt: skip
    context.set_default_timeout(_PATIENCE_SECONDS * 1000)
    page = context.new_page()
    page.on("pageerror", lambda problem: broken.append(str(problem)))
    return page


@contextmanager
def _windows(chromium: Any, url: str) -> Iterator[Callable[..., Any]]:
    """Opens browser windows; what breaks in one fails the test."""
    pages: list[Any] = []
    broken: list[str] = []

    def come(face: Face = Face(), **more: Any) -> Any:
        pages.append(_window(chromium, url, face, broken, **more))
        return pages[-1]

    yield come
    for number, page in enumerate(pages):
        print(f"{page.url}\n{page.inner_text('body')}\n")  # pytest shows it where the test failed
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"end-{number}.png", full_page=True)
        page.context.close()
    assert broken == []


@pytest.fixture
def person(server: World, chromium: Any) -> Iterator[Callable[..., Any]]:
    """`person(Face(390, 844))`: a newcomer's browser at the empty cabinet."""
    with _windows(chromium, server.url) as come:
        yield come


@pytest.fixture
def visitor(clinic: World, chromium: Any) -> Iterator[Callable[..., Any]]:
    """`visitor(Face(390, 844))`: a browser at the demo clinic, not signed in."""
    with _windows(chromium, clinic.url) as come:
        yield come


@pytest.fixture(scope="session")
def _signed_in() -> dict[str, Any]:
    """What the browsers of `worker` keep, by login: whoever has come once comes again without codes."""
    return {}


@pytest.fixture
def worker(clinic: World, visitor: Callable[..., Any], _signed_in: dict[str, Any]) -> Callable[..., Any]:
    """`worker("terapevt", Face(390, 844))`: the demo clinic's worker, signed in and on the desk.

    The sessions of one login are one and the same; a test that ends sessions signs in by `sign_in`.
    """

    def come(login: str, face: Face = Face()) -> Any:
        page = visitor(face, storage_state=_signed_in.get(login))
        if login not in _signed_in:
            sign_in(clinic, page, login)
            _signed_in[login] = page.context.storage_state()
        page.goto("/")
        page.get_by_role("heading", level=1).wait_for()
        return page

    return come


def sign_in(clinic: World, page: Any, login: str) -> None:
    """The demo's worker signs in by SMS and agrees to the electronic signature where that is still asked for.

    A number gets one SMS a minute: a test that calls this itself has a worker whom no other test uses.
    """
    phone = next(one.phone for one in workers() if one.login == login)
    before = len(clinic.sandbox.sms(phone))
    page.goto("/sign-in")
    page.get_by_label("Телефон или e-mail").fill(f"{login}@medcab.example")
    page.get_by_label("Пароль", exact=True).fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url("**/sign-in/code**")
    page.get_by_role("textbox", name="Код из SMS").fill(clinic.code(phone, after=before))
    page.wait_for_url(lambda url: "/sign-in" not in url)
    if "/consent" in page.url:
        page.get_by_role("button", name="Согласиться").click()
        page.wait_for_url(lambda url: "/consent" not in url)
