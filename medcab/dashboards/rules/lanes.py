"""Names beside lying bars: whole, however long. Short ones stand to the left of the axis; where they may be long each stands over its own bar, where it
has the width of the whole drawing, on a phone too.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

LINE, _BESIDE = 38, 24
"""Letters of a line that fit the narrowest phone; beside the axis, fewer do."""
_LETTERS, _APART = 17, 2
_BAR, _WIDE, _FEW = 14, 22, 5
"""Pixels: a line of a name, how far it is from its bar; a bar, one where there are few."""
_LEAST, _AXIS, _LEGEND = 340, 60, 34
_ONE_NAME = 22
"""Pixels of a bar whose name stands to its left."""


def wrapped(name: str, most: int = LINE) -> str:
    """On several lines, nothing left out."""
    return "<br>".join(textwrap.wrap(name, most) or [name])


def beside(names: Sequence[str]) -> list[str]:
    """As they stand to the left of the axis."""
    return [wrapped(name, _BESIDE) for name in names]


def height(names: Sequence[str]) -> int:
    """Pixels of a drawing whose names stand to the left: none is skipped."""
    lines = max((name.count("<br>") for name in names), default=0)
    return max(_LEAST, (_ONE_NAME + lines * _LETTERS) * len(names) + _AXIS + _LEGEND)


def ticks(names: Sequence[str]) -> dict[str, Any]:
    """Of the axis of values: beside long names a phone has room for every other word."""
    return {"tickangle": 0, "ticklabelstep": 2} if any("<br>" in name for name in names) else {}


@dataclass(frozen=True, slots=True)
class Lanes:
    """`names` from the lowest up; so many `bars` under each, the first of them lowest. Along the axis of the names one is one pixel."""

    names: Sequence[str]
    bars: int = 1
    has_legend: bool = False

    @property
    def layout(self) -> dict[str, Any]:
        """Of the drawing: the names are its annotations, so the axis has none."""
        top = _LEGEND if self.has_legend else 4
        return {
            "height": self._floors[-1] + _AXIS + top, "margin": {"l": 6, "t": top},
            "annotations": [self._name(*lane) for lane in zip(self.names, self._floors, strict=False)],
        }  # fmt: skip

    @property
    def axis(self) -> dict[str, Any]:
        return {"showticklabels": False, "showgrid": False, "zeroline": False, "range": [0, self._floors[-1]], "fixedrange": True}  # fmt: skip

    def bar(self, number: int = 0) -> dict[str, Any]:
        """Where a bar of each lane lies, and how thick it is."""
        off = self._gap / 2 + (number + 0.5) * self._thick
        return {"y": [floor + off for floor in self._floors[:-1]], "width": self._thick}

    @property
    def middles(self) -> list[float]:
        """Of all bars of each lane."""
        return [floor + self._gap / 2 + self.bars * self._thick / 2 for floor in self._floors[:-1]]

    @property
    def _thick(self) -> int:
        return _WIDE if len(self.names) <= _FEW else _BAR

    @property
    def _gap(self) -> int:
        return self._thick

    @property
    def _floors(self) -> list[int]:
        """Where each lane begins, and where the last one ends: a lane is as high as its name needs."""
        lines = (wrapped(name).count("<br>") + 1 for name in self.names)
        return list(accumulate((each * _LETTERS + _APART + self.bars * self._thick + self._gap for each in lines), initial=0))  # fmt: skip

    def _name(self, name: str, floor: int) -> dict[str, Any]:
        return {
            "text": wrapped(name), "x": 0, "xref": "paper", "xanchor": "left", "align": "left", "showarrow": False, "borderpad": 0,
            "y": floor + self._gap / 2 + self.bars * self._thick + _APART, "yref": "y", "yanchor": "bottom",
        }  # fmt: skip
