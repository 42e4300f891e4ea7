"""Why a day of a rota cannot be as the file says: each check gives sentences, none when nothing speaks against it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

from medcab.holidays import SUNDAY, DayKind, kind_of
from medcab.schedule.rules.facts import Booked, Change, Facts, Kind, Open, Room
from medcab.schedule.rules.resources import key_of
from medcab.schedule.rules.slots import Span
from medcab.schedule.rules.templates import outside
from medcab.ui import formats


def of_past(made: Change, facts: Facts) -> list[str]:
    assert made.day
    if made.day > facts.today:
        return []
    word = "Сегодняшний день уже идёт" if made.day == facts.today else "Этот день уже прошёл"
    return [f"Дата: {formats.day(made.day)}. {word}, файлом его не изменить."]


def of_place(made: Change, facts: Facts) -> list[str]:
    assert made.worker
    assert made.day
    works = made.worker.works_on(made.day)
    if not works:
        return ["Дата: в этот день врач в клинике не работает. Проверьте его роль и сроки в разделе «Сотрудники»."]
    wrong = {one.department_id for one in made.after} - works
    names = sorted(facts.roster.departments.get(each, "") for each in wrong)
    return [f"Отделение: в этот день врач не работает в отделении «{name}»." for name in names]


def of_right(made: Change, facts: Facts) -> list[str]:
    assert made.worker
    assert made.day
    right = facts.rights.get(made.worker.id)
    if right is None:
        return ["ФИО: право врача на работу не подтверждено."]
    found = dict.fromkeys(right.why_not(made.day, one.specialty) for one in made.after)
    return [f"Право на приём: {why}." for why in found if why]


def of_slots(made: Change, facts: Facts) -> list[str]:
    return [
        f"Минут на приём: в {_words(one.span, facts)} не помещается ни одного приёма по {one.slot_minutes} минут."
        for one in made.after if one.span.minutes < one.slot_minutes
    ]  # fmt: skip


def of_overlaps(made: Change, facts: Facts) -> list[str]:
    assert made.worker
    found = [
        f"Часы: {_words(one.span, facts)} и {_words(other.span, facts)} в файле накладываются друг на друга. Оставьте одну запись."
        for one, other in pairwise(made.after) if one.span.overlaps(other.span)
    ]  # fmt: skip
    others = [*facts.elsewhere.get(made.worker.id, ())]
    for one in made.after:
        found += [
            f"Часы: {_words(each.span, facts)} врач принимает в отделении «{facts.roster.departments.get(each.department_id, '')}»."
            for each in made.kept if each.span.overlaps(one.span)
        ]  # fmt: skip
        found += [
            f"Часы: {_words(each, facts)} у врача уже есть приём в другом месте." for each in others if each.overlaps(one.span)
        ]  # fmt: skip
    return found


def of_closed(made: Change, facts: Facts) -> list[str]:
    assert made.worker
    assert made.day
    away = next((each for each in facts.shut.get(made.worker.id, ()) if each.covers(made.day) and each.is_absence), None)  # fmt: skip
    if away is None:
        return []
    return [f"Дата: врач отсутствует ({away.said}, с переносом приёмов). Сначала измените это в «Отсутствии врача»."]


def warnings_of(made: Change, facts: Facts) -> list[str]:
    assert made.worker
    assert made.day
    found = [
        f"День был закрыт ({each.reason or 'без причины'}), он откроется."
        for each in facts.shut.get(made.worker.id, ()) if each.covers(made.day)
    ]  # fmt: skip
    if kind_of(made.day) is DayKind.DUTY and made.day.weekday() != SUNDAY:
        found.append("Праздничный день.")
    return found


def left_of(made: Change, before: Sequence[Open], after: Sequence[Open], facts: Facts) -> tuple[Booked, ...]:
    """Visits that were within hours and would not be."""
    assert made.worker
    was, will = [one.span for one in before], [one.span for one in after]
    return tuple(each for each in facts.visits.get(made.worker.id, ()) if outside([each.span], was, will))


def apart(changes: list[Change], facts: Facts) -> list[Change]:
    """The same with rooms looked at: what is left out for it stays where it was, so that others are looked at again."""
    while True:
        held = _held(changes, facts)
        found = [_roomed(each, held, facts) if each.after and each.is_done else each for each in changes]
        if [each.kind for each in found] == [each.kind for each in changes]:
            return found
        changes = found


Held = dict[str, list[tuple[UUID, Span]]]


def _held(changes: Sequence[Change], facts: Facts) -> Held:
    """Who is in which room and when, were all that is right in the file done."""
    done = {(each.worker.id, each.day): each for each in changes if each.worker and each.is_done}
    found: Held = {}
    for who, one in facts.in_rooms:
        change = done.get((who, one.starts_at.astimezone(facts.zone).date()))
        if change is None or one in change.kept:
            found.setdefault(key_of(one.room), []).append((who, one.span))
    for (who, _), change in done.items():
        for one in change.after:
            if one.room.strip():
                found.setdefault(key_of(one.room), []).append((who, one.span))
    return found


def _roomed(made: Change, held: Held, facts: Facts) -> Change:
    assert made.worker
    errors: list[str] = []
    warnings = [each for each in made.warnings if not each.startswith("Кабинет")]
    for one in made.after:
        room = facts.rooms.get(key_of(one.room))
        taken = sorted({who for who, span in held.get(key_of(one.room), ()) if who != made.worker.id and span.overlaps(one.span)})  # fmt: skip
        errors += _of_room(room, one, facts)
        if not taken:
            continue
        names = ", ".join(each.name for each in facts.roster.workers if each.id in taken) or "другой врач"
        sentence = f"Кабинет {one.room}: {_words(one.span, facts)} в нём принимает {names}."
        (errors if room else warnings).append(sentence if not room else f"{sentence} Укажите другой кабинет или время.")
    if errors:
        return replace(made, kind=Kind.WRONG, errors=tuple(dict.fromkeys(errors)), warnings=(), left=())
    return replace(made, warnings=tuple(dict.fromkeys(warnings)))


def _of_room(room: Room | None, one: Open, facts: Facts) -> list[str]:
    if room is None:
        return []
    if not room.available.holds(one.span, facts.zone):
        return [f"Кабинет {room.name}: {_words(one.span, facts)} он не работает. Укажите другой кабинет или время."]
    shut = next((each for each in room.shut if each.overlaps(one.span)), None)
    return [f"Кабинет {room.name}: {_words(shut, facts)} закрыт на обслуживание."] if shut else []


def _words(span: Span, facts: Facts) -> str:
    return f"{formats.time(span.starts_at, facts.zone)}–{formats.time(span.ends_at, facts.zone)}"
