"""The story of every visit: booked, moved, cancelled, waited for, done; told to its end and then cut off at the present moment.

Times are minutes since 1970 in UTC, `NEVER` where a thing did not happen.
"""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from medcab.demo import demand, queues
from medcab.demo.patients import Patient
from medcab.demo.receptions import DAY, MOSCOW_MINUTES, Job, Receptions
from medcab.schedule.rules.visits import AppointmentStatus, VisitKind

NEVER = np.iinfo(np.int64).max
KINDS = (VisitKind.FIRST, VisitKind.REPEAT, VisitKind.PROPHYLACTIC)
STATUSES = (
    AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.DONE, AppointmentStatus.NO_SHOW, AppointmentStatus.CANCELLED,
)  # fmt: skip
BOOKED, ARRIVED, DONE, NO_SHOW, CANCELLED = range(5)
REASONS = (
    "",
    "Пациент отменил запись",
    "Изменились планы пациента",
    "Пациент выздоровел",
    "Записался к другому врачу",
    "Заболел врач",
)
_REASON_WEIGHTS = (0.4, 0.25, 0.15, 0.12, 0.08)
_NEW_CASE_AFTER = 45 * DAY
_PROPHYLACTIC = 0.2
_LATE_SHARE = 0.62
"""Of the cancellations that leave a hole: less than 24 hours ahead."""
_LEFT_HOLE = 0.3
"""Of the slots that stay free, those that somebody had booked."""
_OF_NORM = np.array([1.2, 1.03, 0.95])
_NO_SHOW_WEEKDAY = np.array([1.4, 1.1, 0.85, 0.9, 1.0, 0.95, 0.9])


@dataclass
class Visits:
    """Columns of one length; `job` and `patient` are indices, `kind`, `status` and `reason` of the tuples above."""

    job: np.ndarray
    patient: np.ndarray
    starts: np.ndarray
    minutes: np.ndarray
    kind: np.ndarray
    status: np.ndarray
    booked: np.ndarray
    arrived: np.ndarray
    started: np.ndarray
    finished: np.ndarray
    cancelled: np.ndarray
    reason: np.ndarray

    def where(self, chosen: np.ndarray) -> Self:
        return type(self)(*(getattr(self, each.name)[chosen] for each in fields(self)))

    def joined(self, other: Self) -> Self:
        return type(self)(
            *(np.concatenate((getattr(self, each.name), getattr(other, each.name))) for each in fields(self))
        )


def draw(
    rng: np.random.Generator, receptions: Receptions, jobs: list[Job], patients: list[Patient], now: int
) -> Visits:
    """All visits as they stand at `now`, in the order of doctor and time."""
    slots = demand.slots_of(receptions)
    is_taken = rng.random(len(slots["job"])) < demand.wanted(slots, jobs)
    taken = np.flatnonzero(is_taken)
    living = _booked(rng, slots, taken, jobs, demand.allot(rng, slots, taken, jobs, patients))
    cancelled = _cancelled_before(rng, living, jobs, patients).joined(
        _cancelled_holes(rng, slots, ~is_taken, jobs, patients)
    )
    came = _come(rng, living, jobs)
    living.status = np.where(came, DONE, NO_SHOW)
    moments = queues.serve(
        rng, living.starts, _lengths(rng, living, jobs), came, slots["reception"][taken], slots["place"][taken]
    )
    living.arrived, living.started, living.finished = (np.where(came, moment, NEVER) for moment in moments)
    visits = _once_a_day(_as_of(living.joined(cancelled), now))
    return visits.where(np.lexsort((visits.booked, visits.starts, visits.job)))


def _blank(slots: dict[str, np.ndarray], chosen: np.ndarray, patient: np.ndarray) -> Visits:
    never, zero = np.full(len(chosen), NEVER), np.zeros(len(chosen), dtype=np.int64)
    return Visits(
        slots["job"][chosen], patient, slots["starts"][chosen], slots["minutes"][chosen], zero, zero.copy(),
        never, never.copy(), never.copy(), never.copy(), never.copy(), zero.copy(),
    )  # fmt: skip


def _booked(
    rng: np.random.Generator, slots: dict[str, np.ndarray], taken: np.ndarray, jobs: list[Job], patient: np.ndarray
) -> Visits:
    """The visits that keep their slots, with their kinds and the moments they were booked at."""
    made = _blank(slots, taken, patient)
    made.kind = _kinds(rng, made, jobs)
    lead = np.array([job.specialty.lead_days for job in jobs])[made.job] * np.where(made.kind == 1, 1.3, 1.0)
    made.booked = made.starts - _minutes_ahead(rng, lead)
    return made


def _minutes_ahead(rng: np.random.Generator, days: np.ndarray) -> np.ndarray:
    """How long before the visit somebody books: at least a quarter of an hour."""
    return (rng.exponential(size=len(days)) * days * DAY).astype(np.int64) + 15


def _kinds(rng: np.random.Generator, visits: Visits, jobs: list[Job]) -> np.ndarray:
    """A visit repeats the one before it to the same doctor, unless that was long ago; some first ones are check-ups."""
    order = np.lexsort((visits.starts, visits.job, visits.patient))
    same = (np.diff(visits.job[order]) == 0) & (np.diff(visits.patient[order]) == 0)
    soon = np.diff(visits.starts[order]) < _NEW_CASE_AFTER
    kinds = np.zeros(len(order), dtype=np.int64)
    kinds[order[1:][same & soon]] = 1
    does_checkups = np.array([job.specialty.okpd2 == "86.21.10" or job.specialty.women_only for job in jobs])[
        visits.job
    ]
    checkup = (kinds == 0) & does_checkups & (rng.random(len(kinds)) < _PROPHYLACTIC)
    return np.where(checkup, 2, kinds)


