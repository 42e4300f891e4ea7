"""Codes sent by SMS or e-mail: bound to one challenge, the newest only, once.

Asking for a code and checking it take the same path for a stranger's contact as for a real one; only the message is not sent then
(`to=""`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.sqltypes import UTCDateTime

from medcab import audit, clock, jobs
from medcab.access import Action
from medcab.accounts import queries
from medcab.accounts.models import OneTimeCode
from medcab.accounts.notices import service as notices
from medcab.accounts.rules import POLICY, SentBefore, next_send, typed_code
from medcab.errors import Invalid, TooMany
from medcab.security import tokens
from medcab.security.crypto import blind_index


class Purpose(StrEnum):
    """What a code opens. Each has a budget of its own, so that nobody uses up another's sign-in by asking for recovery."""

    REGISTRATION = "registration"
    SIGN_IN = "sign-in"
    RECOVERY = "recovery"
    STEP_UP = "step-up"
    CONTACT = "contact"
    ACTIVATION = "activation"


WORDS = {
    Purpose.REGISTRATION: "Код для регистрации в medcab",
    Purpose.SIGN_IN: "Код для входа в medcab",
    Purpose.RECOVERY: "Код для восстановления доступа в medcab",
    Purpose.STEP_UP: "Код подтверждения medcab",
    Purpose.CONTACT: "Код для смены контакта в medcab",
    Purpose.ACTIVATION: "Код для отправки документов на проверку в medcab",
}


COUNTED_BY_ADDRESS = frozenset({Purpose.REGISTRATION, Purpose.RECOVERY, Purpose.CONTACT})
"""What a stranger may ask for, or send to numbers without end that are nobody's yet."""


class Channel(StrEnum):
    """How a code travels."""

    SMS = "sms"
    MAIL = "mail"


class WrongCode(Invalid):
    """Not the code, or not any more; the two are not told apart."""

    message = "Код не подошёл: он неверный или устарел. Проверьте последнее сообщение или запросите новый код."

    def __init__(self) -> None:
        super().__init__(field="code")


@dataclass(frozen=True)
class Challenge:
    """What a code is bound to: a flow or a session, a purpose, and the contact it goes to."""

    purpose: Purpose
    owner: str
    channel: Channel
    contact: str
    counted: str = ""
    """What the limits count, when that is not the contact itself."""

    @property
    def key(self) -> str:
        return f"{self.purpose.value}:{self.owner}:{self.contact_index[:16]}"

    @property
    def contact_index(self) -> str:
        """Counts messages to this contact for this purpose, without keeping the contact."""
        return blind_index(f"code.{self.purpose.value}", self.counted or self.contact)


@dataclass(frozen=True)
class Dispatch:
    """Whether a code left just now, and in how many seconds the next may."""

    sent: bool
    resend_in: int


async def send(session: AsyncSession, challenge: Challenge, *, decoy: bool = False) -> Dispatch:
    """A new code, unless too many were sent; earlier ones of the challenge are void. A `decoy` is never sent and never right."""
    await queries.take_turns(session, f"code:{challenge.contact_index}")
    now, wait = clock.now(), await resend_in(session, challenge)
    if wait > 0:
        return Dispatch(sent=False, resend_in=wait)
    old = sa.update(OneTimeCode).where(
        col(OneTimeCode.challenge) == challenge.key, col(OneTimeCode.superseded_at).is_(None)
    )
    await session.execute(old.values(superseded_at=now))
    code = tokens.digits(POLICY.code_digits)
    session.add(
        OneTimeCode(
            challenge=challenge.key, channel=challenge.channel.value, contact_index=challenge.contact_index, ip=_counted_ip(challenge),
            code_hash=tokens.make() if decoy else _hash(challenge, code), created_at=now, expires_at=now + POLICY.code_lifetime,
        )
    )  # fmt: skip
    if not decoy:
        _dispatch(session, challenge, code)
    audit.record(
        session,
        None,
        Action.CODE_SEND,
        challenge.owner,
        purpose=challenge.purpose.value,
        channel=challenge.channel.value,
    )
    return Dispatch(sent=True, resend_in=int(POLICY.send_interval.total_seconds()))


