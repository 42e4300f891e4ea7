"""A rota becomes hours of its days: all that is right in it or nothing, in one transaction with one entry in the journal.

It is judged again under the turns of everybody whom it is about. What differs from the preview that the person has seen is told, and nothing is done.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor
from medcab.errors import Conflict
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.hours.days import service as days
from medcab.schedule.hours.queries import Hours
from medcab.schedule.hours.service import clinic_of
from medcab.schedule.resources.taking import service as taking
from medcab.schedule.resources.taking.follow.service import follow
from medcab.schedule.rota import service
from medcab.schedule.rota.service import Known
from medcab.schedule.rules import rota as rules
from medcab.schedule.rules.facts import Change, Kind, Open
from medcab.schedule.rules.slots import day_of
from medcab.schedule.service import turns, zone


class StalePreview(Conflict):
    """The schedule, or what is known of the people, is not as it was seen."""

    message = "Пока вы смотрели, расписание изменилось. Ничего не применено: проверьте обновлённый список и повторите."


@dataclass(frozen=True)
class Applied:
    """How many days were opened or changed, closed, and left out as wrong; `first` of them."""

    opened: int
    closed: int
    dropped: int
    first: date


async def apply(session: AsyncSession, actor: Actor, *, sheet_id: UUID, seen: str, drop_wrong: bool = False) -> Applied:
    """Do what the preview `seen` says. With wrong days nothing is done, unless they are left out on purpose."""
    sheet = await service.own(session, actor, sheet_id, is_locked=True)
    rota = await service.entries_of(sheet)
    roster = await service.roster_of(session, actor, rota)
    await turns(session, workers=await asyncio.to_thread(rules.meant, rota.entries, roster))
    await taking.turn(session, clinic_of(actor))
    found, known = await service.judged(session, actor, rota, roster)
    if await asyncio.to_thread(rules.digest, found) != seen:
        raise StalePreview
    wrong = [each for each in found if each.kind is Kind.WRONG]
    if wrong and not drop_wrong:
        raise Conflict("В файле есть дни с ошибками. Исправьте файл или отметьте, что их можно пропустить.")
    done = [each for each in found if each.is_done]
    if not done:
        raise Conflict("В файле нет ничего нового: расписание уже такое.")
    await _write(session, actor, done, known)
    await session.delete(sheet)
    told = _told(done, len(wrong))
    workers = sorted({str(each.worker.id) for each in done if each.worker})
    left = sum(len(each.left) for each in done)
    audit.record(
        session, actor, Action.ROTA_APPLY, sheet_id, opened=told.opened, closed=told.closed, dropped=told.dropped, left=left,
        since=told.first, until=max(each.day for each in done if each.day), workers=workers,
    )  # fmt: skip
    return told


def _told(done: Sequence[Change], dropped: int) -> Applied:
    closed = sum(each.kind is Kind.CLOSED for each in done)
    return Applied(len(done) - closed, closed, dropped, min(each.day for each in done if each.day))


async def _write(session: AsyncSession, actor: Actor, done: Sequence[Change], known: Known) -> None:
    here, mine = clinic_of(actor), known.facts.roster.mine
    changed = {(each.worker.id, each.day): each for each in done if each.worker and each.day}
    gone = {
        key: row for day, each in changed.items() for key, row in known.written.get(day, {}).items()
        if each.kind is Kind.CLOSED or row.department_id in mine
    }  # fmt: skip
    taken_back: dict[UUID, list[Hours]] = defaultdict(list)
    for row in gone.values():
        taken_back[row.practitioner_id].append(row)
    await days.clear(session, gone)
    await days.write(session, [one for day, each in changed.items() for one in _hours(here, day[0], each, known)])
    await _close(session, actor, done, taken_back)
    await _let_open(session, done, known)
    await session.flush()
    await follow(session, here, {who for who, _ in changed})
    for who in {who for who, _ in changed}:
        theirs = [each for each in done if each.worker and each.worker.id == who]
        days.tell(
            session, who, {one.department_id for each in theirs for one in (*each.before, *each.after, *each.kept)}
        )


def _hours(here: UUID, who: UUID, change: Change, known: Known) -> list[Hours]:
    """What is new on the day, and what a template has there in departments that are not the actor's: the day has hours of its own now."""
    if change.kind is Kind.CLOSED or change.day is None:
        return []
    said = [one for one in known.said.get((who, change.day), ()) if one.department_id not in known.facts.roster.mine]
    return [*(_as_hours(here, who, one) for one in change.after), *said]


def _as_hours(here: UUID, who: UUID, one: Open) -> Hours:
    return Hours(
        here, one.department_id, who, one.starts_at, one.ends_at, one.slot_minutes, one.room, one.specialty
    )  # fmt: skip


async def _close(
    session: AsyncSession, actor: Actor, done: Sequence[Change], taken_back: dict[UUID, list[Hours]]
) -> None:  # fmt: skip
    """Days that follow each other for the same reason are closed as one; nobody is offered time on them."""
    shut: dict[tuple[UUID, str], list[date]] = defaultdict(list)
    for each in done:
        if each.kind is Kind.CLOSED and each.worker and each.day:
            shut[each.worker.id, each.off].append(each.day)
    for (who, reason), those in shut.items():
        for closed in closing.in_rows(those):
            kept = [one for one in taken_back[who] if closed.covers(day_of(one.starts_at, zone()))]
            await closing.release_offers(session, actor, who, closed)
            session.add(closing.shut(clinic_of(actor), who, closed, reason, kept))


async def _let_open(session: AsyncSession, done: Sequence[Change], known: Known) -> None:
    """Days that were closed and have hours now."""
    opened: dict[UUID, set[date]] = defaultdict(set)
    for each in done:
        if each.kind is not Kind.CLOSED and each.worker and each.day:
            opened[each.worker.id].add(each.day)
    for row in known.closed:
        days_of_row = {day for day in opened[row.practitioner_id] if row.since <= day <= row.until}
        if days_of_row:
            _, had = await closing.let_open(session, row, days_of_row)
            mine = known.facts.roster.mine
            await days.write(session, [each for each in had if each.department_id not in mine])
