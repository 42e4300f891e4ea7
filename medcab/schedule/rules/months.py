"""A month as weeks of days, each with what is planned and free in it and what keeps it closed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypedDict

from medcab.holidays import SATURDAY, DayKind, kind_of
from medcab.ui import formats

_WEEK = 7
MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip


class Cell(TypedDict):
    """One day. `mark` is why it is special, in a word or two; `said` is all of it for a screen reader."""

    date: str
    href: str
    number: str
    planned: str
    free: str
    short: str
    """Both as numbers, where a phone has no room for words."""
    mark: str
    said: str
    is_today: bool
    is_outside: bool
    is_off: bool


class Week(TypedDict):
    """Monday first."""

    key: str
    cells: list[Cell]


@dataclass(frozen=True)
class Counted:
    """What a month holds, by day."""

    planned: Mapping[date, int] = field(default_factory=dict)
    free: Mapping[date, int] = field(default_factory=dict)
    closed: Mapping[date, str] = field(default_factory=dict)
    """Days on which the worker is away, with the reason when there is one."""


def days_of(day: date) -> list[date]:
    """The whole weeks that hold the month of this day, Monday first."""
    first = day.replace(day=1)
    last = (first + timedelta(31)).replace(day=1) - timedelta(1)
    start = first - timedelta(first.weekday())
    end = last + timedelta(_WEEK - 1 - last.weekday())
    return [start + timedelta(number) for number in range((end - start).days + 1)]


def count(days: Iterable[date]) -> Counter[date]:
    """How many there are of each."""
    return Counter(days)


def weeks(day: date, counted: Counted, hrefs: Mapping[date, str], today: date) -> list[Week]:
    """The month of this day, ready to draw."""
    cells = [_cell(each, day, counted, hrefs[each], today) for each in days_of(day)]
    return [{"key": cells[at]["date"], "cells": cells[at : at + _WEEK]} for at in range(0, len(cells), _WEEK)]


def _cell(day: date, chosen: date, counted: Counted, href: str, today: date) -> Cell:
    planned, free = counted.planned.get(day, 0), counted.free.get(day, 0)
    is_off = kind_of(day) is DayKind.DUTY
    mark = _mark(day, counted, is_off=is_off)
    words = formats.plural(planned, "приём", "приёма", "приёмов") if planned else ""
    vacant = f"свободно {free}" if free else ""
    said = ", ".join(filter(None, (formats.day_words(day), mark, words, vacant))) or formats.day_words(day)
    return {
        "date": day.isoformat(), "href": href, "number": str(day.day), "planned": words, "free": vacant, "short": f"{planned} + {free}" if planned or free else "", "mark": mark, "said": said,
        "is_today": day == today, "is_outside": day.month != chosen.month, "is_off": is_off,
    }  # fmt: skip


def _mark(day: date, counted: Counted, *, is_off: bool) -> str:
    if day in counted.closed:
        return counted.closed[day] or "нет приёма"
    return "праздник" if is_off and day.weekday() <= SATURDAY else ""
