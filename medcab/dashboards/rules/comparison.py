"""A figure against the same figure of the equal span before."""

from dataclasses import dataclass

from medcab.dashboards.rules.kpi import Better, Kpi, Measure, Norm, Unit

LEAST = {Unit.SHARE: 0.005, Unit.MINUTES: 1.0, Unit.COUNT: 0.02}
"""A smaller difference is no difference: half a percentage point, a minute, two per cent of a count."""


@dataclass(frozen=True, slots=True)
class Change:
    """`difference` is a share of one (percentage points), minutes, or, of a count, the relative change.

    `is_better` is None when neither way is good or the difference is too small to mean anything.
    """

    difference: float
    is_notable: bool
    is_better: bool | None


def change(kpi: Kpi, now: Measure, before: Measure) -> Change | None:
    """None when the two cannot be compared: no data or too few cases on either side, or a bound instead of a value."""
    if now.value is None or before.value is None or now.or_more or before.or_more:
        return None
    if not (now.is_reliable and before.is_reliable):
        return None
    difference = now.value - before.value
    if kpi.unit is Unit.COUNT:
        if not before.value:
            return None  # growth from nothing is endless
        difference /= before.value
    return _judged(kpi, difference, now.value, before.value)


def _judged(kpi: Kpi, difference: float, now: float, before: float) -> Change:
    is_notable = abs(difference) >= LEAST[kpi.unit]
    return Change(difference, is_notable, _is_better(kpi, now, before) if is_notable else None)


def _is_better(kpi: Kpi, now: float, before: float) -> bool | None:
    match kpi.better:
        case Better.HIGHER:
            return now > before
        case Better.LOWER:
            return now < before
        case Better.INSIDE if kpi.norm is not None:
            closer = _distance(kpi.norm, before) - _distance(kpi.norm, now)
            return closer > 0 if closer else None
        case _:
            return None


def _distance(norm: Norm, value: float) -> float:
    return max((norm.low or value) - value, value - (norm.high or value), 0.0)
