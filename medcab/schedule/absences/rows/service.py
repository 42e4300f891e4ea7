"""What the page of absences shows, row by row: visits to decide about, visits that were dealt with, absences."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from medcab import clock
from medcab.identifiers import person_name, phone
from medcab.patients.models import Patient
from medcab.schedule.absences.models import Absence, Outcome
from medcab.schedule.absences.planning.service import Line, Plan
from medcab.schedule.absences.queries import Dealt, time_of
from medcab.schedule.absences.service import Decision, is_returnable
from medcab.schedule.absences.telling.service import day_for
from medcab.schedule.calendar.service import Choice, words
from medcab.schedule.queries import visit_of
from medcab.schedule.rules.given import identity, moment, one_of
from medcab.schedule.rules.templates import said_of
from medcab.schedule.rules.visits import AppointmentStatus, title_of
from medcab.schedule.rules.waiting import Free
from medcab.schedule.service import zone
from medcab.ui import formats

PATHS = {True: "/schedule/absence", False: "/schedule/moves"}
"""Of absences, of moves without one."""
PART = 50
"""Visits of a plan that are shown at once."""
CALL, CANCEL, STAY = Outcome.CALL.value, Outcome.CANCELLED.value, "stay"
_WORDS = (CALL, CANCEL, STAY)


class LineRow(TypedDict):
    """A visit that is to go, and its `options`; `problem` is why it has to be chosen anew."""

    id: str
    version: int
    when: str
    name: str
    options: list[Choice]
    problem: str


Chosen = dict[str, str]
"""By the visit's id: one of its options, or "call", "cancelled", "stay"."""


class DoneRow(TypedDict):
    """A visit that was dealt with; `phone_href` is empty for whoever need not be called."""

    id: str
    was: str
    name: str
    what: str
    to_call: bool
    called: bool
    phone: str
    phone_href: str


class AbsenceRow(TypedDict):
    """An absence in the list."""

    href: str
    name: str
    days: str
    note: str


class Opened(TypedDict):
    """The absence that is looked at; `until` says how long it can be taken back, empty: no longer; `last`: its last day, while it can be shortened."""

    id: str
    title: str
    reason: str
    until: str
    standing: str
    first: str
    last: str


NONE: Opened = {"id": "", "title": "", "reason": "", "until": "", "standing": "", "first": "", "last": ""}


class Same(TypedDict):
    """The absence that is entered for this time already."""

    href: str
    words: str


def _option(slot: Free, names: dict[UUID, str]) -> Choice:
    room = f", каб. {slot.room}" if slot.room else ""
    return {
        "id": f"{slot.practitioner_id}/{slot.span.starts_at.isoformat()}",
        "name": f"{words(slot.span.starts_at)}, {names.get(slot.practitioner_id, 'свой врач')}{room}",
    }


def proposed(line: LineRow) -> str:
    """What is best for it."""
    return line["options"][0]["id"] if line["options"] else CALL


def merged(found: Plan, before: list[LineRow], chosen: Chosen, by_hand: list[str]) -> tuple[list[LineRow], Chosen]:
    """The plan as it is now, with what has been chosen wherever it can still be had; a call for want of anything better gives way."""
    known = {line["id"]: line for line in before}
    lines = [_line(each, found.names, known.get(str(each.visit.id)), chosen) for each in found.lines]
    kept = {key: choice for key, choice in chosen.items() if choice not in (CALL, "") or key in by_hand}
    return lines, {line["id"]: kept.get(line["id"]) or proposed(line) for line in lines}


def _line(each: Line, names: dict[UUID, str], before: LineRow | None, chosen: Chosen) -> LineRow:
    options = [_option(slot, names) for slot in each.offers]
    choice = chosen.get(str(each.visit.id), "")
    if before and choice not in _WORDS and choice not in {one["id"] for one in options}:
        options = [
            *(one for one in before["options"] if one["id"] == choice),
            *options,
        ]  # another line's proposal until it is applied
    return {
        "id": str(each.visit.id), "version": each.visit.version, "when": words(each.visit.starts_at), "options": options,
        "name": _short(each.patient), "problem": before["problem"] if before else "",
    }  # fmt: skip


def decision(line: LineRow, choice: str) -> Decision:
    """What was chosen for a visit."""
    if choice in _WORDS:
        return Decision(line["version"], None if choice == STAY else one_of(Outcome, choice))
    who, _, at = choice.partition("/")
    start = moment(at)
    return Decision(line["version"], Outcome.MOVED, (identity(who), start))


def summary(chosen: Chosen) -> str:
    """«22 приёма: перенести 20, позвонить 2»."""
    counts = {word: list(chosen.values()).count(choice) for word, choice in _COUNTED}
    counts = {"перенести": len(chosen) - sum(counts.values()), **counts}
    parts = ", ".join(f"{word} {count}" for word, count in counts.items() if count)
    return f"{formats.plural(len(chosen), 'приём', 'приёма', 'приёмов')}: {parts}" if chosen else ""


_COUNTED = (("отменить", CANCEL), ("позвонить", CALL), ("оставить", STAY))


