"""The second factor: the phone always, an authenticator app and recovery codes when enrolled."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID

import segno
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit, clock
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries, rules
from medcab.accounts.codes.service import WrongCode
from medcab.accounts.models import Factor, RecoveryCode, TotpFactor
from medcab.accounts.notices import service as notices
from medcab.accounts.rules import (
    Accepted,
    ClockOff,
    Replayed,
    check_totp,
    enrolment_uri,
    new_secret,
    recovery_code_hash,
    recovery_codes_warning,
    typed_recovery_code,
)  # fmt: skip
from medcab.accounts.sessions import service as sessions
from medcab.accounts.throttle import service as throttle
from medcab.errors import Conflict, Invalid, MedcabError, NotFound
from medcab.security import tokens


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs; shown while it is being set up, never again."""

    grouped: str
    uri: str
    qr_svg: str


@dataclass(frozen=True)
class Overview:
    """What the security page says about the factors."""

    totp_since: datetime | None
    recovery_codes_left: int
    recovery_codes_warning: str
    phone: str
    email: str


async def methods_of(session: AsyncSession, person_id: UUID) -> list[Factor]:
    """How the person can prove themselves, the best first."""
    app = [Factor.TOTP] if await _confirmed(session, person_id) else []
    left = [Factor.RECOVERY_CODE] if await _codes_left(session, person_id) else []
    return [*app, Factor.SMS, *left]


async def overview(session: AsyncSession, actor: Actor) -> Overview:
    totp = await _confirmed(session, actor.person_id)
    left = await _codes_left(session, actor.person_id)
    made = (
        await session.exec(select(RecoveryCode.id).where(RecoveryCode.person_id == actor.person_id).limit(1))
    ).first()
    person = await queries.person(session, actor.person_id)
    warning = recovery_codes_warning(left) if made else ""
    return Overview(totp.confirmed_at if totp else None, left, warning, person.phone, person.email)


async def prove(session: AsyncSession, person_id: UUID, factor: Factor, code: str) -> MedcabError | None:
    """None when the app's or the recovery code is right, and used up; otherwise why not. Tries are counted per person."""
    lock = throttle.of_factor(factor, person_id)
    refusal = await throttle.hourly(session, lock)
    if refusal:
        return refusal
    refusal = await (_use_totp if factor is Factor.TOTP else _use_recovery_code)(session, person_id, code)
    if refusal is None:
        await throttle.forgive(session, lock)
    return refusal


async def begin_totp(session: AsyncSession, actor: Actor) -> Enrolment:
    """A new secret; it counts only once a code of it was confirmed, and until then the former app goes on working."""
    require(actor, Permission.ACCOUNT)
    sessions.require_step_up(actor)
    mine = sa.delete(TotpFactor).where(
        col(TotpFactor.person_id) == actor.person_id, col(TotpFactor.confirmed_at).is_(None)
    )
    await session.execute(mine)
    secret = new_secret()
    session.add(TotpFactor(person_id=actor.person_id, secret=secret, created_at=clock.now()))
    person = await queries.person(session, actor.person_id)
    uri = enrolment_uri(secret, person.email)
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return Enrolment(grouped, uri, _picture(uri))


def _picture(uri: str) -> str:
    """The QR code as an SVG document of its own, not a fragment of a page: it is shown as an image."""
    drawn = BytesIO()
    segno.make(uri, error="m").save(
        drawn, kind="svg", xmldecl=False, nl=False, scale=5, border=4, dark="#000", light="#fff"
    )
    return drawn.getvalue().decode()


async def confirm_totp(session: AsyncSession, actor: Actor, *, code: str) -> MedcabError | None:
    """The app shows the right code: from now on it is the second factor, instead of any former one."""
    require(actor, Permission.ACCOUNT)
    sessions.require_step_up(actor)
    newest = select(TotpFactor).where(TotpFactor.person_id == actor.person_id, col(TotpFactor.confirmed_at).is_(None))
    found = (await session.exec(newest.order_by(col(TotpFactor.created_at).desc()).limit(1))).first()
    if found is None:
        raise Conflict("Начните подключение сначала.")
    refusal = await _take_step(session, found, code)
    if refusal:
        audit.record(session, actor, Action.CODE_REFUSED, found.id, outcome="refused", purpose="totp enrolment")
        return refusal
    others = sa.delete(TotpFactor).where(col(TotpFactor.person_id) == actor.person_id, col(TotpFactor.id) != found.id)
    await session.execute(others)
    found.confirmed_at = clock.now()
    await throttle.forgive(session, throttle.of_factor(Factor.TOTP, actor.person_id))
    audit.record(session, actor, Action.TOTP_ENROL, found.id)
    await _tell(session, actor, "приложение подключено", "Подключено приложение-аутентификатор.")
    return None


