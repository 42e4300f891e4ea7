"""Once a day everybody active is told of what comes due: one message of all of it, each step once, also after an outage.

It asks nobody outside: the register may be down. A killed server begins the day anew; whoever has been told is not told twice.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock, db, jobs, outbox
from medcab.accounts.inbox import service as inbox
from medcab.accounts.models import Person, Standing
from medcab.accounts.notices import service as notices
from medcab.compliance import queries
from medcab.compliance.models import DutyReminder, ReminderChoice
from medcab.compliance.rules.duties import duties
from medcab.compliance.rules.reminders import Reminder, due
from medcab.outbox import OutboxMessage
from medcab.ui import formats

REMIND = "duties.remind"
_SUBJECT = "подходит срок"
PAGE = 100
_MORNING = time(8)
"""Moscow's: nobody is woken by an SMS."""
_SMS_FROM = 30
"""Days ahead from which a reminder comes by SMS as well."""


@jobs.hourly
async def begin_today(session: AsyncSession) -> None:
    """One round of reminders a day, from the morning on."""
    morning = datetime.combine(clock.today(), _MORNING, clock.MOSCOW)
    if clock.now() < morning:
        return
    begun = sa.select(sa.literal(1)).where(col(OutboxMessage.kind) == REMIND, col(OutboxMessage.created_at) >= morning)
    if (await session.execute(begun.limit(1))).first() is None:
        outbox.add(session, REMIND, {"day": clock.today().isoformat()})


@jobs.performer(REMIND)
async def remind_everybody(_key: UUID, _payload: dict[str, Any]) -> jobs.Later | None:
    """Page by page, each in a transaction of its own; what a kill has left for the night waits until the morning."""
    morning = datetime.combine(clock.today(), _MORNING, clock.MOSCOW)
    if clock.now() < morning:
        return jobs.Later((morning - clock.now()).total_seconds())
    after: UUID | None = None
    while True:
        async with db.transaction() as session:
            people = await _next_people(session, after)
            await _remind(session, people)
        if not people:
            return None
        after = people[-1].id


async def _next_people(session: AsyncSession, after: UUID | None) -> list[Person]:
    """Those who may work; whoever is suspended has worse to mend."""
    query = select(Person).where(Person.standing == Standing.ACTIVE).order_by(col(Person.id)).limit(PAGE)
    return list((await session.exec(query.where(col(Person.id) > after) if after else query)).all())


async def _remind(session: AsyncSession, people: Sequence[Person]) -> None:
    ids = [person.id for person in people]
    facts, told = await queries.facts_of(session, ids), await _told(session, ids)
    choices, day = await queries.choices_of(session, ids), queries.day()
    for person in people:
        found = due(
            duties(facts[person.id], day), told.get(person.id, ()), today=day.today, steps=day.norms.reminder_days
        )
        if found:
            _tell(session, person, found, choices.get(person.id) or ReminderChoice(person_id=person.id), day.today)


async def _told(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[Reminder]]:
    """What was told of what has not run out yet."""
    query = select(DutyReminder).where(
        col(DutyReminder.person_id).in_(ids), col(DutyReminder.valid_until) >= clock.today()
    )
    found: dict[UUID, list[Reminder]] = {}
    for row in (await session.exec(query)).all():
        found.setdefault(row.person_id, []).append(Reminder(row.valid_until, row.subject, row.step))
    return found


def _tell(
    session: AsyncSession, person: Person, found: Sequence[Reminder], choice: ReminderChoice, today: date
) -> None:
    """One message of everything, and a note that it was said; the note also where nobody wants to hear it."""
    session.add_all(
        DutyReminder(
            person_id=person.id, subject=one.subject, valid_until=one.valid_until, step=one.step, sent_at=clock.now()
        )
        for one in found
    )
    inbox.put(session, person.id, subject=_SUBJECT, text=_listed(found, today), href="/compliance")
    if heard := [one for one in found if choice.by_mail or one.is_permit]:
        where = "Что сделать, сказано в разделе «Соответствие требованиям»."
        notices.written(session, person, _SUBJECT, f"{_listed(heard, today)}\n\n{where}")
    urgent = [one for one in found if choice.by_sms and one.step <= _SMS_FROM]
    if urgent:
        more = f" и ещё {len(urgent) - 1}" if len(urgent) > 1 else ""
        notices.sms(session, person.phone, f"medcab: скоро истекает: {_line(urgent[0], today)}{more}.")


def _listed(found: Sequence[Reminder], today: date) -> str:
    return "\n".join(["Скоро истекает:", *(f"— {_line(one, today)}" for one in found)])


def _line(one: Reminder, today: date) -> str:
    days = one.days_left(today)
    left = f"осталось {formats.plural(days, 'день', 'дня', 'дней')}" if days else "последний день"
    name = f"аккредитация «{one.subject}»" if one.is_permit else one.subject.lower()
    return f"{name}, до {formats.day(one.valid_until)} ({left})"