def _cancelled_before(rng: np.random.Generator, living: Visits, jobs: list[Job], patients: list[Patient]) -> Visits:
    """Bookings that were cancelled early enough for another patient to take the slot."""
    share = np.array([job.cancels for job in jobs])[living.job] * 0.8
    made = living.where((rng.random(len(share)) < share) & (living.starts - living.booked < 6 * DAY))
    made.cancelled = made.booked - rng.integers(5, 2 * DAY, len(made.booked))
    return _finish_cancelled(rng, made, jobs, patients)


def _cancelled_holes(
    rng: np.random.Generator,
    slots: dict[str, np.ndarray],
    is_free: np.ndarray,
    jobs: list[Job],
    patients: list[Patient],
) -> Visits:
    """Bookings that were cancelled, mostly at the last moment, and left the slot free."""
    chosen = np.flatnonzero(is_free & (rng.random(len(is_free)) < _LEFT_HOLE))
    made = _blank(slots, chosen, np.zeros(len(chosen), dtype=np.int64))
    is_late = rng.random(len(chosen)) < _LATE_SHARE
    ahead = np.where(is_late, rng.integers(20, DAY, len(chosen)), rng.integers(DAY, 5 * DAY, len(chosen)))
    made.cancelled = made.starts - ahead
    return _finish_cancelled(rng, made, jobs, patients)


def _finish_cancelled(rng: np.random.Generator, made: Visits, jobs: list[Job], patients: list[Patient]) -> Visits:
    count = len(made.starts)
    lead = np.array([job.specialty.lead_days for job in jobs])[made.job]
    made.booked = made.cancelled - _minutes_ahead(rng, lead)
    made.status = np.full(count, CANCELLED)
    made.reason = rng.choice(np.arange(1, len(REASONS)), size=count, p=_REASON_WEIGHTS)
    made.kind = (rng.random(count) < 0.4).astype(np.int64)
    made.patient = _anybody(rng, made.job, jobs, patients)
    return made


def _anybody(rng: np.random.Generator, job: np.ndarray, jobs: list[Job], patients: list[Patient]) -> np.ndarray:
    """A patient of the right clinic and sex for each."""
    chosen = np.empty(len(job), dtype=np.int64)
    for number, each in enumerate(jobs):
        where = np.flatnonzero(job == number)
        fit = [
            i for i, patient in enumerate(patients)
            if patient.clinic == each.clinic and (patient.name.sex == "F" or not each.specialty.women_only)
        ]  # fmt: skip
        chosen[where] = rng.choice(np.array(fit), size=len(where))
    return chosen


def _come(rng: np.random.Generator, visits: Visits, jobs: list[Job]) -> np.ndarray:
    """Who keeps the appointment. No-shows: more on Mondays and early mornings, and among first visits that were booked long ago."""
    share = np.array([job.no_show for job in jobs])[visits.job]
    day = (visits.starts + MOSCOW_MINUTES) // DAY
    early = np.where(demand.hour_of(visits.starts) < 9, 1.35, 1.0)
    ahead = visits.starts - visits.booked
    forgotten = np.where((visits.kind == 0) & (ahead > 10 * DAY), 1.6, np.where(ahead < DAY, 0.7, 1.0))
    return rng.random(len(share)) >= share * early * forgotten * _NO_SHOW_WEEKDAY[demand.weekday_of(day)]


def _lengths(rng: np.random.Generator, visits: Visits, jobs: list[Job]) -> np.ndarray:
    """Minutes with the doctor: repeat visits and check-ups take less, as the norms say."""
    tempo = np.array([job.tempo for job in jobs])[visits.job]
    drawn = visits.minutes * tempo * _OF_NORM[visits.kind] * rng.lognormal(0.0, 0.28, len(tempo))
    return np.maximum(4, drawn.astype(np.int64))


def _as_of(visits: Visits, now: int) -> Visits:
    """What is known at `now`: nothing that happens later has happened."""
    visits = visits.where(visits.booked <= now)
    for moment in ("arrived", "started", "finished", "cancelled"):
        column = getattr(visits, moment)
        setattr(visits, moment, np.where(column <= now, column, NEVER))
    is_missed = (visits.status == NO_SHOW) & (visits.starts + visits.minutes <= now)
    visits.status = np.select(
        [visits.cancelled != NEVER, is_missed, visits.finished != NEVER, visits.arrived != NEVER],
        [CANCELLED, NO_SHOW, DONE, ARRIVED],
        BOOKED,
    )
    visits.reason = np.where(visits.status == CANCELLED, visits.reason, 0)
    return visits


def _once_a_day(visits: Visits) -> Visits:
    """A booking that is still to be cancelled lives at `now`: forget it where its patient comes on that day already."""
    day = (visits.starts + MOSCOW_MINUTES) // DAY
    of_patient = visits.patient * 10**6 + day
    _, first = np.unique(of_patient[visits.status != CANCELLED], return_index=True)
    is_kept = visits.status == CANCELLED
    is_kept[np.flatnonzero(~is_kept)[first]] = True
    return visits.where(is_kept)
