"""The sign-in page in a browser that has never been here, and where the charts' library is loaded."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench import home as houses
from bench.report import Line, at_most

CHROMIUM = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu", "--disable-quic"]}
CHARTED = {"/compliance/people", "/epidemiology", "/figures", "/finance"}
"""Pages with a chart."""
CHARTS = re.compile("plotly", re.IGNORECASE)
TEXT = re.compile(r"html|css|javascript|json|svg")
WORTH_COMPRESSING = 1024
LATECOMERS = 800
"""Milliseconds for what a page asks for only after its live connection has answered."""
IMMUTABLE = "immutable"


@dataclass
class Traffic:
    """What came over the wire, from its beginning; bytes include the headers."""

    bytes: int = 0
    requests: int = 0
    plain_text: list[str] = field(default_factory=list)
    forgetful: list[str] = field(default_factory=list)
    charts: bool = False

    def watch(self, page: Page) -> None:
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.on("Network.responseReceived", lambda event: self._answered(event["response"]))
        line.on("Network.loadingFinished", lambda event: self._came(event["encodedDataLength"]))

    def _came(self, size: float) -> None:
        self.bytes += int(size)
        self.requests += 1

    def _answered(self, response: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in response["headers"].items()}
        path = re.sub(r"^https?://[^/]*", "", response["url"])
        self.charts |= bool(CHARTS.search(path))
        length = int(headers.get("content-length", WORTH_COMPRESSING))
        if TEXT.search(response["mimeType"]) and "content-encoding" not in headers and length >= WORTH_COMPRESSING:
            self.plain_text.append(path)
        if path.startswith("/assets/") and IMMUTABLE not in headers.get("cache-control", ""):
            self.forgetful.append(path)


def _visit(browser: Browser, origin: str, paths: list[str], cookie: tuple[str, str] | None = None) -> list[Traffic]:
    """Open the pages one after another, beginning with an empty cache, each until it is quiet."""
    context = browser.new_context(locale="ru-RU")
    if cookie:
        name, value = cookie
        context.add_cookies([{"name": name, "value": value, "url": origin}])
    seen = []
    for path in paths:
        page, traffic = context.new_page(), Traffic()
        traffic.watch(page)
        page.goto(f"{origin}{path}")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(LATECOMERS)
        page.close()
        seen.append(traffic)
    context.close()
    return seen


async def a_head_signs_in() -> tuple[str, str]:
    """The cookie of a session for a head of department."""
    import sqlalchemy as sa
    from sqlmodel import col, select

    from medcab import clock, db
    from medcab.access import Role
    from medcab.accounts.models import Factor, LoginSession, Membership, Person, Standing
    from medcab.api import SESSION_COOKIE
    from medcab.security import tokens

    now, token = clock.now(), tokens.make()
    head = sa.and_(col(Membership.role) == Role.DEPARTMENT_HEAD, col(Person.standing) == Standing.ACTIVE)
    async with db.transaction() as session:
        found = select(Person.id).join(Membership, col(Membership.person_id) == col(Person.id)).where(head).limit(1)
        session.add(
            LoginSession(
                token_hash=tokens.fingerprint(token), person_id=(await session.exec(found)).one(), factor=Factor.SMS, created_at=now,
                seen_at=now, expires_at=now + timedelta(hours=1),
            )
        )  # fmt: skip
    await db.close()
    return SESSION_COOKIE, token


def _paths() -> tuple[list[str], list[str]]:
    """Addresses for anybody, and those of the frame."""
    routes = (houses.ROOT / "medcab" / "routes.py").read_text()
    return re.findall(r'PublicRoute\(\s*"(/[^"]*)"', routes), re.findall(r'\bRoute\(\s*"(/[^"]*)"', routes)


def measure(home: Path) -> list[Line]:
    """Size, caching and compression of the first page; then every page of a head of department for the charts' library."""
    houses.with_clinic(home / "clinic")
    cookie = asyncio.run(a_head_signs_in())
    public, framed = _paths()
    with (
        houses.cabinet(home / "clinic") as port,
        sync_playwright() as driver,
        driver.chromium.launch(**CHROMIUM) as browser,
    ):
        origin = f"http://127.0.0.1:{port}"
        [first] = _visit(browser, origin, ["/sign-in/"])
        seen = zip(
            public + framed, _visit(browser, origin, public) + _visit(browser, origin, framed, cookie), strict=True
        )
        charted = {path for path, traffic in seen if traffic.charts}
    return [
        at_most(
            "sign-in page, cold, over the wire", first.bytes / 1024, 350, "KB", detail=f"{first.requests} requests"
        ),
        Line("its text that comes uncompressed", _listed(first.plain_text), "nothing", not first.plain_text),
        Line("its /assets/ that are not immutable", _listed(first.forgetful), "nothing", not first.forgetful),
        Line(
            f"pages of {len(public) + len(framed)} that load Plotly",
            _listed(sorted(charted)),
            f"only {_listed(sorted(CHARTED))}",
            charted == CHARTED,
        ),
    ]


def _listed(things: list[str]) -> str:
    return ", ".join(things) or "nothing"
