"""A tile over the charts: a figure, how it moved, where it should be, how far to trust it, and what it means."""

from typing import TypedDict

from medcab.dashboards.rules import words
from medcab.dashboards.rules.comparison import Change, change
from medcab.dashboards.rules.kpi import CATALOGUE, Kpi, Standing
from medcab.dashboards.rules.tally import Tally


class Tile(TypedDict):
    """Ready to draw. `tone` is one of the theme's; texts may be empty, `doubt` is when the figure is reliable."""

    code: str
    title: str
    value: str
    tone: str
    standing: str
    change: str
    change_tone: str
    norm: str
    source: str
    doubt: str
    formula: str
    fraction: str
    caveat: str


_TONES = {Standing.MET: "done", Standing.BELOW: "soon", Standing.ABOVE: "soon", Standing.UNKNOWN: "quiet"}


def tiles(now: Tally, before: Tally) -> list[Tile]:
    """One for each figure of the catalogue, in its order."""
    return [_tile(kpi, now, before) for kpi in CATALOGUE]


def _tile(kpi: Kpi, now: Tally, before: Tally) -> Tile:
    measure = kpi.measure(now)
    moved = change(kpi, measure, kpi.measure(before))
    is_doubtful = measure.value is not None and not measure.is_reliable
    return {
        "code": kpi.code,
        "title": kpi.title,
        "value": words.value(kpi, measure),
        "tone": _TONES[kpi.standing(measure)],
        "standing": words.standing(kpi, measure),
        "change": words.difference(kpi, moved),
        "change_tone": _change_tone(moved),
        "norm": kpi.norm.words if kpi.norm else "",
        "source": kpi.norm.source if kpi.norm else "",
        "doubt": words.doubt(kpi, measure) if is_doubtful else "",
        "formula": kpi.formula,
        "fraction": f"Числитель: {kpi.numerator}. Знаменатель: {kpi.denominator}." if kpi.denominator else "",
        "caveat": kpi.caveat,
    }


def _change_tone(moved: Change | None) -> str:
    if moved is None or moved.is_better is None:
        return "quiet"
    return "done" if moved.is_better else "soon"
