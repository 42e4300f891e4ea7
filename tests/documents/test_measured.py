"""How often the verdict on a photograph is wrong, and that straightening never loses print: on the labelled set."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from medcab.documents.intake import edges
from tests.documents import labelled, measured
from tests.documents.measured import GOOD, straightening, verdicts

pytestmark = pytest.mark.xdist_group("labelled")
"""One process measures the set once."""


@pytest.mark.long
def test_the_set_is_large_enough() -> None:
    assert sum(row.of for row in verdicts()[1:]) >= 200


def test_good_photographs_are_taken_and_bad_ones_are_not() -> None:
    taken, unremarked, *bad, cut = verdicts()
    assert taken.wrong == 0, "false refusals"
    assert unremarked.wrong <= 0.1 * GOOD, "false remarks"
    assert all(row.wrong <= 0.1 * row.of for row in bad), "false acceptances"
    assert sum(row.wrong for row in bad) <= 0.05 * sum(row.of for row in bad)
    assert cut.wrong <= 0.35 * cut.of, "a remark only"


def test_corners_are_found_and_no_print_is_lost() -> None:
    found, *kept = straightening()
    assert found.wrong <= 0.05 * found.of
    assert [row.wrong for row in kept] == [0] * len(kept)


def test_the_documents_say_what_is_measured() -> None:
    """Other builds of the image libraries may differ by a photograph or two."""
    counts = [[int(each) for each in re.findall(r"\| (\d+) ", text)] for text in (measured.written(), measured.table())]
    assert len(counts[0]) == len(counts[1]) > 0
    assert np.abs(np.array(counts[0]) - np.array(counts[1])).max() <= 2, "python -m tests.documents.measured"


@pytest.mark.parametrize("seed", [1, 6, 11])
def test_a_straightened_sheet_is_the_sheet(seed: int) -> None:
    seen = edges.straightened(labelled.scene(seed).picture)
    assert seen is not None
    pair = [np.asarray(each.convert("L").resize((250, 354))).ravel() for each in (labelled.straight(seed), seen)]
    assert np.corrcoef(*pair)[0, 1] > 0.9


def test_a_scan_without_a_table_stays_as_it_is() -> None:
    assert edges.straightened(labelled.sheet(3)) is None


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 255), st.integers(0, 255), st.integers(8, 2000), st.integers(8, 2000), st.integers(0, 40))
def test_any_picture_can_be_asked(light: int, dark: int, width: int, height: int, inset: int) -> None:
    picture = Image.new("RGB", (width, height), (dark,) * 3)
    box = [inset, inset, max(inset, width - inset), max(inset, height - inset)]
    ImageDraw.Draw(picture).rectangle(box, fill=(light,) * 3)
    found = edges.find(picture)
    assert found is None or np.isfinite(found).all()
    seen = edges.straightened(picture)
    assert seen is None or min(seen.size) > 0
