"""When doctors see patients: shifts, lunch, Saturdays, duty, leave and illness.

Times are minutes since 1970 in UTC; the clinics live by Moscow time, which is three hours ahead all year (there is no summer time).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from medcab.demo.clinic import WARDS, Specialty
from medcab.demo.staff import EXPIRED_DAYS_AGO, ON_DUTY_TODAY, Post, Story, Worker
from medcab.holidays import DayKind, kind_of

MOSCOW_MINUTES = 180
DAY = 24 * 60
EPOCH = date(1970, 1, 1)
MORNING = ((8 * 60, 12 * 60), (12 * 60 + 30, 15 * 60 + 30))
EVENING = ((12 * 60 + 30, 16 * 60), (16 * 60 + 30, 20 * 60))
_SATURDAY = ((9 * 60, 14 * 60),)
_DUTY = ((9 * 60, 13 * 60),)
_SHOWN = ((9 * 60, 13 * 60), (14 * 60, 18 * 60))
_EVERY_NTH_SATURDAY = 3
_SICK_A_YEAR = 1.2


@dataclass(frozen=True)
class Job:
    """One doctor's receptions in one ward, and the doctor's ways: `fill` is the usual share of slots taken, `tempo` the length of a visit
    in slots, `no_show` and `cancels` are shares of those booked."""

    doctor_id: UUID
    login: str
    clinic: str
    ward: str
    specialty: Specialty
    post: Post
    room: str
    fill: float
    tempo: float
    no_show: float
    cancels: float
    expired: bool = False
    """Their right to practise has ended: no receptions since."""


@dataclass(frozen=True)
class Receptions:
    """Columns of one length. `job` is an index into the list of jobs, `day` counts from 1970 in Moscow."""

    job: np.ndarray
    day: np.ndarray
    starts: np.ndarray
    slots: np.ndarray
    minutes: np.ndarray

    @property
    def ends(self) -> np.ndarray:
        return self.starts + self.slots * self.minutes


def jobs(rng: np.random.Generator, workers: tuple[Worker, ...]) -> list[Job]:
    """Every doctor's places of reception, in the order of the wards."""
    made = []
    for worker in workers:
        ways = {
            "fill": rng.uniform(0.76, 0.95), "tempo": rng.normal(0.95, 0.05), "no_show": rng.uniform(0.055, 0.095),
            "cancels": rng.uniform(0.05, 0.1), "expired": worker.story is Story.EXPIRED,
        }  # fmt: skip
        for post in worker.posts:
            if post.weekdays:
                room = f"{WARDS[post.ward].floor}{len(made) % 24 + 1:02}"
                made.append(Job(worker.id, worker.login, post.clinic, post.ward, worker.training, post, room, **ways))
    order = list(WARDS)
    return sorted(made, key=lambda job: (order.index(job.ward), job.specialty.title, job.login))


def draw(rng: np.random.Generator, places: list[Job], first: date, last: date, today: date) -> Receptions:
    """Every reception from `first` to `last`, both included; on `today` the demo's own people are there whatever happens."""
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    kinds = [kind_of(day) for day in days]
    rows: list[tuple[int, int, int, int, int]] = []
    for number, job in enumerate(places):
        away = _absences(rng, days)
        for place, day in enumerate(days):
            is_shown = day == today and job.login in ON_DUTY_TODAY
            has_lost_right = job.expired and day > today - timedelta(EXPIRED_DAYS_AGO)
            if has_lost_right or (day in away and not is_shown):
                continue
            rows += _blocks(number, job, day, _hours(job, number, day, kinds[place], is_shown=is_shown))
    columns = np.array(rows, dtype=np.int64).T
    return Receptions(*columns)


def _hours(job: Job, number: int, day: date, kind: DayKind, *, is_shown: bool) -> tuple[tuple[int, int], ...]:
    """The hours of reception, minutes of the Moscow day."""
    week = day.toordinal() // 7
    if kind is DayKind.WORKING and (day.weekday() in job.post.weekdays):
        shift = EVENING if (day.weekday() + number + week) % 2 else MORNING
        return shift[:1] if job.post.half_day else shift
    is_main_place = 0 in job.post.weekdays
    if kind is DayKind.SATURDAY and is_main_place and not is_shown and (number + week) % _EVERY_NTH_SATURDAY == 0:
        return _SATURDAY
    if is_shown and is_main_place and kind is not DayKind.WORKING:
        return _SHOWN
    on_duty = kind is DayKind.DUTY and job.specialty.flu == 1.0 and day.toordinal() % 9 == number % 9
    return _DUTY if on_duty else ()


def _blocks(
    number: int, job: Job, day: date, hours: tuple[tuple[int, int], ...]
) -> list[tuple[int, int, int, int, int]]:
    """A reception ends with its last whole slot, so that what is offered is what can be booked."""
    length, midnight = job.specialty.minutes, (day - EPOCH).days * DAY - MOSCOW_MINUTES
    return [(number, (day - EPOCH).days, midnight + start, (end - start) // length, length) for start, end in hours]


def _absences(rng: np.random.Generator, days: list[date]) -> set[date]:
    """Two weeks of leave in the warm half of each year, two at another time, and an illness now and then, mostly in winter."""
    away: set[date] = set()
    for year in range(days[0].year, days[-1].year + 1):
        summer = date(year, 6, 1) + timedelta(days=int(rng.integers(0, 92)))
        other = date(year, 1, 12) + timedelta(days=int(rng.integers(0, 340)))
        for start in (summer, other):
            away |= {start + timedelta(number) for number in range(14)}
        for _ in range(rng.poisson(_SICK_A_YEAR)):
            ill = date(year, 1, 12) + timedelta(days=int(rng.triangular(-75, 0, 75)) % 365)
            away |= {ill + timedelta(number) for number in range(int(rng.integers(4, 11)))}
    return away
