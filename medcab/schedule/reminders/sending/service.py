"""Patients are reminded of tomorrow by one SMS each, with a link by which they answer. It says when and where, never what for.

Whom nobody reminded in time (an outage) is reminded of today, when the visit is still some hours away. The key of `patient_reminder` makes it
once, whatever is killed, restarted, or run by several servers.
"""

import logging
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, db, jobs, outbox
from medcab.access import Action
from medcab.schedule.models import Appointment
from medcab.schedule.reminders import queries
from medcab.schedule.reminders.links import service as links
from medcab.schedule.reminders.models import LinkPurpose, PatientReminder, VisitLink
from medcab.schedule.reminders.queries import Expected
from medcab.schedule.rules.slots import Span, bounds
from medcab.schedule.service import zone
from medcab.schedule.waiting.offers.service import is_mobile
from medcab.ui import formats

REMIND = "patients.remind"
FROM, UNTIL = time(9), time(20)
"""The clinic's: nobody is woken by an SMS."""
AHEAD = timedelta(hours=3)
PAGE = 100
_KEPT = timedelta(days=30)
log = logging.getLogger(__name__)


@jobs.hourly
async def begin(session: AsyncSession) -> None:
    """By day, when anybody is still to be reminded."""
    if not _is_day():
        return
    for day, span, before in _days():
        if await queries.is_due(session, day, span, before):
            outbox.add(session, REMIND, {})
            return


@jobs.hourly
async def forget_old(session: AsyncSession) -> None:
    """Links and reminders of long ago."""
    old = clock.now() - _KEPT
    over = sa.select(col(Appointment.id)).where(col(Appointment.starts_at) < old)  # a link follows its visit
    await session.execute(
        sa.delete(VisitLink).where(col(VisitLink.expires_at) < old, col(VisitLink.appointment_id).in_(over))
    )
    await session.execute(sa.delete(PatientReminder).where(col(PatientReminder.day) < old.date()))


@jobs.performer(REMIND)
async def remind_everybody(_key: UUID, _payload: dict[str, Any]) -> None:
    """Page by page, each in a transaction of its own."""
    for day, span, before in _days():
        last: UUID | None = None
        while _is_day():
            async with db.transaction() as session:
                patients = await queries.next_patients(session, day, span, before, last, PAGE)
                await _remind(session, day, span, patients)
            if len(patients) < PAGE:
                break
            last = patients[-1]


def _is_day() -> bool:
    return FROM <= clock.now().astimezone(zone()).time() < UNTIL


def _days() -> list[tuple[date, Span, datetime | None]]:
    """What people are reminded of now: all of tomorrow; of today what is left, for those who were booked before it."""
    today = clock.today(zone())
    whole, tomorrow = bounds(today, 1, zone()), today + timedelta(days=1)
    days: list[tuple[date, Span, datetime | None]] = [(tomorrow, bounds(tomorrow, 1, zone()), None)]
    if clock.now() + AHEAD < whole.ends_at:
        days.append((today, Span(clock.now() + AHEAD, whole.ends_at), whole.starts_at))
    return days


async def _remind(session: AsyncSession, day: date, span: Span, patients: list[UUID]) -> None:
    """Whoever is not expected after all is not taken on: their worker may be back tomorrow."""
    visits = await queries.expected(session, patients, span) if patients else {}
    mine = await queries.claim(session, day, sorted(visits)) if visits else set[UUID]()
    if not mine:
        return
    phones = await queries.phones(session, mine)
    told = 0
    for key in sorted(mine):
        if is_mobile(phones[key]):
            outbox.add(session, "sms", {"to": phones[key], "text": _text(session, day, visits[key])})
            told += 1
    if told < len(mine):
        log.warning("%s of %s patients have no mobile phone to be reminded by", len(mine) - told, len(mine))
    audit.record(session, None, Action.PATIENTS_REMIND, day.isoformat(), told=told, without_phone=len(mine) - told)


def _text(session: AsyncSession, day: date, visits: list[Expected]) -> str:
    """«Ждём вас 24.11 в 09:30, кабинет 214, ГК № 1. Подтвердить или отказаться: https://…»; of several, each has its own link."""
    lines = []
    for one in visits:
        address = links.make(session, one.appointment_id, LinkPurpose.CONFIRM, one.starts_at)
        room = f", кабинет {one.room}" if one.room else ""
        lines.append((f"{formats.time(one.starts_at, zone())}{room}", address))
    head, clinic = f"Ждём вас {formats.day_short(day)}", visits[0].clinic
    if len(lines) == 1:
        [(when, address)] = lines
        return f"{head} в {when}, {clinic}. Подтвердить или отказаться: {address}"
    return (
        f"{head}, {clinic}: "
        + "; ".join(f"{when}: {address}" for when, address in lines)
        + ". По ссылкам можно подтвердить или отказаться."
    )
