"""The days of workers that the figures add up, and what they may be narrowed to: rows ready to draw."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypedDict
from uuid import UUID

from medcab.dashboards.rules import kpi as k
from medcab.dashboards.rules import words
from medcab.dashboards.rules.kpi import Kpi
from medcab.dashboards.rules.period import Period
from medcab.dashboards.rules.selection import Selection
from medcab.dashboards.rules.tally import Tally
from medcab.schedule.rules.visits import KIND_TITLES
from medcab.ui import formats

ALL = "all"


class Choice(TypedDict):
    """An entry of a list to choose from."""

    value: str
    label: str


class Line(TypedDict):
    """A worker's day, ready to draw."""

    key: str
    day: str
    doctor: str
    planned: str
    done: str
    no_show: str
    utilisation: str
    wait: str


def people(doctors: Sequence[tuple[UUID, str]], chosen: UUID | None) -> list[Choice]:
    """Whose figures can be looked at alone; somebody without any in the period is still the one who was chosen."""
    found: list[Choice] = [{"value": str(key), "label": name} for key, name in doctors]
    if chosen and all(key != chosen for key, _ in doctors):
        found.append({"value": str(chosen), "label": "Врач без данных за этот период"})
    return [{"value": ALL, "label": "Все врачи"}, *found]


def kinds() -> list[Choice]:
    """Kinds of visit to look at alone."""
    return [
        {"value": ALL, "label": "Все виды приёма"},
        *({"value": kind.value, "label": f"{title} приём"} for kind, title in KIND_TITLES.items()),
    ]  # fmt: skip


def months_to_choose(word: str, months: Iterable[date]) -> list[Choice]:
    """«с 11.2026»."""
    return [{"value": f"{month:%Y-%m}", "label": f"{word} {month:%m.%Y}"} for month in months]


def narrowed(selection: Selection, people_: Sequence[Choice]) -> str:
    """What the figures are narrowed to, in words; empty when they are of everything."""
    doctor = next((each["label"] for each in people_ if each["value"] == str(selection.doctor_id)), "")
    kind = f"{KIND_TITLES[selection.kind].lower()} приём" if selection.kind else ""
    return ", ".join(filter(None, [doctor, kind]))


def cuts(
    doctors: Sequence[tuple[UUID, str]], weekdays: Iterable[int], weeks: Mapping[date, object], period: Period
) -> list[Choice]:
    """Doctors, weekdays, weeks; the same marks that the charts have."""
    spans = {monday: period.week(monday) for monday in weeks}
    return [
        {"value": ALL, "label": "Весь период"},
        *({"value": f"doctor:{key}", "label": name} for key, name in sorted(doctors, key=lambda each: each[1])),
        *({"value": f"weekday:{day}", "label": f"День недели: {words.WEEKDAYS[day]}"} for day in weekdays),
        *(
            {"value": f"week:{monday}", "label": f"Неделя {formats.period(span.start, span.end)}"}
            for monday, span in spans.items()
        ),
    ]  # fmt: skip


def on_paper(shown: int, total: int) -> str:
    """Under the printed table: whether that is all of it."""
    if shown >= total:
        return f"Напечатаны все строки: {formats.number(total)}."
    return f"Напечатаны первые {formats.plural(shown, 'строка', 'строки', 'строк')} из {formats.number(total)}. Все строки — в файле CSV или XLSX."


def line(day: date, doctor_id: UUID, doctor: str, tally: Tally) -> Line:
    """One line of the table."""

    def value(kpi: Kpi) -> str:
        return words.value(kpi, kpi.measure(tally))

    return {
        "key": f"{day}/{doctor_id}",
        "day": formats.day(day),
        "doctor": doctor,
        "planned": formats.number(tally.planned),
        "done": formats.number(tally.done),
        "no_show": formats.number(tally.no_show),
        "utilisation": value(k.UTILISATION),
        "wait": value(k.WAIT_MEDIAN),
    }
