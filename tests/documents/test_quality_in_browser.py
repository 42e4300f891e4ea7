"""The browser judges a photograph as the server does: the same pictures measured in Chromium and in numpy."""

import base64
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Page, sync_playwright

import medcab
from medcab.documents.intake.photo import measure, open_upright
from medcab.documents.rules import REFUSALS, browser_rules, verdict
from tests.documents import making

MODULE = (Path(medcab.__file__).parent / "ui" / "photo_quality.js").read_text()

PICTURES = {
    "sharp": lambda: making.photo(1),
    "sharp and large": lambda: making.photo(2, width=3024, height=4032),
    "blurred": lambda: making.photo(3).filter(ImageFilter.GaussianBlur(4)),
    "slightly blurred": lambda: making.photo(3).filter(ImageFilter.GaussianBlur(2.3)),
    "dark": lambda: making.darker(making.photo(4), 0.2),
    "washed out": lambda: making.washed_out(making.photo(5), 210),
    "cut": lambda: making.photo(6, cut=True),
    "small": lambda: making.photo(7).resize((600, 800)),
    "lying on its side": lambda: making.photo(8),
}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page that has loaded the module."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = chromium.new_page()
        source = base64.b64encode(MODULE.encode()).decode()
        page.set_content("<!doctype html><title>quality</title>")
        page.evaluate(f"import('data:text/javascript;base64,{source}').then((m) => {{ window.quality = m; }})")
        yield page
        chromium.close()


def judged(page: Page, content: bytes) -> dict:
    """What the browser makes of this file: measures and reasons."""
    call = """async ({ content, rules }) => {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        const { reasons, bitmap } = await window.quality.judge(new File([bytes], "photo.jpg"), rules);
        const measures = bitmap ? await window.quality.measure(bitmap, rules.thumbnailSide) : null;
        return { reasons, measures };
    }"""
    rules = json.loads(json.dumps(browser_rules()))
    return page.evaluate(call, {"content": base64.b64encode(content).decode(), "rules": rules})


@pytest.mark.parametrize("name", PICTURES)
def test_both_sides_see_the_same(page: Page, tmp_path: Path, name: str) -> None:
    """Agreement: brightness within 1 step, contrast and sharpness within 1 %, the same verdict."""
    exif = Image.Exif()
    exif[0x0112] = 6 if name == "lying on its side" else 1
    path = tmp_path / "photo.jpg"
    path.write_bytes(making.jpeg(PICTURES[name](), exif=exif))

    ours = measure(open_upright(path))
    theirs = judged(page, path.read_bytes())

    for figure, value in asdict(ours).items():
        slack = {"light": 1, "ink": 1, "border": 0.002}.get(figure, 0.01 * value)
        assert theirs["measures"][figure] == pytest.approx(value, abs=slack), figure
    expected = [(reason.code, str(reason.severity)) for reason in verdict(ours)]
    assert [(reason["code"], reason["severity"]) for reason in theirs["reasons"]] == expected


def test_what_no_browser_can_open_is_left_to_the_server(page: Page) -> None:
    assert judged(page, making.pdf()) == {"reasons": [], "measures": None}


def test_a_file_that_is_too_large_is_not_even_sent(page: Page) -> None:
    found = judged(page, b"%PDF-1.7" + bytes(10 * 1024 * 1024))
    assert [reason["sentence"] for reason in found["reasons"]] == [REFUSALS["file_large"].sentence]
