"""Which visits a figure counts, said once: its numerator and its denominator as the columns of the daily roll-up that they add up.

A column counts one for each visit of its kind (`schedule.rules.figures`: `contribution`, `opening`), so the visits of a part are those that are counted in its
columns, and their number is the sum of the columns: the page, the query of the rows and the tests read both from here.
"""

from dataclasses import dataclass
from enum import StrEnum

from medcab.dashboards.rules.tally import Tally


class Rows(StrEnum):
    """What a part is made of."""

    VISITS = "visits"
    HOURS = "hours"
    PEOPLE = "people"
    DAYS = "days"
    """Days of doctors, each with what it had to offer and how much of it was taken."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that is counted. `less`: columns whose visits are among those of `columns` and do not belong.

    `minutes` is the column of what it measures, where that is not the number of its rows.
    """

    code: str
    title: str
    columns: tuple[str, ...]
    less: tuple[str, ...] = ()
    rows: Rows = Rows.VISITS
    minutes: str = ""

    def count(self, tally: Tally) -> int:
        """How many visits there are in it; of hours, how many minutes."""
        return sum(getattr(tally, name) for name in self.columns) - sum(getattr(tally, name) for name in self.less)

    @property
    def is_time(self) -> bool:
        """Whether it is measured in minutes and not in rows."""
        return bool(self.minutes) or self.rows is Rows.DAYS

    def measured(self, tally: Tally) -> int:
        """What stands in the figure: the number of rows, or their minutes."""
        return getattr(tally, self.minutes) if self.minutes else self.count(tally)


PLANNED = Part("planned", "Запланированные приёмы", ("planned",))
DONE = Part("done", "Завершённые приёмы", ("done",))
NO_SHOW = Part("no_show", "Неявки", ("no_show",))
ENDED = Part("ended", "Завершённые приёмы и неявки", ("done", "no_show"))
OPEN = Part("open", "Приёмы без итоговой отметки", ("planned",), less=("done", "no_show"))
LATE = Part("late", "Отмены меньше чем за сутки", ("late_cancelled",))
ALL = Part("all", "Все записи, включая отменённые", ("planned", "cancelled"))
BOOKED = Part("booked", "Приёмы, которые заняли время", ("planned",), minutes="booked_minutes")
OFFERED = Part("offered", "Часы приёма по расписанию", ("offered_minutes",), rows=Rows.HOURS, minutes="offered_minutes")
FREE = Part("free", "Свободное время приёма", ("offered_minutes",), less=("booked_minutes",), rows=Rows.DAYS)
"""The freest days first."""
FULL = Part("full", "Самые заполненные дни врачей", ("offered_minutes",), less=("booked_minutes",), rows=Rows.DAYS)
"""The same days from the other end."""
ATTENDED = Part("attended", "Состоявшиеся приёмы", ("done",), minutes="attended_minutes")
FIRST = Part("first", "Первые приёмы дня с отметкой начала", ("first_starts",))
ON_TIME = Part("on_time", "Первые приёмы дня, начатые вовремя", ("on_time_starts",))
WAITED = Part("waited", "Приёмы с отметкой начала", ("waited",))
WAITED_15 = Part("waited_15", "Приёмы с ожиданием до 15 минут", ("wait_0_5", "wait_5_15"))
WAITED_LONG = Part("waited_long", "Приёмы с ожиданием от 15 минут", ("waited",), less=("wait_0_5", "wait_5_15"))
WAITED_45 = Part("waited_45", "Приёмы с ожиданием до 45 минут", ("waited",), less=("wait_45",))
BINS = (
    Part("wait_0_5", "Ожидание до 5 минут", ("wait_0_5",)),
    Part("wait_5_15", "Ожидание от 5 до 15 минут", ("wait_5_15",)),
    Part("wait_15_30", "Ожидание от 15 до 30 минут", ("wait_15_30",)),
    Part("wait_30_45", "Ожидание от 30 до 45 минут", ("wait_30_45",)),
    Part("wait_45", "Ожидание от 45 минут", ("wait_45",)),
)
"""As the chart of waiting divides them."""
STAFF = Part("staff", "Медицинские сотрудники отделения", (), rows=Rows.PEOPLE)
VALID = Part("valid", "Право на работу действует сегодня", (), rows=Rows.PEOPLE)
INVALID = Part("invalid", "Без права на работу сегодня", (), rows=Rows.PEOPLE)
VALID_AHEAD = Part("valid_ahead", "Право на работу будет действовать через 90 дней", (), rows=Rows.PEOPLE)
INVALID_AHEAD = Part("invalid_ahead", "Право на работу не будет действовать через 90 дней", (), rows=Rows.PEOPLE)
"""Of people as they are today, whatever the period."""

_ALL = (
    STAFF, VALID, INVALID, VALID_AHEAD, INVALID_AHEAD, PLANNED, DONE, NO_SHOW, ENDED, OPEN, LATE, ALL, BOOKED, OFFERED, FREE, FULL, ATTENDED, FIRST, ON_TIME, WAITED,
    WAITED_15, WAITED_LONG, WAITED_45, *BINS,
)  # fmt: skip
PARTS = {part.code: part for part in _ALL}
assert len(PARTS) == len(_ALL)


@dataclass(frozen=True, slots=True)
class Fraction:
    """What a figure divides by what; a count has no denominator, and of a quantile both are the visits measured.

    `below`, `above`: what is to be looked at when it is on that side of its norm, where that is not the numerator.
    """

    numerator: Part
    denominator: Part | None = None
    below: Part | None = None
    above: Part | None = None


FRACTIONS = {
    "planned": Fraction(PLANNED),
    "done": Fraction(DONE),
    "done_share": Fraction(DONE, PLANNED),
    "utilisation": Fraction(BOOKED, OFFERED, below=FREE, above=FULL),
    "attended": Fraction(ATTENDED, OFFERED),
    "no_show": Fraction(NO_SHOW, ENDED),
    "late_cancel": Fraction(LATE, ALL),
    "wait_median": Fraction(WAITED, above=WAITED_LONG),
    "wait_p90": Fraction(WAITED, above=BINS[-1]),
    "wait_15": Fraction(WAITED_15, WAITED),
    "wait_45": Fraction(WAITED_45, WAITED),
    "on_time": Fraction(ON_TIME, FIRST),
    "load": Fraction(DONE),
    "valid": Fraction(VALID, STAFF),
    "valid_ahead": Fraction(VALID_AHEAD, STAFF),
}
"""By the code of the figure."""
