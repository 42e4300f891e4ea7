"""What a rota would change, worker by worker and day by day, and what in it cannot be done. Pure: what the clinic knows comes in as `Facts`."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from uuid import UUID

from medcab.accounts.rules.right import Right
from medcab.errors import Invalid
from medcab.schedule.rules.cells import DAY_OFF, plain
from medcab.schedule.rules.facts import Change, Facts, Kind, Open
from medcab.schedule.rules.layouts import Entry
from medcab.schedule.rules.norms import minutes_of
from medcab.schedule.rules.objections import (
    apart,
    left_of,
    of_closed,
    of_overlaps,
    of_past,
    of_place,
    of_right,
    of_slots,
    warnings_of,
)
from medcab.schedule.rules.roster import Roster, Worker
from medcab.schedule.rules.templates import LONGEST_SLOT, SHORTEST_SLOT


def digest(changes: Iterable[Change]) -> str:
    """What tells one preview from another."""
    told = sha256()
    for each in changes:
        told.update(repr((
            each.kind, each.lines, each.worker.id if each.worker else each.who, each.day, [one.key for one in each.before],
            [one.key for one in each.after], each.off, each.errors, each.warnings, sorted(one.id for one in each.left),
        )).encode())  # fmt: skip
    return told.hexdigest()


def meant(entries: Sequence[Entry], roster: Roster) -> set[UUID]:
    """The workers whose days the file speaks of."""
    found = set()
    for entry in entries:
        try:
            found.add(roster.who(entry.who, entry.email, entry.department).id)
        except Invalid:
            continue
    return found


def judge(entries: Sequence[Entry], facts: Facts) -> list[Change]:
    """Every day of the file, in its order: what it was, what it would be, what is wrong with it."""
    days: dict[tuple[object, ...], list[Entry]] = {}
    people: dict[tuple[object, ...], Worker] = {}
    found: dict[tuple[object, ...], Change] = {}
    for entry in entries:
        try:
            worker = facts.roster.who(entry.who, entry.email, entry.department)
        except Invalid as refusal:
            key = (entry.line, "who")
            sentence = entry.errors[0] if not entry.who and entry.errors else refusal.message
            found.setdefault(key, Change(Kind.WRONG, (entry.line,), entry.who, errors=(sentence,)))
            continue
        key = (worker.id, entry.day) if entry.day else (entry.line, entry.column)
        found.setdefault(key, Change(Kind.SAME, (), entry.who))  # its place among the others
        days.setdefault(key, []).append(entry)
        people[key] = worker
    for key, said in days.items():
        found[key] = _judged(said, people[key], facts)
    return apart(list(found.values()), facts)


def _judged(said: Sequence[Entry], worker: Worker, facts: Facts) -> Change:
    lines = tuple(dict.fromkeys(entry.line for entry in said))
    columns = tuple(dict.fromkeys(entry.column for entry in said if entry.column))
    errors = tuple(dict.fromkeys(error for entry in said for error in entry.errors))
    made = Change(Kind.WRONG, lines, worker.name, columns, worker, said[0].day, errors=errors)
    if errors or made.day is None:
        return made
    there = facts.open.get((worker.id, made.day), ())
    kept = tuple(one for one in there if one.department_id not in facts.roster.mine)
    before = tuple(one for one in there if one.department_id in facts.roster.mine)
    made = replace(made, before=before, kept=kept)
    off = next((entry.off for entry in said if entry.off), "")
    if off:
        return _closed(made, off, said, facts)
    try:
        after = [_opened(entry, number, worker, made, facts) for entry in said for number in range(len(entry.blocks))]
    except Invalid as refusal:
        return replace(made, errors=(refusal.message,))
    return _opening(replace(made, after=tuple(sorted(after, key=lambda one: one.span))), facts)


def _closed(made: Change, off: str, said: Sequence[Entry], facts: Facts) -> Change:
    assert made.worker
    assert made.day
    if any(entry.blocks or entry.off != off for entry in said):
        return replace(
            made, errors=("В файле на этот день стоят и часы, и отметка, или разные отметки. Оставьте одну.",)
        )
    if made.kept:
        return replace(
            made, errors=("В этот день врач принимает и в другом отделении: закрыть его может администратор клиники.",)
        )
    is_shut = any(each.is_whole(made.day) for each in facts.shut.get(made.worker.id, ()))
    gone = made.before
    if not gone and (is_shut or off == DAY_OFF):
        return replace(made, kind=Kind.SAME, off=off)
    if errors := [*of_past(made, facts), *of_place(made, facts)]:
        return replace(made, errors=tuple(errors))
    left = left_of(made, gone, (), facts)
    return replace(made, kind=Kind.CLOSED, off=off, before=gone, left=left)


def _opening(made: Change, facts: Facts) -> Change:
    if sorted(one.key for one in made.before) == sorted(one.key for one in made.after):  # pyright: ignore[reportArgumentType]
        return replace(made, kind=Kind.SAME)
    checks = (of_past, of_place, of_right, of_slots, of_overlaps, of_closed)
    if errors := [error for check in checks for error in check(made, facts)]:
        return replace(made, errors=tuple(dict.fromkeys(errors)))
    left = left_of(made, (*made.before, *made.kept), (*made.after, *made.kept), facts)
    kind = Kind.CHANGED if made.before else Kind.NEW
    return replace(made, kind=kind, warnings=tuple(warnings_of(made, facts)), left=left)


def _opened(entry: Entry, number: int, worker: Worker, made: Change, facts: Facts) -> Open:
    """Hours as the file says them; what it leaves unsaid is as it was on that day, then as it usually is, then as the norm has it."""
    assert made.day
    span = entry.blocks[number].on(made.day, facts.zone)
    department = _department(entry, worker, made, facts)
    was = next((one for one in made.before if one.department_id == department and one.span.overlaps(span)), None)
    usual = was or facts.usual.get((worker.id, department))
    specialty = was.specialty if was else usual.specialty if usual else ""
    if entry.specialty or not was:
        specialty = _specialty(entry.specialty, specialty, facts.rights.get(worker.id), made.day)
    room = entry.room if entry.room is not None else (usual.room if usual else "")
    minutes = entry.minutes
    slot = (
        _minutes(minutes) if minutes else (usual.slot_minutes if usual and minutes is None else minutes_of(specialty))
    )
    return Open(department, span.starts_at, span.ends_at, slot, room.strip()[:20], specialty)


def _department(entry: Entry, worker: Worker, made: Change, facts: Facts) -> UUID:
    if entry.department:
        return facts.roster.department(entry.department)
    if entry.section and (section := facts.roster.section(entry.section)):
        return section
    could = worker.works_on(made.day or facts.today) & facts.roster.mine
    was = {one.department_id for one in made.before} & could
    usual = {key for who, key in facts.usual if who == worker.id} & could
    for found in (could, was, usual):
        if len(found) == 1:
            return next(iter(found))
    if not could:
        return next(iter(worker.departments & facts.roster.mine))  # that nobody works there then is said by `of_place`
    names = ", ".join(sorted(facts.roster.departments.get(each, "") for each in could))
    raise Invalid(f"Отделение: врач работает в нескольких ({names}). Укажите, в каком из них эти часы.")


def _specialty(said: str, usual: str, right: Right | None, day: date) -> str:
    """By its name as the register has it."""
    known = {plain(name): name for name in (right.specialties if right else {})}
    if said:
        return known.get(plain(said), said[:500])
    could = (
        (right.open_on(day) or tuple(right.specialties)[:1]) if right else ()
    )  # that none is open is said by `of_right`
    if usual or len(could) <= 1:
        return usual or next(iter(could), "")
    raise Invalid(f"Специальность: у врача их несколько ({', '.join(could)}). Укажите, по какой приём.")


def _minutes(text: str) -> int:
    bare = text.casefold().replace("мин", "").strip(" .").removesuffix(".0")
    if not (bare.isascii() and bare.isdigit() and SHORTEST_SLOT <= int(bare[:4]) <= LONGEST_SLOT):
        raise Invalid(
            f"Минут на приём: «{text[:20]}». Укажите число от {SHORTEST_SLOT} до {LONGEST_SLOT} или оставьте пустым."
        )
    return int(bare)
