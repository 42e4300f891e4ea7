"""The person's side of a video session: a time is booked, the call awaited, answered, or called off."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock, db, jobs, live, outbox, storage
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries as accounts
from medcab.accounts.models import Person
from medcab.accounts.notices import service as notices
from medcab.errors import Conflict, Invalid
from medcab.proofs.queries import proof_of
from medcab.proofs.service import topic
from medcab.proofs.video import queries, rules
from medcab.proofs.video.models import MOST_SDP, VideoSession
from medcab.proofs.video.rules import BOOKED_AT_MOST, EARLY, FAILED_AT_MOST, SessionState, Step, may, may_come
from medcab.settings import get_settings
from medcab.ui import formats

DESK = "video-desk"
"""What the operators' desk watches."""
REMIND = "video.remind"
_TURN = "video-booking"
_REMIND_BEFORE = timedelta(minutes=30)
TOO_LATE = "Время звонка прошло. Отмените его и запишитесь снова."
_ROOM = "В кабинете: «Профиль» → «Подтвердить личность»."


class Taken(Conflict):
    """Somebody was quicker, or the hours have changed."""

    message = "Это время только что заняли. Выберите другое."


class Overtaken(Conflict):
    """The session has changed since the page was drawn."""

    message = "Звонок уже изменился. Посмотрите, что нового."


async def book(session: AsyncSession, actor: Actor, *, starts_at: datetime) -> VideoSession:
    """Take the time with whichever operator is free then; who has it already (a second click) keeps it."""
    require(actor, Permission.ACCOUNT)
    await accounts.take_turns(session, _TURN)
    held = await queries.open_of(session, actor.person_id)
    if held and held.starts_at == starts_at:
        return held
    person = await accounts.person(session, actor.person_id)
    await _require_need(session, person, held)
    operators = (await queries.free(session, person.id)).get(starts_at)
    if not operators:
        raise Taken
    made = VideoSession(
        person_id=person.id, operator_id=operators[0], starts_at=starts_at, state=SessionState.BOOKED, booked_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    audit.record(session, actor, Action.VIDEO_BOOK, made.id, starts_at=starts_at.isoformat())
    what = f"Видеозвонок для подтверждения личности: {notices.moment(starts_at)}. Приготовьте паспорт. {_ROOM}"
    notices.informed(session, person, "видеозвонок назначен", what, by_sms=True, href="/identity/video")
    outbox.add(session, REMIND, {"session_id": str(made.id)})
    announce(session, made)
    return made


async def cancel(session: AsyncSession, actor: Actor) -> None:
    """The person does not come; the time is free for others."""
    found = await _own(session, actor, Step.CANCEL)
    end(session, found, SessionState.CANCELLED)
    audit.record(session, actor, Action.VIDEO_CANCEL, found.id)
    person = await accounts.person(session, actor.person_id)
    notices.informed(session, person, "видеозвонок отменён", f"Вы отменили звонок {notices.moment(found.starts_at)}.")


async def arrive(session: AsyncSession, actor: Actor) -> VideoSession:
    """The person's camera is on and they may be called; come again (a reload, a lost connection), they are called anew."""
    found = await _own(session, actor, Step.ARRIVE)
    if found.state is SessionState.BOOKED and not may_come(found.starts_at, clock.now()):
        raise Conflict(
            TOO_LATE
            if clock.now() > found.starts_at
            else f"Подключиться можно за {int(EARLY.total_seconds() // 60)} минут до звонка."
        )
    if found.arrived_at is None:
        audit.record(session, actor, Action.VIDEO_ARRIVE, found.id)
    found.arrived_at = found.arrived_at or clock.now()
    found.call, found.offer, found.answer = found.call + 1, "", ""
    announce(session, found)
    return found


async def answer(session: AsyncSession, actor: Actor, *, call: int, description: str) -> None:
    """The person's side of the call that is made now; of an earlier one it is not listened to."""
    found = await _own(session, actor, Step.PROVE)
    if call == found.call and found.offer:
        found.answer = described(description)
        announce(session, found)


def described(text: str) -> str:
    """A side of a call as a browser describes it."""
    if not text.startswith("v=0") or len(text) > MOST_SDP:
        raise Invalid("Браузер не смог начать звонок. Обновите страницу.")
    return text


def relays_for(actor: Actor) -> list[dict[str, str]]:
    """By way of which relays this browser may call, with a password of its own that does not last."""
    settings = get_settings()
    return rules.relays(settings.turn_url, settings.turn_key.get_secret_value(), str(actor.person_id), clock.now())


def end(session: AsyncSession, found: VideoSession, state: SessionState, *, told: str = "") -> None:
    """The session is over; what the browsers said of themselves goes."""
    found.state, found.ended_at, found.version = state, clock.now(), found.version + 1
    found.told, found.offer, found.answer = told, "", ""
    announce(session, found)


def announce(session: AsyncSession, found: VideoSession) -> None:
    """To the person's page and to the operators' desk."""
    live.publish(session, topic(found.person_id))
    live.publish(session, DESK)


@jobs.performer(REMIND)
async def remind(_key: UUID, payload: dict[str, Any]) -> jobs.Later | None:
    """`{"session_id"}`: an SMS half an hour before; of a session that is near when it is booked, none."""
    async with db.transaction() as session:
        found = await session.get(VideoSession, UUID(payload["session_id"]), with_for_update=True)
        if found is None or not _is_to_be_reminded(found):
            return None
        until = found.starts_at - _REMIND_BEFORE - clock.now()
        if until > timedelta(0):
            return jobs.Later(min(until.total_seconds(), timedelta(hours=1).total_seconds()))
        person, found.reminded_at = await accounts.person(session, found.person_id), clock.now()
        notices.sms(session, person.phone, f"medcab: видеозвонок в {formats.time(found.starts_at)} (МСК). {_ROOM}")
    return None


def _is_to_be_reminded(found: VideoSession) -> bool:
    is_near = found.starts_at - found.booked_at < _REMIND_BEFORE
    return found.state is SessionState.BOOKED and not (is_near or found.reminded_at) and clock.now() < found.starts_at


@jobs.hourly
async def forget_stills(session: AsyncSession) -> None:
    """The picture of a person goes when its term is over; that it was taken, and by whom, stays."""
    for found in await queries.old_stills(
        session, before=clock.now() - timedelta(days=get_settings().identity_still_days)
    ):
        outbox.add(session, storage.FORGET, {"file_id": str(found.still_id)})
        audit.record(session, None, Action.VIDEO_STILL_FORGET, found.id)
        found.still_id = None


async def _require_need(session: AsyncSession, person: Person, held: VideoSession | None) -> None:
    if await proof_of(session, person):
        raise Conflict("Личность уже подтверждена: звонок не нужен.")
    if held:
        raise Conflict("Вы уже записаны на звонок. Отмените его, чтобы выбрать другое время.")
    if await queries.booked_today(session, person.id) >= BOOKED_AT_MOST:
        raise Conflict("Сегодня вы записывались слишком много раз. Попробуйте завтра.")
    if await queries.failed_lately(session, person.id) >= FAILED_AT_MOST:
        raise Conflict("За неделю не состоялось три звонка. Напишите в поддержку или попробуйте через неделю.")


async def _own(session: AsyncSession, actor: Actor, step: Step) -> VideoSession:
    """The actor's session that is not over, locked, when the step may be taken."""
    require(actor, Permission.ACCOUNT)
    found = await queries.open_of(session, actor.person_id, lock=True)
    if found is None or not may(step, found.state):
        raise Overtaken
    return found