async def resend(session: AsyncSession, challenge: Challenge, *, decoy: bool = False) -> Dispatch:
    """Another code because the person asked; `TooMany` when it is too early."""
    dispatch = await send(session, challenge, decoy=decoy)
    if not dispatch.sent:
        raise TooMany("Новый код пока нельзя отправить.", retry_after=dispatch.resend_in)
    return dispatch


async def resend_in(session: AsyncSession, challenge: Challenge) -> int:
    """Seconds until the limits of this contact and this address let another code out; 0: now."""
    now, ip = clock.now(), _counted_ip(challenge)
    since = col(OneTimeCode.created_at) > now - timedelta(days=1)
    to_contact = select(OneTimeCode.created_at).where(OneTimeCode.contact_index == challenge.contact_index, since)
    from_ip = select(OneTimeCode.created_at).where(OneTimeCode.ip == ip, since)
    sent = SentBefore(
        to_contact=list((await session.exec(to_contact)).all()),
        from_ip=list((await session.exec(from_ip)).all()) if ip else [],
    )
    return next_send(sent, now)


async def is_out(session: AsyncSession, challenge: Challenge) -> bool:
    """Whether a code was sent for this very challenge: the limits may have kept it back after one for another."""
    mine = select(OneTimeCode.id).where(
        OneTimeCode.challenge == challenge.key, col(OneTimeCode.superseded_at).is_(None)
    )
    return (await session.exec(mine.limit(1))).first() is not None


async def accept(session: AsyncSession, challenge: Challenge, typed: str) -> bool:
    """Whether this is the newest living code of the challenge; it is used up by being right, and a try by being asked.

    One statement counts the try and takes the code, so that of many at once exactly one is accepted and no more than the allowed
    tries are ever compared.
    """
    newest = (
        select(OneTimeCode.id)
        .where(OneTimeCode.challenge == challenge.key, col(OneTimeCode.superseded_at).is_(None))
        .order_by(col(OneTimeCode.created_at).desc(), col(OneTimeCode.id))
        .limit(1)
        .scalar_subquery()
    )
    now = clock.now()
    taken = await session.execute(
        sa.update(OneTimeCode)
        .where(
            col(OneTimeCode.id) == newest, col(OneTimeCode.used_at).is_(None), col(OneTimeCode.superseded_at).is_(None),
            col(OneTimeCode.expires_at) > now, col(OneTimeCode.tries) < POLICY.code_tries,
        )
        .values(
            tries=OneTimeCode.tries + 1,
            used_at=sa.case((col(OneTimeCode.code_hash) == _hash(challenge, typed_code(typed)), _at(now)), else_=sa.null()),
        )
        .returning(col(OneTimeCode.used_at))
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    row = taken.first()
    return row is not None and row[0] is not None


@jobs.hourly
async def forget_old(session: AsyncSession) -> None:
    """The limits look back one day."""
    await session.execute(sa.delete(OneTimeCode).where(col(OneTimeCode.created_at) < clock.now() - timedelta(days=2)))


def _at(moment: datetime) -> sa.BindParameter[datetime]:
    return sa.literal(moment, UTCDateTime())


def _hash(challenge: Challenge, code: str) -> str:
    return tokens.keyed("code", f"{challenge.key}:{code}")


def _dispatch(session: AsyncSession, challenge: Challenge, code: str) -> None:
    words = WORDS[challenge.purpose]
    if challenge.channel is Channel.SMS:
        notices.sms(session, challenge.contact, f"{words}: {code}. Никому не сообщайте код.")
    else:
        minutes = int(POLICY.code_lifetime.total_seconds() // 60)
        text = f"{words}: {code}\n\nКод действует {minutes} минут. Никому не сообщайте код, даже сотрудникам поддержки."
        notices.letter(session, challenge.contact, "medcab: код подтверждения", text)


def _counted_ip(challenge: Challenge) -> str:
    """Nothing else counts for the address: a whole clinic signs in from one."""
    return audit.origin.get().ip if challenge.purpose in COUNTED_BY_ADDRESS else ""
