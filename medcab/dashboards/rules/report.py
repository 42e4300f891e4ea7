"""The report of a month in words and tables: the same figures, norms and sentences as on the page."""

from collections.abc import Sequence
from datetime import date, timedelta

from medcab.dashboards.rules import words
from medcab.dashboards.rules.comparison import change
from medcab.dashboards.rules.kpi import CATALOGUE, OF_PEOPLE, Kpi, Standing
from medcab.dashboards.rules.parts import FRACTIONS
from medcab.dashboards.rules.period import Period
from medcab.dashboards.rules.staff import Staff, ended, without_words
from medcab.dashboards.rules.tally import Tally
from medcab.dashboards.rules.tiles import counted
from medcab.tables.paper import Chapter, Table
from medcab.ui import formats

HEADINGS = ("Показатель", "Значение", "Из чего", "Ориентир", "К прошлому сроку")
_WIDTHS = (34, 18, 22, 20, 18)
_MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip


def month_before(today: date) -> date:
    """The first day of the month that has ended."""
    return (today.replace(day=1) - timedelta(1)).replace(day=1)


def period_of(month: date) -> Period:
    """All its days."""
    after = (month.replace(day=28) + timedelta(4)).replace(day=1)
    return Period(month, after - timedelta(1))


def named(month: date) -> str:
    """«октябрь 2026»."""
    return f"{_MONTHS[month.month - 1]} {month.year}"


def off_norm(now: Tally, staff: Staff) -> list[str]:
    """A sentence for each figure that missed its norm, or that none did; first of all whoever may not practise, on the day of the report."""
    told = [
        f"{kpi.title}: {words.value(kpi, kpi.measure(now))}, {words.standing(kpi, kpi.measure(now))} ({kpi.norm.words})."
        for kpi in CATALOGUE
        if kpi.norm and kpi.standing(kpi.measure(now)) in (Standing.BELOW, Standing.ABOVE)
    ]
    if without := staff.invalid():
        told.insert(0, f"Нет права на работу на {formats.day(staff.today)}: {ended(without_words(without))}")
    return told or ["Показателей вне нормы нет."]


def figures(now: Tally, before: Tally) -> Table:
    """All figures of the catalogue."""
    return Table(HEADINGS, [_line(kpi, now, before) for kpi in CATALOGUE], _WIDTHS)


def _line(kpi: Kpi, now: Tally, before: Tally) -> Sequence[str]:
    measure, fraction = kpi.measure(now), FRACTIONS[kpi.code]
    divided = [part for part in (fraction.numerator, fraction.denominator) if part]
    norm = f"{kpi.norm.words}: {words.standing(kpi, measure) or 'не оценено'}" if kpi.norm else ""
    moved = words.difference(kpi, change(kpi, measure, kpi.measure(before)))
    value = words.value(kpi, measure)
    if measure.value is not None and not measure.is_reliable:
        value = f"{value} ({words.doubt(kpi, measure)})"
    return [kpi.title, value, " из ".join(counted(part, now, alone=len(divided) == 1) for part in divided), norm, moved]


def caveats() -> Chapter:
    """What each figure divides, and what to beware of."""
    told = [f"{kpi.title}: {kpi.formula}. {kpi.caveat}".strip() for kpi in (*CATALOGUE, *OF_PEOPLE)]
    sources = sorted({kpi.norm.source for kpi in (*CATALOGUE, *OF_PEOPLE) if kpi.norm})
    return Chapter("Как это посчитано", [*told, *(f"Источник ориентиров: {source}." for source in sources)])


def span_words(month: date) -> str:
    """«1–31 октября 2026»."""
    days = period_of(month)
    return formats.period(days.start, days.end)
