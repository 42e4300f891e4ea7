"""Patients hear what became of their visits once it cannot be taken back any more: one SMS each, that says when and where and nothing else."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from medcab import audit, clock, db, live, outbox
from medcab.access import Action
from medcab.jobs import Later, performer
from medcab.schedule.absences import queries
from medcab.schedule.absences.models import Absence, Outcome
from medcab.schedule.absences.queries import Dealt
from medcab.schedule.absences.service import TELL, topic
from medcab.schedule.rules.visits import AppointmentStatus
from medcab.schedule.service import zone
from medcab.schedule.waiting.offers.service import is_mobile
from medcab.ui import formats

FROM, UNTIL = time(7), time(21)
"""The clinic's."""


@performer(TELL)
async def tell(_key: UUID, payload: dict[str, Any]) -> Later | None:
    """`{"absence_id"}`: waits for the end of the grace, then tells everybody in one transaction, once; of what was taken back, those who stay moved."""
    async with db.transaction() as session:
        row = await session.get(Absence, UUID(payload["absence_id"]), with_for_update=True)
        if row is None or row.told_at:
            return None
        if (left := (day_for(max(row.tell_at, clock.now())) - clock.now()).total_seconds()) > 0:
            return Later(left)
        dealt = await queries.dealt(session, None, row.id)
        if row.taken_back_at and not (dealt := [each for each in dealt if each.is_left(row.taken_back_at)]):
            return None
        clinic = await queries.clinic_name(session, row.organisation_id)
        texts: dict[str, list[str]] = defaultdict(list)
        for each in dealt:
            if (text := _what(each)) and is_mobile(each.patient.phone):
                texts[each.patient.phone].append(text)
        for number, said in texts.items():
            outbox.add(session, "sms", {"to": number, "text": f"{' '.join(said)} {clinic}"})
        row.told_at = clock.now()
        audit.record(session, None, Action.ABSENCE_TELL, row.id, told=len(texts))
        live.publish(session, topic(row.organisation_id))
    return None


def day_for(at: datetime) -> datetime:
    """Then, or in the morning: nobody is woken, and nobody sets out for a visit of eight o'clock unknowing."""
    local = at.astimezone(zone())
    if FROM <= local.time() < UNTIL:
        return at
    return datetime.combine(local.date() + timedelta(days=local.time() >= UNTIL), FROM, zone())


def _what(each: Dealt) -> str:
    """How the visit stands now against how it was before the absence, whoever changed it in between; whoever is called is not written to."""
    done, visit = each.done, each.visit
    was = _when(done.from_starts_at)
    if done.outcome is Outcome.CALL:
        return ""
    if visit.status is AppointmentStatus.CANCELLED:
        return f"Ваша запись {was} отменена."
    if visit.status is not AppointmentStatus.BOOKED:
        return ""
    if visit.starts_at != done.from_starts_at:
        return f"Ваша запись {was} перенесена на {_when(visit.starts_at)}."
    if visit.practitioner_id != done.from_practitioner_id:
        return f"Ваша запись {was} в силе, примет другой специалист."
    return ""


def _when(at: datetime) -> str:
    local = at.astimezone(zone())
    return f"{formats.day_short(local)} в {formats.time(at, zone())}"
