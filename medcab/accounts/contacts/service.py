"""A new phone or e-mail: proved by a code sent to it, told to the old one. A taken one is not revealed: no code ever comes."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from medcab import audit
from medcab.access import Action, Actor, Permission, require
from medcab.accounts import queries
from medcab.accounts.codes import service as codes
from medcab.accounts.codes.service import Challenge, Channel, Dispatch, Purpose, WrongCode
from medcab.accounts.flows import service as flows
from medcab.accounts.models import Flow, FlowKind, Person
from medcab.accounts.notices import service as notices
from medcab.accounts.sessions import service as sessions
from medcab.accounts.throttle import service as throttle
from medcab.errors import Invalid, MedcabError

Contact = Literal["phone", "email"]
CHANNELS: dict[Contact, Channel] = {"phone": Channel.SMS, "email": Channel.MAIL}
ACTIONS: dict[Contact, Action] = {"phone": Action.PHONE_CHANGE, "email": Action.EMAIL_CHANGE}
_SAME: dict[Contact, str] = {"phone": "Это ваш нынешний номер.", "email": "Это ваш нынешний адрес."}


@dataclass(frozen=True)
class Pending:
    """A change that waits for its code."""

    value: str
    resend_in: int


async def begin(session: AsyncSession, actor: Actor, *, contact: Contact, value: str) -> Dispatch:
    """Send a code to the new contact; `value` is as stored (E.164, or the address in lower case)."""
    require(actor, Permission.ACCOUNT)
    sessions.require_step_up(actor)
    person = await queries.person(session, actor.person_id)
    if getattr(person, contact) == value:
        raise Invalid(_SAME[contact], field=contact)
    data = {"value": value}
    flow, _ = await flows.start(session, FlowKind.CONTACT, data, person_id=person.id, token=_key(actor, contact))
    owner = await queries.person_with(session, **{contact: value})
    sent = await codes.send(session, _challenge(flow, data, contact), decoy=owner is not None)
    if owner and sent.sent and await throttle.once_a_day(session, f"told-registered:{owner.id}"):
        notices.told_by_mail(
            session,
            owner,
            "попытка указать ваш контакт",
            "Кто-то пытался указать ваш контакт в своём кабинете. Ваш кабинет не изменился.",
        )
    return sent


async def pending(session: AsyncSession, actor: Actor, *, contact: Contact) -> Pending | None:
    """The change that waits for its code, if any."""
    try:
        flow, data = await flows.find(session, FlowKind.CONTACT, _key(actor, contact), to_change=False)
    except flows.FlowEnded:
        return None
    return Pending(data["value"], await codes.resend_in(session, _challenge(flow, data, contact)))


async def resend(session: AsyncSession, actor: Actor, *, contact: Contact) -> Dispatch:
    """Another code to the new contact."""
    require(actor, Permission.ACCOUNT)
    flow, data = await flows.find(session, FlowKind.CONTACT, _key(actor, contact))
    taken = await queries.person_with(session, **{contact: data["value"]}) is not None
    return await codes.resend(session, _challenge(flow, data, contact), decoy=taken)


async def confirm(session: AsyncSession, actor: Actor, *, contact: Contact, code: str) -> MedcabError | None:
    """Put the proved contact in place; the old one is told."""
    require(actor, Permission.ACCOUNT)
    sessions.require_step_up(actor)
    flow, data = await flows.find(session, FlowKind.CONTACT, _key(actor, contact))
    if not await codes.accept(session, _challenge(flow, data, contact), code):
        audit.record(session, actor, Action.CODE_REFUSED, flow.id, outcome="refused", purpose="contact")
        return WrongCode()
    person = await queries.person(session, actor.person_id)
    old_phone, old_email = person.phone, person.email
    if not await _put(session, person, contact, data["value"]):
        return WrongCode()  # somebody took it in between: the same words as for a taken one
    flows.end(flow)
    await flows.end_all(session, person.id)
    audit.record(session, actor, ACTIONS[contact], person.id)
    _tell(session, person, contact, old_phone, old_email)
    return None


async def _put(session: AsyncSession, person: Person, contact: Contact, value: str) -> bool:
    """False when the database says that it is somebody else's."""
    try:
        async with session.begin_nested():
            setattr(person, contact, value)
            setattr(person, f"{contact}_index", queries.index_of(contact, value))
            await session.flush()
    except IntegrityError:
        return False
    return True


def _tell(session: AsyncSession, person: Person, contact: Contact, old_phone: str, old_email: str) -> None:
    """The owner, where they are now and where they were."""
    if contact == "phone":
        notices.sms(
            session,
            old_phone,
            "medcab: телефон в вашем кабинете изменён на другой. Не вы? Восстановите доступ на странице входа.",
        )
        notices.told_by_mail(session, person, "телефон изменён", "В вашем кабинете изменён номер телефона.")
    else:
        notices.mailed_to(session, old_email, person, "почта изменена", "В вашем кабинете указан другой адрес почты.")
        notices.sms(
            session,
            person.phone,
            "medcab: почта в вашем кабинете изменена. Не вы? Восстановите доступ на странице входа.",
        )


def _key(actor: Actor, contact: Contact) -> str:
    """A change belongs to the session that began it; no cookie is needed."""
    return f"{actor.session_id}:{contact}"


def _challenge(flow: Flow, data: dict[str, Any], contact: Contact) -> Challenge:
    return Challenge(Purpose.CONTACT, str(flow.id), CHANNELS[contact], data["value"])
