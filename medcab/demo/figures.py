"""The daily figures of everything that was made up, counted all at once.

The rule is that of medcab.schedule.rules; a test recounts them with it, visit by visit.
"""

from typing import Any

import numpy as np
import pandas as pd

from medcab.demo.receptions import DAY, MOSCOW_MINUTES, Job, Receptions
from medcab.demo.visits import ARRIVED, CANCELLED, DONE, NEVER, NO_SHOW, Visits

_WAITS = {"wait_0_5": 5, "wait_5_15": 15, "wait_15_30": 30, "wait_30_45": 45, "wait_45": NEVER}
"""Upper bounds, minutes, not included."""


def of(receptions: Receptions, visits: Visits, jobs: list[Job]) -> pd.DataFrame:
    """One row for each `job` and `day` (since 1970, Moscow) with the counts named as in `DayFigures`."""
    offered = pd.DataFrame({"job": receptions.job, "day": receptions.day, "offered_minutes": receptions.slots * receptions.minutes})
    parts = pd.concat([offered, pd.DataFrame(_contributions(visits))]).fillna(0)
    return parts.groupby(["day", "job"], as_index=False).sum().astype(np.int64)


def _contributions(visits: Visits) -> dict[str, Any]:
    is_cancelled = visits.status == CANCELLED
    has_waited = (visits.started != NEVER) & np.isin(visits.status, (ARRIVED, DONE))
    waited = np.where(has_waited, np.maximum(0, visits.started - np.maximum(visits.starts, visits.arrived)), -1)
    ahead = np.where(is_cancelled, visits.starts - np.where(is_cancelled, visits.cancelled, 0), DAY)
    bounds = [0, *_WAITS.values()]
    histogram = {name: (waited >= low) & (waited < high) for (name, high), low in zip(_WAITS.items(), bounds, strict=False)}
    return {
        "job": visits.job, "day": (visits.starts + MOSCOW_MINUTES) // DAY,
        "booked_minutes": np.where(is_cancelled, 0, visits.minutes), "planned": ~is_cancelled, "done": visits.status == DONE,
        "no_show": visits.status == NO_SHOW, "cancelled": is_cancelled, "late_cancelled": is_cancelled & (ahead < DAY),
        "waited": has_waited, "waited_minutes": np.maximum(0, waited), **histogram,
    }  # fmt: skip
