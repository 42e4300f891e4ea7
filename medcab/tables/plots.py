"""Charts on paper: bars, lines and marks with the norm's line or band, drawn as vectors and told apart without colour."""

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

_ROW, _TALL, _AXIS, _LEGEND = 6.0, 44.0, 6.0, 6.0
"""Millimetres: one line of a sideways chart, the height of an upright one, room for the axis, a line of the legend."""
_BESIDE = _AXIS + _LEGEND + 2
"""What a chart takes beside its body."""
_LABELS, _LEFT, _RIGHT = 44.0, 14.0, 4.0
_TICKS, _MOST_NAMES = 5, 12
_GREYS = (205, 255, 150, 235, 70)
_HATCHED = (False, False, False, True, False)
_INK, _QUIET, _GRID = 20, 90, 215
_SMALL, _SMALLEST = 7.5, 5.0
_LEADING = 0.4
"""Millimetres of a line for each point of its letters."""
_SLACK = 0.01
"""A hundred per cent is a sum of rounded parts."""


class Shape(StrEnum):
    """How a series is drawn."""

    BAR = "bar"
    LINE = "line"
    MARK = "mark"
    DOT = "dot"
    """Apart from any line."""


@dataclass(frozen=True, slots=True)
class Series:
    """One number for each name; None: nothing is drawn."""

    name: str
    values: Sequence[float | None]
    shape: Shape = Shape.BAR


@dataclass(frozen=True, slots=True)
class Plot:
    """`names` stand along the other axis; bars of several series stand on top of each other. `norm`: where values should be, a line when both are the same."""

    names: Sequence[str]
    series: Sequence[Series]
    is_sideways: bool = False
    suffix: str = ""
    norm: tuple[float, float] | None = None
    norm_words: str = ""
    scale: float = 0.0
    """The axis reaches at least to it: pieces of one chart have one axis."""

    @property
    def bars(self) -> list[Series]:
        return [each for each in self.series if each.shape is Shape.BAR]

    @property
    def top(self) -> float:
        """The largest that is drawn."""
        piled = [sum(each.values[at] or 0 for each in self.bars) for at in range(len(self.names))]
        single = [value or 0 for each in self.series for value in each.values]
        return max([*piled, *single, *(self.norm or ()), self.scale])


def ticks(top: float) -> list[float]:
    """From nothing to `top` or a little more, by one, two or five of some power of ten; at least to one."""
    if top <= 1:
        return [0.0, 1.0]
    rough = top / _TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = max(1.0, next(power * each for each in (1, 2, 5, 10) if power * each >= rough))
    return [step * number for number in range(math.ceil(top / step - _SLACK) + 1)]


def height_of(plot: Plot) -> float:
    """Millimetres that it takes."""
    return _body(plot) + _BESIDE


def pieces(plot: Plot, room: float) -> list[Plot]:
    """A sideways chart of more names than there is room for (millimetres), from its top: as even as can be, all of one scale."""
    most = max(1, int((room - _BESIDE) / _ROW))
    if not plot.is_sideways or len(plot.names) <= most:
        return [plot]
    size = math.ceil(len(plot.names) / math.ceil(len(plot.names) / most))
    return [_piece(plot, max(0, end - size), end) for end in range(len(plot.names), 0, -size)]  # it begins below


def _piece(plot: Plot, start: int, end: int) -> Plot:
    series = [replace(each, values=each.values[start:end]) for each in plot.series]
    return replace(plot, names=plot.names[start:end], series=series, scale=plot.top)


def _body(plot: Plot) -> float:
    return _ROW * len(plot.names) if plot.is_sideways else _TALL


def draw(pdf: Any, plot: Plot, typeface: str) -> None:
    """Below what stands there, on a new page where it would not fit."""
    if pdf.will_page_break(height_of(plot)):
        pdf.add_page()
    pdf.ln(1.5)
    with pdf.local_context(), _on_one_page(pdf):  # colours and strokes are as before for whatever follows
        pdf.set_font(typeface, "", _SMALL)
        _legend(pdf, plot)
        below = _drawn(pdf, plot)
    pdf.set_xy(pdf.l_margin, below)


@contextmanager
def _on_one_page(pdf: Any) -> Iterator[None]:
    """Whatever is set near the lower edge begins no page of its own."""
    breaks = pdf.auto_page_break
    pdf.auto_page_break = False
    try:
        yield
    finally:
        pdf.auto_page_break = breaks


