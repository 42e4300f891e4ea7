"""How a day in the corridor goes: patients come a little early or late, the doctor falls behind, the queue builds up."""

import numpy as np

_DOCTOR_IS_LATE = 5.0
_LATE_COMERS = 0.07


def serve(
    rng: np.random.Generator,
    starts: np.ndarray,
    lengths: np.ndarray,
    came: np.ndarray,
    reception: np.ndarray,
    place: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """When each visit's patient arrived, was called in and left (minutes; meaningless where `came` is false).

    `reception` numbers the queue a visit stands in and `place` its slot there; all queues advance together, slot by slot.
    """
    arrived = _arrivals(rng, starts)
    started, finished = starts.copy(), starts.copy()
    free_from = np.zeros(reception.max() + 1, dtype=np.int64)
    free_from[reception[::-1]] = starts[::-1]  # the first visit of each queue
    free_from += rng.exponential(_DOCTOR_IS_LATE, len(free_from)).astype(np.int64)
    by_place = np.argsort(place, kind="stable")
    for step in np.split(by_place, np.flatnonzero(np.diff(place[by_place])) + 1):
        now = step[came[step]]
        queue = reception[now]
        started[now] = np.maximum(np.maximum(arrived[now], free_from[queue]), starts[now])
        finished[now] = free_from[queue] = started[now] + lengths[now]
    return arrived, started, finished


def _arrivals(rng: np.random.Generator, starts: np.ndarray) -> np.ndarray:
    """About ten minutes ahead of time; some are late."""
    is_late = rng.random(len(starts)) < _LATE_COMERS
    shift = np.where(is_late, rng.integers(2, 18, len(starts)), -rng.gamma(3.0, 3.5, len(starts)))
    return starts + shift.astype(np.int64)
