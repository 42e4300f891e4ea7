"""Looking at pages as people who see badly, use only a keyboard, or hold a small phone would meet them."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError as TooLate

from tests.conftest import POSTGRES

PICTURES = os.environ.get("MEDCAB_PICTURES", "")
"""A folder for screenshots of what was looked at; none are taken without it."""
THEMES, WIDTHS, NARROWEST = ("light", "dark"), (390, 1440), 360
_HEIGHT = 900
_SETTLED = """() => document.querySelector('h1') && !document.querySelector('main [aria-busy=true]')
    && document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getComputedTiming().endTime > 5000)"""
_FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
_DRAWN = """() => [...document.querySelectorAll('.js-plotly-plot')].filter((one) => one.checkVisibility()).every((one) => {
    const drawing = one.querySelector('svg.main-svg');
    return drawing && Math.abs(drawing.getBoundingClientRect().width - one.parentElement.clientWidth) < 2;
})"""
_FIT_MS = 3000
"""A chart is drawn anew when its room has changed."""
_FACTS = """() => ({
    headings: [...document.querySelectorAll('h1')].filter((one) => one.checkVisibility()).length,
    mains: document.querySelectorAll('main').length, title: Boolean(document.title), language: document.documentElement.lang,
})"""
_RIGHT = {"headings": 1, "mains": 1, "title": True, "language": "ru"}


_FAULTS = "(options) => axe.run(options).then((found) => found.violations)"
_ALL: dict[str, Any] = {"resultTypes": ["violations"]}
_COLOURS = _ALL | {"runOnly": ["color-contrast", "link-in-text-block"]}
"""What can be wrong in the dark alone: the other theme differs in nothing else."""


class Look:
    """Gathers what is wrong with the pages that it is shown; `judge` fails with all of it.

    Whole: both themes and both widths at each look, and the narrowest phone; otherwise the page as it stands.
    """

    def __init__(self, page: Any, *, whole: bool = True) -> None:
        self.page, self.whole, self.taken = page, whole, 0
        self.wrong: list[str] = []
        page.on("console", lambda said: self._heard(said))

    def __call__(self, name: str) -> None:
        if POSTGRES:  # pages look the same whatever keeps their rows
            return
        self.taken += 1
        if not self.whole:
            self._see(name)
            return
        before = self.page.viewport_size
        for theme in THEMES:
            self.page.emulate_media(color_scheme=theme)
            for width in WIDTHS:
                self.page.set_viewport_size({"width": width, "height": _HEIGHT})
                self._see(f"{name} {theme} {width}", _COLOURS if theme == "dark" else _ALL)
        self.page.set_viewport_size({"width": NARROWEST, "height": _HEIGHT})
        self._check_frame(f"{name} {NARROWEST}")
        self.page.set_viewport_size(before)
        self.page.emulate_media(color_scheme="light")

    def judge(self) -> None:
        assert not self.wrong, "\n".join(self.wrong)

    def _see(self, name: str, options: dict[str, Any] = _ALL) -> None:
        self._check_frame(name)
        if PICTURES:
            file = f"{self.taken:02} {name}.png".replace("/", "_")
            self.page.screenshot(path=Path(PICTURES) / file, full_page=True)
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(Axe().axe_script)
        for violation in self.page.evaluate(_FAULTS, options):
            nodes = "; ".join(f"{node['target']} {node['html'][:160]}" for node in violation["nodes"][:3])
            self.wrong.append(f"{name}: {violation['id']}: {violation['help']}: {nodes}")

    def _check_frame(self, name: str) -> None:
        self.page.wait_for_function(_SETTLED)
        facts = self.page.evaluate(_FACTS)
        self.wrong += [f"{name}: {key}: {facts[key]}" for key, right in _RIGHT.items() if facts[key] != right]
        for holds, otherwise in (
            (_FITS, "the page sticks out to the right"),
            (_DRAWN, "a chart does not fill its room"),
        ):
            try:
                self.page.wait_for_function(holds, timeout=_FIT_MS)
            except TooLate:
                self.wrong.append(f"{name}: {otherwise}")

    def _heard(self, said: Any) -> None:
        if said.type == "error" and "404" not in said.text:  # the page that is not there
            self.wrong.append(f"{self.page.url}: the console says: {said.text}")
