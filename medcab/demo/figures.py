"""The daily figures of everything that was made up, counted all at once.

The rule is that of medcab.schedule.rules; a test recounts them with it, visit by visit.
"""

import numpy as np

from medcab.demo.receptions import DAY, MOSCOW_MINUTES, Receptions
from medcab.demo.visits import ARRIVED, CANCELLED, DONE, NEVER, NO_SHOW, Visits

_WAITS = {"wait_0_5": 5, "wait_5_15": 15, "wait_15_30": 30, "wait_30_45": 45, "wait_45": NEVER}
"""Upper bounds, minutes, not included."""
_JOBS = 1000  # more than there are: a day and a job in one number


def of(receptions: Receptions, visits: Visits) -> dict[str, np.ndarray]:
    """Columns: one row for each `job` and `day` (since 1970, Moscow) with the counts named as in `DayFigures`."""
    day = (visits.starts + MOSCOW_MINUTES) // DAY
    keys = np.concatenate((receptions.day * _JOBS + receptions.job, day * _JOBS + visits.job))
    rows, row = np.unique(keys, return_inverse=True)
    of_reception, of_visit = row[: len(receptions.job)], row[len(receptions.job) :]
    offered = receptions.slots * receptions.minutes
    return {
        "day": rows // _JOBS,
        "job": rows % _JOBS,
        "offered_minutes": _summed(of_reception, offered, len(rows)),
        **{name: _summed(of_visit, counts, len(rows)) for name, counts in _contributions(visits).items()},
    }


def _summed(row: np.ndarray, counts: np.ndarray, length: int) -> np.ndarray:
    return np.bincount(row, weights=counts, minlength=length).astype(np.int64)


def _contributions(visits: Visits) -> dict[str, np.ndarray]:
    is_cancelled = visits.status == CANCELLED
    has_waited = (visits.started != NEVER) & np.isin(visits.status, (ARRIVED, DONE))
    waited = np.where(has_waited, np.maximum(0, visits.started - np.maximum(visits.starts, visits.arrived)), -1)
    ahead = np.where(is_cancelled, visits.starts - np.where(is_cancelled, visits.cancelled, 0), DAY)
    bounds = [0, *_WAITS.values()]
    histogram = {
        name: (waited >= low) & (waited < high) for (name, high), low in zip(_WAITS.items(), bounds, strict=False)
    }
    return {
        "booked_minutes": np.where(is_cancelled, 0, visits.minutes), "planned": ~is_cancelled, "done": visits.status == DONE,
        "no_show": visits.status == NO_SHOW, "cancelled": is_cancelled, "late_cancelled": is_cancelled & (ahead < DAY),
        "waited": has_waited, "waited_minutes": np.maximum(0, waited), **histogram,
    }  # fmt: skip
