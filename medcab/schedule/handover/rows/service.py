"""What the page of handing over shows: visits with what may happen to them, hours that go along, sums in words."""

from collections.abc import Collection, Iterable
from datetime import date
from itertools import groupby
from typing import TypedDict

from medcab.schedule.handover.queries import Colleague
from medcab.schedule.handover.rules import Task, Worked
from medcab.schedule.handover.service import Line, Preview
from medcab.schedule.queries import visit_of
from medcab.schedule.rules.rows import WEEKDAYS
from medcab.schedule.rules.slots import day_of
from medcab.schedule.rules.visits import KIND_TITLES, title_of
from medcab.schedule.service import zone
from medcab.ui import formats

_DAYS_SHOWN = 6


class Somebody(TypedDict):
    """A doctor to choose: under the name, what they are and where."""

    id: str
    name: str
    about: str


class LineRow(TypedDict):
    """A visit; `day` is its day and, of a swap, which way it goes; `head` names its day at the first of the day that is shown, `problem`: why it cannot go, `doubt`: what makes one wonder, `came`: it was handed over already, `news`: it was changed while one was looking."""

    id: str
    version: int
    day: str
    head: str
    when: str
    name: str
    standing: str
    problem: str
    doubt: str
    came: str
    news: str


def people(found: Iterable[Colleague], shown: str = "") -> tuple[list[Somebody], list[Somebody], list[Somebody]]:
    """Who may have been written down: whoever is the actor's, or is `shown` already; and who may really have been there: first those, then others."""
    rows = [(each, _somebody(each)) for each in found]
    return (
        [row for each, row in rows if each.is_here or str(each.id) == shown],
        [row for each, row in rows if each.is_here],
        [row for each, row in rows if not each.is_here],
    )


def _somebody(each: Colleague) -> Somebody:
    about = " · ".join(filter(None, [", ".join(each.specialties), each.department]))
    return {"id": str(each.id), "name": each.name, "about": about}


def line(each: Line, task: Task, fresh: Collection[str], apart: Collection[str]) -> LineRow:
    """`fresh`: those that were changed since they were seen; `apart`: those that go or stay only together with others."""
    key, visit = str(each.visit.id), visit_of(each.visit)
    standing = [title_of(visit), KIND_TITLES[visit.kind].lower(), "сверх плана" if visit.is_over else ""]
    alone = "Вместе с ним отметьте (или оставьте) и другой приём этого времени." if key in apart else ""
    return {
        "id": key, "version": each.visit.version, "head": "", "name": each.patient,
        "when": formats.time(visit.starts_at, zone()),
        "day": f"{day_of(visit.starts_at, zone()):%Y-%m-%d}{'/back' if each.to == task.who else ''}",
        "standing": ", ".join(filter(None, standing)), "problem": each.problem, "doubt": each.doubt,
        "came": f"Передан {formats.day(day_of(each.came.made_at, zone()))}: {each.came.reason}" if each.came else "",
        "news": "Приём изменили, пока вы смотрели." if key in fresh else alone,
    }  # fmt: skip


def headed(lines: Iterable[LineRow], ways: tuple[str, str] = ("", "")) -> list[LineRow]:
    """With the name of each day where it begins: «вс, 1 ноября»; of a swap, with the way: «Иванова А. П. → Петрова В. С.: вс, 1 ноября»."""
    found: list[LineRow] = []
    for each in lines:
        iso, _, back = each["day"].partition("/")
        day, way = date.fromisoformat(iso), ways[bool(back)]
        is_first = not found or found[-1]["day"] != each["day"]
        head = f"{way}{WEEKDAYS[day.weekday()].lower()}, {formats.day_words(day)}" if is_first else ""
        found.append({**each, "head": head})
    return found


def shared_doubt(lines: Collection[LineRow]) -> str:
    """The one that several visits have, where none has another: said once, over them. Empty: each says its own."""
    doubts = [each["doubt"] for each in lines if each["doubt"]]
    if len(doubts) < 2 or len(set(doubts)) > 1:  # noqa: PLR2004
        return ""
    return f"{formats.plural(len(doubts), 'приём', 'приёма', 'приёмов')}. {doubts[0]}"


def summary(lines: Collection[LineRow], ticked: Collection[str]) -> str:
    """«14 приёмов: перейдут 11, останутся 1, не могут перейти 2»."""
    stuck = sum(bool(each["problem"]) for each in lines)
    stay = sum(not each["problem"] and each["id"] not in ticked for each in lines)
    counts = {"перейдут": len(lines) - stuck - stay, "останутся": stay, "не могут перейти": stuck}
    parts = ", ".join(f"{word} {count}" for word, count in counts.items() if count)
    return f"{formats.plural(len(lines), 'приём', 'приёма', 'приёмов')}: {parts}"


def hours(found: Preview, task: Task) -> list[str]:
    """Which hours go along, a line a day: «пн, 23.11: 09:00–12:00, 13:00–15:00»; of a swap, with whose they become."""
    given = sorted(found.given, key=lambda each: (each.practitioner_id == task.who, each.span))
    days = [
        f"{f'{found.names[to]}, ' if task.is_swap else ''}{WEEKDAYS[day.weekday()].lower()}, {formats.day_short(day)}: {_spans(parts)}"
        for (to, day), parts in groupby(given, lambda each: (each.practitioner_id, day_of(each.span.starts_at, zone())))
    ]
    more = formats.plural(len(days) - _DAYS_SHOWN, "день", "дня", "дней")
    return [*days[:_DAYS_SHOWN], f"и ещё {more}"] if len(days) > _DAYS_SHOWN + 1 else days


def _spans(parts: Iterable[Worked]) -> str:
    return ", ".join(
        f"{formats.time(each.span.starts_at, zone())}–{formats.time(each.span.ends_at, zone())}" for each in parts
    )
