"""A day of the schedule as rows ready to draw: visits, free slots and breaks in the order of time, each with words, icon and place."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from medcab.identifiers import person_name
from medcab.schedule.rules.slots import Span, age, breaks, day_of, minute_of_day
from medcab.schedule.rules.visits import (
    KIND_TITLES,
    STATUS_TITLES,
    Act,
    AppointmentStatus,
    Visit,
    VisitKind,
    allowed,
    title_of,
)
from medcab.ui import formats

WEEKDAYS = ("Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс")
_S = AppointmentStatus
_LOOKS = {
    _S.OFFERED: ("quiet", "hourglass"),
    _S.BOOKED: ("info", "calendar-clock"), _S.ARRIVED: ("soon", "user-check"), _S.DONE: ("done", "circle-check"),
    _S.NO_SHOW: ("act", "user-x"), _S.CANCELLED: ("quiet", "calendar-x"),
}  # fmt: skip
_CANCELLED = STATUS_TITLES[_S.CANCELLED]
OVER = "сверх плана"
_WIDER = 4
"""How many times wider a living row is than the cancelled one beside it."""
QUICK = (Act.ARRIVED, Act.NO_SHOW, Act.STARTED, Act.DONE)
ACT_TITLES = {
    Act.ARRIVED: ("Пришёл", "user-check"), Act.NO_SHOW: ("Не пришёл", "user-x"), Act.STARTED: ("Начать приём", "stethoscope"),
    Act.DONE: ("Завершить", "circle-check"), Act.MOVE: ("Перенести", "calendar-clock"), Act.CANCEL: ("Отменить приём", "calendar-x"),
    Act.UNDO: ("Вернуть как было", "undo-2"),
}  # fmt: skip


class Deed(TypedDict):
    """A button: something that may be done with a visit now."""

    act: str
    label: str
    icon: str


class Line(TypedDict):
    """One row of a day. `what`: visit, free, break or busy (the worker's time is held elsewhere). `at` is the start, ISO 8601.

    `top` and `length` are minutes (of the clinic's wall clock since midnight); `left` and `width` are percents of the day's column.
    """

    key: str
    what: str
    at: str
    time: str
    until: str
    top: int
    length: int
    left: int
    width: int
    title: str
    note: str
    word: str
    tone: str
    icon: str
    is_new: bool
    id: str
    version: int
    who: str
    """Whose time it is."""
    is_over: bool
    """On top of the plan."""
    quick: list[Deed]
    deeds: list[Deed]


NO_LINE: Line = {
    "key": "", "what": "", "at": "", "time": "", "until": "", "top": 0, "length": 0, "left": 0, "width": 0, "title": "", "note": "",
    "word": "", "tone": "quiet", "icon": "circle", "is_new": False, "id": "", "version": 0, "who": "", "is_over": False,
    "quick": [], "deeds": [],
}  # fmt: skip


class DayRow(TypedDict):
    """One day of one worker."""

    date: str
    weekday: str
    number: str
    title: str
    is_today: bool
    summary: str
    room: str
    closed: str
    """Why nobody can be booked into the hours of this day; empty: they can."""
    lines: list[Line]


@dataclass(frozen=True)
class Facts:
    """What a row says of a visit beside its state; all empty for a visit out of the reader's scope."""

    id: UUID
    version: int
    kind: VisitKind
    visit: Visit
    family_name: str = ""
    given_name: str = ""
    patronymic: str = ""
    birth_date: date | None = None

    @property
    def name(self) -> str:
        return person_name.short(self.family_name, self.given_name, self.patronymic)


@dataclass(frozen=True)
class Moment:
    """When and where a row is looked at."""

    now: datetime
    zone: ZoneInfo

    def line(self, what: str, span: Span, title: str, icon: str = "circle", who: str = "") -> Line:
        """A row without anything special; an end past midnight counts on from it."""
        start, at = minute_of_day(span.starts_at, self.zone), span.starts_at.isoformat()
        return {
            "key": f"{what}:{at}{who}", "what": what, "at": at, "time": formats.time(span.starts_at, self.zone),
            "until": formats.time(span.ends_at, self.zone), "top": start, "length": span.minutes, "left": 0, "width": 100,
            "title": title, "note": "", "word": title, "tone": "quiet", "icon": icon, "is_new": False, "id": "", "version": 0,
            "who": who, "is_over": False, "quick": [], "deeds": [],
        }  # fmt: skip

    def day_of(self, at: datetime) -> date:
        return day_of(at, self.zone)


def visit_line(facts: Facts, at: Moment, *, is_brief: bool = False) -> Line:
    """A visit; when only its time may be known, «Занято». Brief: without what a list says beside the name, for a column by time."""
    visit, who = facts.visit, str(facts.visit.practitioner_id)
    if not facts.family_name:
        return {**at.line("busy", visit.span, "Занято", "ban", who), "key": f"busy:{facts.id}"}
    tone, icon = _LOOKS[visit.status]
    acts = allowed(visit, at.now, at.zone, _CARRIED if is_brief else tuple(Act))
    line = at.line("visit", visit.span, facts.name, icon, who)
    line["key"], line["is_over"], line["id"], line["version"] = (
        f"visit:{facts.id}",
        visit.is_over,
        str(facts.id),
        facts.version,
    )
    line["word"], line["tone"] = title_of(visit), tone
    line["deeds"] = [_DEEDS[act] for act in acts]
    if not is_brief:
        line["note"], line["quick"] = _note(facts, at), [_DEEDS[act] for act in acts if act in QUICK]
    return line


def _note(facts: Facts, at: Moment) -> str:
    visit = facts.visit
    years = age(facts.birth_date, at.day_of(visit.starts_at)) if facts.birth_date else 0
    known = [
        formats.plural(years, "год", "года", "лет"), KIND_TITLES[facts.kind].lower(), visit.cancel_reason.lower(),
        OVER if visit.is_over else "", _confirmed(visit),
    ]  # fmt: skip
    return ", ".join(filter(None, known))


def _confirmed(visit: Visit) -> str:
    """That the patient has said they will come, while it is still to be."""
    return "подтвердил" if visit.confirmed_at and visit.status is AppointmentStatus.BOOKED else ""


def _deed(act: Act) -> Deed:
    label, icon = ACT_TITLES[act]
    return {"act": act.value, "label": label, "icon": icon}


_DEEDS = {act: _deed(act) for act in Act}
_CARRIED = (Act.NO_SHOW, Act.MOVE)
"""What is done in a column by keys or by hand."""
_CLOSED = "{why_not}. Кто уже записан, того можно перенести к другому врачу."


def day_row(
    day: date,
    *,
    hours: list[Span],
    free: list[Span],
    visits: list[Facts],
    room: str,
    at: Moment,
    why_not: str = "",
    who: str = "",
    is_brief: bool = False,
) -> DayRow:
    """One day: what begins on it, in order. `free` are the slots that may be booked; `why_not` is what keeps others from being."""
    own_hours = [span for span in hours if at.day_of(span.starts_at) == day]
    gaps = [at.line("break", gap, "Перерыв", "clock", who) for gap in breaks(own_hours)]
    vacant = [slot for slot in free if at.day_of(slot.starts_at) == day]
    open_slots = [at.line("free", slot, "Свободно", "plus", who) for slot in vacant]
    closed = (
        _CLOSED.format(why_not=why_not[:1].upper() + why_not[1:])
        if why_not and own_hours and day >= at.day_of(at.now)
        else ""
    )
    known = [each for each in visits if each.family_name or each.visit.holds_time]  # of others, only what is taken
    shown = [visit_line(each, at, is_brief=is_brief) for each in known if at.day_of(each.visit.starts_at) == day]
    lines = sorted([*gaps, *open_slots, *shown], key=lambda line: (line["at"], line["what"] == "free"))
    return {
        "date": day.isoformat(), "weekday": WEEKDAYS[day.weekday()], "number": str(day.day),
        "title": formats.capital(f"{formats.weekday(day)}, {formats.day_words(day)}"), "is_today": day == at.day_of(at.now),
        "summary": _summary(shown, len(open_slots), is_closed=bool(closed)), "room": room, "closed": closed, "lines": side_by_side(lines),
    }  # fmt: skip


def _summary(shown: list[Line], open_count: int, *, is_closed: bool) -> str:
    """«8 приёмов, свободно 3» or «8 приёмов, запись закрыта»; empty for a day without reception."""
    planned = sum(line["word"] != _CANCELLED for line in shown)
    parts = [formats.plural(planned, "приём", "приёма", "приёмов")] if planned else []
    if is_closed and not open_count:
        parts.append("запись закрыта")
    return ", ".join([*parts, f"свободно {open_count}"] if open_count else parts)


def side_by_side(lines: list[Line]) -> list[Line]:
    """Give rows of the same time a column each, so that none covers another: who has the time of a cancelled visit has most of it."""
    placed: list[Line] = []
    group: list[tuple[Line, int]] = []
    ends: list[int] = []
    for line in lines:
        if line["top"] >= max(ends, default=0):
            placed += _columns(group)
            group, ends = [], []
        column = next((number for number, end in enumerate(ends) if end <= line["top"]), len(ends))
        ends[column : column + 1] = [line["top"] + line["length"]]
        group.append((line, column))
    return placed + _columns(group)


def _columns(group: list[tuple[Line, int]]) -> list[Line]:
    """The cancelled ones keep a narrow strip each; what stands beside shares the rest."""
    if len(group) <= 1:
        return [line for line, _ in group]
    strips = {column for _, column in group} - {column for line, column in group if line["word"] != _CANCELLED}
    count = max((column for _, column in group), default=0) + 1
    weights = [1 if column in strips else _WIDER for column in range(count)]
    ends = [sum(weights[:column]) * 100 // sum(weights) for column in range(count + 1)]
    return [{**line, "left": ends[column], "width": ends[column + 1] - ends[column]} for line, column in group]


class Hour(TypedDict):
    """A mark of the time axis."""

    label: str
    top: int


_HOUR, _DAY = 60, 24 * 60
_LEAST_HEIGHT = 40
"""Pixels for the shortest row of a grid, so that its words fit."""
_USUAL = (9 * _HOUR, 15 * _HOUR)


def hours_of(days: list[DayRow]) -> tuple[list[Hour], int, int]:
    """The time axis that holds all rows: its hours, the minute it begins at, its length in minutes."""
    lines = [line for row in days for line in row["lines"]]
    first = min((line["top"] for line in lines), default=_USUAL[0]) // _HOUR * _HOUR
    last = -(-max((line["top"] + line["length"] for line in lines), default=_USUAL[1]) // _HOUR) * _HOUR
    marks: list[Hour] = [
        {"label": f"{top // _HOUR % 24:02}:00", "top": top - first} for top in range(first, last, _HOUR)
    ]
    return marks, first, last - first


def minute_height(days: list[DayRow]) -> str:
    """How high a minute is drawn, CSS pixels."""
    shortest = min((line["length"] for row in days for line in row["lines"] if line["what"] != "break"), default=_HOUR)
    return f"{min(4.0, max(1.0, _LEAST_HEIGHT / shortest)):.2f}px"


@dataclass(frozen=True)
class Change:
    """How a visit stood when it was read: to tell what somebody else has changed since."""

    version: int
    changed_by_id: UUID | None
    words: str


def changed_by_others(before: dict[str, Change], after: dict[str, Change], reader_id: UUID) -> dict[str, str]:
    """Visits that are new, changed or gone since `before`, but for the reader's own doing: id to what happened, in words."""
    told = {
        key: now.words for key, now in after.items()
        if now.changed_by_id != reader_id and (key not in before or before[key].version != now.version)
    }  # fmt: skip
    return told | {key: f"{then.words}: приём перенесён" for key, then in before.items() if key not in after}