def hopeless(lines: list[LineRow], chosen: Chosen) -> str:
    """«Без предложения: 2»; empty: everybody has one."""
    count = sum(not line["options"] and chosen.get(line["id"]) != STAY for line in lines)
    return f"Без предложения: {count}" if count else ""


def part(first: int, count: int) -> tuple[int, str, bool]:
    """The first line of the part in which this one is, what is said of it, and whether there is a next one."""
    first = max(0, min(first, count - 1)) // PART * PART
    last = min(first + PART, count)
    return first, f"{first + 1}–{last} из {count}" if count > PART else "", last < count


def present(found: Plan) -> list[str]:
    """Who is in the corridor already, or late: nothing is decided for them from afar."""
    return [
        f"{formats.time(visit.starts_at, zone())} {_short(patient)}: {title_of(visit_of(visit)).lower()}"
        for visit, patient in found.present
    ]


def same(row: Absence | None) -> Same:
    """The absence that is entered already; empty: none is."""
    return {"href": f"{PATHS[True]}?id={row.id}", "words": said_of(time_of(row))} if row else {"href": "", "words": ""}


def row(row: Absence, name: str, to_call: int) -> AbsenceRow:
    """A line of the list."""
    standing = (
        _back(row) if row.taken_back_at or is_lifted(row) else (f"осталось позвонить: {to_call}" if to_call else "")
    )
    return {
        "href": f"{PATHS[row.closes]}?id={row.id}",
        "name": name,
        "days": said_of(time_of(row)),
        "note": ", ".join(filter(None, [row.reason, standing])),
    }


def is_lifted(row: Absence) -> bool:
    """Its hours have been opened since, all of them."""
    return row.closes and row.closed_id is None and row.taken_back_at is None


def is_cut(row: Absence) -> bool:
    """Days that were taken out of an absence, when it could not be taken back any more."""
    return bool(row.closes and row.taken_back_at and row.taken_back_at >= row.tell_at)


def _back(row: Absence) -> str:
    if is_lifted(row):
        return "часы снова открыты"
    return "отсутствие сокращено" if is_cut(row) else "возвращено"


def opened(row: Absence, name: str, dealt: Sequence[Dealt], *, can_shorten: bool = False) -> Opened:
    """The head of an absence."""
    first, last = (formats.day(row.since), formats.day(row.until)) if can_shorten else ("", "")
    until = _until(row) if is_returnable(row) else ""
    standing = "" if until else _standing(row, is_whole=not any(each.is_left(row.taken_back_at) for each in dealt))
    title = f"{name}, {said_of(time_of(row))}"
    return {
        "id": str(row.id), "title": title, "reason": row.reason, "until": until, "standing": standing, "first": first, "last": last,
    }  # fmt: skip


def _until(row: Absence) -> str:
    """How long it can be taken back, and when patients hear of it: in the morning, when that is at night."""
    until, told = formats.time(row.tell_at, zone()), day_for(row.tell_at)
    if told == row.tell_at:
        return f"Сообщения пациентам уйдут в {until}. До этого всё можно вернуть."
    return f"Всё можно вернуть до {until}. Сообщения пациентам уйдут в {formats.time(told, zone())}."


def _standing(row: Absence, *, is_whole: bool) -> str:
    if is_cut(row):
        return "В эти дни врач работал: отсутствие сократили."
    if row.taken_back_at:
        rest = "" if is_whole else ", кроме отмеченных ниже"
        return f"{'Отсутствие отменено' if row.closes else 'Перенос отменён'}, всё возвращено{rest}."
    if row.told_at:
        return "Пациентам отправлены сообщения."
    told = day_for(max(row.tell_at, clock.now()))
    return (
        f"Сообщения пациентам уйдут в {formats.time(told, zone())}."
        if told > clock.now()
        else "Сообщения пациентам отправляются."
    )


def done(each: Dealt, taken_back_at: datetime | None = None) -> DoneRow:
    """What became of a visit, and whether its patient is still to be called: nobody is of whom all was taken back, or whose visit is over."""
    kept, now = each.done, each.visit
    what = {
        Outcome.MOVED: f"перенесён: {words(now.starts_at)}, {each.doctor}", Outcome.CANCELLED: "отменён", Outcome.CALL: "позвонить пациенту",
    }[kept.outcome]  # fmt: skip
    is_booked = now.status is AppointmentStatus.BOOKED
    to_call = kept.outcome is Outcome.CALL and is_booked and not taken_back_at
    if each.is_there and is_booked and (now.version != kept.version or taken_back_at):
        what = "на прежнем месте"
    elif now.version != kept.version:
        what = f"изменён позже: {words(now.starts_at)}, {each.doctor}, {title_of(visit_of(now)).lower()}"
    if each.is_left(taken_back_at):
        what = f"не вернулся, {what}"
    patient = each.patient
    return {
        "id": str(kept.appointment_id), "was": words(kept.from_starts_at), "what": what, "to_call": to_call, "called": kept.called_at is not None,
        "name": _short(patient),
        "phone": phone.formatted(patient.phone) if to_call else "", "phone_href": f"tel:{patient.phone}" if to_call else "",
    }  # fmt: skip


def _short(patient: Patient) -> str:
    return person_name.short(patient.family_name, patient.given_name, patient.patronymic)
