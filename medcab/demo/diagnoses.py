"""What doctors found at the visits: the winter brings colds and influenza, and one ward has more of them now than in three years.

Draws come from a generator of their own: the rest of the clinic stays as it was. Weeks of the years before are made of this year's, a little more or less.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from medcab import clock
from medcab.dashboards.epidemiology.models import EpidemicAlert, WeekWatched
from medcab.dashboards.epidemiology.rules.weeks import Known, by_class, finished
from medcab.demo import loader
from medcab.demo.clinic import CLINICS, WARDS
from medcab.demo.patients import Patient
from medcab.demo.receptions import DAY, EPOCH, MOSCOW_MINUTES, Job
from medcab.demo.visits import DONE, NEVER, Visits
from medcab.schedule.diagnoses.rules.ages import AgeGroup, group_of
from medcab.schedule.diagnoses.rules.classes import class_of
from medcab.schedule.diagnoses.rules.entry import Course, DiagnosisKind

WARD = "терапия"
"""Where the outbreak is."""
_WRITTEN = 0.94
_OUTBREAK = 0.45
"""Of the ward's first visits since the Monday of the last finished week, those that are colds beside the usual ones."""
_PAST_YEARS = 4
_PEAK = 35
"""The day of the year on which influenza is at its height."""
_COLDS = ("J06.9", "J00", "J02.9", "J03.9", "J04.0", "J01.9", "J20.9", "J18.9")
_COLD_WEIGHTS = (0.5, 0.12, 0.1, 0.07, 0.05, 0.06, 0.07, 0.03)
_FLU = "J11.1"
_BESIDE = ("I10", "E11.9", "E66.0", "K29.5", "M54.5", "E78.0")
_BY_SPECIALTY: dict[str, str] = {
    "Терапия": "I10 K29.5 M54.5 E11.9 A09 N30.0 D50.9 I25.1 K21.0 J42 L50.9 B02.9 K81.1 M17.9 B37.0 R51 I67.8",
    "Общая врачебная практика (семейная медицина)": "I10 K29.3 M54.4 A09 N39.0 E11.9 D50.9 H10.3 L30.9 B01.9 B34.9 F41.9 J45.0 K58.9 S60.2",
    "Неврология": "M54.2 M54.5 G43.0 G54.4 I67.8 G47.0 M51.1 R51",
    "Кардиология": "I10 I25.1 I20.8 I48.9 I50.0 I11.9 E78.0 I83.9",
    "Эндокринология": "E11.9 E10.9 E03.9 E04.1 E66.0 E04.2",
    "Пульмонология": "J45.0 J44.8 J42 J47 J30.1 A16.2",
    "Хирургия": "M75.1 S93.4 K80.2 I83.9 L02.4 M17.1 S60.2 A46",
    "Оториноларингология": "H66.0 H61.2 J32.0 J35.0 J31.0 H65.0 J30.1",
    "Офтальмология": "H52.1 H10.1 H25.0 H40.1 H52.4 H04.1",
    "Акушерство и гинекология": "N76.0 N92.0 N30.0 B37.3 D25.9 N95.1 O23.4",
}
"""From the most frequent to the rarest."""
_ACUTE_CODES = (
    "A09 N30.0 N39.0 H10.3 H10.1 B01.9 B34.9 B02.9 S60.2 S93.4 H66.0 H65.0 H61.2 A46 L02.4 L50.9 R51 N76.0 B37.3 B37.0"
)
_ACUTE = frozenset(_ACUTE_CODES.split())
_CHRONIC = (Course.FIRST, Course.THIS_YEAR, Course.KNOWN)
_CHRONIC_WEIGHTS = (0.22, 0.38, 0.4)


@dataclass
class _Found:
    """Columns of one length; `visit` is an index. `usual`: the code, had there been no outbreak."""

    visit: np.ndarray
    code: np.ndarray
    usual: np.ndarray
    course: np.ndarray

    def outbreak(self) -> "tuple[_Found, _Found]":
        """What the outbreak has made of visits, and what they would have been."""
        is_more = np.array([one != other for one, other in zip(self.code, self.usual, strict=True)], dtype=bool)
        visit, usual, course = self.visit[is_more], self.usual[is_more], self.course[is_more]
        is_acute = np.array([each in _ACUTE for each in usual], dtype=bool)
        before = np.where(is_acute, course, Course.KNOWN)
        return _Found(visit, self.code[is_more], usual, course), _Found(visit, usual, usual, before)


