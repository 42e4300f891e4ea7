"""What a patient sees and answers by a link, without signing in: when and where they are expected, never what for and by whom.

Opening a link changes nothing, since programs that look through messages open links too. What cannot be answered any more says so in one
sentence, whether the link was wrong, is over, or is somebody's guess.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action
from medcab.accounts.models import Organisation
from medcab.audit import AuditEntry
from medcab.errors import Conflict, NotFound
from medcab.schedule import queries, service
from medcab.schedule.hours.queries import Hours
from medcab.schedule.models import Appointment, AppointmentStatus
from medcab.schedule.reminders.models import VisitLink
from medcab.schedule.resources.taking import service as taking
from medcab.schedule.rules.visits import Visit, cancelled
from medcab.schedule.service import turns, zone
from medcab.schedule.waiting.offers import service as offers
from medcab.security import tokens

REFUSED = "Пациент отказался"
_REMEMBERED = timedelta(days=1)


class Standing(StrEnum):
    """How a visit stands to whoever holds its link."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    AWAY = "away"
    """The worker does not see patients then any more, and nobody has called yet."""
    HERE = "here"


class Answer(StrEnum):
    """What a patient can say."""

    YES = "yes"
    NO = "no"


class Result(StrEnum):
    """What came of an answer."""

    HEARD = "heard"
    PASSED = "passed"
    """The offer goes to somebody else, and its link with it."""
    CHANGED = "changed"
    """Nothing: the visit is not any more as the patient has seen it."""


class DeadLink(NotFound):
    """Wrong, over, or answered in a way that cannot be taken back."""

    message = "Ссылка больше не действует. Если вы хотите записаться или отменить запись, позвоните в клинику."


class Passed(DeadLink):
    """The patient has let this offer go a moment ago: no guess."""


@dataclass(frozen=True)
class Shown:
    """What the page says."""

    standing: Standing
    clinic: str
    starts_at: datetime
    room: str
    held_until: datetime | None
    version: int
    """Of the visit; an answer names the one that was seen."""


async def look(session: AsyncSession, token: str) -> Shown:
    """How the visit of this link stands now, or `DeadLink`."""
    visit = await _found(session, token)
    clinic = await session.get(Organisation, visit.organisation_id)
    inside = await _hours(session, visit)
    return Shown(
        _standing(visit, inside), clinic.short_name if clinic else "", visit.starts_at, inside.room if inside else "", visit.held_until, visit.version
    )  # fmt: skip


async def answer(session: AsyncSession, token: str, said: Answer, *, seen: int) -> Result:
    """The patient, who saw this version, will come, or will not; to an offer: takes it, or does not. Said twice, it is said once."""
    try:
        visit = await _found(session, token)
        await turns(session, workers=[visit.practitioner_id])
        visit = await _found(session, token)
    except Passed:
        if said is Answer.NO:
            return Result.PASSED
        raise
    standing = _standing(visit, await _hours(session, visit))
    if (said, standing) in _SAID or standing is Standing.HERE:
        return Result.HEARD
    if visit.version != seen:
        return Result.CHANGED
    if standing is Standing.CANCELLED:
        raise DeadLink
    return await _carry_out(session, token, visit, standing, said)


_SAID = {(Answer.YES, Standing.CONFIRMED), (Answer.YES, Standing.AWAY), (Answer.NO, Standing.CANCELLED)}
"""Nothing is left to do; who would come to somebody who is away is called."""


async def _carry_out(session: AsyncSession, token: str, visit: Appointment, standing: Standing, said: Answer) -> Result:
    if standing is Standing.OFFERED and said is Answer.NO:
        await offers.decline(session, None, appointment_id=visit.id)
        audit.record(session, None, Action.LINK_PASS, tokens.fingerprint(token))
        return Result.PASSED
    if standing is Standing.OFFERED:
        await offers.accept(session, None, appointment_id=visit.id)
    elif said is Answer.NO:
        await _call_off(session, visit)
    else:
        await _confirm(session, visit)
    return Result.HEARD


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


async def _found(session: AsyncSession, token: str) -> Appointment:
    """Whose link this is, until the visit begins, wherever it was moved."""
    if not tokens.is_token(token):
        raise DeadLink
    query = (
        select(Appointment)
        .join(VisitLink, col(Appointment.id) == col(VisitLink.appointment_id))
        .where(VisitLink.token_hash == tokens.fingerprint(token))
        .execution_options(populate_existing=True)
    )
    visit = (await session.exec(query)).first()
    if visit is None:
        raise Passed if await _is_passed(session, token) else DeadLink
    if visit.starts_at <= clock.now() or (visit.held_until and visit.held_until <= clock.now()):
        raise DeadLink
    return visit


async def _is_passed(session: AsyncSession, token: str) -> bool:
    """Whether an offer was let go by this link; its row went with the visit, the journal remembers it."""
    query = select(AuditEntry.seq).where(
        AuditEntry.action == Action.LINK_PASS.value, AuditEntry.subject == tokens.fingerprint(token),
        col(AuditEntry.at) > clock.now() - _REMEMBERED,
    )  # fmt: skip
    return (await session.exec(query.limit(1))).first() is not None


async def _hours(session: AsyncSession, visit: Appointment) -> Hours | None:
    """Those in which the visit is; None: the worker does not see patients then."""
    span = queries.visit_of(visit).span
    found = await queries.hours_at(session, visit.practitioner_id, visit.organisation_id, span)
    return next((each for each in found if each.starts_at <= visit.starts_at < each.ends_at), None)


def _standing(visit: Appointment, inside: Hours | None) -> Standing:
    known = {AppointmentStatus.CANCELLED: Standing.CANCELLED, AppointmentStatus.OFFERED: Standing.OFFERED}
    if visit.status is not AppointmentStatus.BOOKED:
        return known.get(visit.status, Standing.HERE)
    if inside is None:
        return Standing.AWAY
    return Standing.CONFIRMED if visit.confirmed_at else Standing.ASKED
