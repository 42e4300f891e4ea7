"""How long a visit lasts by the norms of the ministry; recommended, so a clinic may choose otherwise (reference/domain.md 3.6)."""

from collections.abc import Mapping

from medcab.norms import VISIT_MINUTES
from medcab.schedule.rules.visits import VisitKind

USUAL = 15
_SHARES = {VisitKind.FIRST: 100, VisitKind.REPEAT: 75, VisitKind.PROPHYLACTIC: 65}
"""Percent of a first visit: the middle of what the orders allow (70–80, 60–70)."""


def minutes_of(specialty: str, kind: VisitKind = VisitKind.FIRST, first: Mapping[str, int] = VISIT_MINUTES) -> int:
    """Whole minutes for one patient; a specialty without a norm has the usual ones. `first`: the norms of a day."""
    return round(first.get(specialty, USUAL) * _SHARES[kind] / 100)


def known_minutes() -> list[int]:
    """Every length that a norm gives, and those of five by five up to an hour and a half."""
    by_norm = {minutes_of(specialty, kind) for specialty in VISIT_MINUTES for kind in VisitKind}
    return sorted(by_norm | set(range(5, 95, 5)))
