"""The sheet in a photograph: its four edges, where they are beyond doubt, and the picture as if taken from straight above.

Run by `worker` only. A sheet is lighter than what it lies on, all along each of its four sides, and nothing that could belong to
it lies outside. Whatever is less certain stays as it was taken: a straightened picture must never lose a letter.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Points = NDArray[np.float64]
"""Corners as (x, y): top left, top right, bottom right, bottom left."""

_COARSE, _FINE = 256, 1024  # px of the longer side: where lines are looked for, and where they are measured
_REACH = 3  # px on both sides of an edge that are compared
_STEP = 10.0  # luma by which a sheet is lighter than the table, at least
_ENOUGH = 25.0  # luma beyond which an edge is not better still: what lies further out wins
_KEPT = 7  # lines of each side that are tried with each of the others
_TILT = 0.3  # of the other side: how far a side may lean
_LEAST_AREA = 0.2  # of the frame
_ALONG = 0.82  # of each side must be an edge
_STRAY_LIGHT = 0.06  # of what lies outside may be as light as the sheet
_STRAY_STROKES = 0.025  # of what lies outside may look like print
_STROKE = 40
_APART = 5  # px between two lines that are not the same
_SHARPEST = 0.5  # cosine of the sharpest corner
_STRAIGHT = 2.5  # px that a point of a straight edge may stray
_AGREED = 0.7  # of an edge's points must be on its line
_MARGIN = 0.025  # kept around the sheet
_WHOLE = 0.94  # of the frame: there is no table to take away


def straightened(picture: Image.Image) -> Image.Image | None:
    """The sheet alone, seen from above; None when its edges are not certain, or there is nothing to gain."""
    corners = find(picture)
    if corners is None or _area(corners) > _WHOLE * picture.width * picture.height:
        return None
    corners = with_margin(corners)
    sides = np.linalg.norm(np.roll(corners, -1, 0) - corners, axis=1)
    width, height = round(max(sides[0], sides[2])), round(max(sides[1], sides[3]))
    coefficients = _projection(width, height, corners)
    return picture.transform(
        (width, height), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor="white"
    )


def with_margin(corners: Points) -> Points:
    """What is kept: a little more than the sheet."""
    return corners.mean(0) + (corners - corners.mean(0)) * (1 + _MARGIN)


def find(picture: Image.Image) -> Points | None:
    """The sheet's corners in px of the picture, or None."""
    grey = _grey(picture, _COARSE)
    found = _best(grey)
    if found is None:
        return None
    fine = _grey(picture, _FINE)
    scale = fine.shape[1] / grey.shape[1]
    corners = _refined(fine, (found + 0.5) * scale - 0.5)
    if corners is None or not _alone(fine, corners):
        return None
    return (corners + 0.5) * (picture.width / fine.shape[1]) - 0.5


def _grey(picture: Image.Image, side: int) -> NDArray[np.float32]:
    scale = min(1.0, side / max(picture.size))
    size = (max(16, round(picture.width * scale)), max(16, round(picture.height * scale)))
    return np.asarray(picture.convert("L").resize(size, Image.Resampling.BOX)).astype(np.float32)


