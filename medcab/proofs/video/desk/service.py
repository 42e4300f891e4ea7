"""The operator's side of a video session: calls, sees, takes a picture, decides. Each decision is in the journal."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, jobs, outbox, storage
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries as accounts
from medcab.accounts.notices import service as notices
from medcab.errors import Conflict, Invalid, NotFound
from medcab.proofs.queries import identity_index
from medcab.proofs.service import keep_of_video
from medcab.proofs.video import queries
from medcab.proofs.video.desk.queries import Place, place_of
from medcab.proofs.video.models import VideoSession
from medcab.proofs.video.rules import (
    CHECKS,
    LATE,
    LONGEST,
    OPEN,
    REASONS,
    SessionState,
    Step,
    is_late,
    may,
    told_fault,
)
from medcab.proofs.video.service import Overtaken, announce, described, end
from medcab.security import tokens

_DIGITS = 4
_NOBODY_CALLED = "Оператор не вышел на связь. Извините нас: запишитесь на другое время."
_NOT_THERE = "Вас не было на связи. Запишитесь на другое время."
_BROKEN_OFF = "Связь прервалась, и разговор не закончился. Запишитесь на другое время."


class NotThere(NotFound):
    """No such session, or one of people whom this operator does not serve."""

    message = "Звонок не найден."


class Busy(Conflict):
    """An operator talks to one person at a time."""

    message = "У вас уже идёт другой звонок. Сначала закончите его."


class Changed(Conflict):
    """Somebody else's data than the operator has been looking at."""

    message = "Личные данные изменились во время звонка. Завершите его и назначьте новый."


async def opened(session: AsyncSession, actor: Actor, *, session_id: UUID) -> Place:
    """One session with the person's data; raises `NotThere`."""
    found = await place_of(session, actor, session_id)
    if found is None:
        raise NotThere
    return found


def looked(session: AsyncSession, actor: Actor, session_id: UUID) -> None:
    """The operator has seen whose session it is."""
    audit.record(session, actor, Action.VIDEO_VIEW, session_id)


async def begin(session: AsyncSession, actor: Actor, *, session_id: UUID, version: int) -> None:
    """Call the person who waits; a colleague's session becomes the operator's own."""
    found = await _to_change(session, actor, session_id, version, Step.BEGIN)
    if found.arrived_at is None:
        raise Conflict("Человек ещё не подключился. Начать можно, когда он будет на связи.")
    await accounts.take_turns(session, f"video {actor.person_id}")
    await _require_free(session, actor, found)
    person = await accounts.person(session, found.person_id)
    found.operator_id, found.identity_index = actor.person_id, identity_index(person)
    found.state, found.began_at, found.version = SessionState.RUNNING, clock.now(), found.version + 1
    found.word = tokens.digits(_DIGITS)
    audit.record(session, actor, Action.VIDEO_BEGIN, found.id)
    announce(session, found)


async def offer(session: AsyncSession, actor: Actor, *, session_id: UUID, call: int, description: str) -> None:
    """The operator's side of the call; what the person's browser said of an earlier one is void."""
    found = await _running(session, actor, session_id)
    if call == found.call:
        found.offer, found.answer = described(description), ""
        announce(session, found)


async def require_running(session: AsyncSession, actor: Actor, *, session_id: UUID) -> None:
    """Raise unless the actor is just holding it."""
    await _running(session, actor, session_id)


async def keep_still(session: AsyncSession, actor: Actor, *, session_id: UUID, still_id: UUID) -> None:
    """Note a picture that lies sealed in the storage; the one before it goes."""
    found = await _running(session, actor, session_id)
    if found.still_id:
        outbox.add(session, storage.FORGET, {"file_id": str(found.still_id)})
    found.still_id, found.still_at = still_id, clock.now()
    audit.record(session, actor, Action.VIDEO_STILL_TAKE, found.id, still=str(still_id))
    announce(session, found)


async def open_still(session: AsyncSession, actor: Actor, *, session_id: UUID) -> UUID:
    """The picture, for the operator who holds or has held the session; each look is in the journal."""
    require(actor, Permission.SUPPORT_DESK)
    found = await session.get(VideoSession, session_id)
    if found is None or found.operator_id != actor.person_id or found.still_id is None:
        raise NotThere
    audit.record(session, actor, Action.VIDEO_STILL_VIEW, session_id)
    return found.still_id


async def prove(session: AsyncSession, actor: Actor, *, session_id: UUID, version: int, seen: Sequence[str]) -> None:
    """Everything that has to be seen was seen: the person is who they say."""
    found = await _to_change(session, actor, session_id, version, Step.PROVE)
    if missing := [words for name, words in CHECKS.items() if name not in seen]:
        raise Invalid(f"Не отмечено: {missing[0].lower()}.")
    if found.still_id is None:
        raise Conflict("Снимите кадр: без него подтвердить нельзя.")
    person = await accounts.person(session, found.person_id)
    if identity_index(person) != found.identity_index:
        raise Changed
    proof = keep_of_video(session, actor, person)
    end(session, found, SessionState.PROVED)
    _decided(session, actor, found, proof=str(proof.id))
    notices.told_by_mail(session, person, "личность подтверждена", "Оператор подтвердил вашу личность по видеосвязи.")