def _drawn(pdf: Any, plot: Plot) -> float:
    """Where it ends."""
    height = _body(plot)
    labels = _LABELS if plot.is_sideways else _LEFT
    area = _Area(pdf, plot, pdf.l_margin + labels, pdf.get_y(), pdf.epw - labels - _RIGHT, height, ticks(plot.top))
    area.grid()
    area.norm_below()
    area.bars()
    area.others()
    area.norm_line()
    area.names()
    return area.y + height + _AXIS


def _text(pdf: Any, x: float, y: float, words: str) -> None:
    """On the line `y`; a cell, for only those ask the second part of the typeface for what the first lacks."""
    pdf.set_xy(x - pdf.c_margin, y - 3)
    pdf.cell(pdf.get_string_width(words) + 2 * pdf.c_margin, 4, words)


def _legend(pdf: Any, plot: Plot) -> None:
    """What is what, in the looks in which it is drawn."""
    x, y = pdf.l_margin, pdf.get_y()
    shown = [(each.name, each.shape, number) for number, each in enumerate(_ordered(plot)) if len(plot.series) > 1]
    for name, shape, number in shown:
        if shape is Shape.BAR:
            _bar(pdf, x, y + 1, 5, 2.6, number)
        else:
            _sign(pdf, shape, x, y)
        _text(pdf, x + 6.5, y + 3.3, name)
        x += pdf.get_string_width(name) + 12
    if plot.norm:
        _ink(pdf, 0.5, dash=True)
        pdf.line(x, y + 2.3, x + 6, y + 2.3)
        pdf.set_dash_pattern()
        _text(pdf, x + 7.5, y + 3.3, plot.norm_words)
    if shown or plot.norm:
        pdf.set_y(y + _LEGEND)


def _sign(pdf: Any, shape: Shape, x: float, y: float) -> None:
    """Of a series that is no bars, in the legend."""
    _ink(pdf, 0.6 if shape is not Shape.DOT else 0.3)
    match shape:
        case Shape.LINE:
            pdf.line(x, y + 2.3, x + 5, y + 2.3)
        case Shape.DOT:
            pdf.circle(x + 2.5, y + 2.3, 0.9)
        case _:
            pdf.line(x + 2.5, y + 0.8, x + 2.5, y + 3.8)


def _ordered(plot: Plot) -> list[Series]:
    """Bars first: a bar's look follows from its place."""
    return [*plot.bars, *(each for each in plot.series if each.shape is not Shape.BAR)]


def _ink(pdf: Any, width: float, grey: int = _INK, *, dash: bool = False) -> None:
    pdf.set_draw_color(grey)
    pdf.set_line_width(width)
    pdf.set_dash_pattern(1.6 if dash else 0, 1.1 if dash else 0)


def _bar(pdf: Any, x: float, y: float, width: float, height: float, number: int) -> None:
    """With an edge, so that it is seen in any grey; the fourth of a pile is hatched."""
    look = number % len(_GREYS)
    _ink(pdf, 0.25)
    pdf.set_fill_color(_GREYS[look])
    pdf.rect(x, y, width, height, style="DF")
    if _HATCHED[look]:
        with pdf.rect_clip(x, y, width, height):
            for at in range(int((width + height) / 1.2) + 1):
                pdf.line(x + at * 1.2 - height, y + height, x + at * 1.2, y)


def _lines(pdf: Any, name: str) -> list[str]:
    """As they fit beside a sideways chart."""
    lines: list[str] = []
    for word in name.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and pdf.get_string_width(longer) <= _LABELS - 3:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@dataclass(frozen=True, slots=True)