def load(
    connection: sa.Connection, seed: int, jobs: list[Job], visits: Visits, patients: list[Patient], ids: list[str], today: date
) -> None:  # fmt: skip
    """Diagnoses, their weekly counts, the weeks of earlier years, and the alert that was told on Monday."""
    rng = np.random.default_rng((seed, 29))
    main = _drawn(rng, jobs, visits, today)
    beside = _beside(rng, visits, patients, main)
    days = (visits.starts + MOSCOW_MINUTES) // DAY
    dates = {day: EPOCH + timedelta(day) for day in np.unique(days).tolist()}
    ages = _ages(patients, visits, days, dates)
    _pour(connection, rng, jobs, visits, ids, ages, [(main, DiagnosisKind.MAIN), (beside, DiagnosisKind.SECONDARY)])
    wards = [jobs[job].ward for job in visits.job.tolist()]
    places = {day: (at - timedelta(at.weekday()), at.replace(day=1)) for day, at in dates.items()}
    at = [places[day] for day in days.tolist()]
    counts = _counted([main, beside], wards, at, ages)
    _load_weeks(connection, counts)
    weeks = _by_week(counts)
    more, instead = (_by_week(_counted([found], wards, at, ages)) for found in main.outbreak())
    baseline = Counter({key: weeks[key] - more[key] + instead[key] for key in {*weeks, *instead}})
    past = _past(rng, baseline, today)
    _load_past(connection, past)
    _load_alert(connection, weeks, past, today)


def _season(days: np.ndarray) -> np.ndarray:
    """0 in summer, 1 at the height of winter."""
    of_year = (EPOCH.timetuple().tm_yday + days) % 365.25
    return np.maximum(0.0, np.cos(2 * np.pi * (of_year - _PEAK) / 365.25)) ** 1.5


def _drawn(rng: np.random.Generator, jobs: list[Job], visits: Visits, today: date) -> _Found:
    """The main diagnosis of nearly every visit that took place and was no check-up."""
    chosen = np.flatnonzero((visits.status == DONE) & (visits.kind != 2) & (rng.random(len(visits.job)) < _WRITTEN))
    usual = np.empty(len(chosen), dtype=object)
    title = np.array([job.specialty.title for job in jobs], dtype=object)[visits.job[chosen]]
    for name, listed in _BY_SPECIALTY.items():
        codes = listed.split()
        weights = 1 / np.arange(1.5, len(codes) + 1.5)
        here = np.flatnonzero(title == name)
        usual[here] = rng.choice(np.array(codes, dtype=object), size=len(here), p=weights / weights.sum())
    days = (visits.starts[chosen] + MOSCOW_MINUTES) // DAY
    season, flu = _season(days), np.array([job.specialty.flu for job in jobs])[visits.job[chosen]]
    is_cold = (rng.random(len(chosen)) < flu * (0.12 + 0.4 * season)) & (flu > 0.5)
    colds = np.where(
        rng.random(len(chosen)) < 0.45 * season**2, _FLU, rng.choice(np.array(_COLDS, dtype=object), size=len(chosen), p=_COLD_WEIGHTS)
    )  # fmt: skip
    usual = np.where(is_cold, colds, usual)
    ward = np.array([job.ward for job in jobs], dtype=object)[visits.job[chosen]]
    since = (finished(today) - EPOCH).days
    is_more = (ward == WARD) & (days >= since) & (rng.random(len(chosen)) < _OUTBREAK)
    code = np.where(is_more, colds, usual)
    return _Found(chosen, code, usual, _courses(rng, code, visits.kind[chosen] == 1))


def _courses(rng: np.random.Generator, code: np.ndarray, is_repeat: np.ndarray) -> np.ndarray:
    """An acute illness is a first one each time, unless the visit is about the same again."""
    acute = np.array([each in _ACUTE or each in _COLDS or each == _FLU for each in code])
    drawn = rng.choice(np.array(_CHRONIC, dtype=object), size=len(code), p=_CHRONIC_WEIGHTS)
    return np.where(is_repeat, Course.KNOWN, np.where(acute, Course.FIRST, drawn))


def _beside(rng: np.random.Generator, visits: Visits, patients: list[Patient], main: _Found) -> _Found:
    """What the old have besides; never the same once more."""
    born = np.array([patient.born.year for patient in patients])[visits.patient[main.visit]]
    codes = rng.choice(np.array(_BESIDE, dtype=object), size=len(main.visit))
    same = np.array([one == other for one, other in zip(codes, main.code, strict=True)], dtype=bool)
    chosen = np.flatnonzero((rng.random(len(codes)) < np.where(born < 1966, 0.12, 0.03)) & ~same)
    course = rng.choice(np.array(_CHRONIC, dtype=object), size=len(chosen), p=(0.05, 0.3, 0.65))
    return _Found(main.visit[chosen], codes[chosen], codes[chosen], course)


def _ages(patients: list[Patient], visits: Visits, days: np.ndarray, dates: dict[int, date]) -> list[AgeGroup]:
    """Of each visit."""
    born = [patient.born for patient in patients]
    return [
        group_of(born[who], dates[day]) or AgeGroup.UNKNOWN
        for who, day in zip(visits.patient.tolist(), days.tolist(), strict=True)
    ]


