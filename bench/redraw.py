"""Another period on «Показатели отделения» in a real browser: from the click until the charts stand, what came over the socket, what the page loads to draw."""

import asyncio
import re
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench import home as houses
from bench.report import Line, at_most
from bench.signin import CHROMIUM, a_head_signs_in

PERIODS = ("Квартал", "Месяц", "Год", "Неделя")
ROUNDS = 3
LATEST = 200
"""Milliseconds on the client after the figures have arrived."""
LARGEST, PLOTLY = 60, 420
"""Kilobytes: of the figures' message as text, before the socket packs it; of the library over the wire."""
_QUIET = 700
_KB = 1024
_WATCH = """
window.__seen = {frames: [], drawn: 0, clicked: 0};
const Real = window.WebSocket;
window.WebSocket = class extends Real {
    constructor(...given) {
        super(...given);
        this.addEventListener('message', (event) => {
            const text = String(event.data);
            window.__seen.frames.push({at: performance.now(), size: new Blob([text]).size, is_figures: text.includes('figures_state') && text.includes('"utilisation')});
        });
    }
};
addEventListener('click', () => { window.__seen = {frames: [], drawn: 0, clicked: performance.now()}; }, true);
window.__watch = () => {
    const cards = [...document.querySelectorAll('.js-plotly-plot')].slice(0, 4);
    const observer = new MutationObserver(() => requestAnimationFrame(() => {
        const seen = window.__seen, first = seen.frames.find((one) => one.is_figures);
        if (first) seen.drawn = performance.now();
    }));
    cards.forEach((card) => observer.observe(card, {subtree: true, childList: true, attributes: true}));
    return cards.length;
};
"""


def _change(page: Page, period: str) -> dict[str, float]:
    """Milliseconds to the figures' message, from it to the last stroke of the four charts, and kilobytes of it and of all that followed."""
    page.get_by_role("button", name=period, exact=True).click()
    page.wait_for_function("() => window.__seen.drawn", timeout=houses.PATIENCE * 1000)
    page.wait_for_function(
        f"() => performance.now() - Math.max(...window.__seen.frames.map((one) => one.at)) > {_QUIET}"
    )
    seen: dict[str, Any] = page.evaluate("() => window.__seen")
    figures = next(each for each in seen["frames"] if each["is_figures"])
    return {
        "server": figures["at"] - seen["clicked"], "client": seen["drawn"] - figures["at"], "figures": figures["size"] / _KB,
        "all": sum(each["size"] for each in seen["frames"]) / _KB,
    }  # fmt: skip


def measure(home: Path) -> list[Line]:
    """The demo's department; each change of period several times, the page warm."""
    houses.with_clinic(home / "clinic")
    name, token = asyncio.run(a_head_signs_in())
    with (
        houses.cabinet(home / "clinic") as port,
        sync_playwright() as driver,
        driver.chromium.launch(**CHROMIUM) as browser,
    ):
        origin, came = f"http://127.0.0.1:{port}", []
        context = browser.new_context(locale="ru-RU", viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": token, "url": origin}])
        page = context.new_page()
        page.add_init_script(_WATCH)
        page.on("requestfinished", lambda request: came.append((request.url, request.sizes()["responseBodySize"])))
        page.goto(f"{origin}/figures")
        page.locator(".js-plotly-plot .main-svg").nth(3).wait_for()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(_QUIET)
        page.evaluate("() => window.__watch()")
        changes = [_change(page, period) for _ in range(ROUNDS) for period in PERIODS]
        scripts = [(url, size) for url, size in came if url.endswith(".js")]
    return _lines(changes, scripts)


def _lines(changes: list[dict[str, float]], scripts: list[tuple[str, int]]) -> list[Line]:
    def of(what: str) -> list[float]:
        return [each[what] for each in changes]

    plotly = [size / _KB for url, size in scripts if re.search("plotly", url, re.IGNORECASE)]
    whole = sum(size for _, size in scripts) / _KB
    worst = f"worst {max(of('client')):.0f} ms; {median(of('server')):.0f} ms from the click to the figures' message, worst {max(of('server')):.0f}"
    followed = f"{max(of('all')):.0f} KB at most with what the sections below are sent after it"
    return [
        at_most("figures: another period, four charts redrawn after it arrived", median(of("client")), LATEST, "ms", detail=worst),
        at_most("figures: largest message of another period, as text", max(of("figures")), LARGEST, "KB", detail=followed),
        at_most("figures: Plotly's basic build over the wire, once", sum(plotly), PLOTLY, "KB", detail=f"{len(plotly)} file, all scripts of the page {whole:.0f} KB"),
        Line("figures: times the library is loaded", str(len(plotly)), "once", len(plotly) == 1),
    ]  # fmt: skip
