"""`medcab run` with a built front end: until the sign-in page and a socket are served."""

from pathlib import Path
from statistics import median

from bench import home as houses
from bench.report import Line, Watch, at_most

STARTS = 5


def measure(home: Path) -> list[Line]:
    """The median of several starts on the demo clinic's database."""
    houses.with_clinic(home / "clinic")
    took = []
    for _ in range(STARTS):
        with Watch() as watch, houses.cabinet(home / "clinic"):
            took.append(watch.so_far())
    return [at_most("`medcab run` until it serves", median(took), 2, "s", detail=f"{min(took):.2f}…{max(took):.2f}")]