def _pour(
    connection: sa.Connection, rng: np.random.Generator, jobs: list[Job], visits: Visits, ids: list[str], ages: list[AgeGroup],
    found: list[tuple[_Found, DiagnosisKind]],
) -> None:  # fmt: skip
    for each, kind in found:
        at = each.visit.tolist()
        made = np.where(visits.finished[each.visit] == NEVER, visits.starts[each.visit], visits.finished[each.visit])
        loader.pour(connection, "visit_diagnosis", {
            "id": loader.new_ids(rng, len(at)), "appointment_id": [ids[visit] for visit in at], "code": each.code.tolist(),
            "chapter": [_chapter(code) for code in each.code], "kind": kind.value, "course": [str(course) for course in each.course],
            "age_group": [ages[visit].value for visit in at], "made_by_id": [jobs[visits.job[visit]].doctor_id.hex for visit in at],
            "made_at": loader.moments(connection, made, NEVER),
        })  # fmt: skip


_chapters: dict[str, str] = {}


def _chapter(code: str) -> str:
    if code not in _chapters:
        found = class_of(code)
        _chapters[code] = found.number if found else ""
    return _chapters[code]


_Counts = dict[tuple[str, date, date, str, str, AgeGroup], list[int]]


def _counted(found: list[_Found], wards: list[str], at: list[tuple[date, date]], ages: list[AgeGroup]) -> _Counts:
    """By ward, week, month, class, category and age: primary and registered. `at`: week and month of each visit."""
    counts: _Counts = {}
    for each in found:
        for visit, code, course in zip(each.visit.tolist(), each.code, each.course, strict=True):
            key = (wards[visit], *at[visit], _chapter(code), code[:3], ages[visit])
            kept = counts.setdefault(key, [0, 0])
            kept[0] += course == Course.FIRST
            kept[1] += course != Course.KNOWN
    return counts


def _load_weeks(connection: sa.Connection, counts: _Counts) -> None:
    keys = list(counts)
    names = ("department_id", "week", "month", "chapter", "category", "age_group")
    columns: dict[str, Any] = dict(zip(names, map(list, zip(*keys, strict=True)), strict=True)) if keys else {}
    if columns:
        wards = columns["department_id"]
        loader.pour(connection, "week_cases", {
            **columns, "department_id": [WARDS[ward].id.hex for ward in wards], "organisation_id": [CLINICS[WARDS[ward].clinic].id.hex for ward in wards],
            "week": [week.isoformat() for week in columns["week"]], "month": [month.isoformat() for month in columns["month"]],
            "age_group": [age.value for age in columns["age_group"]],
            "first_ever": [first for first, _ in counts.values()], "registered": [registered for _, registered in counts.values()],
        })  # fmt: skip


_Weeks = Counter[tuple[str, date, str]]


def _by_week(counts: _Counts) -> _Weeks:
    weeks: _Weeks = Counter()
    for (ward, week, _, chapter, *_), (first, _) in counts.items():
        weeks[ward, week, chapter] += first
    return weeks


def _past(rng: np.random.Generator, baseline: _Weeks, today: date) -> _Weeks:
    """Every class of a ward in each week before its first: about what the same week has had since."""
    past: _Weeks = Counter()
    for ward in sorted({ward for ward, *_ in baseline}):
        own = sorted({week for each, week, _ in baseline if each == ward})
        alike: dict[int, list[date]] = {}
        for week in own[1:]:  # the first may lack some days, as the present one does
            if week + timedelta(6) < today:
                alike.setdefault(week.isocalendar().week, []).append(week)
        chapters = sorted({chapter for each, _, chapter in baseline if each == ward})
        for back in range(1, 53 * _PAST_YEARS):
            week = own[0] - timedelta(weeks=back)
            like = alike.get(week.isocalendar().week, [])
            for chapter in chapters if like else []:
                usual = sum(baseline[ward, each, chapter] for each in like) / len(like)
                past[ward, week, chapter] = max(0, round(usual * rng.normal(1.14, 0.06) + rng.normal(1.0, 0.6)))
    return past


def _load_past(connection: sa.Connection, past: _Weeks) -> None:
    if past:
        loader.pour(connection, "past_week", {
            "department_id": [WARDS[ward].id.hex for ward, *_ in past], "week": [week.isoformat() for _, week, _ in past],
            "chapter": [chapter for *_, chapter in past], "first_ever": list(past.values()),
        })  # fmt: skip


def _load_alert(connection: sa.Connection, weeks: _Weeks, past: _Weeks, today: date) -> None:
    """As the job of Monday morning would have told it, so that the desk has it before the first round of the work."""
    for ward in sorted({ward for ward, *_ in weeks}):
        mine, brought = (
            [(week, chapter, count) for (each, week, chapter), count in found.items() if each == ward]
            for found in (weeks, past)
        )
        own = {(ward, week) for week, *_ in mine}
        before = [(ward, week, chapter) for week, chapter, _ in brought]
        known = Known.added([*mine, *brought], own, before, {ward: min(week for _, week in own)})
        here = {"department_id": WARDS[ward].id, "week": finished(today)}
        loader.insert(connection, WeekWatched, [here])
        loader.insert(connection, EpidemicAlert, [
            {**here, "chapter": each.chapter, "cases": each.cases, "mean": each.usual.mean, "threshold": each.usual.threshold, "told_at": clock.now()}
            for each in by_class(known, finished(today)) if each.is_above and each.usual
        ])  # fmt: skip
