"""What a doctor enters, how it is looked for, and where a case is counted."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.errors import Invalid
from medcab.identifiers import icd10
from medcab.schedule.diagnoses.rules.ages import AgeGroup
from medcab.schedule.diagnoses.rules.names import Named, named, search
from medcab.schedule.diagnoses.rules.refined import refinements
from medcab.schedule.rules.slots import day_of
from medcab.schedule.rules.visits import AppointmentStatus, Visit

COUNTED = frozenset({AppointmentStatus.ARRIVED, AppointmentStatus.DONE})
"""A diagnosis counts while its visit stands so: the patient was there."""
CATEGORY = 3
LONGEST_TEXT = 100
_BEGINS_CODE = re.compile(r"\s*[^\W\d_]\s*\d\s*\d")
_NOT_LISTED = "В кратком списке такого нет. Введите код МКБ-10, например J45.0: подойдёт любой код."


class DiagnosisKind(StrEnum):
    """A visit has one main diagnosis at most."""

    MAIN = "main"
    SECONDARY = "secondary"


class Course(StrEnum):
    """What makes a case primary: the first in the patient's life. An acute illness is one each time."""

    FIRST = "first"
    THIS_YEAR = "this_year"
    KNOWN = "known"


KIND_TITLES = {DiagnosisKind.MAIN: "Основной", DiagnosisKind.SECONDARY: "Сопутствующий"}
COURSE_TITLES = {
    Course.FIRST: "Впервые в жизни",
    Course.THIS_YEAR: "Известное, впервые в этом году",
    Course.KNOWN: "Известное, уже было в этом году",
}
COURSE_NOTES = {
    Course.FIRST: "Острое заболевание или впервые установленное хроническое",
    Course.THIS_YEAR: "Хроническое, установлено раньше",
    Course.KNOWN: "Хроническое, повторное обращение",
}
COUNTS = ("first_ever", "registered")
"""Primary cases; and those with known illnesses that came for the first time in the year."""


class Found(NamedTuple):
    """What was typed may mean these; `note` says what is wrong with it, or what to type."""

    offers: list[Named]
    note: str = ""


def look(text: str) -> Found:
    """By a code or the beginning of one, also one that is not quite right; otherwise by words."""
    if len(text) > LONGEST_TEXT or not text.strip():
        return Found([])
    if not _BEGINS_CODE.match(text):
        offers = search(text)
        return Found(offers, "" if offers else _NOT_LISTED)
    try:
        code = icd10.parse(text)
    except Invalid as wrong:
        meant = icd10.meant(text)
        return Found([known] if meant and (known := named(meant)) else [], wrong.message)
    if parts := refinements(code):
        return Found([part for each in parts if (part := named(each))], refine(code))
    known = named(code)
    return Found([known]) if known else Found([], no_such(code))


def no_such(code: str) -> str:
    return f"В МКБ-10 нет кода {code}. Проверьте букву и цифры."


def refine(code: str) -> str:
    return f"Код {code} нужно уточнить: без цифры после точки он не попадёт в свою строку формы № 2."


def demand_known(code: str) -> Named:
    """The diagnosis of this code, or `Invalid`."""
    right = icd10.parse(code)
    if refinements(right):
        raise Invalid(refine(right), field="diagnosis")
    found = named(right)
    if found is None:
        raise Invalid(no_such(right), field="diagnosis")
    return found


@dataclass(frozen=True, slots=True)
class Case:
    """What of a diagnosis is counted."""

    chapter: str
    code: str
    course: Course
    age_group: AgeGroup

    @property
    def category(self) -> str:
        return self.code[:CATEGORY]

    @property
    def counts(self) -> Counter[str]:
        return Counter(first_ever=int(self.course is Course.FIRST), registered=int(self.course is not Course.KNOWN))


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The week and the month of a department in which a visit counts. A week that lies in two months has two."""

    department_id: UUID
    week: date
    month: date
    organisation_id: UUID


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A line of the roll-up."""

    place: Place
    chapter: str
    category: str
    age_group: AgeGroup


Cases = dict[Key, Counter[str]]


def place_of(visit: Visit | None, zone: ZoneInfo) -> Place | None:
    """None: a visit that did not take place counts nowhere."""
    if visit is None or visit.status not in COUNTED:
        return None
    day = day_of(visit.starts_at, zone)
    return Place(visit.department_id, day - timedelta(day.weekday()), day.replace(day=1), visit.organisation_id)


def change(cases: Iterable[Case], before: Place | None, after: Place | None, age: AgeGroup | None = None) -> Cases:
    """What it adds that cases go from one place to the other, where the patient is of another `age`, if given; keys in order, nothing that
    comes to nothing."""
    added: Cases = {}
    for case in cases:
        for place, group, sign in ((before, case.age_group, -1), (after, age or case.age_group, 1)):
            if place:
                kept = added.setdefault(Key(place, case.chapter, case.category, group), Counter())
                for name, count in case.counts.items():
                    kept[name] += sign * count
    return {key: added[key] for key in sorted(added) if any(added[key].values())}
