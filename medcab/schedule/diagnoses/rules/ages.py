"""Groups of age of the epidemiological figures: by whole years on the day of the visit."""

from datetime import date
from enum import StrEnum

CHILD_UNTIL = 17
"""«Дети до 17 лет включительно», the column of children in the forms of infectious diseases."""


class AgeGroup(StrEnum):
    """Kept by these values."""

    INFANT = "0"
    CHILD = "1-14"
    ADOLESCENT = "15-17"
    ADULT = "18-59"
    ELDER = "60+"
    UNKNOWN = "unknown"


AGE_TITLES: dict[AgeGroup, str] = {
    AgeGroup.INFANT: "до года",
    AgeGroup.CHILD: "1–14 лет",
    AgeGroup.ADOLESCENT: "15–17 лет",
    AgeGroup.ADULT: "18–59 лет",
    AgeGroup.ELDER: "60 лет и старше",
    AgeGroup.UNKNOWN: "возраст неизвестен",
}
_UNTIL = ((0, AgeGroup.INFANT), (14, AgeGroup.CHILD), (CHILD_UNTIL, AgeGroup.ADOLESCENT), (59, AgeGroup.ADULT))


def age_on(born: date, day: date) -> int:
    """Whole years. Who was born on 29 February is a year older on 1 March of a common year."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def group_of(born: date, day: date) -> AgeGroup | None:
    """None: the birth date is later than the visit, one of the two is wrong."""
    age = age_on(born, day)
    if age < 0:
        return None
    return next((group for until, group in _UNTIL if age <= until), AgeGroup.ELDER)
