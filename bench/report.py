"""What a bench has to say: one line a figure, and the table of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Self

HEAD = "| what | measured | bound | |\n| --- | --- | --- | --- |"


@dataclass(frozen=True)
class Line:
    """A figure beside its bound; without a bound it only informs."""

    what: str
    measured: str
    bound: str = ""
    holds: bool = True

    def __str__(self) -> str:
        verdict = ("pass" if self.holds else "**FAIL**") if self.bound else ""
        return f"| {self.what} | {self.measured} | {self.bound} | {verdict} |"


def at_most(what: str, value: float, bound: float, unit: str = "×", *, detail: str = "") -> Line:
    """A figure that must not exceed its bound, both in `unit`."""
    return Line(what, f"{value:.3g} {unit}{f' ({detail})' if detail else ''}", f"≤ {bound:g} {unit}", value <= bound)


def ratio(rounds: Iterable[tuple[Sequence[float], Sequence[float]]]) -> float:
    """How many times as long the second took: the median over rounds of the medians' ratio, so that the machine's moods cancel out."""
    return median(median(tried) / median(floor) for floor, tried in rounds)


def percentile(values: Iterable[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


class Watch:
    """`with Watch() as watch: …`, then `watch.seconds`."""

    seconds = 0.0

    def __enter__(self) -> Self:
        self._began = perf_counter()
        return self

    def so_far(self) -> float:
        return perf_counter() - self._began

    def __exit__(self, *_: object) -> None:
        self.seconds = perf_counter() - self._began
