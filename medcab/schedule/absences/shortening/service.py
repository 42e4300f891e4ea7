"""An absence that turned out shorter: whoever was called back from leave, or came back early, was at work on these days.

What is over gets no hours back: they come with the visits that are handed over. What is ahead opens again. Visits that were moved or called off
stay so: their patients have been told. The days that were taken out stay in the list as an entry of their own, with the reason.
"""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, live
from medcab.access import Action, Actor, Permission, require
from medcab.accounts.models import Person
from medcab.accounts.notices import service as notices
from medcab.errors import Conflict, Forbidden
from medcab.schedule.absences import queries
from medcab.schedule.absences.models import Absence
from medcab.schedule.absences.rows.service import PATHS
from medcab.schedule.absences.service import is_returnable, own, topic
from medcab.schedule.absences.shortening import rules
from medcab.schedule.absences.shortening.rules import Worked
from medcab.schedule.hours.closing import service as closing
from medcab.schedule.models import ReceptionClosed
from medcab.schedule.rules.templates import Closed, said_of
from medcab.schedule.service import turns, zone


async def shorten(
    session: AsyncSession, actor: Actor, *, absence_id: UUID, worked: Worked, reason: str
) -> list[Closed]:
    """Take these days out of an absence that has begun; what is left of it."""
    require(actor, Permission.SCHEDULE_EDIT)
    row = await own(session, actor, absence_id)
    _demand_not_own(actor, row)
    why = rules.reason_of(reason)
    await turns(session, workers=(row.practitioner_id,))
    await session.refresh(row, with_for_update=True)
    time = queries.time_of(row)
    closed_id = _demand_standing(row)
    rules.demand(time, worked, clock.today(zone()))
    parts = await closing.open_some(session, actor, closed_id=closed_id, opened=worked.days)
    left = rules.rest(time, worked)
    _write(session, actor, row, time, worked, why, parts)
    audit.record(
        session, actor, Action.ABSENCE_SHORTEN, absence_id, practitioner=row.practitioner_id, since=worked.since, until=worked.until,
        was=said_of(time), reason=why,
    )  # fmt: skip
    live.publish(session, topic(row.organisation_id))
    await _inform(session, actor, row, time, worked, why)
    return left


def is_open(actor: Actor, row: Absence) -> bool:
    """Whether it can be shortened, as far as it is known without asking."""
    today = clock.today(zone())
    has_begun = row.since <= today <= row.until + rules.OLDEST
    return bool(row.closed_id) and has_begun and not is_returnable(row) and not _is_own(actor, row)


def _is_own(actor: Actor, row: Absence) -> bool:
    """Whoever plans nobody but themselves does not say afterwards that they were there."""
    return row.practitioner_id == actor.person_id and not actor.may(Permission.SCHEDULE_DEPARTMENT)


def _demand_not_own(actor: Actor, row: Absence) -> None:
    if _is_own(actor, row):
        raise Forbidden("Своё отсутствие сократит руководитель отделения или администратор клиники.")


def _demand_standing(row: Absence) -> UUID:
    """What it closed, under the worker's turn."""
    if is_returnable(row):
        raise Conflict("Его ещё можно отменить целиком: «Вернуть как было».")
    if row.closed_id is None:
        raise Conflict("Этого отсутствия уже нет: его отменили, или эти дни снова открыли.")
    return row.closed_id


def _write(
    session: AsyncSession, actor: Actor, row: Absence, time: Closed, worked: Worked, why: str, parts: Sequence[ReceptionClosed]
) -> None:  # fmt: skip
    """What is left is the absence; what was taken out is an entry that was taken back. Of two parts the visits stand with the first."""
    left, now = rules.rest(time, worked), clock.now()
    row.closed_id = parts[0].id if parts else None
    if left:
        row.since, row.until, row.starts, row.ends = left[0].since, left[0].until, left[0].starts, left[0].ends
    same = {"organisation_id": row.organisation_id, "practitioner_id": row.practitioner_id}
    for part, closed in zip(left[1:], parts[1:], strict=True):
        more = {
            "reason": row.reason,
            "made_by_id": row.made_by_id,
            "made_at": row.made_at,
            "tell_at": row.tell_at,
            "told_at": row.told_at,
        }
        session.add(Absence(**same, **asdict(part), **more, closed_id=closed.id))
    made = {"made_by_id": actor.person_id, "made_at": now, "tell_at": now, "taken_back_at": now}
    session.add(Absence(**same, **asdict(rules.taken_out(time, worked)), **made, reason=why))


async def _inform(
    session: AsyncSession, actor: Actor, row: Absence, time: Closed, worked: Worked, why: str
) -> None:  # fmt: skip
    """The worker reads of it; nobody is written to about what they did themselves."""
    if row.practitioner_id == actor.person_id:
        return
    left = ", ".join(said_of(each) for each in rules.rest(time, worked)) or "ничего"
    text = (
        f"{actor.name} указывает, что вы работали {said_of(rules.taken_out(time, worked))}, хотя было внесено отсутствие {said_of(time)}."
        f" Причина: {why}. От отсутствия осталось: {left}. Если это не так, скажите руководителю отделения."
    )
    person = await session.get_one(Person, row.practitioner_id)
    notices.informed(session, person, "отсутствие сокращено", text, href=f"{PATHS[True]}?id={row.id}")