async def refuse(
    session: AsyncSession, actor: Actor, *, session_id: UUID, version: int, reason: str, text: str = ""
) -> None:
    """The person is not proved, and is told why."""
    found = await _to_change(session, actor, session_id, version, Step.REFUSE)
    if reason not in REASONS:
        raise Invalid("Выберите причину из списка.")
    said = text.strip()
    told = REASONS[reason].told
    if (said or not told) and (fault := told_fault(said)):
        raise Invalid(fault)
    await _close(session, actor, found, SessionState.REFUSED, f"{told} {said}".strip(), reason=reason)


async def miss(session: AsyncSession, actor: Actor, *, session_id: UUID, version: int) -> None:
    """Nobody came in time."""
    found = await _to_change(session, actor, session_id, version, Step.MISS)
    if not is_late(found.starts_at, clock.now()):
        raise Conflict("Ещё рано: подождите пять минут после начала.")
    await _close(session, actor, found, SessionState.MISSED, _NOT_THERE)


async def call_off(session: AsyncSession, actor: Actor, *, session_id: UUID, version: int, text: str) -> None:
    """It will not be held, for the operator's reasons."""
    found = await _to_change(session, actor, session_id, version, Step.CALL_OFF)
    if fault := told_fault(text.strip()):
        raise Invalid(fault)
    await _close(session, actor, found, SessionState.DROPPED, text.strip())


async def break_off(session: AsyncSession, actor: Actor, *, session_id: UUID, version: int) -> None:
    """The connection does not hold: nobody's fault."""
    found = await _to_change(session, actor, session_id, version, Step.BREAK_OFF)
    await _close(session, actor, found, SessionState.DROPPED, _BROKEN_OFF)


@jobs.hourly
async def end_forgotten(session: AsyncSession) -> None:
    """Nothing stays booked for ever: what nobody has held or ended is over, and the person knows whose fault it was."""
    now = clock.now()
    for found in await queries.forgotten(
        session, booked_before=now - LATE - timedelta(minutes=10), running_since=now - LONGEST
    ):
        is_ours = found.state is SessionState.RUNNING or found.arrived_at is not None
        told = (_BROKEN_OFF if found.state is SessionState.RUNNING else _NOBODY_CALLED) if is_ours else _NOT_THERE
        await _close(session, None, found, SessionState.DROPPED if is_ours else SessionState.MISSED, told)


async def _close(
    session: AsyncSession, actor: Actor | None, found: VideoSession, state: SessionState, told: str, **more: str
) -> None:
    end(session, found, state, told=told)
    _decided(session, actor, found, **more)
    person = await accounts.person(session, found.person_id)
    what = f"Видеозвонок {notices.moment(found.starts_at)} личность не подтвердил. {told} Другое время можно выбрать в кабинете: «Профиль» → «Подтвердить личность»."
    notices.informed(
        session, person, "личность не подтверждена", what, by_sms=state is SessionState.DROPPED, href="/profile"
    )


def _decided(session: AsyncSession, actor: Actor | None, found: VideoSession, **more: str) -> None:
    audit.record(
        session, actor, Action.VIDEO_DECIDE, found.id, state=found.state.value, person_id=found.person_id, **more
    )


async def _to_change(session: AsyncSession, actor: Actor, session_id: UUID, version: int, step: Step) -> VideoSession:
    """The session as the operator saw it, locked; one that is being held belongs to its operator."""
    await opened(session, actor, session_id=session_id)
    found = await session.get(VideoSession, session_id, with_for_update=True, populate_existing=True)
    if found is None or found.version != version or not may(step, found.state):
        raise Overtaken
    if found.state is SessionState.RUNNING and found.operator_id != actor.person_id:
        raise Conflict("Этот звонок ведёт другой оператор.")
    return found


async def _running(session: AsyncSession, actor: Actor, session_id: UUID) -> VideoSession:
    require(actor, Permission.SUPPORT_DESK)
    found = await session.get(VideoSession, session_id, with_for_update=True)
    if found is None or found.operator_id != actor.person_id or found.state is not SessionState.RUNNING:
        raise NotThere
    return found


async def _require_free(session: AsyncSession, actor: Actor, wanted: VideoSession) -> None:
    """One call at a time; and a colleague's session is not taken over beside an own one of the same time."""
    mine = select(VideoSession).where(
        VideoSession.operator_id == actor.person_id, col(VideoSession.state).in_(OPEN), VideoSession.id != wanted.id
    )
    for other in (await session.exec(mine)).all():
        if other.state is SessionState.RUNNING:
            raise Busy
        if other.starts_at == wanted.starts_at:
            raise Conflict("На это время у вас назначен свой звонок. Начните с него или отмените его.")
