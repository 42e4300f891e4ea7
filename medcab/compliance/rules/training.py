"""Hours of training in a cycle of accreditation, and the plan to its end (709н; reference/domain.md 0.4 and 3.4). Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from medcab.compliance.rules.days import months_before, whole_months, working_days_before
from medcab.norms import Norms
from medcab.ui.formats import plural

_STEADY = 8
"""Hours a month that somebody who works can learn beside it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`hours` and `courses` have been counted since `begins`; `left` (of them `courses_left` in courses) are wanted by `due`, `a_month` each month."""

    begins: date
    ends: date
    due: date
    hours: int
    courses: int
    wanted: int
    left: int
    courses_left: int
    months: int

    @property
    def share(self) -> int:
        """Percent done."""
        return max(0, 100 * (self.wanted - self.left) // self.wanted) if self.wanted else 100

    @property
    def a_month(self) -> int:
        return math.ceil(self.left / max(self.months, 1))

    @property
    def is_steady(self) -> bool:
        return self.a_month <= _STEADY

    def sentence(self) -> str:
        """«Осталось 61 ч, из них 20 ч курсов; по 5 ч в месяц успеете.»"""
        if not self.left:
            return f"Набрано {plural(self.hours, 'час', 'часа', 'часов')}: для аккредитации достаточно."
        courses = f", из них {self.courses_left} ч курсов" if self.courses_left else ""
        pace = f"по {self.a_month} ч в месяц"
        if self.months == 0:
            return f"Осталось {self.left} ч{courses}, а портфолио пора подавать."
        return (
            f"Осталось {self.left} ч{courses}; {pace} успеете."
            if self.is_steady
            else f"Осталось {self.left} ч{courses}: нужно {pace}."
        )


def plan(training: Iterable[tuple[date, int, bool]], ends: date, *, today: date, norms: Norms) -> Plan:
    """`training` is (day, hours, whether a course); each paper counts once, in the cycle in which it was given. `ends` is the permit's last day."""
    begins = months_before(ends, norms.cycle_years * 12)
    counted = [(hours, is_course) for day, hours, is_course in training if begins < day <= min(ends, today)]
    hours, courses = sum(each for each, _ in counted), sum(each for each, is_course in counted if is_course)
    courses_left = max(0, norms.course_hours - courses)
    left = max(courses_left, norms.training_hours - hours, 0)
    due = working_days_before(ends, norms.review_working_days)
    return Plan(begins, ends, due, hours, courses, norms.training_hours, left, courses_left, whole_months(today, due))
