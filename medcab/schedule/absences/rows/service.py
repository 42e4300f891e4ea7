"""What the page of absences shows, row by row: visits to decide about, visits that were dealt with, absences."""

from typing import TypedDict
from uuid import UUID

from medcab import clock
from medcab.identifiers import person_name, phone
from medcab.schedule.absences.models import Absence, Outcome
from medcab.schedule.absences.queries import Dealt
from medcab.schedule.absences.service import Decision, Line, Plan
from medcab.schedule.calendar.service import Choice, words
from medcab.schedule.queries import visit_of
from medcab.schedule.rules.given import identity, moment, one_of
from medcab.schedule.rules.visits import title_of
from medcab.schedule.rules.waiting import Free
from medcab.schedule.service import zone
from medcab.ui import formats

PATH = "/schedule/absence"
CALL, CANCEL = Outcome.CALL.value, Outcome.CANCELLED.value


class LineRow(TypedDict):
    """A visit that cannot stay: `choice` is "call", "cancelled", or one of its `options`; `problem` is why it has to be chosen anew."""

    id: str
    version: int
    when: str
    name: str
    choice: str
    options: list[Choice]
    problem: str


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
    """The absence that is looked at; `until` is when patients will be told, empty: that is over."""

    id: str
    title: str
    until: str
    standing: str


NONE: Opened = {"id": "", "title": "", "until": "", "standing": ""}


def _option(slot: Free, names: dict[UUID, str]) -> Choice:
    return {
        "id": f"{slot.practitioner_id}/{slot.span.starts_at.isoformat()}",
        "name": f"{words(slot.span.starts_at)}, {names.get(slot.practitioner_id, 'свой врач')}",
    }


def proposed(line: LineRow) -> str:
    """What is best for it."""
    return line["options"][0]["id"] if line["options"] else CALL


def merged(found: Plan, before: list[LineRow]) -> list[LineRow]:
    """The plan as it is now, with what has been chosen wherever it can still be had."""
    known = {line["id"]: line for line in before}
    return [_line(each, found.names, known.get(str(each.visit.id))) for each in found.lines]


def _line(each: Line, names: dict[UUID, str], before: LineRow | None) -> LineRow:
    options = [_option(slot, names) for slot in each.offers]
    made: LineRow = {
        "id": str(each.visit.id), "version": each.visit.version, "when": words(each.visit.starts_at), "options": options, "problem": "",
        "name": person_name.short(each.patient.family_name, each.patient.given_name, each.patient.patronymic), "choice": "",
    }  # fmt: skip
    chosen = before["choice"] if before else ""
    if before and chosen and chosen not in (CALL, CANCEL) and chosen not in {one["id"] for one in options}:
        kept = next((one for one in before["options"] if one["id"] == chosen), None)
        made["options"] = [*([kept] if kept else []), *options]  # another line's proposal until it is applied
    made["problem"] = before["problem"] if before else ""
    made["choice"] = chosen or proposed(made)
    return made


def decision(line: LineRow) -> Decision:
    """What was chosen for a visit."""
    if line["choice"] in (CALL, CANCEL):
        return Decision(line["version"], one_of(Outcome, line["choice"]))
    who, _, at = line["choice"].partition("/")
    start = moment(at)
    return Decision(line["version"], Outcome.MOVED, (identity(who), start))


def summary(lines: list[LineRow]) -> str:
    """«22 приёма: перенести 20, позвонить 2»."""
    calls, cancels = (sum(line["choice"] == what for line in lines) for what in (CALL, CANCEL))
    counts = {"перенести": len(lines) - calls - cancels, "отменить": cancels, "позвонить": calls}
    parts = ", ".join(f"{word} {count}" for word, count in counts.items() if count)
    return f"{formats.plural(len(lines), 'приём', 'приёма', 'приёмов')}: {parts}" if lines else ""


def _days(row: Absence) -> str:
    return formats.day(row.since) if row.since == row.until else f"{formats.day(row.since)} – {formats.day(row.until)}"


def row(row: Absence, name: str, to_call: int) -> AbsenceRow:
    """A line of the list."""
    standing = "отменено" if row.taken_back_at else (f"осталось позвонить: {to_call}" if to_call else "")
    return {
        "href": f"{PATH}?id={row.id}",
        "name": name,
        "days": _days(row),
        "note": ", ".join(filter(None, [row.reason.lower(), standing])),
    }


def opened(row: Absence, name: str) -> Opened:
    """The head of an absence."""
    can = not (row.taken_back_at or row.told_at or clock.now() >= row.tell_at)
    standing = (
        "Отсутствие отменено, всё возвращено."
        if row.taken_back_at
        else ("Пациентам отправлены сообщения." if row.told_at else "")
    )
    return {
        "id": str(row.id), "title": f"{name}, {_days(row)}", "until": formats.time(row.tell_at, zone()) if can else "", "standing": standing
    }  # fmt: skip


def done(each: Dealt) -> DoneRow:
    """What became of a visit, and whether its patient is still to be called."""
    kept, now = each.done, each.visit
    what = {
        Outcome.MOVED: f"перенесён: {words(now.starts_at)}, {each.doctor}", Outcome.CANCELLED: "отменён", Outcome.CALL: "позвонить пациенту",
    }[kept.outcome]  # fmt: skip
    if now.version != kept.version:
        what = f"изменён позже: {words(now.starts_at)}, {each.doctor}, {title_of(visit_of(now)).lower()}"
    to_call = kept.outcome is Outcome.CALL
    patient = each.patient
    return {
        "id": str(kept.appointment_id), "was": words(kept.from_starts_at), "what": what, "to_call": to_call, "called": kept.called_at is not None,
        "name": person_name.short(patient.family_name, patient.given_name, patient.patronymic),
        "phone": phone.formatted(patient.phone) if to_call else "", "phone_href": f"tel:{patient.phone}" if to_call else "",
    }  # fmt: skip
