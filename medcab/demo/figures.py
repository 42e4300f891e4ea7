"""The daily figures of everything that was made up, counted all at once.

The rule is that of medcab.schedule.rules; a test recounts them with it, visit by visit.
"""

import numpy as np

from medcab.demo import visits as told
from medcab.demo.receptions import DAY, MOSCOW_MINUTES, Receptions
from medcab.demo.visits import ARRIVED, CANCELLED, DONE, NEVER, NO_SHOW, Visits
from medcab.schedule.rules.figures import ON_TIME_MINUTES, FigureKind

_WAITS = {"wait_0_5": 5, "wait_5_15": 15, "wait_15_30": 30, "wait_30_45": 45, "wait_45": NEVER}
"""Upper bounds, minutes, not included."""
_JOBS = 1000  # more than there are: a day, a job and a kind in one number
KINDS = (FigureKind.ALL, *(FigureKind(kind.value) for kind in told.KINDS))


def of(receptions: Receptions, visits: Visits) -> dict[str, np.ndarray]:
    """Columns: one row for each `job`, `day` (since 1970, Moscow) and `kind` (an index into `KINDS`), with the counts named as in `DayFigures`."""
    whole = _key((visits.starts + MOSCOW_MINUTES) // DAY, visits.job)
    keys = np.concatenate((_key(receptions.day, receptions.job), whole, whole + 1 + visits.kind))
    rows, row = np.unique(keys, return_inverse=True)
    of_reception, of_visits = row[: len(receptions.job)], row[len(receptions.job) :]
    offered = receptions.slots * receptions.minutes
    return {
        "day": rows // len(KINDS) // _JOBS,
        "job": rows // len(KINDS) % _JOBS,
        "kind": rows % len(KINDS),
        "offered_minutes": _summed(of_reception, offered, len(rows)),
        **{
            name: _summed(of_visits, np.tile(counts, 2), len(rows))
            for name, counts in _contributions(visits, whole).items()
        },
    }


def _key(day: np.ndarray, job: np.ndarray) -> np.ndarray:
    return (day * _JOBS + job) * len(KINDS)


def _summed(row: np.ndarray, counts: np.ndarray, length: int) -> np.ndarray:
    return np.bincount(row, weights=counts, minlength=length).astype(np.int64)


def _contributions(visits: Visits, whole: np.ndarray) -> dict[str, np.ndarray]:
    is_cancelled, is_done = visits.status == CANCELLED, visits.status == DONE
    has_waited = (visits.started != NEVER) & np.isin(visits.status, (ARRIVED, DONE))
    waited = np.where(has_waited, np.maximum(0, visits.started - np.maximum(visits.starts, visits.arrived)), -1)
    ahead = np.where(is_cancelled, visits.starts - np.where(is_cancelled, visits.cancelled, 0), DAY)
    is_first = _opens_the_day(visits, whole, has_waited)
    bounds = [0, *_WAITS.values()]
    histogram = {
        name: (waited >= low) & (waited < high) for (name, high), low in zip(_WAITS.items(), bounds, strict=False)
    }
    return {
        "booked_minutes": np.where(is_cancelled, 0, visits.minutes), "attended_minutes": np.where(is_done, visits.minutes, 0),
        "planned": ~is_cancelled, "done": is_done, "no_show": visits.status == NO_SHOW,
        "cancelled": is_cancelled, "late_cancelled": is_cancelled & (ahead < DAY),
        "first_starts": is_first, "on_time_starts": is_first & (visits.started - visits.starts <= ON_TIME_MINUTES),
        "waited": has_waited, "waited_minutes": np.maximum(0, waited), **histogram,
    }  # fmt: skip


def _opens_the_day(visits: Visits, whole: np.ndarray, has_begun: np.ndarray) -> np.ndarray:
    """Of each day the visit that began first; of two at once the one that was to be first, and of those the one that was written first."""
    order = np.lexsort((visits.starts, visits.started, ~has_begun, whole))
    is_first = np.zeros(len(whole), dtype=bool)
    is_first[order[np.unique(whole[order], return_index=True)[1]]] = True
    return is_first & has_begun
