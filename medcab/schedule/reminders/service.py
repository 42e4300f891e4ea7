"""What a patient sees and answers by a link, without signing in: when and where they are expected, never what for and by whom.

Opening a link changes nothing, since programs that look through messages open links too. What cannot be answered any more says so in one
sentence, whether the link was wrong, is over, or is somebody's guess.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import clock
from medcab.access import Action
from medcab.accounts.models import Organisation
from medcab.errors import Conflict, NotFound
from medcab.schedule import queries, service
from medcab.schedule.models import Appointment, AppointmentStatus
from medcab.schedule.reminders.models import VisitLink
from medcab.schedule.resources.taking import service as taking
from medcab.schedule.rules.visits import Visit, cancelled
from medcab.schedule.service import turns, zone
from medcab.schedule.waiting.offers import service as offers
from medcab.security import tokens

REFUSED = "Пациент отказался"


class Standing(StrEnum):
    """How a visit stands to whoever holds its link."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    OVER = "over"


class Answer(StrEnum):
    """What a patient can say."""

    YES = "yes"
    NO = "no"


class DeadLink(NotFound):
    """Wrong, over, or answered in a way that cannot be taken back."""

    message = "Ссылка больше не действует. Если вы хотите записаться или отменить запись, позвоните в клинику."


@dataclass(frozen=True)
class Shown:
    """What the page says."""

    standing: Standing
    clinic: str
    starts_at: datetime
    room: str
    held_until: datetime | None


async def look(session: AsyncSession, token: str) -> Shown:
    """How the visit of this link stands now, or `DeadLink`."""
    _, visit = await _found(session, token)
    clinic = await session.get(Organisation, visit.organisation_id)
    hours = await queries.hours_at(session, visit.practitioner_id, visit.organisation_id, queries.visit_of(visit).span)
    room = next((each.room for each in hours), "")
    return Shown(_standing(visit), clinic.short_name if clinic else "", visit.starts_at, room, visit.held_until)


async def answer(session: AsyncSession, token: str, said: Answer) -> bool:
    """The patient will come, or will not; to an offer: takes it, or does not. Said twice, it is said once. Whether the link lives on."""
    link, seen = await _found(session, token)
    await turns(session, workers=[seen.practitioner_id])
    link, visit = await _found(session, token)
    standing = _standing(visit)
    if standing is Standing.OFFERED and said is Answer.NO:
        await offers.decline(session, None, appointment_id=visit.id)
        return False
    if standing is Standing.OFFERED:
        await offers.accept(session, None, appointment_id=visit.id)
    elif said is Answer.NO and standing in (Standing.ASKED, Standing.CONFIRMED):
        await _call_off(session, visit)
    elif said is Answer.YES and standing is Standing.ASKED:
        await _confirm(session, visit)
    elif (said, standing) not in ((Answer.YES, Standing.CONFIRMED), (Answer.NO, Standing.CANCELLED)):
        raise DeadLink
    link.answered_at = clock.now()
    return True


async def _confirm(session: AsyncSession, row: Appointment) -> None:
    before = queries.visit_of(row)
    await _write(session, row, Action.LINK_CONFIRM, before, replace(before, confirmed_at=clock.now()))


async def _call_off(session: AsyncSession, row: Appointment) -> None:
    """As somebody of the clinic would: the time and the room are free at once, and go to whoever waits for them."""
    before = queries.visit_of(row)
    await _write(session, row, Action.LINK_DECLINE, before, cancelled(before, REFUSED, clock.now(), zone()))


async def _write(session: AsyncSession, row: Appointment, action: Action, before: Visit, after: Visit) -> None:
    await taking.turn(session, row.organisation_id)
    if not await queries.write(session, row.id, version=row.version, after=after, changed_by_id=None):
        raise Conflict
    if before.holds_time != after.holds_time:
        await taking.hold(session, row.id, after)
    await service.tell(session, None, action, row.id, before, after)


async def _found(session: AsyncSession, token: str) -> tuple[VisitLink, Appointment]:
    if not tokens.is_token(token):
        raise DeadLink
    query = (
        select(VisitLink, Appointment)
        .join(Appointment, col(Appointment.id) == col(VisitLink.appointment_id))
        .where(VisitLink.token_hash == tokens.fingerprint(token))
        .execution_options(populate_existing=True)
    )
    found = (await session.exec(query)).first()
    if found is None or found[0].expires_at <= clock.now():
        raise DeadLink
    link, visit = found
    if visit.held_until and visit.held_until <= clock.now():
        raise DeadLink
    return link, visit


def _standing(visit: Appointment) -> Standing:
    if visit.status is AppointmentStatus.CANCELLED:
        return Standing.CANCELLED
    if visit.status is AppointmentStatus.OFFERED:
        return Standing.OFFERED
    if visit.status is not AppointmentStatus.BOOKED or visit.starts_at <= clock.now():
        return Standing.OVER
    return Standing.CONFIRMED if visit.confirmed_at else Standing.ASKED