def _steps(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much lighter the pixels to the right are than those to the left, each pixel's own left out."""
    sums = np.cumsum(np.pad(grey, ((0, 0), (_REACH + 1, _REACH)), mode="edge"), axis=1)
    width = grey.shape[1]
    left = sums[:, _REACH : _REACH + width] - sums[:, :width]
    right = sums[:, 2 * _REACH + 1 :] - sums[:, _REACH + 1 : _REACH + 1 + width]
    return ((right - left) / _REACH).astype(np.float32)


def _lines(steps: NDArray[np.float32]) -> list[tuple[float, float]]:
    """The strongest lines from top to bottom that are light on their right, as x in the first and in the last row."""
    height, width = steps.shape
    ends = np.arange(1, int(width * 0.75), 2)
    tops, bottoms = (each.ravel() for each in np.meshgrid(ends, ends))
    near = np.abs(tops - bottoms) <= _TILT * height
    tops, bottoms = tops[near], bottoms[near]
    rows = np.arange(0, height, 2)
    share = rows / (height - 1)
    at = np.rint(tops[:, None] + (bottoms - tops)[:, None] * share).astype(np.intp)
    clipped = np.clip(steps, 0, _ENOUGH)
    weight = clipped[rows[None, :], at].sum(1)
    kept: list[tuple[float, float]] = []
    for number in np.argsort(-weight):
        if all(max(abs(tops[number] - top), abs(bottoms[number] - bottom)) > _APART for top, bottom in kept):
            kept.append((float(tops[number]), float(bottoms[number])))
            if len(kept) == _KEPT:
                break
    return kept


def _best(grey: NDArray[np.float32]) -> Points | None:
    """The corners, in px of `grey`, of the largest frame of four lines that are edges all along."""
    height, width = grey.shape
    across, down = _steps(grey), _steps(grey.T).T
    left, right = _lines(across), [(width - 1 - a, width - 1 - b) for a, b in _lines(-across[:, ::-1])]
    top = _lines(down.T)
    bottom = [(height - 1 - a, height - 1 - b) for a, b in _lines(-down[::-1].T)]
    quads = np.array([_corners(*four, width, height) for four in product(left, top, right, bottom)])
    quads = quads[_plausible(quads, width, height)]
    if not len(quads):
        return None
    strength, along = _support(quads, across, down)
    worth = np.where(along >= _ALONG, strength * _areas(quads), 0)
    return quads[int(worth.argmax())] if worth.max() > 0 else None


def _corners(
    left: tuple[float, float], top: tuple[float, float], right: tuple[float, float], bottom: tuple[float, float],
    width: int, height: int,
) -> Points:  # fmt: skip
    return np.array([_cross(upright, level, width, height) for upright, level in
                     ((left, top), (right, top), (right, bottom), (left, bottom))])  # fmt: skip


def _cross(upright: tuple[float, float], level: tuple[float, float], width: int, height: int) -> tuple[float, float]:
    """Where a line given by x in the first and last row meets one given by y in the first and last column."""
    lean, slope = (upright[1] - upright[0]) / (height - 1), (level[1] - level[0]) / (width - 1)
    y = (level[0] + slope * upright[0]) / (1 - slope * lean)
    return upright[0] + lean * y, y


def _areas(quads: Points) -> NDArray[np.float64]:
    x, y = quads[..., 0], quads[..., 1]
    return 0.5 * (x * np.roll(y, -1, -1) - np.roll(x, -1, -1) * y).sum(-1)


def _area(corners: Points) -> float:
    return float(_areas(corners))


def _plausible(quads: Points, width: int, height: int) -> NDArray[np.bool_]:
    """Inside the frame, large enough, and no corner sharper than a photograph of a sheet makes it."""
    inside = ((quads > 1) & (quads < np.array([width - 2, height - 2]))).all((1, 2))
    ahead = np.roll(quads, -1, 1) - quads
    ahead = ahead / np.maximum(np.linalg.norm(ahead, axis=2, keepdims=True), 1e-9)
    turns = (ahead * np.roll(ahead, -1, 1)).sum(2)
    return inside & (_areas(quads) > _LEAST_AREA * width * height) & (np.abs(turns) < _SHARPEST).all(1)


def _support(
    quads: Points, across: NDArray[np.float32], down: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each frame: how strong its sides are on the whole, and the share of its weakest side that is an edge."""
    share = np.linspace(0.04, 0.96, 48)
    strengths, along = [], []
    for side, steps in enumerate((down, -across, -down, across)):
        begin, end = quads[:, side], quads[:, (side + 1) % 4]
        points = np.rint(begin[:, None] + (end - begin)[:, None] * share[None, :, None]).astype(np.intp)
        shifts = np.array([[0, 0], [0, 1], [0, -1]]) if side % 2 == 0 else np.array([[0, 0], [1, 0], [-1, 0]])
        found = np.max([steps[points[..., 1] + y, points[..., 0] + x] for x, y in shifts], axis=0)
        strengths.append(np.clip(found, 0, _ENOUGH).mean(1))
        along.append((found > _STEP).mean(1))
    return np.mean(strengths, axis=0), np.min(along, axis=0)


def _refined(grey: NDArray[np.float32], corners: Points) -> Points | None:
    """The same corners to a part of a pixel: each side is the straight line through its own edge; None when it is not straight."""
    lines = [_line(grey, corners[side], corners[(side + 1) % 4]) for side in range(4)]
    if any(line is None for line in lines):
        return None
    fitted = np.array(lines, dtype=np.float64)  # rows: a, b, c of ax + by = c
    before = np.roll(fitted, 1, axis=0)
    if min(abs(np.linalg.det([this[:2], that[:2]])) for this, that in zip(before, fitted, strict=True)) < 1:
        return None
    return np.array([np.linalg.solve([this[:2], that[:2]], [this[2], that[2]]) for this, that in zip(before, fitted, strict=True)])  # fmt: skip


def _line(grey: NDArray[np.float32], begin: Points, end: Points) -> tuple[float, float, float] | None:
    """The straight line of the edge that runs near `begin` to `end`, clockwise around the sheet."""
    way = (end - begin) / np.linalg.norm(end - begin)
    inward = np.array([-way[1], way[0]])
    share = np.linspace(0.03, 0.97, 80)
    reach = max(4, round(0.014 * max(grey.shape)))
    offsets = np.arange(-reach - _REACH, reach + _REACH + 1)
    points = begin + (end - begin) * share[:, None]
    places = np.rint(points[:, None] + inward * offsets[None, :, None]).astype(np.intp)
    height, width = grey.shape
    profile = grey[places[..., 1].clip(0, height - 1), places[..., 0].clip(0, width - 1)]
    steps = _steps(profile)[:, _REACH:-_REACH]
    found = offsets[_REACH:-_REACH][steps.argmax(1)].astype(np.float64)
    good = steps.max(1) > _STEP
    if good.mean() < _ALONG:
        return None
    fit = _trimmed(share[good], found[good])
    if fit is None:
        return None
    first, last = begin + inward * fit[0], end + inward * (fit[0] + fit[1])
    normal = np.array([first[1] - last[1], last[0] - first[0]])
    return float(normal[0]), float(normal[1]), float(normal @ first)


def _trimmed(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float] | None:
    """The line `a + bx` that most points agree upon within `_STRAIGHT` px; None when too few do: the edge is bent."""
    rng = np.random.default_rng(1)
    first, second = rng.integers(0, len(x), (2, 200))
    apart = np.abs(x[first] - x[second]) > np.ptp(x) / 5
    first, second = first[apart], second[apart]
    if not len(first):
        return None
    slope = (y[second] - y[first]) / (x[second] - x[first])
    agree = np.abs(y[first, None] + slope[:, None] * (x - x[first, None]) - y) < _STRAIGHT
    inliers = agree[int(agree.sum(1).argmax())]
    if inliers.mean() < _AGREED:
        return None
    rise, start = np.polyfit(x[inliers], y[inliers], 1)
    return float(start), float(rise)


def _alone(grey: NDArray[np.float32], corners: Points) -> bool:
    """Nothing outside the sheet is as light as it, or printed: then it is the whole of the document."""
    inner, outer = _mask(grey, corners, 0.97), ~_mask(grey, corners, 1.03)
    outer[[0, -1]] = outer[:, [0, -1]] = False
    if outer.sum() < 0.02 * outer.size:
        return True
    paper, table = np.percentile(grey[inner], 70), np.median(grey[outer])
    light = (grey[outer] > paper - 0.35 * (paper - table)).mean()
    half = grey[: len(grey) // 2 * 2, : grey.shape[1] // 2 * 2]
    half = (
        half[::2, ::2] + half[1::2, ::2] + half[::2, 1::2] + half[1::2, 1::2]
    ) / 4  # print stays, the camera's noise goes
    strokes = half[:-2, 1:-1] + half[2:, 1:-1] + half[1:-1, :-2] + half[1:-1, 2:] - 4 * half[1:-1, 1:-1]
    printed = (np.abs(strokes)[outer[2:-2:2, 2:-2:2][: len(strokes), : strokes.shape[1]]] > _STROKE).mean()
    return bool(paper - table > _STEP and light < _STRAY_LIGHT and printed < _STRAY_STROKES)


def _mask(grey: NDArray[np.float32], corners: Points, grown: float) -> NDArray[np.bool_]:
    """The pixels inside the corners, drawn apart from their middle by `grown`."""
    corners = corners.mean(0) + (corners - corners.mean(0)) * grown
    y, x = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]].astype(np.float32)
    inside = np.ones(grey.shape, dtype=bool)
    for begin, end in zip(corners, np.roll(corners, -1, 0), strict=True):
        inside &= (end[0] - begin[0]) * (y - begin[1]) - (end[1] - begin[1]) * (x - begin[0]) >= 0
    return inside


def _projection(width: int, height: int, corners: Points) -> tuple[float, ...]:
    """Pillow's eight coefficients: from the corners of `width` × `height` to those in the photograph."""
    rows, values = [], []
    for (x, y), (u, v) in zip(((0, 0), (width, 0), (width, height), (0, height)), corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return tuple(float(each) for each in np.linalg.solve(np.array(rows), np.array(values)))
