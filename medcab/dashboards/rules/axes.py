"""How far an axis goes: nothing that is drawn on it is cut off, and its marks are round."""

import math
from collections.abc import Iterable
from typing import Any

_WHOLE, _NEAR, _QUARTER = 100, 70, 25
"""A share that comes near to everything is seen against everything."""
_PARTS, _ROOM = 6, 0.04
_FEW_BARS, _SHARE = 3, 0.18


def per_cent(values: Iterable[float | None], *edges: float | None) -> dict[str, Any]:
    """From nothing to a round number of per cent above all values and the edges of their norm; to a hundred when one is near it."""
    top = max((each for each in (*values, *edges) if each is not None), default=0)
    if _NEAR <= top <= _WHOLE:
        return {"range": [0, _WHOLE], "dtick": _QUARTER}
    step = _step(top)
    return {"range": [0, step * max(1, math.ceil(top / step))], "dtick": step}


def around(values: Iterable[float | None]) -> dict[str, Any]:
    """From the lowest to the highest, with some room: what moves little near the top is still seen to move."""
    known = [each for each in values if each is not None]
    if not known:
        return {}
    low, high = min(known), max(known)
    step = _step(high - low)
    bottom, top = math.floor(low / step) * step, math.ceil(high / step) * step
    room = max(top - bottom, step) * _ROOM
    return {"range": [bottom - room, max(top, bottom + step) + room], "dtick": step}


def thin(bars: int) -> dict[str, Any]:
    """A lone bar is no slab: few bars share less of the room."""
    return {"width": bars * _SHARE} if bars <= _FEW_BARS else {}


def _step(length: float) -> float:
    """One, two or five of some power of ten, so that about six of them make the length."""
    rough = max(length, 1) / _PARTS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * each for each in (1, 2, 5, 10) if power * each >= rough * (1 - 1e-9))
