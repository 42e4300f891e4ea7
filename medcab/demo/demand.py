"""How much the clinic is wanted: by season, weekday and doctor; and which patient takes which slot."""

from datetime import timedelta

import numpy as np

from medcab.demo.clinic import CLINICS
from medcab.demo.patients import Patient
from medcab.demo.receptions import DAY, EPOCH, MOSCOW_MINUTES, Job, Receptions

_SEASON = np.array([1.05, 1.10, 1.04, 1.0, 0.95, 0.92, 0.88, 0.82, 0.97, 1.04, 1.07, 1.05])
"""January … December: influenza at the end of winter, the country house in August."""
_WEEKDAY = np.array([1.07, 1.05, 1.0, 0.97, 0.93, 0.9, 0.65])
_FULLEST = 0.985


def slots_of(receptions: Receptions) -> dict[str, np.ndarray]:
    """Every slot: `reception`, `job`, `day`, `place` (within the reception), `starts`, `minutes`."""
    reception = np.repeat(np.arange(len(receptions.job)), receptions.slots)
    before = np.cumsum(receptions.slots) - receptions.slots
    place = np.arange(len(reception)) - before[reception]
    minutes = receptions.minutes[reception]
    return {
        "reception": reception, "job": receptions.job[reception], "day": receptions.day[reception], "place": place,
        "starts": receptions.starts[reception] + place * minutes, "minutes": minutes,
    }  # fmt: skip


def weekday_of(day: np.ndarray) -> np.ndarray:
    """Monday is 0; 1970-01-01 was a Thursday."""
    return (day + 3) % 7


def hour_of(minute: np.ndarray) -> np.ndarray:
    """The Moscow hour of a minute of UTC."""
    return (minute + MOSCOW_MINUTES) % DAY // 60


def wanted(slots: dict[str, np.ndarray], jobs: list[Job]) -> np.ndarray:
    """The probability that each slot is taken in the end."""
    first, last = int(slots["day"].min()), int(slots["day"].max())
    months = np.array([(EPOCH + timedelta(day)).month - 1 for day in range(first, last + 1)])
    season = _SEASON[months[slots["day"] - first]]
    flu = np.array([job.specialty.flu for job in jobs])[slots["job"]]
    fill = np.array([job.fill for job in jobs])[slots["job"]]
    seasonal = 1 + (season - 1) * (0.45 + 0.55 * flu)
    return np.minimum(_FULLEST, fill * seasonal * _WEEKDAY[weekday_of(slots["day"])])


def allot(
    rng: np.random.Generator, slots: dict[str, np.ndarray], taken: np.ndarray, jobs: list[Job], patients: list[Patient]
) -> np.ndarray:
    """For each taken slot (indices) the index of its patient.

    Nobody comes twice to a clinic on one day. Patients return to the same few doctors: they and the doctors are laid along a line, and
    on each day the patients who come are matched with the slots in the order of both.
    """
    chosen = np.empty(len(taken), dtype=np.int64)
    for clinic in CLINICS:
        public = np.array([i for i, patient in enumerate(patients) if patient.clinic == clinic])
        is_clinic = np.array([job.clinic == clinic for job in jobs])[slots["job"][taken]]
        where = np.flatnonzero(is_clinic)
        where = where[np.argsort(slots["day"][taken][where], kind="stable")]
        borders = np.flatnonzero(np.diff(slots["day"][taken][where])) + 1
        crowd = _Crowd(rng, [patients[i] for i in public])
        for day_slots in np.split(where, borders):
            chosen[day_slots] = public[crowd.come(slots["job"][taken][day_slots], jobs)]
    return chosen


class _Crowd:
    """The public of one clinic. Each has three spots on the line of doctors."""

    def __init__(self, rng: np.random.Generator, patients: list[Patient]) -> None:
        self._rng = rng
        self._eagerness = np.array([patient.eagerness for patient in patients])
        self._is_woman = np.array([patient.name.sex == "F" for patient in patients])
        self._spots = rng.random((len(patients), 3))

    def come(self, slot_jobs: np.ndarray, jobs: list[Job]) -> np.ndarray:
        """A different patient for each slot, women only where only women are seen. Raises ValueError when there are fewer patients than slots."""
        rng = self._rng
        haste = rng.exponential(size=len(self._eagerness)) / self._eagerness
        for_women = np.array([job.specialty.women_only for job in jobs])[slot_jobs]
        came = np.empty(len(slot_jobs), dtype=np.int64)
        women = np.flatnonzero(self._is_woman)
        first = women[_smallest(haste[women], int(for_women.sum()))]
        came[for_women] = first
        haste[first] = np.inf
        others = _smallest(haste, int((~for_women).sum()))
        spot = self._spots[others, rng.integers(0, 3, len(others))] + rng.normal(0, 0.01, len(others))
        places = np.flatnonzero(~for_women)
        in_order = np.lexsort((rng.random(len(places)), slot_jobs[places]))
        came[places[in_order]] = others[np.argsort(spot)]
        return came


def _smallest(keys: np.ndarray, count: int) -> np.ndarray:
    if count > len(keys):
        raise ValueError(f"{count} visits on one day, but only {len(keys)} patients")
    return np.argpartition(keys, count - 1)[:count] if count else np.empty(0, dtype=np.int64)