async def remove_totp(session: AsyncSession, actor: Actor) -> None:
    """Codes come by SMS again."""
    require(actor, Permission.ACCOUNT)
    sessions.require_step_up(actor)
    found = await _confirmed(session, actor.person_id)
    if found is None:
        raise NotFound("Приложение не подключено.")
    await session.delete(found)
    audit.record(session, actor, Action.TOTP_REMOVE, found.id)
    await _tell(session, actor, "приложение отключено", "Приложение-аутентификатор отключено.")


async def make_recovery_codes(session: AsyncSession, actor: Actor) -> list[str]:
    """A new set, given out this once; the former set is void."""
    require(actor, Permission.ACCOUNT)
    sessions.require_step_up(actor)
    await session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.person_id) == actor.person_id))
    await throttle.forgive(session, throttle.of_factor(Factor.RECOVERY_CODE, actor.person_id))
    codes = rules.make_recovery_codes()
    now = clock.now()
    session.add_all(RecoveryCode(person_id=actor.person_id, code_hash=_hash(code), created_at=now) for code in codes)
    audit.record(session, actor, Action.RECOVERY_CODES_MAKE, actor.person_id, count=len(codes))
    await _tell(session, actor, "новые резервные коды", "Созданы новые резервные коды, прежние не действуют.")
    return codes


async def _take_step(session: AsyncSession, factor: TotpFactor, code: str) -> MedcabError | None:
    """Accept a code whose step is later than every one before, decided by the database; otherwise say why not."""
    verdict = check_totp(factor.secret, code, clock.now(), last_step=factor.last_step, told_step=factor.told_step)
    this = sa.update(TotpFactor).where(col(TotpFactor.id) == factor.id).execution_options(synchronize_session=False)
    if isinstance(verdict, Accepted):
        later = this.where(col(TotpFactor.last_step) < verdict.step).values(last_step=verdict.step)
        taken = (await session.execute(later.returning(col(TotpFactor.id)))).first()
        return None if taken else Invalid(Replayed().sentence, field="code")
    if isinstance(verdict, ClockOff):
        await session.execute(this.values(told_step=verdict.step))
    return Invalid(verdict.sentence, field="code")


async def _use_totp(session: AsyncSession, person_id: UUID, typed: str) -> MedcabError | None:
    found = await _confirmed(session, person_id)
    return WrongCode() if found is None else await _take_step(session, found, typed)


async def _use_recovery_code(session: AsyncSession, person_id: UUID, typed: str) -> MedcabError | None:
    mine = sa.update(RecoveryCode).where(
        col(RecoveryCode.person_id) == person_id, col(RecoveryCode.code_hash) == _hash(typed_recovery_code(typed)),
        col(RecoveryCode.used_at).is_(None),
    )  # fmt: skip
    use = mine.values(used_at=clock.now()).returning(col(RecoveryCode.id)).execution_options(synchronize_session=False)
    if (await session.execute(use)).first() is None:
        return WrongCode()
    left = await _codes_left(session, person_id)
    audit.record(session, None, Action.RECOVERY_CODE_USE, person_id, person_id=person_id, left=left)
    what = f"Использован резервный код. {recovery_codes_warning(left)}".strip()
    notices.told_by_mail(session, await queries.person(session, person_id), "использован резервный код", what)
    return None


async def _confirmed(session: AsyncSession, person_id: UUID) -> TotpFactor | None:
    mine = select(TotpFactor).where(TotpFactor.person_id == person_id, col(TotpFactor.confirmed_at).is_not(None))
    return (await session.exec(mine.limit(1))).first()


async def _codes_left(session: AsyncSession, person_id: UUID) -> int:
    unused = select(sa.func.count()).where(
        col(RecoveryCode.person_id) == person_id, col(RecoveryCode.used_at).is_(None)
    )
    return (await session.exec(unused)).one()


def _hash(code: str) -> str:
    return recovery_code_hash(code, tokens.key("recovery code"))


async def _tell(session: AsyncSession, actor: Actor, subject: str, what: str) -> None:
    """By SMS and by mail: what changed is how to get in."""
    notices.told_everywhere(session, await queries.person(session, actor.person_id), subject, what)
