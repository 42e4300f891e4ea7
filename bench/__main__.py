"""`python -m bench [name…]`: run the benches one after another and print their table; exit code 1 when a bound is broken."""

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bench.report import HEAD, Line, Watch
from bench.rooms import measure

BENCHES = (
    "event",
    "move",
    "seed",
    "start",
    "dashboard",
    "ward",
    "vacant",
    "signin",
    "nightly",
    "intake",
    "live",
    "redraw",
)


def main() -> int:
    """Print as it goes to the terminal's side, the table at the end."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"which ones: {', '.join(BENCHES)}; all when none is given"
    )
    names = parser.parse_args().names or BENCHES
    if unknown := set(names) - set(BENCHES):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="medcab-bench-") as home:
        for name in (name for name in BENCHES if name in names):
            with Watch() as watch, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                lines += process.submit(measure, name, Path(home)).result()
            print(f"{name}: {watch.seconds:.0f} s", file=sys.stderr, flush=True)
    print(HEAD, *lines, sep="\n")
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
