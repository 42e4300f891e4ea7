"""The corpus of bad files: each gets its own sentence, in time, within the sandbox's memory, and the next good file is taken."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from medcab.documents import intake
from tests.documents import making
from tests.documents.bad import CORPUS, Bad

_SECONDS = 35
"""A sandbox has 10 s of processor, and 30 by the clock."""


async def _said(path: Path, content: bytes) -> str | None:
    path.write_bytes(content)
    try:
        await intake.examine(path, "документ.pdf")
    except intake.Refused as refusal:
        return refusal.reason.code
    return None


@pytest.mark.long
@pytest.mark.parametrize("made", CORPUS, ids=lambda made: made.__name__)
async def test_each_bad_file_gets_what_is_true_of_it(made: Callable[[], Iterator[Bad]], tmp_path: Path) -> None:
    wrong = []
    for number, (name, content, codes) in enumerate(made()):
        began = time.monotonic()
        said = await _said(tmp_path / f"{number}", content)
        took = time.monotonic() - began
        if said not in codes or took > _SECONDS:
            wrong.append((name, said, round(took, 1)))
    assert wrong == []
    assert await _said(tmp_path / "good", making.pdf()) is None
