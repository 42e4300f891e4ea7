"""The kit's promises that can be held without a browser."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from medcab.ui import icons
from medcab.ui.icons import icon, illustration

ROOT = Path(__file__).parents[2]
UI = ROOT / "medcab" / "ui"
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")


def test_every_icon_name_has_its_symbol() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "assets" / "icons.svg").read_text()))
    assert drawn == icons.NAMES


def test_every_illustration_has_its_file() -> None:
    assert {path.stem for path in (ROOT / "assets" / "illustrations").glob("*.svg")} == icons.ILLUSTRATIONS


def test_a_wrong_icon_is_found_when_the_page_is_built() -> None:
    with pytest.raises(ValueError, match="no icon 'calender'"):
        icon("calender")
    with pytest.raises(ValueError, match="no illustration"):
        illustration("nothing")


def test_scripts_use_only_icons_that_exist() -> None:
    for script in UI.glob("*.jsx"):
        used = set(re.findall(r'<Icon name="([^"]+)"', script.read_text()))
        assert used <= icons.NAMES, script.name


def test_scripts_need_neither_eval_nor_raw_html() -> None:
    for script in [*UI.glob("*.jsx"), *UI.glob("*.js")]:
        assert not re.search(r"\beval\(|new Function|dangerouslySetInnerHTML|innerHTML", script.read_text()), (
            script.name
        )


def test_the_style_sheets_load_nothing_from_elsewhere() -> None:
    for sheet in (ROOT / "assets" / "styles").glob("*.css"):
        assert not re.search(r"url\(|@import|https?:", sheet.read_text().replace('[href^="http"]', "")), sheet.name


MASKED = [
    # kind, typed, caret -> text, caret
    ("phone", "89001234567", 11, "+7 900 123-45-67", 16),
    ("phone", "9", 1, "+7 9", 4),
    ("phone", "+79001234567", 12, "+7 900 123-45-67", 16),
    ("phone", "8 (900) 123 45 67", 17, "+7 900 123-45-67", 16),
    ("phone", "+380501234567", 13, "+380501234567", 13),
    ("phone", "+7 900 123-45-678", 17, "+7 900 123-45-678", 17),
    ("snils", "11223344595", 11, "112-233-445 95", 14),
    ("snils", "112-", 4, "112", 3),
    ("snils", "11a", 3, "11a", 3),
    ("snils", "1129-233-445 95", 4, "1129-233-445 95", 4),
    ("inn", "5001 0073 2259", 14, "500100732259", 12),
    ("date", "01021980", 8, "01.02.1980", 10),
    ("date", "1.2.1980", 8, "01.02.1980", 10),
    ("date", "1980-02-01", 10, "01.02.1980", 10),
    ("date", "01.", 3, "01.", 3),
    ("date", "01", 2, "01", 2),
    ("text", "всё, что угодно", 3, "всё, что угодно", 3),
]


@pytest.mark.skipif(NODE is None, reason="no node on this machine: it comes with the `build` extra")
def test_masks_help_and_never_fight(tmp_path: Path) -> None:
    script = tmp_path / "masks.mjs"
    script.write_text((UI / "masks.js").read_text())
    cases = json.dumps([case[:3] for case in MASKED])
    code = f"import {{ masked }} from {json.dumps(script.as_uri())}; console.log(JSON.stringify({cases}.map(c => masked(...c))))"
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", code], capture_output=True, text=True, check=True, timeout=30
    )
    found = [(one["text"], one["caret"]) for one in json.loads(done.stdout)]
    assert found == [case[3:] for case in MASKED]