class _Area:
    """Where values are drawn, and how they become millimetres."""

    pdf: Any
    plot: Plot
    x: float
    y: float
    width: float
    height: float
    ticks: list[float]

    def along(self, value: float) -> float:
        """Of a value, along its own axis."""
        share = value / self.ticks[-1]
        return self.x + share * self.width if self.plot.is_sideways else self.y + self.height - share * self.height

    def middle(self, at: int) -> float:
        """Of a name's lane, along the other axis; a sideways chart begins below, as on the screen."""
        if self.plot.is_sideways:
            return self.y + self.height - (at + 0.5) * _ROW
        return self.x + (at + 0.5) * self.width / max(1, len(self.plot.names))

    def grid(self) -> None:
        for tick in self.ticks:
            at, words = self.along(tick), f"{tick:g}{self.plot.suffix}"
            self._across(at, _GRID)
            self.pdf.set_text_color(_QUIET)
            wide = self.pdf.get_string_width(words)
            if self.plot.is_sideways:
                _text(self.pdf, at - wide / 2, self.y + self.height + 3.6, words)
            else:
                _text(self.pdf, self.x - wide - 1.5, at + 1, words)
        self.pdf.set_text_color(_INK)

    def _across(self, at: float, grey: int = _INK, width: float = 0.15, *, dash: bool = False) -> None:
        _ink(self.pdf, width, grey, dash=dash)
        if self.plot.is_sideways:
            self.pdf.line(at, self.y, at, self.y + self.height)
        else:
            self.pdf.line(self.x, at, self.x + self.width, at)
        self.pdf.set_dash_pattern()

    def norm_below(self) -> None:
        """A band lies under the bars."""
        if self.plot.norm and self.plot.norm[0] < self.plot.norm[1]:
            low, high = map(self.along, self.plot.norm)
            self.pdf.set_fill_color(240)
            if self.plot.is_sideways:
                self.pdf.rect(low, self.y, high - low, self.height, style="F")
            else:
                self.pdf.rect(self.x, high, self.width, low - high, style="F")

    def norm_line(self) -> None:
        for edge in sorted(set(self.plot.norm or ())):
            self._across(self.along(edge), width=0.5, dash=True)

    def bars(self) -> None:
        lane = _ROW if self.plot.is_sideways else self.width / max(1, len(self.plot.names))
        thick = lane * 0.62
        for at in range(len(self.plot.names)):
            piled = 0.0
            for number, each in enumerate(self.plot.bars):
                if value := each.values[at]:
                    self._piece(self.middle(at) - thick / 2, thick, piled, piled + value, number)
                    piled += value

    def _piece(self, edge: float, thick: float, low: float, high: float, number: int) -> None:
        start, end = self.along(low), self.along(high)
        if self.plot.is_sideways:
            _bar(self.pdf, start, edge, end - start, thick, number)
        else:
            _bar(self.pdf, edge, end, thick, start - end, number)

    def others(self) -> None:
        """Lines with a dot at each value; marks as a stroke across the lane."""
        for each in self.plot.series:
            points = [(self.middle(at), self.along(value)) for at, value in enumerate(each.values) if value is not None]
            if each.shape is Shape.LINE:
                _ink(self.pdf, 0.6)
                for (x, y), (to_x, to_y) in itertools.pairwise(points):
                    self.pdf.line(x, y, to_x, to_y)
                self._dots(points, "F")
            elif each.shape is Shape.DOT:
                self._dots(points, "D")
            elif each.shape is Shape.MARK:
                _ink(self.pdf, 0.9)
                for lane, at in points:
                    self.pdf.line(at, lane - _ROW * 0.42, at, lane + _ROW * 0.42)

    def _is_wider(self, lines: list[str]) -> bool:
        """Than there is room for: one word may be."""
        return any(self.pdf.get_string_width(line) > _LABELS - 3 for line in lines)

    def _dots(self, points: Sequence[tuple[float, float]], style: str) -> None:
        _ink(self.pdf, 0.4)
        self.pdf.set_fill_color(_INK)
        for x, y in points:
            self.pdf.circle(x, y, 0.9, style=style)

    def names(self) -> None:
        every = 1 if self.plot.is_sideways else -(-len(self.plot.names) // _MOST_NAMES)
        for at, name in list(enumerate(self.plot.names))[:: every or 1]:
            if self.plot.is_sideways:
                self._beside(at, name)
            else:
                wide = self.pdf.get_string_width(name)
                _text(self.pdf, self.middle(at) - wide / 2, self.y + self.height + 3.6, name)

    def _beside(self, at: int, name: str) -> None:
        """All of it, on as many lines as it takes, smaller where those are many."""
        lines, size = _lines(self.pdf, name), _SMALL
        while size > _SMALLEST and (len(lines) * size * _LEADING > _ROW or self._is_wider(lines)):
            size -= 0.5
            self.pdf.set_font_size(size)
            lines = _lines(self.pdf, name)
        high = size * _LEADING
        for number, line in enumerate(lines):
            below = self.middle(at) + 1 + (number - (len(lines) - 1) / 2) * high
            _text(self.pdf, self.x - self.pdf.get_string_width(line) - 2, below, line)
        self.pdf.set_font_size(_SMALL)
